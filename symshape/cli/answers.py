"""The answers to what-if questions as text for a terminal."""

from __future__ import annotations

import shutil
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

from symshape.algebra.present import present
from symshape.notation import text
from symshape.report.tables import breakable, drawn, wrapped
from symshape.written import By, Written

if TYPE_CHECKING:
    from symshape.algebra.poly import Value
    from symshape.whatif import Comparison, Found, Roofline, Sensitivity, Solution

__all__ = ["comparison_text", "found_text", "roofline_text", "sensitivity_text", "solution_text"]

_NARROWEST, _WIDEST = 60, 140


def _width() -> int:
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((100, 24)).columns))


def _said(value: Value | Written | None) -> str:
    if value is None:
        return "—"
    return breakable(text(value if isinstance(value, Written) else present(value)))


def _change(value: Value) -> str:
    said = _said(value)
    return said if value == 0 or said.startswith("−") else f"+{said}"


def solution_text(answer: Solution) -> str:
    """What is best, the whole set, and the reasons."""
    best = [", ".join(f"{name} = {value}" for name, value in answer.best.items())] if answer.best else []
    reasons = (line for reason in answer.reasons for line in wrapped(reason, _width(), "  – ", "    "))
    return "\n".join([*best, answer.words(), *reasons])


def comparison_text(answer: Comparison, everything: bool = False) -> str:
    """A table of the layers that differ (or all), with the differences of each metric, and the totals."""
    shown = answer.pairs if everything else answer.differing

    def row(pair: Any) -> list[str]:
        names = [side.name if side is not None else "—" for side in (pair.left, pair.right)]
        shapes = [
            ", ".join(_said(By(tuple(map(present, shape[1:])))) for shape in side.outputs) if side is not None else "—"
            for side in (pair.left, pair.right)
        ]
        name = names[0] if names[0] == names[1] else f"{names[0]} → {names[1]}"
        shape = shapes[0] if shapes[0] == shapes[1] else f"{shapes[0]} → {shapes[1]}"
        return [name, shape, *map(_change, pair.differences)]

    total = ["total", "", *map(_change, answer.total.differences)]
    head = ["layer", "output", *(f"Δ {metric}" for metric in answer.metrics)]
    table = drawn(head, map(row, shown), total, numbers=[False, False, *[True] * len(answer.metrics)], width=_width())
    same = len(answer.pairs) - len(answer.differing)
    said = f"{same} of {len(answer.pairs)} layers are the same." if same and not everything else ""
    return "\n".join(filter(None, [table, said]))


def sensitivity_text(answer: Sensitivity) -> str:
    """The knobs, strongest first, then how the metric grows and its smooth views."""
    at = ", ".join(f"{name} = {value}" for name, value in answer.at.items())
    rows = [
        [
            knob.symbol,
            f"{knob.at} → {knob.at + 1}",
            _change(knob.change) if knob.change is not None else "refused",
            _decimal(knob.elasticity),
            ", ".join(f"{name} {_change(change)}" for name, change in knob.layers[:3]) or knob.refused,
        ]
        for knob in answer.knobs
    ]
    head = ["knob", "step", f"Δ {answer.metric}", "elasticity", "largest shares"]
    lines = [f"{answer.metric} is {_said(answer.value)} at {at}", ""]
    lines.append(drawn(head, rows, numbers=[False, False, True, True, False], width=_width()))
    lines.append("")
    lines.append("Order of growth: " + ", ".join(growth.words() for growth in answer.growth))
    for growth in answer.growth:
        if growth.period is not None and growth.period > 1 and growth.on_multiples is not None:
            said = f"Where {growth.period} divides {growth.symbol}, exactly {_said(growth.on_multiples)}"
            lines += wrapped(said, _width(), "", "    ")
    if answer.lower != answer.upper:  # there are floors
        views = (("Never below", answer.lower), ("Never above", answer.upper), ("In the mean", answer.mean))
        for what, tree in views:
            lines += wrapped(f"{what} {_said(tree)}", _width(), "", "    ") if tree is not None else []
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def roofline_text(answer: Roofline) -> str:
    """Each layer's operations, bytes and bound, and the least time of all."""
    rows = [
        [
            layer.name,
            _said(layer.operations),
            _said(layer.moved),
            *([_seconds(layer.time), layer.bound] if layer.bound != "open" else ["open", "depends on the sizes"]),
        ]
        for layer in answer.layers
    ]
    foot = ["total", "", "", _seconds(answer.time), ""]
    head = ["layer", "operations", "bytes", "least time", "bound by"]
    return drawn(head, rows, foot, numbers=[False, True, True, True, False], width=_width())


def found_text(found: Found, limit: int) -> str:
    """How many settings there are, and a table of them, or of the front where there are goals."""
    rows = list(found.front) if found.goals else list(islice(found, limit))
    lines = [found.words() + "."]
    if found.goals:
        wanted = ", ".join(f"{goal.term} {'small' if goal.least else 'large'}" for goal in found.goals)
        lines.append(f"No other setting is better for {wanted} than these:" if rows else "")
    elif found.count > limit:
        lines.append(f"The first {limit}:")
    if rows:
        head = list(rows[0])
        cells = [[_said(value) for value in row.values()] for row in rows]
        lines += ["", drawn(head, cells, numbers=[True] * len(head), width=_width())]
    lines += [f"{name} = {_said(tree)}" for name, tree in found.ties.items()]
    return "\n".join(lines)


def _seconds(value: Value) -> str:
    """An exact time in a unit that reads well, to four digits; the exact value is in the JSON."""
    if not isinstance(value, (int, Fraction)):
        return "open"
    for factor, unit in ((1, "s"), (10**3, "ms"), (10**6, "µs"), (10**9, "ns")):
        if value * factor >= 1 or unit == "ns":
            return f"{float(value * factor):.4g} {unit}"
    raise AssertionError


def _decimal(value: Fraction | None) -> str:
    """A ratio to four digits; the exact one is in the JSON."""
    return "—" if value is None else f"{float(value):.4g}"
