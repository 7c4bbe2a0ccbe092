"""Signs of polynomials on the integers against evaluation at every integer, and against known roots."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra.signs import nonnegative, zeros

SOME = range(60)
rationals = st.integers(-60, 60) | st.fractions(-9, 9, max_denominator=12)
polynomials = st.lists(rationals, max_size=6)
roots = st.lists(st.integers(-5, 50), max_size=6)
far_roots = st.sets(st.integers(0, 10**30), min_size=1, max_size=5)


def value(coefficients: list[int | Fraction], t: int) -> Fraction:
    return sum((Fraction(c) * t**i for i, c in enumerate(coefficients)), Fraction(0))


def with_roots(roots: list[int], leading: int | Fraction) -> list[int | Fraction]:
    p: list[int | Fraction] = [leading]
    for root in roots:
        p = [low - root * high for low, high in zip([0, *p], [*p, 0], strict=True)]
    return p


def check(p: list[int | Fraction]) -> None:
    intervals = nonnegative(p)
    for t in SOME:
        assert any(low <= t and (high is None or t <= high) for low, high in intervals) is (value(p, t) >= 0)
    for low, high in intervals:
        assert low == 0 or value(p, low - 1) < 0 <= value(p, low)
        assert high is None or (low <= high and value(p, high + 1) < 0 <= value(p, high))
    leading = next((c for c in reversed(p) if c), 0)
    assert bool(intervals and intervals[-1][1] is None) is (leading >= 0)
    found = zeros(p)
    if found is None:
        assert leading == 0
    else:
        assert [t for t in found if t in SOME] == [t for t in SOME if value(p, t) == 0]
        assert all(value(p, t) == 0 for t in found)


@given(polynomials)
def test_any_polynomial(p: list[int | Fraction]) -> None:
    check(p)


@given(roots, st.sampled_from([1, -1, 3, Fraction(-2, 7)]), st.sampled_from([0, 0, 1, -1, Fraction(1, 1000)]))
def test_products_of_linear_factors(roots: list[int], leading: int | Fraction, shift: int | Fraction) -> None:
    p = with_roots(roots, leading)
    if not shift:
        assert zeros(p) == tuple(sorted({root for root in roots if root >= 0}))
    check([p[0] + shift, *p[1:]])


@settings(max_examples=50)
@given(far_roots)
def test_far_roots(roots: set[int]) -> None:
    ordered = sorted(roots)
    for leading in (1, -1):
        p = with_roots(ordered, leading)
        assert zeros(p) == tuple(ordered)
        for low, high in nonnegative(p):
            assert low == 0 or low in roots
            assert high is None or high in roots
        for t in {t + d for t in ordered for d in (-1, 0, 1) if t + d >= 0}:
            inside = any(low <= t and (high is None or t <= high) for low, high in nonnegative(p))
            assert inside is (value(p, t) >= 0)


def test_edges() -> None:
    assert nonnegative([]) == nonnegative([0, 0]) == nonnegative([7]) == ((0, None),)
    assert nonnegative([-7]) == nonnegative([-1, 0, -1]) == ()
    assert nonnegative([0, -1]) == ((0, 0),)
    assert nonnegative([2, -3, 1]) == ((0, None),)  # negative only strictly between 1 and 2
    assert zeros([]) is None
    assert zeros([5]) == zeros([1, 1]) == ()
    assert zeros([-1, Fraction(1, 2)]) == (2,)
    assert nonnegative([0, 10**60, -1]) == ((0, 10**60),)
