"""Exact numbers as people write them at the ticks of an axis, and in full.

No number is too large: what has too many digits to be written is written as a power of ten, and said to be rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import log10

from symshape.notation.layout import MINUS, NARROW_SPACE, grouped
from symshape.report.charts.chart import Exact

__all__ = ["exponent", "in_full", "power", "tick_labels"]

_UNITS = ((18, "E"), (15, "P"), (12, "T"), (9, "G"), (6, "M"), (3, "k"))
_PLAIN = 10_000  # below, sizes are written as they are
_LONGEST = 6  # digits of a label
_FULL = 40  # digits of a number in full
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def exponent(value: Exact) -> int:
    """The power of ten that is not above a positive number.

    >>> exponent(999), exponent(10**500), exponent(Fraction(1, 3))
    (2, 500, -1)
    """
    top, bottom = value.numerator, value.denominator
    guess = int(log10(top) - log10(bottom))  # within one of it
    while _at_least(value, guess + 1):
        guess += 1
    while not _at_least(value, guess):
        guess -= 1
    return guess


def _at_least(value: Exact, power: int) -> bool:
    return value >= 10**power if power >= 0 else bool(value * 10**-power >= 1)


def power(of: int) -> str:
    """A power of ten.

    >>> power(9), power(-2)
    ('10⁹', '10⁻²')
    """
    return f"10{str(of).translate(_RAISED)}"


def tick_labels(ticks: Sequence[Exact]) -> tuple[tuple[str, ...], str]:
    r"""The labels of ticks side by side, and what they count from where they are too near to one another to say it all.

    >>> print(*tick_labels([0, 500_000, 1_000_000])[0], sep=", ")
    0, 500 k, 1 M
    >>> tick_labels([10**9 + 1, 10**9 + 2])
    (('+0', '+1'), '1\u202f000\u202f000\u202f001')
    """
    plain = all(-_PLAIN < tick < _PLAIN for tick in ticks)
    labels = [_label(tick, plain) for tick in ticks]
    if all(label is not None for label in labels):
        return tuple(label for label in labels if label is not None), ""
    base = ticks[0]
    beyond: list[Exact] = [tick - base for tick in ticks]
    plain = max(beyond, default=0) < _PLAIN
    return tuple(f"+{_label(step, plain) or in_full(step)}" for step in beyond), in_full(base)


def _label(value: Exact, plain: bool) -> str | None:
    """A short label that is exact; None where there is none."""
    if value < 0:
        label = _label(-value, plain)
        return None if label is None else f"{MINUS}{label}"
    if value == 0:
        return "0"
    if plain or value < 1000:
        return _decimal(value) if value * 1000 >= 1 else _scientific(value)
    for factor, unit in _UNITS:
        if 10**factor <= value < 10**21:
            said = _decimal(Fraction(value) / 10**factor)
            return None if said is None else f"{said}\N{NO-BREAK SPACE}{unit}"
    return _scientific(value)


def _decimal(value: Exact) -> str | None:
    """An exact decimal of few digits, between a thousandth and a million."""
    scaled = Fraction(value) * 10**_LONGEST
    if scaled.denominator != 1 or value >= 10**_LONGEST:
        return None
    whole, rest = divmod(int(scaled), 10**_LONGEST)
    said = f"{whole}.{rest:0{_LONGEST}}".rstrip("0").rstrip(".")
    return said if len(said) <= _LONGEST + 1 else None


def _scientific(value: Exact) -> str | None:
    top = exponent(value)
    said = _decimal(Fraction(value) / 10**top if top >= 0 else Fraction(value) * 10**-top)
    if said is None:
        return None
    return power(top) if said == "1" else f"{said}·{power(top)}"


def in_full(value: Exact) -> str:
    """A number to its last digit, its thousands apart; what has too many digits is rounded, and says so.

    >>> print(in_full(4089), in_full(3**10000))
    4089 ≈ 1.6313·10⁴⁷⁷¹
    """
    if value < 0:
        return f"{MINUS}{in_full(-value)}"
    if value == 0:
        return "0"
    if isinstance(value, Fraction) and value.denominator != 1:
        return f"{in_full(value.numerator)}/{in_full(value.denominator)}"
    top = exponent(value)
    if top < _FULL:
        return grouped(str(int(value)), NARROW_SPACE)
    lead = int(value) // 10 ** (top - 4)
    return f"≈ {lead // 10**4}.{lead % 10**4:04}·{power(top)}"
