"""What the network's parts have of its costs, and well-known approximations beside the exact forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from symshape.algebra.evaluate import evaluate
from symshape.algebra.parse import parse
from symshape.algebra.poly import Name, Value, canonical, substitute
from symshape.algebra.present import present
from symshape.declaration import as_value
from symshape.errors import UnknownName
from symshape.metrics import METRICS
from symshape.network import Estimate
from symshape.report.building.pieces import whole
from symshape.report.building.study import Study
from symshape.report.phrases import LEFT
from symshape.report.view import Approximation, Share
from symshape.written import Symbol, Written, place

__all__ = ["approximation", "shares"]


def shares(study: Study) -> Iterator[Share]:
    """The parts that this network has, and what they leave."""
    layers, parts = study.derivation.network.layers, study.derivation.network.parts
    here = {title: [path for path in paths if path.partition("/")[0] in layers] for title, paths in parts.items()}
    if not any(here.values()):
        return
    rest = [_cost(study, (), metric) for metric in ("params", "macs")]
    for title, paths in here.items():
        if paths:
            costs = [_cost(study, paths, metric) for metric in ("params", "macs")]
            rest = [(a - b, None if x is None else x - y) for (a, x), (b, y) in zip(rest, costs, strict=True)]
            yield _share(title, *costs)
    if any(canonical(value) != 0 for value, _ in rest):
        yield _share("the rest", *rest)


def _cost(study: Study, paths: Sequence[str], metric: str) -> tuple[Value, Any]:
    """A metric over the paths, or over the whole network for none: in general, and at the worked point."""
    at = (study.derivation, study.there)
    if not paths:
        general, there = (None if d is None else d.value(metric) for d in at)
    else:
        general, there = (None if d is None else sum((d.part(p, metric) for p in paths), start=0) for d in at)
    assert general is not None
    return general, there


def approximation(study: Study, estimate: Estimate) -> Approximation:
    """A well-known approximation beside the exact form."""
    exact, approximate = parse(estimate.exact), parse(estimate.approximate)
    rows = [(_estimated(study, tree), _estimated(study, tree, there=True)) for tree in (exact, approximate)]
    (true, true_at), (near, near_at) = rows
    study.register.meet(*(symbol for symbol in approximate.symbols if symbol.name in study.register.taken))
    return Approximation(
        title=estimate.title,
        exact=place(exact, _as_left),
        exact_closed=present(true),
        exact_at=None if true_at is None else whole(true_at),
        approximate=place(approximate, _as_left),
        approximate_closed=present(near) if near != as_value(approximate) else place(approximate, _as_left),
        approximate_at=None if near_at is None else whole(near_at),
        difference=present(canonical(true - near)),
        difference_at=None if true_at is None or near_at is None else whole(true_at - near_at),
        reason=estimate.reason,
        source=study.register.cite(estimate.source),
    )


def _estimated(study: Study, tree: Written, there: bool = False) -> Any:
    """The value of an estimate's formula; raises `UnknownName` for a name that stands for nothing here."""
    derivation = study.there if there else study.derivation
    if derivation is None:
        return None
    network, values = derivation.network, {}
    bound = {Name.interned(name, True): value for name, value in derivation.bindings.items()}
    for name in {symbol.name for symbol in tree.symbols}:
        if name in METRICS:
            values[name] = derivation.value(name)
        elif name in network.settings or name in network.symbols:
            values[name] = canonical(substitute(as_value(network.settings.get(name, name)), bound))
        else:
            raise UnknownName(f"{network.name}: the estimate {tree} speaks of {name}, which is no metric or symbol")
    return evaluate(tree, values)


def _share(title: str, params: tuple[Value, Any], macs: tuple[Value, Any]) -> Share:
    forms = [(present(canonical(value)), None if at is None else whole(at)) for value, at in (params, macs)]
    return Share(title, *forms[0], *forms[1])


def _as_left(symbol: Symbol) -> Written:
    """A metric's name as formulas show it."""
    return LEFT.get(symbol.name, symbol)
