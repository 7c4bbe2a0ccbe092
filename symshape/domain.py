"""Where a network is valid: the sizes at which every layer's conditions hold, as exact sets, with the reasons.

Conditions on one symbol are solved into a periodic set; those that tie several symbols together stay as relations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from symshape.algebra.claims import Both, Claim
from symshape.algebra.periodic import PeriodicSet
from symshape.algebra.poly import named
from symshape.algebra.solve import solution
from symshape.declaration import Demand
from symshape.errors import UnknownName
from symshape.written import AllOf, Symbol, Written

__all__ = ["Domain", "Reason"]


@dataclass(frozen=True)
class Reason:
    """A condition that narrows the domain: whose it is, what it says, and where it alone would allow the symbol."""

    demand: Demand
    allowed: PeriodicSet


class Domain:
    """The sizes for which a network is defined.

    `domain["H"]` is the set of heights (for all values of the other symbols that satisfy the rest), `joint` the
    conditions that tie several symbols together, `reasons("H")` the conditions that bind.

    Raises `Undecided` when first asked for a set that is out of reach.
    """

    def __init__(self, demands: Iterable[Demand], names: Iterable[str], multipliers: Iterable[str] = ()) -> None:
        self.demands = tuple(_simple(demands))
        self.names = tuple(names)
        self.multipliers = frozenset(multipliers)  # the names of symbols that are positive, but need not be integers
        self._known: dict[str, tuple[PeriodicSet, tuple[Reason, ...]]] = {}

    @cached_property
    def _single(self) -> Mapping[str, list[Demand]]:
        table: dict[str, list[Demand]] = {name: [] for name in self.names}
        for demand in self.demands:
            if _of_one_size(demand):
                (name,) = demand.claim.names()
                table.setdefault(name.text, []).append(demand)
        return table

    @cached_property
    def joint(self) -> tuple[Demand, ...]:
        """The conditions that tie several symbols together or speak of a multiplier, each once."""
        seen: dict[Claim, Demand] = {}
        for demand in self.demands:
            if not _of_one_size(demand):
                seen.setdefault(demand.claim, demand)
        return tuple(seen.values())

    def _solved(self, name: str) -> tuple[PeriodicSet, tuple[Reason, ...]]:
        if name not in self._single:
            raise UnknownName(f"{name} is not a symbol of this domain: it has {', '.join(self._single) or 'none'}")
        if name not in self._known:
            allowed = PeriodicSet.everything()
            reasons: list[Reason] = []
            done: set[Claim] = set()
            for demand in self._single[name]:
                if demand.claim in done:
                    continue
                done.add(demand.claim)
                (symbol,) = demand.claim.names()
                here = solution(demand.claim, symbol)
                narrowed = allowed & here
                if narrowed != allowed:
                    reasons.append(Reason(demand, here))
                    allowed = narrowed
            self._known[name] = allowed, tuple(reasons)
        return self._known[name]

    def __getitem__(self, name: str) -> PeriodicSet:
        return self._solved(name)[0]

    def reasons(self, name: str) -> tuple[Reason, ...]:
        """The conditions that narrow `name`, in network order, each tightening what came before."""
        return self._solved(name)[1]

    @property
    def empty(self) -> bool:
        """Whether no size at all is allowed (by the conditions on single symbols)."""
        return any(not self[name] for name in self.names)

    def __contains__(self, sizes: Mapping[str, int]) -> bool:
        if any(sizes[name] not in self[name] for name in self.names if name not in self.multipliers):
            return False
        if any(sizes[name] <= 0 for name in self.multipliers):
            return False
        values = named(dict(sizes))
        return all(demand.claim.put(values) is True for demand in self.joint)

    @property
    def relation(self) -> Written | None:
        """The domain as one written relation; None where every size is allowed."""
        parts: list[Written] = []
        for name in self.names:
            allowed = self[name]
            if allowed != PeriodicSet.everything():
                relation = allowed.relation(Symbol(name))
                parts.extend(relation.args if isinstance(relation, AllOf) else (relation,))
        parts.extend(demand.claim.written() for demand in self.joint)
        return None if not parts else parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def __str__(self) -> str:
        relation = self.relation
        return "every size" if relation is None else str(relation)

    __repr__ = __str__

    def words(self) -> str:
        """The domain in words: "H ≥ 16 and W ≥ 16"."""
        from symshape.notation import text

        parts = [self[name].words(name) for name in self.names if self[name] != PeriodicSet.everything()]
        parts += [text(demand.claim.written()) for demand in self.joint]
        return (
            " and ".join(f"({part})" if "; or" in part and len(parts) > 1 else part for part in parts) or "every size"
        )


def _of_one_size(demand: Demand) -> bool:
    """Whether the condition speaks of a single symbol that is an integer: then it is solved."""
    names = demand.claim.names()
    return len(names) == 1 and all(name.integral for name in names)


def _simple(demands: Iterable[Demand]) -> Iterable[Demand]:
    """Conjunctions taken apart."""
    for demand in demands:
        if isinstance(demand.claim, Both):
            yield from _simple(Demand(demand.layer, claim, demand.reason) for claim in demand.claim.claims)
        else:
            yield demand
