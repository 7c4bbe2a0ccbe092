"""The knobs of a metric, strongest first, then how it grows and its exact smooth views."""

from __future__ import annotations

from collections.abc import Iterable

from symshape.notation import Line
from symshape.report.finding import Finding, Told, cells, change, decimal
from symshape.report.phrases import LEFT
from symshape.report.prose import Cell, Column, Entry, Rich, Steps, Table, listed
from symshape.report.tables import NO_BREAK
from symshape.whatif.sensing import Growth, Knob, Sensitivity
from symshape.written import Number, Symbol, equal

__all__ = ["TOLD"]


def tell(answer: Sensitivity) -> Finding:
    """What one step of each knob does, exactly; then the views that hold at every size."""
    point = listed((equal(Symbol(name), Number(value)),) for name, value in answer.at.items())
    return Finding(
        heading=(f"Sensitivity of {answer.metric}",),
        said=((f"{answer.metric} is ", Number(answer.value), " at ", *point, "."),),
        table=Table(
            caption=(
                "One step up of each knob, strongest first. The elasticity is the relative change of the metric over that of "
                "the knob.",
            ),
            columns=(
                Column(("knob",)),
                Column(("step",)),
                Column((f"Δ {answer.metric}",), True),
                Column(("elasticity",), True),
                Column(("largest shares",)),
            ),
            rows=tuple(map(_row, answer.knobs)),
        ),
        entries=tuple(_views(answer)),
        items=(_orders(answer),),
    )


def _row(knob: Knob) -> tuple[Cell, ...]:
    shares = listed(((f"{name} ", *change(share)) for name, share in knob.layers[:3]), ", ")
    return cells(
        (Symbol(knob.symbol),),
        (Number(knob.at), f"{NO_BREAK}→{NO_BREAK}", Number(knob.at + 1)),
        change(knob.change) if knob.change is not None else ("refused",),
        ("—",) if knob.elasticity is None else (decimal(knob.elasticity),),
        shares or ((knob.refused,) if knob.refused else ()),
    )


def _orders(answer: Sensitivity) -> Rich:
    apart = listed(map(_order, answer.growth))
    if answer.order is None or len(answer.growth) < 2:
        return ("Order of growth: ", *apart)
    return ("Order of growth: O(", answer.order, "); symbol by symbol ", *apart)


def _order(growth: Growth) -> Rich:
    if growth.degree is None:
        return (growth.words(),)
    symbol = Symbol(growth.symbol)
    return ("O(", {0: Number(1), 1: symbol}.get(growth.degree, symbol**growth.degree), ")")


def _views(answer: Sensitivity) -> Iterable[Entry]:
    left = LEFT.get(answer.metric, Symbol(answer.metric))
    for growth in answer.growth:
        if growth.period is not None and growth.period > 1 and growth.on_multiples is not None:
            where: Rich = ("Where ", Number(growth.period), " divides ", Symbol(growth.symbol), ", exactly")
            yield Entry(where, (), Steps((Line(left, "=", growth.on_multiples),)))
    periods = {
        growth.symbol: growth.period for growth in answer.growth if growth.period is not None and growth.period > 1
    }
    if answer.on_multiples is not None and len(periods) > 1:
        where = listed((Number(period), " divides ", Symbol(name)) for name, period in periods.items())
        yield Entry(("Where ", *where, ", exactly"), (), Steps((Line(left, "=", answer.on_multiples),)))
    if answer.lower == answer.upper:  # there are no floors
        return
    for label, sign, tree in (
        ("Never below", "≥", answer.lower),
        ("Never above", "≤", answer.upper),
        ("In the mean", "≈", answer.mean),
    ):
        if tree is not None:
            yield Entry((label,), (), Steps((Line(left, sign, tree),)))


TOLD = Told(Sensitivity, "sensitivity", tell)
