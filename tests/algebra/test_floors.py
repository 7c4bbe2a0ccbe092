"""Floors: every rule of the normal form against integer arithmetic, folding, and uniqueness."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import product
from math import ceil, floor, gcd

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra.bounds import at_least
from symshape.algebra.code import function
from symshape.algebra.evaluate import value_of
from symshape.algebra.extrema import max_of
from symshape.algebra.floors import Floor, ceil_div, floor_div, modulo
from symshape.algebra.poly import Name, Poly, Value, all_atoms, canonical, divide, name, substitute
from symshape.errors import DivisionByZero
from symshape.written import Ceiling, Written, minimum, symbols
from symshape.written import Floor as Rounded

from .strategies import bound, chain, formulas, meaning, sizes_of, windows

H, W, K, S = map(name, "HWKS")
Steps = list[tuple[int, int, int, bool]]


def floors_in(value: Value) -> list[Floor]:
    return [atom for atom in all_atoms(value) if isinstance(atom, Floor)]


# -- against Python --------------------------------------------------------------------------------------------------
@settings(max_examples=200)
@given(formulas(10), st.lists(sizes_of(), min_size=3, max_size=3))
def test_random_formulas_mean_integer_arithmetic(tree: Written, points: list[dict[str, int]]) -> None:
    value = value_of(tree)
    for sizes in points:
        assert substitute(value, bound(sizes)) == meaning(tree, sizes)


@given(formulas(5), st.integers(1, 60), sizes_of())
def test_each_operation_means_what_it_is_called(tree: Written, divisor: int, sizes: dict[str, int]) -> None:
    value, number = value_of(tree), int(meaning(tree, sizes))
    at = bound(sizes)
    assert substitute(floor_div(value, divisor), at) == number // divisor
    assert substitute(ceil_div(value, divisor), at) == -(-number // divisor)
    assert substitute(modulo(value, divisor), at) == number % divisor


def test_numbers() -> None:
    assert floor_div(7, 2) == 3
    assert floor_div(-7, 2) == -4
    assert ceil_div(Fraction(7, 2), 1) == 4
    assert floor_div(Fraction(7, 2), Fraction(1, 2)) == 7
    assert modulo(-7, 4) == 1
    for zero in (0, -3, H - H):
        with pytest.raises(DivisionByZero):
            floor_div(H, zero)


# -- rule by rule ----------------------------------------------------------------------------------------------------
small = st.integers(-30, 30)
divisor = st.integers(1, 12)


@given(small, small, divisor, divisor)
def test_integer_parts_leave(q: int, r: int, c: int, m: int) -> None:
    assert floor_div(c * q * H + r * W + c * m, c) == q * H + m + floor_div(r * W, c)


@given(small, small, divisor, divisor)
def test_a_common_factor_leaves(p: int, b: int, c: int, g: int) -> None:
    assert floor_div(g * p * H + b, g * c) == floor_div(p * H + b // g, c)


@given(small, divisor, small, divisor)
def test_a_lone_floor_folds(b: int, d: int, m: int, c: int) -> None:
    folded = floor_div(floor_div(H + b, d) + m, c)
    assert folded == floor_div(H + b + d * m, d * c)
    assert len(floors_in(folded)) <= 1


@given(small, divisor, small)
def test_symbolic_divisors_fold_too(b: int, d: int, m: int) -> None:
    assert floor_div(floor_div(H + b, S) + m, d) == floor_div(H + b + m * S, d * S)
    assert floor_div(floor_div(H + b, d) + m, S) == floor_div(H + b + d * m, d * S)
    assert floor_div(floor_div(H + b, S) + K, W) == floor_div(H + b + K * S, S * W)


@given(small, small, divisor)
def test_symbolic_integer_parts_leave(a: int, b: int, c: int) -> None:
    assert floor_div(a * c * S * H + b * S + K, c * S) == a * H + floor_div(b * S + K, c * S)
    assert floor_div(a * H * (S + 1) + K, S + 1) == a * H + floor_div(K, S + 1)


def test_what_the_bounds_decide() -> None:
    assert floor_div(S - 1, S) == 0
    assert floor_div(-1, S) == -1
    assert ceil_div(S, S) == 1
    assert ceil_div(1, S) == 1
    assert floor_div(K + S - 1, K + S) == 0
    assert floor_div(-S, 2 * S) == -1
    assert ceil_div(H * S, S) == H
    assert floor_div(H * S + S - 1, S) == H
    assert floor_div(S * S + 2 * S + 1, S + 1) == S + 1


def test_common_symbols_cancel() -> None:
    assert floor_div(H * S, W * S) == floor_div(H, W)
    assert floor_div(divide(H, W), S) == floor_div(H, W * S)
    assert floor_div(H, divide(W, S)) == floor_div(H * S, W)
    assert floor_div(divide(H, 3), divide(1, 2)) == floor_div(2 * H, 3)


def test_a_divisor_of_open_sign_is_never_cancelled() -> None:
    """⌊f·H/(f·3)⌋ with f = ⌊(W − 5)/2⌋ is defined where f·3 is positive; f² is, where f is not 0."""
    f = floor_div(W - 5, 2)
    kept = floor_div(f * H, 3 * f)
    for width in (7, 8, 9, 12):
        assert substitute(kept, bound({"H": 10, "W": width})) == 10 // 3
    with pytest.raises(DivisionByZero):
        substitute(kept, bound({"H": 10, "W": 1}))


# -- chains ----------------------------------------------------------------------------------------------------------
@given(st.lists(windows, min_size=1, max_size=6), st.lists(st.integers(1, 500), min_size=4, max_size=4))
def test_a_chain_of_windows_is_one_floor(steps: Steps, heights: list[int]) -> None:
    tree = chain(steps)
    value = value_of(tree)
    assert len(floors_in(value)) <= 1
    stride = reduce(lambda total, step: total * step[1], steps, 1)
    assert all(atom.divisor == stride for atom in floors_in(value))
    for height in heights:
        assert substitute(value, bound({"H": height})) == meaning(tree, {"H": height})


def test_a_chain_of_symbolic_windows_is_one_floor() -> None:
    value: Value = H
    for i in range(4):
        kernel, stride = name(f"K{i}"), name(f"S{i}")
        value = floor_div(value - kernel, stride) + 1
    assert len(floors_in(value)) == 1
    sizes = {f"K{i}": i % 3 + 1 for i in range(4)} | {f"S{i}": i % 2 + 1 for i in range(4)}
    for height in range(20, 60):
        expected = height
        for i in range(4):
            expected = (expected - sizes[f"K{i}"]) // sizes[f"S{i}"] + 1
        assert substitute(value, bound({**sizes, "H": height})) == expected


def test_a_long_chain_of_symbolic_windows_stays_small() -> None:
    value: Value = H
    for i in range(60):
        value = floor_div(value - name(f"K{i}"), name(f"S{i}")) + 1
    assert max(len(atom.number.terms) for atom in floors_in(value)) <= 64
    sizes = {f"K{i}": 2 for i in range(60)} | {f"S{i}": 1 for i in range(60)}
    assert substitute(value, bound({**sizes, "H": 100})) == 40


# -- uniqueness ------------------------------------------------------------------------------------------------------
def linear(a: int, b: int, c: int) -> Value:
    return floor_div(a * H + b, c)


def table(a: int, b: int, c: int, points: int) -> tuple[int, ...]:
    return tuple((a * height + b) // c for height in range(1, points + 1))


def test_equal_functions_have_equal_forms() -> None:
    """⌊(aH + b)/c⌋ over a full period, and one point more for the slope."""
    forms: dict[tuple[int, ...], Value] = {}
    for a, b, c in product(range(-4, 9), range(-7, 13), range(1, 9)):
        value = forms.setdefault(table(a, b, c, 841), linear(a, b, c))
        assert linear(a, b, c) == value
    assert len({canonical(value) for value in forms.values()}) == len(forms)


@given(st.lists(windows, min_size=1, max_size=4), st.lists(windows, min_size=1, max_size=4))
def test_equal_chains_have_equal_forms(one: Steps, other: Steps) -> None:
    def values(steps: Steps, heights: range) -> list[int]:
        current = list(heights)
        for kernel, stride, padding, up in steps:
            rounded = ceil if up else floor
            current = [rounded(Fraction(size + padding - kernel, stride)) + 1 for size in current]
        return current

    strides = [reduce(lambda total, step: total * step[1], steps, 1) for steps in (one, other)]
    period = strides[0] * strides[1] // gcd(*strides)
    equal = values(one, range(1, period + 2)) == values(other, range(1, period + 2))
    assert (value_of(chain(one)) == value_of(chain(other))) is equal


# -- rational symbols ------------------------------------------------------------------------------------------------
def test_rational_symbols_are_not_rounded_away() -> None:
    alpha = name("α", integral=False)
    key = Name.interned("α", False)
    cases = {
        "floor(floor(H/2)/α)": floor_div(floor_div(H, 2), alpha),
        "floor((2*H + 1)/(2*α))": floor_div(2 * H + 1, 2 * alpha),
        "ceiling(H/α)": ceil_div(H, alpha),
        "floor(α*H)": floor_div(alpha * H, 1),
        "ceiling(α*H/3)": ceil_div(alpha * H, 3),
        "floor((4*H + 2*α + 6)/4)": floor_div(4 * H + 2 * alpha + 6, 4),
    }
    for text, value in cases.items():
        for height, ratio in product((1, 5, 8, 11), (Fraction(1, 3), Fraction(3, 4), Fraction(1), Fraction(7, 5))):
            names = {"H": Fraction(height), "α": ratio, "floor": floor, "ceiling": ceil}
            expected = eval(text, names)  # noqa: S307 - our own text
            assert substitute(value, {key: ratio, Name.interned("H", True): height}) == expected, text


@given(
    st.integers(1, 24), st.integers(-9, 9), st.sampled_from([0, 1, 4]), st.sampled_from([1, 2, 3, 5]),
    st.sampled_from([1, 2, 5]), st.integers(-9, 9), st.integers(1, 12), st.fractions(Fraction(1, 9), 80), st.integers(1, 9)
)  # fmt: skip
def test_nested_floors_of_rational_symbols(p, b, g, c, m, e, d, a, h) -> None:
    """⌊⌊16a⌋/8⌋ is ⌊2a⌋, not 2a."""
    inner = p * name("a", integral=False) + b + g * name("h")
    there = {Name.interned("a", False): a, Name.interned("h", True): h}
    down, up = floor_div(m * floor_div(inner, c) + e, d), ceil_div(m * ceil_div(inner, c) + e, d)
    number = (p * a + b + g * h) / Fraction(c)
    assert substitute(down, there) == floor(Fraction(m * floor(number) + e, d))
    assert substitute(up, there) == ceil(Fraction(m * ceil(number) + e, d))


def test_a_positive_rational_rounds_up_to_1() -> None:
    assert at_least(ceil_div(3 * name("d", integral=False), 1), 1)
    assert not at_least(floor_div(3 * name("d", integral=False), 1), 1)


# -- the rules of pooling and of channel widths (design, 4.4) ---------------------------------------------------------
def test_pooling_rounded_up_drops_windows_that_start_in_the_padding() -> None:
    """⌊(x + P + S − 1 + min(0, P + S − K))/S⌋: the ceiling, less a last window that starts at x + P or beyond."""
    x, p, s, k = symbols("x p s k")
    written = Ceiling((x + p + minimum(0, p + s - k)) / s)
    assert value_of(written) == value_of(Rounded((x + p + s - 1 + minimum(0, p + s - k)) / s))
    rule = function(value_of(written), ["x", "p", "s", "k"])
    cases = 0
    for kernel, stride in product(range(1, 15), range(1, 9)):
        for padding in range(kernel // 2 + 1):
            for size in range(max(1, kernel - 2 * padding), 95):
                out = -(-(size + 2 * padding - kernel) // stride) + 1
                if (out - 1) * stride >= size + padding:
                    out -= 1
                assert rule(size, padding, stride, kernel) == out
                cases += 1
    assert cases > 43_904


def test_make_divisible() -> None:
    """8·max(1, ⌊(v + 4)/8⌋, ⌈9v/80⌉): round to a multiple of 8, never below 8 nor by more than a tenth."""
    v = name("v", integral=False)
    value = 8 * max_of(1, floor_div(v + 4, 8), ceil_div(9 * v, 80))
    assert isinstance(value, Poly)
    for width in [Fraction(n, 20) for n in range(1, 4000)]:
        rounded = max(8, int(width + 4) // 8 * 8)
        if rounded < Fraction(9, 10) * width:
            rounded += 8
        assert substitute(value, {Name.interned("v", False): width}) == rounded
