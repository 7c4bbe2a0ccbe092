"""Closed forms of repeated steps against the steps taken one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symshape.algebra.exponential import exponential
from symshape.algebra.floors import ceil_div, floor_div
from symshape.algebra.poly import Name, Poly, Value, canonical, name, substitute
from symshape.algebra.recurrence import iterated
from symshape.errors import Undecided

X, Y, K = Name.interned("x", True), Name.interned("y", True), Name.place("k")
x, y, k, n, H = Poly.of_atom(X), Poly.of_atom(Y), Poly.of_atom(K), name("n"), name("H")


def one_by_one(steps: list[Value], starts: list[int], times: int) -> list[Value]:
    sizes = list(starts)
    for place in range(times):
        here = {X: sizes[0], K: place, **({Y: sizes[1]} if len(sizes) > 1 else {})}
        sizes = [substitute(step, here) for step in steps]
    return sizes


def steps() -> st.SearchStrategy[Value]:
    small, any_ = st.integers(1, 4), st.integers(-6, 6)
    linear = st.builds(lambda a, b, c: a * x + b * k + c, small, st.integers(0, 3), any_)
    shrinking = st.builds(lambda b, c, e: floor_div(x + b, c) + e, any_, st.integers(2, 4), any_)
    growing = st.builds(lambda a, b: x + a * k * k + b, st.integers(0, 3), any_)
    doubling = st.builds(lambda a, b: x + a * exponential(2, k) + b, st.integers(1, 3), any_)
    return linear | shrinking | growing | doubling


@given(steps(), st.integers(1, 200), st.integers(0, 6), st.sampled_from([0, -1]))
def test_closed_forms(step, start, times, late):
    (closed,) = iterated([X], [step], [H], K, n + late)
    if times + late >= 0 and times > 0:
        here = substitute(closed, {Name.interned("H", True): start, Name.interned("n", True): times})
        assert canonical(here) == one_by_one([step], [start], times + late)[0]


@given(st.integers(1, 5), st.integers(1, 40), st.integers(0, 5))
def test_one_size_may_drive_another(factor, start, times):
    moves = [x + 2 * y, factor * y]
    closed = iterated([X, Y], moves, [H, 3], K, Poly.of_atom(K))
    here = [substitute(value, {Name.interned("H", True): start, K: times}) for value in closed]
    assert list(map(canonical, here)) == one_by_one(moves, [start, 3], times)


def test_widths_by_place():
    (closed,) = iterated([X], [name("w") * exponential(2, k + 1)], [name("w")], K, n)
    assert closed == name("w") * exponential(2, n)
    with pytest.raises(Undecided, match="take the first one out"):
        iterated([X], [name("w") * exponential(2, k)], [H], K, n)


@pytest.mark.parametrize(
    ("moves", "why"),
    [
        ([floor_div(3 * x + 1, 2), y], "no closed form"),
        ([x * x, y], "no closed form"),
        ([k * x, y], "no closed form"),
        ([x + y, x], "depend on one another"),
        ([ceil_div(x, k + 1), y], "no closed form"),
    ],
)
def test_out_of_reach(moves: list[Value], why: str) -> None:
    with pytest.raises(Undecided, match=why):
        iterated([X, Y], moves, [H, H], K, n)


def test_a_step_that_shrinks_by_a_symbol():
    one: Callable[[Value], Value] = lambda value: iterated([X], [value], [H], K, n)[0]  # noqa: E731
    assert str(one(ceil_div(x, name("S")))) == "ceiling(H/S**n)"
