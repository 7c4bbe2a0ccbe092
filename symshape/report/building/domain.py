"""Where the network is valid, and which conditions say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symshape.domain import Domain, Reason
from symshape.errors import ConditionError, Undecided
from symshape.notation import text
from symshape.report.building.study import Study
from symshape.report.view import ReasonRow
from symshape.written import Symbol

__all__ = ["domain_of", "reasons"]


def domain_of(study: Study) -> tuple[Domain | None, str]:
    """The domain, or why the exact set is not known; raises `ConditionError` where no size at all is valid."""
    domain = study.derivation.domain
    try:
        if domain.empty:
            raise _nowhere(domain)
        domain.relation  # noqa: B018 - may be out of reach
    except Undecided as error:
        return None, str(error)
    return domain, ""


def reasons(study: Study, domain: Domain) -> Iterator[ReasonRow]:
    """The conditions that bind, each with the sizes it leaves."""
    rows: dict[object, ReasonRow] = {}
    for name in domain.names:
        for reason in _binding(domain.reasons(name)):
            demand = reason.demand
            key = (demand.layer, demand.reason, reason.allowed.words("n"))
            if key in rows:
                rows[key] = replace(rows[key], likewise=(*rows[key].likewise, name))
                continue
            rows[key] = ReasonRow(
                symbol=name,
                words=reason.allowed.words(name),
                relation=reason.allowed.relation(Symbol(name)),
                claim=demand.claim.written(),
                layer=demand.layer,
                ref=study.register.owner(demand.layer),
                reason=demand.reason,
            )
    yield from rows.values()
    for demand in domain.joint:
        tree = demand.claim.written()
        yield ReasonRow("", text(tree), tree, tree, demand.layer, study.register.owner(demand.layer), demand.reason)


def _binding(reasons: Sequence[Reason]) -> list[Reason]:
    """The reasons without those that the others imply."""
    kept = list(reasons)
    for reason in reasons:
        others = [other for other in kept if other is not reason]
        if not others:
            break
        allowed = others[0].allowed
        for other in others[1:]:
            allowed = allowed & other.allowed
        if allowed & reason.allowed == allowed:
            kept = others
    return kept


def _nowhere(domain: Domain) -> ConditionError:
    name = next(name for name in domain.names if not domain[name])
    reasons = domain.reasons(name)
    said = "; ".join(f"{r.demand.layer} allows {r.allowed.words(name)}" for r in reasons[-2:])
    return ConditionError(
        f"no {name} is valid for this network: {said}", layer=reasons[-1].demand.layer, condition=str(domain)
    )
