"""Powers with symbolic exponents against integer powers, and the normal form's laws."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symshape.algebra.code import function
from symshape.algebra.evaluate import value_of
from symshape.algebra.exponential import Exponential, exponential
from symshape.algebra.extrema import max_of
from symshape.algebra.floors import ceil_div, floor_div
from symshape.algebra.parse import parse
from symshape.algebra.poly import Name, Poly, Value, canonical, divide, integral, name, substitute
from symshape.algebra.present import present
from symshape.errors import Undecided

from .strategies import bound

H, W, S, n, m = map(name, "HWSnm")
exponents = st.builds(lambda a, b, c: a * n + b * m + c, *[st.integers(-4, 4)] * 3)
bases = st.integers(1, 30) | st.just(S) | st.just(6 * S) | st.builds(Fraction, st.integers(1, 9), st.integers(1, 9))
points = st.fixed_dictionaries({"n": st.integers(1, 5), "m": st.integers(1, 5), "S": st.integers(1, 4)})


def at(value: Value, sizes: dict[str, int]) -> Fraction:
    number = substitute(value, bound(sizes))
    assert not isinstance(number, Poly)
    return Fraction(number)


@given(bases, exponents, points)
def test_it_means_the_power(base: Value, exponent: Value, sizes: dict[str, int]) -> None:
    expected = at(base, sizes) ** int(at(exponent, sizes))
    value = exponential(base, exponent)
    assert at(value, sizes) == expected
    half = substitute(value, bound({"n": sizes["n"]}))
    assert at(half, sizes) == expected
    if expected.denominator == 1:
        assert function(value, ["n", "m", "S"])(**sizes) == expected


@given(bases, bases, exponents, exponents)
def test_the_laws_of_powers(a: Value, b: Value, p: Value, q: Value) -> None:
    assert exponential(a, p) * exponential(a, q) == exponential(a, p + q)
    assert exponential(a, p) * exponential(b, p) == exponential(a * b, p)
    assert divide(exponential(a, p), exponential(a, q)) == exponential(a, p - q)
    assert exponential(a, 3 * p) == exponential(a, p) * exponential(a, p) * exponential(a, p)


@given(bases, exponents)
def test_it_survives_being_written(base: Value, exponent: Value) -> None:
    value = exponential(base, exponent)
    assert value_of(present(value)) == canonical(value)
    assert value_of(parse(str(value))) == canonical(value)


def test_normal_form() -> None:
    assert exponential(2, n + 1) == 2 * exponential(2, n)
    assert exponential(8, n) == exponential(2, 3 * n)
    assert divide(exponential(6, n), exponential(3, n)) == exponential(2, n)
    assert exponential(exponential(2, m), n) == exponential(2, m * n)
    assert exponential(S, n + 2) == S * S * exponential(S, n)
    assert exponential(1, n) == 1
    assert exponential(2, n - n) == 1
    assert exponential(2, 10) == 1024
    assert exponential(H + 1, 2) == H * H + 2 * H + 1
    assert [type(atom) for atom in _poly(exponential(2, n)).atoms()] == [Exponential]


def test_halving_n_times() -> None:
    size = ceil_div(H, exponential(2, n))
    assert ceil_div(size, 2) == ceil_div(H, exponential(2, n + 1))
    assert ceil_div(size, exponential(2, m)) == ceil_div(H, exponential(2, n + m))
    assert str(size) == "ceiling(H/2**n)"
    for depth in range(1, 9):
        for height in (1, 2, 31, 32, 33, 224):
            assert substitute(size, bound({"n": depth, "H": height})) == -(-height // 2**depth)


def test_floors_know_it() -> None:
    power = exponential(2, n)
    assert floor_div(power - 1, power) == 0
    assert floor_div(H * exponential(2, n + 1) + power, power) == 2 * H + 1
    assert floor_div(4 * power + 3, 2) == 2 * power + 1
    assert integral(power)
    assert not integral(divide(H, power))
    assert integral(exponential(3, floor_div(H, 2)))  # ⌊H/2⌋ ≥ 0
    assert not integral(exponential(3, floor_div(H * n - 5, 2)))


def test_a_power_that_may_be_a_fraction_is_still_exact() -> None:
    exponent = floor_div(H * n - 9, 2)
    value = 8 * exponential(3, exponent) * 3**4
    code = function(value, ["H", "n"])
    for height in range(1, 8):
        for depth in range(1, 4):
            assert code(height, depth) == 8 * Fraction(3) ** ((height * depth - 9) // 2) * 81
    open_base = function(exponential(S, exponent) * S**4, ["S", "H", "n"])
    assert open_base(2, 1, 1) == 1


@pytest.mark.parametrize(
    ("base", "exponent", "why"),
    [
        (2, divide(n, 2), "roots"),
        (2, Fraction(1, 2), "roots"),
        (-2, n, "positive"),
        (0, n, "positive"),
        (H + 1, n, "name of its own"),
        (floor_div(H, 2), n, "name of its own"),
        (10**15 + 37, n, "too large"),
        (2, 10**9, "bits"),
    ],
)
def test_what_has_no_exact_power_is_refused(base: Value, exponent: Value, why: str) -> None:
    with pytest.raises(Undecided, match=why):
        exponential(base, exponent)


def test_towers_are_refused_when_they_get_numbers() -> None:
    tower = exponential(2, exponential(2, exponential(2, n)))
    assert substitute(tower, {Name.interned("n", True): 2}) == 2**16
    with pytest.raises(Undecided, match="bits"):
        substitute(tower, {Name.interned("n", True): 5})
    with pytest.raises(Undecided, match="bits"):
        max_of(3, substitute(exponential(7, n), {Name.interned("n", True): 10**8}))


def _poly(value: Value) -> Poly:
    assert isinstance(value, Poly)
    return value
