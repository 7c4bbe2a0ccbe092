"""Scales: from exact values to places along an axis, and the ticks that stand there.

Differences and ratios are taken of exact numbers and only their quotient, between 0 and 1, becomes a float. So neither
numbers beyond 2⁵³ that differ in their last digit nor numbers beyond all floats are misplaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import gcd, log10

from symshape.report.charts.amounts import exponent, power, tick_labels
from symshape.report.charts.chart import Axis, Exact

__all__ = ["Scale", "scaled"]

_FEW = 9  # values on an axis, up to which each may have its own tick
_BINARY = 8192  # up to which multiples of 8 are counted by doubling: 64, 128, …


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high` with its ticks, their labels, and what the labels count from where that is not 0."""

    low: Exact
    high: Exact
    log: bool
    ticks: tuple[Exact, ...]
    labels: tuple[str, ...]
    base: str = ""

    def place(self, value: Exact) -> float:
        """Where a value stands: 0 at the low end, 1 at the high end."""
        if self.log:
            share = (_log(value) - _log(self.low)) / (_log(self.high) - _log(self.low))
        else:
            share = _quotient(value - self.low, self.high - self.low)
        return min(max(share, 0.0), 1.0)


def scaled(axis: Axis, values: Sequence[Exact], most: int) -> Scale:
    """The scale of some values with about `most` ticks; on a tight axis a few values have their own."""
    low, high = min(values), max(values)
    wanted = _looks_geometric(values, axis.tight) if axis.log is None else axis.log
    if wanted and low > 0 and _log(high) - _log(low) > 1e-6:
        return _logarithmic(axis, values, most)
    return _linear(axis, values, most)


def _log(value: Exact) -> float:
    return log10(value.numerator) - log10(value.denominator)


def _quotient(top: Exact, bottom: Exact) -> float:
    """The nearest float, however large the two are."""
    if isinstance(top, int) and isinstance(bottom, int):
        return top / bottom
    found = Fraction(top) / Fraction(bottom)
    return found.numerator / found.denominator


def _looks_geometric(values: Iterable[Exact], tight: bool) -> bool:
    """Whether values are spread more evenly by their ratios than by their differences, and far enough for it to matter."""
    known = sorted(set(values))
    low, middle, high = known[0], known[len(known) // 2], known[-1]
    if low <= 0 or len(known) < 4 or high < low * (10 if tight else 1000):
        return False
    by_ratio = (_log(middle) - _log(low)) / (_log(high) - _log(low))
    by_difference = _quotient(middle - low, high - low)
    return abs(by_ratio - 0.5) < abs(by_difference - 0.5)


# -- linear ------------------------------------------------------------------------------------------------------------
def _linear(axis: Axis, values: Sequence[Exact], most: int) -> Scale:
    low, high = min(values), max(values)
    whole = all(isinstance(value, int) for value in values)
    if axis.tight:
        few = sorted(set(values))
        if low == high:
            return _labelled(low - 1, high + 1, False, few)
        if len(few) <= _FEW and _apart([_quotient(value - low, high - low) for value in few], most):
            return _labelled(low, high, False, few)
        step = _step(high - low, most, whole, _unit(values) if whole and high <= _BINARY else 1)
        ticks = _multiples(step, -(-low // step), high // step)
        return _labelled(low, high, False, ticks if len(ticks) > 1 else [low, high])
    if low == high:  # a level line stands above 0, which says how high it is
        low, high = min(low, 0), max(high, 0)
        high = high if high > low else low + 1
    elif 0 < 4 * low <= high:  # near enough to 0 to begin there
        low = 0
    step = _step(high - low, most, whole, 1)
    ticks = _multiples(step, low // step, -(-high // step))
    return _labelled(ticks[0], ticks[-1], False, ticks)


def _multiples(step: Exact, first: int, last: int) -> list[Exact]:
    return [step * place for place in range(first, last + 1)]


def _unit(values: Sequence[Exact]) -> int:
    unit = gcd(*(int(value) for value in values))
    return unit if unit % 8 == 0 else 1


def _step(span: Exact, most: int, whole: bool, unit: int) -> Exact:
    """The distance between ticks: 1, 2 or 5 with zeros, or a unit doubled again and again."""
    if unit > 1:
        doubled = unit
        while span > doubled * most:
            doubled *= 2
        return doubled
    tens = exponent(Fraction(span) / most)
    ten = Fraction(10) ** tens
    step = next(step for step in (ten, 2 * ten, 5 * ten, 10 * ten) if span <= step * most)
    if whole and step < 1:
        return 1
    return int(step) if step.denominator == 1 else step


def _apart(places: Sequence[float], most: int) -> bool:
    """Whether ticks at these places leave each other room."""
    return all(after - before >= 0.7 / most for before, after in pairwise(places))


# -- logarithmic -------------------------------------------------------------------------------------------------------
def _logarithmic(axis: Axis, values: Sequence[Exact], most: int) -> Scale:
    low, high = min(values), max(values)
    first, last = exponent(low), exponent(high)
    if _power(last) < high:
        last += 1
    if axis.tight:
        few = sorted(set(values))
        wide = _log(high) - _log(low)
        if len(few) <= _FEW and _apart([(_log(value) - _log(low)) / wide for value in few], most):
            return _labelled(low, high, True, few)
    if last - first <= 3:  # ones, twos and fives
        all_of = [_power(tens) * digit for tens in range(first, last + 1) for digit in (1, 2, 5)]
        start = max(place for place, tick in enumerate(all_of) if tick <= low)
        end = min(place for place, tick in enumerate(all_of) if tick >= high)
        if axis.tight:
            inner = [tick for tick in all_of if low <= tick <= high]
            return _labelled(low, high, True, inner if len(inner) > 1 else [low, high])
        return _labelled(all_of[start], all_of[end], True, all_of[start : end + 1])
    stride = int(_step(last - first, most, True, 1))
    tens = range(first - first % stride, last + stride, stride)
    tens = tens[: next(place for place, of in enumerate(tens) if of >= last) + 1]
    if axis.tight:
        within = [of for of in tens if low <= _power(of) <= high]
        return Scale(low, high, True, tuple(map(_power, within)), tuple(map(power, within)))
    return Scale(_power(tens[0]), _power(tens[-1]), True, tuple(map(_power, tens)), tuple(map(power, tens)))


def _power(tens: int) -> Exact:
    return 10**tens if tens >= 0 else Fraction(1, 10**-tens)


def _labelled(low: Exact, high: Exact, log: bool, ticks: Sequence[Exact]) -> Scale:
    labels, base = tick_labels(ticks)
    return Scale(low, high, log, tuple(ticks), labels, base)
