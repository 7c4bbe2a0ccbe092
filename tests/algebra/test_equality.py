"""Equality everywhere: a finite test that is never wrong in either direction."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from symshape.algebra.equality import equal_everywhere
from symshape.algebra.evaluate import value_of
from symshape.algebra.exponential import exponential
from symshape.algebra.extrema import max_of, min_of
from symshape.algebra.floors import ceil_div, floor_div, modulo
from symshape.algebra.poly import divide, name
from symshape.algebra.summation import summation
from symshape.errors import Undecided
from symshape.written import Written

from .strategies import formulas, meaning

H, W, G, S, n = map(name, "HWGSn")


def test_equal_functions_of_different_shape() -> None:
    assert equal_everywhere(floor_div(H, 2) + ceil_div(H, 2), H)
    assert equal_everywhere(sum(floor_div(H + i, 5) for i in range(5)), H)  # Hermite's identity
    assert equal_everywhere(floor_div(H * (H + 1), 2), divide(H * (H + 1), 2))
    assert equal_everywhere(modulo(H * W, 2), modulo(H, 2) * modulo(W, 2))
    assert equal_everywhere(max_of(H, 5) + min_of(H, 5), H + 5)
    assert equal_everywhere(max_of(H - 3, 0) + 3, max_of(H, 3))
    assert equal_everywhere(floor_div(H * H, 4), floor_div(H, 2) * ceil_div(H, 2))
    assert equal_everywhere(divide(H, G) * G, H)
    assert equal_everywhere(7, 7)
    assert equal_everywhere(floor_div(27, S) * 0, 0)
    assert equal_everywhere(summation(n, "n", 1, n), divide(n * n + n, 2))


def test_functions_that_differ_somewhere() -> None:
    assert not equal_everywhere(floor_div(H - 1, 2) + 1, floor_div(H, 2))
    assert not equal_everywhere(divide(1, G), 1)  # equal at G = 1 only
    assert not equal_everywhere(divide(H, G), divide(H, G * G))
    assert not equal_everywhere(max_of(H, 1000), 1000)
    assert not equal_everywhere(floor_div(H, 97), floor_div(H + 1, 97))
    assert not equal_everywhere(7, 8)


def test_one_point_is_enough_against() -> None:
    assert not equal_everywhere(floor_div(H, S), ceil_div(H, S))
    assert not equal_everywhere(exponential(2, n), n + 1)
    assert not equal_everywhere(max_of(H, W), H)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (floor_div(H, S) + floor_div(-H - 1, S), -1),  # true, but the test does not apply
        (max_of(H, W) + min_of(H, W), H + W),  # true
        (modulo(exponential(4, n), 3), 1),  # true
        (floor_div(name("α", integral=False), 1), name("α", integral=False)),  # false, and true at all integers
        (floor_div(H, 1009) + floor_div(-H - 1, 1009) + floor_div(W, 1009) + floor_div(-W - 1, 1009), -2),  # true
    ],
)
def test_what_is_out_of_reach_is_not_guessed(left: object, right: object) -> None:
    with pytest.raises(Undecided, match=r"give|minimum|not an integer|points"):
        equal_everywhere(left, right)  # type: ignore[arg-type]


def test_too_many_points_are_refused() -> None:
    big = floor_div(H * W, 1009)
    with pytest.raises(Undecided, match="points"):
        equal_everywhere(big * 2, floor_div(2 * H * W, 1009) + floor_div(big, 10**6))


@settings(max_examples=150)
@given(formulas(5, ["H"], numeric=True), formulas(5, ["H"], numeric=True))
def test_against_brute_force(one: Written, other: Written) -> None:
    left, right = value_of(one), value_of(other)
    try:
        equal = equal_everywhere(left, right)
        assert equal_everywhere(left * 2 - right, left * 2 - right)
    except Undecided:
        return
    seen = all(meaning(one, {"H": size}) == meaning(other, {"H": size}) for size in range(1, 150))
    assert seen or not equal
    if not equal:
        far = any(meaning(one, {"H": size}) != meaning(other, {"H": size}) for size in (*range(1, 3000), 10**6))
        assert far
