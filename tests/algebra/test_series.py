"""Sums that stay sums: equal whatever their index, exact at numbers, in code and in print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symshape.algebra.code import function
from symshape.algebra.evaluate import value_of
from symshape.algebra.exponential import exponential
from symshape.algebra.floors import ceil_div, floor_div
from symshape.algebra.parse import parse
from symshape.algebra.poly import Name, Poly, Value, canonical, name, substitute
from symshape.algebra.present import present
from symshape.algebra.series import series
from symshape.algebra.sympy_door import from_sympy, to_sympy
from symshape.errors import ParseError, Undecided
from symshape.notation import latex, mathml, text

K, I = Name.place("k"), Name.place("i")  # noqa: E741
H, W, n = name("H"), name("W"), name("n")
NAMES = {letter: Name.interned(letter, True) for letter in "HWn"}


def halves(place: Name) -> Value:
    power = exponential(2, Poly.of_atom(place))
    return 3 * ceil_div(H, power) * ceil_div(W, power) + Poly.of_atom(place) * floor_div(H + 1, power) + 5


@given(st.integers(1, 99), st.integers(1, 99), st.integers(1, 7))
def test_it_is_the_sum(height, width, times):
    expected = 0
    for place in range(times):
        power = 2**place
        expected += 3 * -(-height // power) * -(-width // power) + place * ((height + 1) // power) + 5
    value = series(halves(K), K, n)
    here = {NAMES["H"]: height, NAMES["W"]: width, NAMES["n"]: times}
    assert substitute(value, here) == expected
    assert function(value, ["H", "W", "n"])(height, width, times) == expected
    assert canonical(series(halves(K), K, times) - substitute(value, {NAMES["n"]: times})) == 0


def test_the_name_of_the_index_says_nothing():
    assert series(halves(K), K, n) == series(halves(I), I, n)
    clash = series(floor_div(H + name("j"), exponential(2, Poly.of_atom(K))), K, n)
    assert str(clash) == "sum(floor((H + j)/2**j_2), j_2, 0, n - 1)"
    assert str(substitute(clash, {Name.interned("j", True): 3})) == "sum(floor((H + 3)/2**j), j, 0, n - 1)"


def test_what_can_be_closed_is_closed():
    assert str(series(Poly.of_atom(K) * H, K, n)) == "H*n*(n - 1)/2"
    assert series(H, K, n) == H * n
    value = series(W * ceil_div(H, exponential(2, Poly.of_atom(K))) + 1, K, n)
    assert str(value) == "W*sum(ceiling(H/2**j), j, 0, n - 1) + n"


def test_a_sum_inside_a_sum():
    inner = series(floor_div(H, exponential(2, Poly.of_atom(K) + Poly.of_atom(I))), K, n)
    value = series(inner, I, n)
    here = {NAMES["H"]: 37, NAMES["n"]: 4}
    assert substitute(value, here) == sum(37 // 2 ** (k + i) for k in range(4) for i in range(4))
    assert function(value, ["H", "n"])(37, 4) == substitute(value, here)


def test_in_and_out():
    value = series(halves(K), K, n)
    assert value_of(parse(str(value))) == value
    assert value_of(from_sympy(to_sympy(present(value)))) == value


def test_in_print():
    tree = present(series(ceil_div(H, exponential(2, Poly.of_atom(K))), K, n))
    assert text(tree) == "Σ(j = 0 … n − 1) ⌈H/2^j⌉"
    assert latex(tree) == r"{\textstyle\sum_{j = 0}^{n - 1}} \left\lceil\tfrac{H}{2^j}\right\rceil"
    assert "∑" in mathml(tree)


def test_refusals():
    with pytest.raises(Undecided, match="too long to be added up"):
        series(halves(K), K, 10**9)
    with pytest.raises(ParseError, match="counts with a symbol"):
        parse("sum(H, 3, 0, n)")
