"""The least time of every layer on a machine, and what bounds it."""

from __future__ import annotations

from fractions import Fraction

from symshape.algebra.poly import Value
from symshape.notation import Line
from symshape.report.finding import Finding, Told, cells, decimal, formula
from symshape.report.prose import Cell, Column, Entry, Rich, Steps, Strong, Table
from symshape.whatif.roofing import Bound, Machine, Roofline
from symshape.written import Max, Number, Symbol, symbols

__all__ = ["TOLD"]


def tell(answer: Roofline) -> Finding:
    """A table of the layers, and the law that bounds them."""
    total = _seconds(answer.time)
    return Finding(
        heading=("Roofline: the least time",),
        said=(_machine(answer.machine),),
        table=Table(
            caption=("No layer is faster than its operations at the peak, nor than its bytes at the bandwidth.",),
            columns=(
                Column(("layer",)),
                Column(("operations",), True),
                Column(("bytes",), True),
                Column(("least time",), True),
                Column(("bound by",)),
            ),
            rows=tuple(map(_row, answer.layers)),
            foot=cells((Strong(("total",)),), (), (), (Strong(total),), ()),
        ),
        entries=(_law(),),
        items=()
        if isinstance(answer.time, (int, Fraction))
        else (("The total as a formula of the sizes is in the data.",),),
    )


def _machine(machine: Machine) -> Rich:
    speeds: Rich = (Number(machine.peak), " operations and ", Number(machine.bandwidth), " bytes a second")
    balance = f"numbers of type {machine.dtype}: {decimal(machine.ridge)} operations a byte balance the two."
    return ("A machine of ", *speeds, f", {balance}")


def _law() -> Entry:
    operations, peak, moved, bandwidth = symbols("operations peak bytes bandwidth")
    line = Line(Symbol("t"), "≥", Max((operations / peak, moved / bandwidth)))
    return Entry(("Least time of a layer",), (", one after the other",), Steps((line,)))


def _row(layer: Bound) -> tuple[Cell, ...]:
    bound = "—" if layer.time == 0 else "depends on the sizes" if layer.bound == "open" else layer.bound
    numbers: tuple[Rich, Rich] = (formula(layer.operations),), (formula(layer.moved),)
    return cells((layer.name,), *numbers, _seconds(layer.time), (bound,))


def _seconds(value: Value) -> Rich:
    """An exact time in a unit that reads well, to four digits; the exact value is in the answer's data."""
    if not isinstance(value, (int, Fraction)):
        return ("open",)
    for factor, unit in ((1, "s"), (10**3, "ms"), (10**6, "µs"), (10**9, "ns")):
        if value * factor >= 1 or unit == "ns":
            return (f"{decimal(Fraction(value * factor))} {unit}",)
    raise AssertionError


TOLD = Told(Roofline, "roofline", tell)
