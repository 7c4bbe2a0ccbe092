"""Where a polynomial is non-negative on the integers t >= 0: exactly, by finite differences and bisection.

Between two sign changes of Δp(t) = p(t + 1) - p(t) the polynomial p is monotone, so it changes sign there at most once;
and Δp has a lower degree. That is the whole method. Only integers are compared, however large they are.

    >>> nonnegative([6, -5, 1])  # (t - 2)(t - 3), negative at no integer
    ((0, None),)
    >>> nonnegative([-21, 10, -1])  # -(t - 3)(t - 7)
    ((3, 7),)
    >>> zeros([-21, 10, -1])
    (3, 7)
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, zip_longest
from math import comb, lcm

__all__ = ["nonnegative", "zeros"]


def nonnegative(coefficients: Sequence[int | Fraction]) -> tuple[tuple[int, int | None], ...]:
    """The maximal intervals of integers t >= 0 on which Σ cᵢtⁱ >= 0, both ends included; None is no upper end.

    >>> nonnegative([-(10**40), 0, 1])
    ((100000000000000000000, None),)
    >>> nonnegative([-1, Fraction(1, 3), Fraction(-1, 100)])
    ((4, 30),)
    """
    p = _integral(coefficients)
    edges = [0, *_changes(p)] if _holds(p, 0) else _changes(p)  # where it begins, ceases, begins ... to hold
    ends = [edge - 1 for edge in edges[1::2]]
    return tuple(zip_longest(edges[::2], ends))


def zeros(coefficients: Sequence[int | Fraction]) -> tuple[int, ...] | None:
    """The integers t >= 0 with Σ cᵢtⁱ = 0; None when all of them are.

    >>> zeros([0, 0, -5, 1]), zeros([-2, 0, 1]), zeros([0])
    ((0, 5), (), None)
    """
    p = _integral(coefficients)
    if not p:
        return None
    # p >= 0 and -p >= 0 hold together at the roots alone, so these ranges are short
    return tuple(
        t
        for low, high in nonnegative(p)
        for other_low, other_high in nonnegative([-c for c in p])
        for t in range(max(low, other_low), 1 + min(end for end in (high, other_high) if end is not None))
    )


def _integral(coefficients: Sequence[int | Fraction]) -> list[int]:
    """A positive multiple with integer coefficients, the leading one not zero."""
    exact = [Fraction(c) for c in coefficients]
    scale = lcm(*(c.denominator for c in exact))
    p = [int(c * scale) for c in exact]
    while p and p[-1] == 0:
        p.pop()
    return p


def _difference(p: Sequence[int]) -> list[int]:
    """The coefficients of p(t + 1) - p(t)."""
    return [sum(p[i] * comb(i, k) for i in range(k + 1, len(p))) for k in range(len(p) - 1)]


def _changes(p: Sequence[int]) -> list[int]:
    """The t >= 1, in order, at which p >= 0 begins or ceases to hold."""
    if len(p) < 2:
        return []
    turns = [0, *_changes(_difference(p))]  # p is monotone from each to the next, and beyond the last
    far = turns[-1] + 1
    while _holds(p, far) is not (p[-1] > 0):  # beyond, p tends to its infinite limit
        far *= 2
    return [_change(p, low, high) for low, high in pairwise([*turns, far]) if _holds(p, low) is not _holds(p, high)]


def _change(p: Sequence[int], low: int, high: int) -> int:
    """The least t > low at which p >= 0 is as at high and not as at low; p is monotone between them."""
    while high - low > 1:
        middle = (low + high) // 2
        if _holds(p, middle) is _holds(p, high):
            high = middle
        else:
            low = middle
    return high


def _holds(p: Sequence[int], t: int) -> bool:
    total = 0
    for c in reversed(p):
        total = total * t + c
    return total >= 0
