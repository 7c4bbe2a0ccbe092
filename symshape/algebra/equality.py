"""When two values are equal for all positive integers: a finite, exact test.

A quasi-polynomial of period m and degree d in a symbol vanishes everywhere if it vanishes at m(d + 1) consecutive
integers; with several symbols, on the grid of those points. One point where it does not vanish decides against.
"""

from __future__ import annotations

from itertools import product
from math import prod

from symshape.algebra.atoms import Name
from symshape.algebra.bounds import clearing_factor
from symshape.algebra.claims import claim_between
from symshape.algebra.code import function
from symshape.algebra.period import degree, period
from symshape.algebra.poly import Poly, Value, canonical, substitute
from symshape.algebra.solve import solution
from symshape.errors import DivisionByZero, Undecided

__all__ = ["equal_everywhere"]

_MOST_POINTS = 200_000
_TRIED = ((1, 0), (2, 1), (7, 4), (12, 7), (97, 31))  # the first symbol's value, and the step to the next


def equal_everywhere(left: Value, right: Value) -> bool:
    """Whether the two values agree for all positive integers at which both are defined.

    Raises `Undecided` where no difference is found and the test does not apply (a symbolic divisor) or would take too
    many points.

    >>> from symshape.algebra.floors import ceil_div, floor_div
    >>> from symshape.algebra.poly import name
    >>> H = name("H")
    >>> equal_everywhere(floor_div(H, 2) + ceil_div(H, 2), H)
    True
    """
    difference = canonical(left - right)
    difference = canonical(difference * clearing_factor(difference))
    if not isinstance(difference, Poly):
        return difference == 0
    names = sorted(difference.names(), key=lambda name: name.order)
    if not all(name.integral for name in names):
        raise Undecided(f"deciding whether {left} equals {right}: a symbol in it is not an integer")
    if any(_differs_at(difference, names, start, step) for start, step in _TRIED):
        return False
    try:
        ranges = [period(difference, name) * (degree(difference, name) + 1) for name in names]
    except Undecided:
        if len(names) > 1:
            raise
        return not solution(claim_between("!=", difference, 0), names[0])
    if prod(ranges) > _MOST_POINTS:
        raise Undecided(
            f"deciding whether {left} equals {right} takes {prod(ranges)} points, more than {_MOST_POINTS}: "
            "give some of the symbols numbers"
        )
    at = function(difference, [name.text for name in names])
    return not any(at(*point) for point in product(*(range(1, size + 1) for size in ranges)))


def _differs_at(difference: Value, names: list[Name], start: int, step: int) -> bool:
    values: dict[Name, Value] = {name: start + place * step for place, name in enumerate(names)}
    try:
        return substitute(difference, values) != 0
    except (DivisionByZero, Undecided):  # undefined there, or beyond reach
        return False
