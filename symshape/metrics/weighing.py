"""What conventions share: a layer's multiply–accumulates and its other work, weighed kind by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from symshape.algebra.poly import Value, added
from symshape.declaration import Application, Count, Kind, Work
from symshape.errors import MissingRule
from symshape.written import Written

__all__ = ["products", "weighed"]

Row = tuple[Count, Written, Value]


def products(call: Application, metric: str) -> Value:
    """The layer's multiply–accumulates; raises `MissingRule` where it declares no rule for them."""
    return added(value for _, _, value in _declared(call, "macs", metric))


def weighed(call: Application, metric: str, weight: Callable[[Kind], int | None]) -> Value:
    """The layer's work besides them, each kind at its weight.

    Raises `MissingRule` where the layer declares none, or a kind to which the convention gives no weight.
    """
    total: Value = 0
    for work, _, value in _declared(call, "work", metric):
        assert isinstance(work, Work)
        assert isinstance(work.kind, Kind)  # settled when the layer was applied
        worth = weight(work.kind)
        if worth is None:
            raise MissingRule(
                f"{call.label}: the metric {metric} has no rule for {work.kind.name} ({work.kind.formula})"
            )
        if worth:
            total = total + worth * value
    return total


def _declared(call: Application, count: str, metric: str) -> Iterable[Row]:
    rows = call.counts(count)
    if rows is None:
        raise MissingRule(f"{call.label}: the layer declares no rule for the metric {metric} ({count} are missing)")
    return rows
