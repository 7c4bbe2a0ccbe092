"""Through the door and back: sympy computes the same numbers, and nothing foreign comes in."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given, settings

from symshape.algebra.claims import claim_between
from symshape.algebra.evaluate import evaluate, value_of
from symshape.algebra.exponential import exponential
from symshape.algebra.extrema import max_of
from symshape.algebra.floors import ceil_div, floor_div
from symshape.algebra.poly import Value, divide, name
from symshape.algebra.present import present
from symshape.algebra.sympy_door import from_sympy, to_sympy
from symshape.errors import DeclarationError, ParseError, Undecided
from symshape.written import AllOf, AnyOf, Floor, Number, Symbol, Written, all_of, any_of, divides, each, equal, symbols

from .strategies import formulas, meaning, quotients, sizes_of

H, W, S, K, n = map(name, "HWSKn")
x, y = (sympy.Symbol(letter, positive=True, integer=True) for letter in "HW")


def public(value: Value) -> sympy.Expr:
    return to_sympy(present(value))


def numbers(sizes: dict[str, int]) -> dict[sympy.Symbol, int]:
    return {sympy.Symbol(size, positive=True, integer=True): number for size, number in sizes.items()}


@settings(max_examples=60)
@given(formulas(5) | quotients(3), sizes_of(12))
def test_sympy_computes_the_same(tree: Written, sizes: dict[str, int]) -> None:
    try:
        value = value_of(tree)
    except Undecided:
        return
    expected = meaning(tree, sizes)
    # simultaneous, because sympy 1.14 takes Max(1, floor(1/(K*W))), which it meets on the way, for floor(1/(K*W))
    assert public(value).subs(numbers(sizes), simultaneous=True) == sympy.Rational(
        expected.numerator, expected.denominator
    )


@settings(max_examples=60)
@given(formulas(5, numeric=True))
def test_there_and_back(tree: Written) -> None:
    value = value_of(tree)
    assert value_of(from_sympy(public(value))) == value


@settings(max_examples=60)
@given(formulas(5) | quotients(3), sizes_of())
def test_there_and_back_with_symbolic_divisors(tree: Written, sizes: dict[str, int]) -> None:
    """sympy may cancel symbols that our form keeps, so here only the meaning is the same."""
    try:
        value = value_of(tree)
    except Undecided:
        return
    assert evaluate(from_sympy(public(value)), sizes) == meaning(tree, sizes)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (floor_div(H - 43, 32), "floor((H - 43)/32)"),
        (ceil_div(H, 32), "ceiling(H/32)"),
        (floor_div(H + 2 * K - 3, S) + 1, "floor((H + 2*K - 3)/S) + 1"),
        (600 * (H - 4) * (W - 4), "600*(H - 4)*(W - 4)"),
        (divide(H * W, 3), "H*W/3"),
        (max_of(H - 3, 0), "Max(0, H - 3)"),
        (ceil_div(H, exponential(2, n)), "ceiling(H/2**n)"),
    ],
)
def test_it_prints_as_a_person_would(value: Value, text: str) -> None:
    assert str(public(value)) == text
    assert value_of(from_sympy(public(value))) == value


@settings(max_examples=60)
@given(formulas(6, numeric=True))
def test_unevaluated_floors_never_change(tree: Written) -> None:
    """Canonical floors are as simple as sympy could make them: evaluating one leaves its value and its floors."""
    for floor in public(value_of(tree)).atoms(sympy.floor, sympy.ceiling):
        if not floor.has(sympy.Max, sympy.Min):
            again = floor.func(*floor.args)
            assert value_of(from_sympy(again)) == value_of(from_sympy(floor))
            assert again.count(sympy.floor) + again.count(sympy.ceiling) == len(floor.atoms(sympy.floor, sympy.ceiling))


def test_sympy_decides_nothing_on_the_way_out() -> None:
    """sympy 1.14 evaluates Max(1, floor(1/(K*W))) to floor(1/(K*W)), and floor(1/(K*W)) >= 1 to True."""
    small = floor_div(7, K * W)
    assert str(public(max_of(1, small))) == "Max(1, floor(7/(K*W)))"
    truth = claim_between(">=", small, 1)
    assert not isinstance(truth, bool)
    assert str(to_sympy(truth.written())) == "floor(7/(K*W)) >= 1"


def test_symbols_are_positive_integers() -> None:
    for symbol in public(H * W + floor_div(S, 2)).free_symbols:
        assert symbol.is_positive
        assert symbol.is_integer


def test_relations() -> None:
    h, w = symbols("H W")
    assert to_sympy(h >= 3) == (x >= 3)
    assert to_sympy(equal(h, w)) == sympy.Eq(x, y)
    assert to_sympy(divides(4, h)) == sympy.Eq(sympy.Mod(x, 4), 0)
    assert to_sympy(all_of(h >= 3, w >= 2)) == sympy.And(x >= 3, y >= 2)
    assert to_sympy(any_of(h >= 3, w >= 2)) == sympy.Or(x >= 3, y >= 2)
    truth = claim_between(">=", floor_div(H, 2), 3)
    assert not isinstance(truth, bool)
    assert to_sympy(truth.written()).subs(x, 6) == sympy.true
    assert isinstance(all_of(h >= 3), AllOf)
    assert isinstance(any_of(h >= 3), AnyOf)


def test_what_users_write_in_sympy() -> None:
    assert value_of(from_sympy(x // 2)) == floor_div(H, 2)
    assert value_of(from_sympy(x % 4)) == H - 4 * floor_div(H, 4)
    assert value_of(from_sympy(sympy.floor((x + 5) / 16))) == floor_div(H + 5, 16)
    assert value_of(from_sympy(sympy.ceiling((x + 5) / (3 * y)))) == ceil_div(H + 5, 3 * W)
    assert value_of(from_sympy(2 * x**2 - y / 3)) == 2 * H * H - divide(W, 3)
    assert value_of(from_sympy(sympy.Max(x - 3, 0))) == max_of(H - 3, 0)
    assert value_of(from_sympy(2 ** (x + 1))) == 2 * exponential(2, H)
    assert value_of(from_sympy(sympy.floor(y / 2**x))) == floor_div(W, exponential(2, H))
    assert from_sympy(sympy.Integer(5)) == Number(5)
    assert from_sympy(sympy.Symbol("H")) == Symbol("H")  # without assumptions: taken as ours


@pytest.mark.parametrize(
    "foreign",
    [
        sympy.sin(x),
        sympy.log(x + 1),
        sympy.Function("f")(x),
        sympy.Function("floor")(x),  # a user's own, which only has the name
        sympy.pi * x,
        sympy.oo,
        sympy.nan,
        sympy.zoo,
        sympy.I * x,
        sympy.Float(0.5) * x,
        sympy.Piecewise((x, x > 2), (0, True)),
        sympy.Product(x, (x, 1, 5)),
        sympy.Symbol("q", negative=True) + 1,
        sympy.Symbol("q", integer=False),
        sympy.Derivative(sympy.Function("f")(x), x),
        sympy.Abs(sympy.Symbol("r", real=True)),
    ],
    ids=str,
)
def test_the_foreign_is_refused(foreign: sympy.Expr) -> None:
    with pytest.raises(ParseError, match="cannot use"):
        from_sympy(foreign)


def test_what_is_no_formula_does_not_go_out() -> None:
    with pytest.raises(DeclarationError, match="no place in sympy"):
        to_sympy(each(Symbol("K")))


def test_depth() -> None:
    value: Value = H
    for _ in range(30):
        value = floor_div(3 * value + 1, 7)
    expression = public(value)
    assert value_of(from_sympy(expression)) == value
    deep: Written = Symbol("H")
    for _ in range(3000):
        deep = Floor(deep)
    with pytest.raises(Undecided, match="nested too deeply"):
        to_sympy(deep)
