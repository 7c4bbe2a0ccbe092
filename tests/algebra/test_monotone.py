"""Certificates of monotony against values side by side."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symshape.algebra.exponential import exponential
from symshape.algebra.extrema import max_of, min_of
from symshape.algebra.floors import ceil_div, floor_div
from symshape.algebra.monotone import direction, greatest_below
from symshape.algebra.poly import Name, Poly, Value, divide, name, substitute
from symshape.algebra.series import series
from symshape.errors import SymshapeError

from .strategies import formulas

H, W, n = name("H"), name("W"), name("n")
NAMES = [Name.interned(letter, True) for letter in "HKSWnC"]


@given(formulas(5), st.data())
def test_what_is_claimed_holds(tree, data):
    from symshape.algebra.evaluate import value_of

    try:
        value = value_of(tree)
    except SymshapeError:
        return
    symbols = sorted(value.names(), key=lambda s: s.order) if isinstance(value, Poly) else []
    for symbol in symbols:
        way = direction(value, symbol)
        others = {other: data.draw(st.integers(1, 9)) for other in symbols if other is not symbol}
        try:
            values = [substitute(value, {**others, symbol: size}) for size in range(1, 12)]
        except SymshapeError:
            continue
        if way is not None:
            steps = [after - before for before, after in pairwise(values)]
            assert all(step * way >= 0 for step in steps)


def test_known_ways():
    symbol = NAMES[0]
    k = Name.place("k")
    rising: list[Value] = [
        9408 * ceil_div(H, 2) * ceil_div(W, 2),
        (H + 4) * (W + 4),
        floor_div(7 * H - 3, W),
        exponential(2, H),
        max_of(H - 3, W),
        min_of(H, 7),
        series(ceil_div(H, exponential(2, Poly.of_atom(k))), k, n),
        series(ceil_div(W, exponential(2, Poly.of_atom(k))), k, H),
    ]
    for value in rising:
        assert direction(value, symbol) == 1
        assert direction(-value, symbol) == -1
    assert direction(floor_div(W, H), symbol) == -1
    assert direction(W, symbol) == 0
    assert direction(H * H - 5 * H, symbol) is None


@pytest.mark.parametrize("limit", [-1, 0, 5, 10**30])
def test_bisection(limit):
    value = 3 * ceil_div(H, 2) - 1
    found = greatest_below(value, NAMES[0], limit)
    assert found is not None
    assert found == 0 or substitute(value, {NAMES[0]: found}) <= limit
    assert substitute(value, {NAMES[0]: found + 1}) > limit
    assert greatest_below(min_of(H, 7), NAMES[0], 9) is None


def test_strictly_below_is_not_one_less():
    half = divide(H, 2)
    assert greatest_below(half, NAMES[0], 9) == 18
    assert greatest_below(half, NAMES[0], 9, strictly=True) == 17
