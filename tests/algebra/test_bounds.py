"""Bounds: nothing a value takes lies outside them, and the plain cases are tight."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra.bounds import at_least, bounds, clearing_factor, quotient_bounds
from symshape.algebra.evaluate import value_of
from symshape.algebra.exponential import exponential
from symshape.algebra.extrema import max_of, min_of
from symshape.algebra.floors import ceil_div, floor_div
from symshape.algebra.poly import canonical, divide, integral, name
from symshape.errors import Undecided
from symshape.written import Written

from .strategies import formulas, meaning, quotients, sizes_of

H, W, K, S, n = map(name, "HWKSn")


@settings(max_examples=200)
@given(formulas() | quotients(), st.lists(sizes_of(), min_size=4, max_size=4))
def test_bounds_hold(tree: Written, points: list[dict[str, int]]) -> None:
    try:
        low, high = bounds(value_of(tree))
    except Undecided:
        return
    for sizes in points:
        value = meaning(tree, sizes)
        assert low is None or low <= value
        assert high is None or value <= high


@given(st.integers(-40, 40), st.integers(1, 9), st.integers(1, 30))
def test_quotient_bounds_hold(number: int, scale: int, size: int) -> None:
    low, high = quotient_bounds(number, scale * S)
    assert low is not None
    assert high is not None
    assert low <= number // (scale * size) <= high
    assert number // scale in (low, high)  # one end is reached at S = 1
    assert quotient_bounds(number, scale) == (number // scale, number // scale)


def test_plain_cases() -> None:
    assert bounds(7) == (7, 7)
    assert bounds(Fraction(1, 2)) == (Fraction(1, 2), Fraction(1, 2))
    assert bounds(H) == (1, None)
    assert bounds(-H + 3) == (None, 2)
    assert bounds(2 * H * W - 1) == (1, None)
    assert bounds(H - W) == (None, None)
    assert bounds(ceil_div(H, 32)) == (1, None)
    assert bounds(floor_div(H, 32) - 3) == (-3, None)
    assert bounds(floor_div(7, S)) == (0, 7)
    assert bounds(divide(6, S)) == (0, 6)
    assert bounds(divide(H, S)) == (0, None)
    assert bounds(max_of(H - 5, 0)) == (0, None)
    assert bounds(min_of(H, 9)) == (1, 9)
    assert bounds(exponential(2, n)) == (2, None)
    assert bounds(name("α", integral=False)) == (0, None)
    assert at_least(K - 1, 0)
    assert not at_least(K - 2, 0)


@given(quotients())
def test_a_clearing_factor_clears(tree: Written) -> None:
    try:
        value = value_of(tree)
    except Undecided:
        return
    factor = clearing_factor(value)
    assert at_least(factor, 0)
    if all(atom.integral for atom in getattr(value, "atom_list", list)()):
        assert integral(canonical(value * factor))
