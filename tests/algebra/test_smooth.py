"""Smooth views of values with floors, against the values."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symshape import zoo
from symshape.algebra.exponential import exponential
from symshape.algebra.extrema import max_of
from symshape.algebra.floors import ceil_div, floor_div
from symshape.algebra.parse import parse
from symshape.algebra.poly import Name, Value, canonical, divide, name, rational, substitute
from symshape.algebra.smooth import between, leading, mean, on_class, order
from symshape.declaration import as_value
from symshape.errors import Undecided

H, W = name("H"), name("W")
HN, WN = Name.interned("H", True), Name.interned("W", True)


def values() -> st.SearchStrategy[Value]:
    sizes = st.builds(
        lambda s, b, c: floor_div(s + b, c), st.sampled_from([H, W]), st.integers(0, 5), st.integers(1, 4)
    )
    terms = st.builds(lambda a, b, k: k * a * b, sizes, sizes, st.integers(1, 9))
    return st.builds(lambda a, b, c: a + b + c, terms, terms, st.integers(-5, 50))


@given(values(), st.integers(1, 60), st.integers(1, 60))
def test_between(value, height, width):
    low, high = between(value)
    here = {HN: height, WN: width}
    assert substitute(low, here) <= substitute(value, here) <= substitute(high, here)


@given(values(), st.integers(0, 11), st.integers(0, 11), st.integers(1, 5))
def test_on_class(value, first, second, step):
    part = on_class(value, {HN: (12, first), WN: (12, second)})
    here = {HN: 12 * step + first, WN: 12 * step + second}
    assert canonical(substitute(part, here)) == substitute(value, here)


@given(values(), st.integers(1, 9))
def test_mean(value, start):
    smooth = mean(value, [HN, WN])
    window = range(12 * start, 12 * start + 12)
    classes = [
        substitute(on_class(value, {HN: (12, h % 12), WN: (12, w % 12)}), {HN: 100, WN: 200})
        for h in window
        for w in window
    ]
    assert substitute(smooth, {HN: 100, WN: 200}) == Fraction(sum(classes)) / 144


@given(values())
def test_leading(value):
    degree, coefficient = leading(value, HN)
    far = 10**9
    here = substitute(value, {HN: far, WN: 7})
    top = substitute(coefficient, {WN: 7})
    assert abs(Fraction(here, far**degree) - top) <= Fraction(10**4, far)


def test_out_of_reach():
    with pytest.raises(Undecided, match="no polynomial"):
        on_class(ceil_div(H, 4), {HN: (6, 0)})
    with pytest.raises(Undecided, match="no polynomial bounds"):
        between(exponential(2, H))
    with pytest.raises(Undecided, match="leading power"):
        leading(floor_div(W, H), HN)
    with pytest.raises(Undecided, match="classes"):
        mean(floor_div(H, 9973), [HN])


@given(values(), st.integers(10**4, 10**9), st.integers(10**4, 10**9))
def test_the_order_of_growth(value, height, width):
    here = {HN: height, WN: width}
    ratio = Fraction(substitute(value, here)) / substitute(order(value), here)
    assert Fraction(1, 40) < ratio < 200


def test_the_order_of_other_forms():
    C, M = name("C"), name("M")
    assert order(max_of(H, W * W - H, 3)) == H + W * W
    assert order(divide(C, M) * H + C) == divide(C, M) * H + C
    assert order(H * (2 * floor_div(H, 2) - H)) == H
    assert order(7) == 1
    with pytest.raises(Undecided, match="does not grow by powers"):
        order(exponential(2, H))


@pytest.mark.parametrize(
    ("family", "metric", "expected"),
    [
        ("resnet", "macs", "H*W*w**2*(n1+n2+n3+n4)"),
        ("gpt", "params", "d*(n*d + V + T)"),
        ("bert", "macs", "L*d*n*(L + d)"),
        ("efficientnet", "macs", "H*W*d*w**2"),
    ],
)
def test_orders_that_are_well_known(family: str, metric: str, expected: str) -> None:
    value = order(zoo.FAMILIES[family]().derive().value(metric))
    assert str(rational(value)) == str(rational(as_value(parse(expected))))
