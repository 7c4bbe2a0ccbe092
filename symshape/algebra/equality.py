"""When two values are equal for all positive integers: a finite, exact test.

A quasi-polynomial of period m and degree d in a symbol vanishes everywhere if it vanishes at m(d + 1) consecutive
integers; with several symbols, on the grid of those points.
"""

from __future__ import annotations

from itertools import product
from math import prod

from symshape.algebra.period import degree, period
from symshape.algebra.poly import Poly, Value, canonical, substitute
from symshape.errors import Undecided

__all__ = ["equal_everywhere"]

_MOST_POINTS = 200_000


def equal_everywhere(left: Value, right: Value) -> bool:
    """Whether the two values agree for all positive integers.

    Raises `Undecided` where the test does not apply (a symbolic divisor) or would take too many points.

    >>> from symshape.algebra.floors import ceil_div, floor_div
    >>> from symshape.algebra.poly import name
    >>> H = name("H")
    >>> equal_everywhere(floor_div(H, 2) + ceil_div(H, 2), H)
    True
    """
    difference = canonical(left - right)
    if not isinstance(difference, Poly):
        return difference == 0
    names = sorted(difference.names(), key=lambda name: name.text)
    ranges = [period(difference, name) * (degree(difference, name) + 1) for name in names]
    if prod(ranges) > _MOST_POINTS:
        raise Undecided(
            f"deciding whether {left} equals {right} takes {prod(ranges)} points, more than {_MOST_POINTS}: "
            "give some of the symbols numbers"
        )
    points = product(*(range(1, size + 1) for size in ranges))
    return all(substitute(difference, dict(zip(names, point))) == 0 for point in points)
