"""Minima and maxima: the laws of a lattice, what bounds decide, and no dependence on order."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra.evaluate import value_of
from symshape.algebra.extrema import Extremum, max_of, min_of, widest_of
from symshape.algebra.floors import floor_div
from symshape.algebra.poly import Poly, Value, divide, name, substitute
from symshape.written import Written

from .strategies import bound, formulas, meaning, sizes_of

H, W, C, G = map(name, "HWCG")


@given(st.lists(formulas(4), min_size=1, max_size=4), sizes_of())
def test_they_mean_the_greatest_and_the_least(trees: list[Written], sizes: dict[str, int]) -> None:
    values = [value_of(tree) for tree in trees]
    numbers = [meaning(tree, sizes) for tree in trees]
    assert substitute(max_of(*values), bound(sizes)) == max(numbers)
    assert substitute(min_of(*values), bound(sizes)) == min(numbers)


@settings(max_examples=50)
@given(st.lists(formulas(3), min_size=2, max_size=4))
def test_the_order_does_not_matter(trees: list[Written]) -> None:
    values = [value_of(tree) for tree in trees]
    greatest = max_of(*values)
    assert all(max_of(*order) == greatest for order in permutations(values))
    assert max_of(max_of(*values[:1]), max_of(*values[1:])) == greatest
    assert max_of(greatest, *values) == greatest


def test_the_order_does_not_matter_where_bounds_see_only_some_of_it() -> None:
    options: list[Value] = [H, 2 * H, 3 * H - 1, W, W + H, 7]
    assert len({str(max_of(*order)) for order in permutations(options)}) == 1
    assert len({str(min_of(*order)) for order in permutations(options)}) == 1


def test_bounds_decide() -> None:
    assert max_of(H, H + 2, 1) == H + 2
    assert max_of(2 * H, H, 0) == 2 * H
    assert min_of(H, 1) == 1
    assert min_of(floor_div(3, H), 5) == floor_div(3, H)
    assert max_of(3, 5, -1) == 5
    assert max_of(H - 3, max_of(W, 2)) == max_of(H - 3, W, 2)
    assert max_of(H) == H
    assert max_of(min_of(H, W), min_of(H, W)) == min_of(H, W)


def test_sizes_of_one_never_count() -> None:
    assert widest_of(1, 1) == 1
    assert widest_of(H, 1, 1) == H
    assert widest_of(H, W, 1) == max_of(H, W)


def test_an_extremum_of_fractions_is_no_integer() -> None:
    (atom,) = _atoms(max_of(divide(C, G), 3))
    assert not atom.integral
    (atom,) = _atoms(max_of(C * G, 3 + W))
    assert atom.integral


def _atoms(value: Value) -> list[Extremum]:
    assert isinstance(value, Poly)
    return [atom for atom in value.atoms() if isinstance(atom, Extremum)]
