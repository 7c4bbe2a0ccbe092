"""Periods and degrees: on every residue class a value is the polynomial that is claimed."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings

from symshape.algebra.evaluate import value_of
from symshape.algebra.exponential import exponential
from symshape.algebra.extrema import max_of
from symshape.algebra.floors import floor_div
from symshape.algebra.period import classes, degree, extrema_in, period
from symshape.algebra.poly import Name, Poly, name, substitute
from symshape.errors import Undecided
from symshape.written import Written

from .strategies import formulas, meaning

H, W, S = map(name, "HWS")
KEY, STEP = Name.interned("H", True), Name.interned("t", True)


def differences(numbers: list[Fraction], times: int) -> list[Fraction]:
    for _ in range(times):
        numbers = [after - before for before, after in pairwise(numbers)]
    return numbers


@settings(max_examples=100)
@given(formulas(6, ["H"], numeric=True))
def test_on_every_class_the_value_is_a_polynomial(tree: Written) -> None:
    value = value_of(tree)
    if extrema_in(value) is not None:
        return
    m, d = period(value, KEY), degree(value, KEY)
    if m > 60 or d > 4:
        return
    for residue in range(1, m + 1):
        numbers = [meaning(tree, {"H": residue + m * t}) for t in range(d + 4)]
        assert not any(differences(numbers, d + 1))
    for residue, part in classes(value, KEY, m, STEP):
        for t in (0, 1, 5):
            assert substitute(part, {STEP: t}) == meaning(tree, {"H": m * t + residue})
        assert isinstance(part, (int, Poly))
        assert not isinstance(part, Poly) or part.atoms() <= {STEP}


def test_periods() -> None:
    assert period(H * H + 3, KEY) == 1
    assert period(floor_div(H + 3, 4) * floor_div(H, 6), KEY) == 12
    assert period(floor_div(5 * W + 2, 7), KEY) == 1
    assert period(floor_div(3 * H + 2, 12), KEY) == 4
    assert period(floor_div(H * W, 4), KEY) == 4
    assert period(floor_div(H * H, 4), KEY) == 4
    assert period(7, KEY) == 1
    assert degree(7, KEY) == 0
    assert degree(H * floor_div(H * W, 2) + W**5, KEY) == 2


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (floor_div(H, S), "divisor is a symbol"),
        (max_of(H, W), "minimum or maximum"),
        (exponential(2, H), "grows with its exponent"),
        (floor_div(H * name("α", integral=False), 2), "rational number"),
    ],
)
def test_what_has_no_period(value: Poly, why: str) -> None:
    with pytest.raises(Undecided, match=why):
        period(value, KEY)
    assert period(value, Name.interned("elsewhere", True)) == 1


def test_extrema_are_found_innermost_first() -> None:
    inner = max_of(H, W)
    outer = max_of(floor_div(inner, 2), 7)
    found = extrema_in(outer)
    assert found is not None
    assert Poly.of_atom(found) == inner
    assert extrema_in(H + floor_div(H, 2)) is None
