"""What a reader sees: golden forms, and that they mean the value."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra.evaluate import value_of
from symshape.algebra.exponential import exponential
from symshape.algebra.extrema import max_of, min_of
from symshape.algebra.floors import ceil_div, floor_div, modulo
from symshape.algebra.poly import Value, canonical, divide, name
from symshape.algebra.present import present
from symshape.errors import Undecided
from symshape.written import Written

from .strategies import chain, formulas, meaning, polynomials, quotients, sizes_of, windows

N, H, W, C, F, S, K, P, G, n, m = map(name, "NHWCFSKPGnm")
alpha = name("alpha", integral=False)


def inception(size: Value) -> Value:
    for kernel, stride in ((3, 2), (3, 1), (1, 1), (3, 2), (1, 1), (3, 1), (3, 2), (3, 2), (3, 2)):
        size = floor_div(size - kernel, stride) + 1
    return size


GOLDEN = [
    (ceil_div(ceil_div(H, 4), 8), "ceiling(H/32)"),
    (floor_div(floor_div(H - 4, 2) - 4, 2), "floor(H/4) - 3"),
    (floor_div(H - 43, 32), "floor((H - 43)/32)"),
    (floor_div(H - 43, 32) + 2, "floor((H + 21)/32)"),
    (floor_div(H - 43, 32) * 2, "2*floor((H - 43)/32)"),
    (floor_div(H - 4, 2) + 1, "floor(H/2) - 1"),
    (ceil_div(H, S), "ceiling(H/S)"),
    (floor_div(H, S), "floor(H/S)"),
    (floor_div(H + 2 * P - K, S) + 1, "floor((H + 2*P - K)/S) + 1"),
    (ceil_div(ceil_div(H, S), 2), "ceiling(H/(2*S))"),
    (1920 * (floor_div(H, 4) - 3) * (floor_div(W, 4) - 3) + 14958, "1920*(floor(H/4) - 3)*(floor(W/4) - 3) + 14958"),
    (600 * (H - 4) * (W - 4), "600*(H - 4)*(W - 4)"),
    (600 * (H - 4) * (W - 4) + 8 * (H - 4), "600*H*W - 2392*H - 2400*W + 9568"),  # as products it would be longer
    (9408 * ceil_div(H, 2) * ceil_div(W, 2) + 2048000, "9408*ceiling(H/2)*ceiling(W/2) + 2048000"),
    (divide(K * K * C * F, G), "C*F*K**2/G"),
    (divide(3 * H, 2), "3*H/2"),
    (divide(H, 2) + Fraction(1, 2), "(H + 1)/2"),
    (divide(1, G), "1/G"),
    (-H, "-H"),
    (3 - H, "-H + 3"),
    (-3 * H * W + 2 * H - 1, "-3*H*W + 2*H - 1"),
    (H**2 * W, "H**2*W"),
    (W * H * N, "N*H*W"),
    (modulo(H, 4), "H - 4*floor(H/4)"),
    (max_of(H - 3, 0), "max(H - 3, 0)"),
    (min_of(K, S) * 2, "2*min(K, S)"),
    (ceil_div(H, exponential(2, n)), "ceiling(H/2**n)"),
    (exponential(2, n + m) * 3 * C, "3*C*2**(m + n)"),
    (exponential(6, n), "6**n"),
    (exponential(12, n + m + 1), "12*12**(m + n)"),
    (exponential(36, n), "6**(2*n)"),
    (exponential(8, n), "2**(3*n)"),
    (divide(exponential(6, n), exponential(35, n)), "6**n/35**n"),
    (exponential(2 * S, n), "(2*S)**n"),
    (exponential(2, n - m), "2**(n - m)"),
    (divide(C, exponential(2, n)), "C/2**n"),
    (floor_div(alpha * C, 1), "floor(C*alpha)"),
    (floor_div(alpha * C + 7, 8), "floor((C*alpha + 7)/8)"),  # not ⌈αC/8⌉: αC is no integer
    (canonical(H - H + 3), "3"),
    (Fraction(3, 4), "3/4"),
]


@pytest.mark.parametrize(("value", "text"), GOLDEN, ids=[text for _, text in GOLDEN])
def test_golden(value: Value, text: str) -> None:
    assert str(present(value)) == text


def test_a_network_of_strides() -> None:
    assert str(present(inception(H))) == "floor((H - 43)/32)"


@settings(max_examples=200)
@given(st.one_of(formulas(), quotients(), st.lists(windows, min_size=1, max_size=5).map(chain)), sizes_of())
def test_what_is_shown_means_the_value(tree: Written, sizes: dict[str, int]) -> None:
    try:
        value = value_of(tree)
    except Undecided:
        return
    shown = present(value)
    assert meaning(shown, sizes) == meaning(tree, sizes)
    assert value_of(shown) == value


@given(polynomials(terms=8), polynomials(terms=8))
def test_products_mean_their_value(a: Value, b: Value) -> None:
    value = a * b
    assert value_of(present(value)) == canonical(value)
    assert len(str(present(value))) < 1000


@given(formulas(6))
def test_presenting_twice_changes_nothing(tree: Written) -> None:
    shown = present(value_of(tree))
    assert present(value_of(shown)) == shown or value_of(present(value_of(shown))) == value_of(shown)
