"""Scaled networks: widths and depths times a multiplier, which is a fraction, a decimal or a symbol, rounded exactly.

Published code computes in floats. Multipliers are decimals there (1.4 is 7/5), and so they are here; the tests hold both
against each other over all the widths and multipliers in use.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from symshape.algebra.extrema import max_of
from symshape.algebra.floors import ceil_div, floor_div
from symshape.algebra.poly import Poly, Value, rational
from symshape.declaration import as_value
from symshape.errors import UsageError

__all__ = ["make_divisible", "multiplier", "rounded", "times"]


def multiplier(given: Any) -> Value:
    """A multiplier: a number, where a float is the decimal that it is printed as, or a symbol, positive and rational.

    >>> multiplier(0.35), multiplier("alpha")
    (Fraction(7, 20), alpha)
    """
    value = rational(as_value(Fraction(repr(given)) if isinstance(given, float) else given))
    if not isinstance(value, Poly) and value <= 0:
        raise UsageError(f"a multiplier is positive, not {given}")
    return value


def make_divisible(width: Value) -> Value:
    """The multiple of 8 next to a width, one higher where that were more than 10 % below it.

    The published function of MobileNet and EfficientNet, 8·max(1, ⌊(v + 4)/8⌋, ⌈9v/80⌉).
    Of a positive width the last is at least 1.

    >>> make_divisible(32 * Fraction(7, 20)), make_divisible(32 * multiplier("w"))
    (16, 8*max(ceiling(18*w/5), floor((8*w + 1)/2)))
    """
    return 8 * max_of(1, floor_div(width + 4, 8), ceil_div(9 * width, 80))


def rounded(width: Value) -> Value:
    """The multiple of 8 next to a width, at least 8.

    >>> rounded(32 * Fraction(7, 20))
    8
    """
    return 8 * max_of(1, floor_div(width + 4, 8))


def times(depth: int, multiplied: Value) -> Value:
    """⌈d·n⌉: how often a block is repeated that the unscaled network repeats n times.

    >>> times(3, Fraction(7, 5)), times(3, multiplier("d"))
    (5, ceiling(3*d))
    """
    return ceil_div(depth * multiplied, 1)
