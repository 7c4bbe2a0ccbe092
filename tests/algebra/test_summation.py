"""Sums in closed form against adding up."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symshape.algebra.exponential import exponential
from symshape.algebra.floors import floor_div
from symshape.algebra.poly import Name, Value, canonical, divide, name, substitute
from symshape.algebra.summation import summation
from symshape.errors import Undecided

from .strategies import bound, polynomials

k, n, H, g = map(name, ["k", "n", "H", "g"])
K = Name.interned("k", True)


def added(term: Value, first: int, last: int) -> Value:
    total: Value = 0
    for index in range(first, last + 1):
        total = total + substitute(term, {K: index})
    return canonical(total)


@given(polynomials(("k", "H"), terms=6), st.integers(-6, 6), st.integers(-1, 12))
def test_polynomials(term: Value, first: int, more: int) -> None:
    last = first + more
    assert summation(term, "k", first, last) == added(term, first, last)
    symbolic = summation(term, "k", first, n - 3)
    assert substitute(symbolic, bound({"n": last + 3})) == added(term, first, last)


@given(
    polynomials(("k", "H"), terms=4),
    st.sampled_from([2, 3, 4, 6, Fraction(1, 2), Fraction(3, 2)]),
    st.integers(0, 4),
    st.integers(-1, 6),
)
def test_polynomials_times_powers(factor: Value, ratio: int | Fraction, first: int, more: int) -> None:
    term = factor * exponential(ratio, k) + factor
    last = first + more
    assert summation(term, "k", first, last) == added(term, first, last)
    symbolic = summation(term, "k", first, n - 1)
    assert substitute(symbolic, bound({"n": last + 1})) == added(term, first, last)


@given(polynomials(("k", "H"), terms=5))
def test_telescoping(term: Value) -> None:
    whole = summation(term, "k", 1, n)
    assert canonical(whole - summation(term, "k", 1, n - 1)) == substitute(term, {K: n})
    assert summation(term, "k", 1, n) + summation(term, "k", n + 1, 2 * n) == summation(term, "k", 1, 2 * n)


def test_known_sums() -> None:
    assert str(summation(k, "k", 1, n)) == "n*(n + 1)/2"
    assert summation(k**3, "k", 1, n) == summation(k, "k", 1, n) * summation(k, "k", 1, n)
    assert summation(7, "k", 3, n) == 7 * n - 14
    assert summation(k, "k", 1, 0) == 0
    assert summation(exponential(4, k), "k", 0, n - 1) == divide(exponential(4, n) - 1, 3)
    assert summation(H * floor_div(H, 2) + k, "k", 1, 2) == 2 * H * floor_div(H, 2) + 3
    assert summation(k**100, "k", 1, 3) == 1 + 2**100 + 3**100


def test_a_dense_block() -> None:
    """DenseNet: layer k takes c + gk channels and gives g; 1×1 to 4g, then 3×3 to g."""
    c = name("c")
    parameters = (c + g * k) * 4 * g + 9 * 4 * g * g
    closed = summation(parameters, "k", 0, n - 1)
    sizes = {"c": 64, "g": 32, "n": 6}
    assert substitute(closed, bound(sizes)) == sum((64 + 32 * i) * 128 + 36 * 32 * 32 for i in range(6))


@pytest.mark.parametrize(
    "term",
    [floor_div(k, 2), divide(H, k), exponential(2, k * k), exponential(k, n), k**101],
)
def test_what_has_no_closed_form_is_refused(term: Value) -> None:
    with pytest.raises(Undecided, match="closed form"):
        summation(term, "k", 1, n)
