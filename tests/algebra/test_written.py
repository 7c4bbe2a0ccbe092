"""Written forms: built as they are typed, printed so that they can be read back, and never simplified."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra.parse import parse, parse_relation
from symshape.errors import Undecided
from symshape.written import (
    Add,
    Div,
    Divides,
    Each,
    Floor,
    Max,
    Mod,
    Mul,
    Neg,
    Number,
    Pow,
    Relation,
    Symbol,
    Widest,
    Written,
    all_of,
    any_of,
    ceiling,
    divides,
    each,
    equal,
    floor,
    maximum,
    minimum,
    place,
    product,
    symbols,
    walk,
    widest,
    written,
)

from .strategies import formulas, meaning, quotients, sizes_of

H, W, K = symbols("H W K")

OPERATORS = [
    (H + 2 + W, "H + 2 + W"),
    (2 + H, "2 + H"),
    (H - 2 - W, "H - 2 - W"),
    (2 - H, "2 - H"),
    (H - (W - K), "H - (W - K)"),
    (H + (W - K), "H + (W - K)"),
    ((H + W) + K, "H + W + K"),
    (H - (-W), "H - -W"),
    (-H + W, "-H + W"),
    (-(H + W), "-(H + W)"),
    (2 * H * W, "2*H*W"),
    (H * (W + K) * 3, "H*(W + K)*3"),
    (H * -W, "H*(-W)"),
    (H / 2 / W, "H/2/W"),
    (H / (2 / W), "H/(2/W)"),
    (1 / H, "1/H"),
    (H * (W / K), "H*(W/K)"),
    (H // 2, "floor(H/2)"),
    (H % 2 + 1, "H % 2 + 1"),
    ((H + 1) % (W * 2), "(H + 1) % (W*2)"),
    (3 * (H % 2), "3*(H % 2)"),
    ((H % 3) % 2, "(H % 3) % 2"),
    (H**2, "H**2"),
    (2**H, "2**H"),
    ((-H) ** 2, "(-H)**2"),
    (-(H**2), "-H**2"),
    ((H**2) ** 3, "(H**2)**3"),
    (H ** (W**2), "H**W**2"),
    (H + Fraction(1, 2), "H + 1/2"),
    (H * Fraction(1, 2), "H*(1/2)"),
    (floor((H - K) / 2) + 1, "floor((H - K)/2) + 1"),
    (ceiling(H / W), "ceiling(H/W)"),
    (maximum(H, 1), "max(H, 1)"),
    (minimum(H, W, 3), "min(H, W, 3)"),
    (widest(H, W), "max(H, W)"),
    (each(K) * 2, "each(K)*2"),
    (H >= K, "H >= K"),
    (H + 1 < K, "H + 1 < K"),
    (equal(H, W), "H == W"),
    (divides(32, H), "H % 32 == 0"),
    (all_of(H >= 2, any_of(H <= 1, equal(W, 1))), "H >= 2 and (H <= 1 or W == 1)"),
]


@pytest.mark.parametrize(("tree", "text"), OPERATORS, ids=[text for _, text in OPERATORS])
def test_operators_keep_what_is_written(tree: Written, text: str) -> None:
    assert str(tree) == text


def test_nothing_is_simplified() -> None:
    assert str(H + 0 - H) == "H + 0 - H"
    assert str(1 * H * 1) == "1*H*1"
    assert H + W != W + H
    assert Add((Symbol("H"), Symbol("W"))) == H + W
    assert Add((H, W)) != Mul((H, W))
    assert product([]) == Number(1)
    assert product([H]) == H
    assert product([H, W]) == H * W


def test_a_symbol_is_its_name() -> None:
    assert Symbol("H", meaning="height", axial=True) == H
    assert (H + W * H).symbols == {H, W}
    assert [str(node) for node in walk(floor(H / 2))] == ["floor(H/2)", "H/2", "H", "2"]


def test_only_exact_numbers_are_written() -> None:
    for wrong in (True, 1.5, "H", None):
        with pytest.raises(TypeError, match="neither a formula nor an exact number"):
            written(wrong)  # type: ignore[arg-type]


def test_a_relation_is_not_a_truth() -> None:
    with pytest.raises(TypeError, match="all_of"):
        bool(H >= K)
    with pytest.raises(TypeError, match="all_of"):
        1 <= H <= 5  # noqa: B015


def test_place_keeps_the_structure() -> None:
    formula = floor((H + 2 * W - K) / 2) + 1
    assert str(place(formula, {"W": Number(1), "K": Number(5)})) == "floor((H + 2*1 - 5)/2) + 1"
    assert str(place(formula, {"W": K - 1})) == "floor((H + 2*(K - 1) - K)/2) + 1"
    assert place(formula, {}) == formula
    assert str(place(H * K, lambda symbol: Symbol(symbol.name.lower()))) == "h*k"
    assert place(divides(K, H), {"K": Number(2)}) == Divides(Number(2), H)
    assert place(H >= K, {"K": W}) == Relation(">=", H, W)
    assert isinstance(place(widest(H, K), {"K": W}), Widest)


powers = st.builds(lambda base, power: Pow(base, Number(power)), formulas(4), st.integers(0, 3))
fractions = st.fractions(-5, 5, max_denominator=7).map(Number)


@given(st.one_of(formulas(), quotients(), powers, st.builds(Mul, st.tuples(fractions, formulas(4)))), sizes_of())
def test_what_is_printed_can_be_read_back(tree: Written, sizes: dict[str, int]) -> None:
    text = str(tree)
    again = parse(text)
    assert str(again) == text
    assert meaning(again, sizes) == meaning(tree, sizes)


def _relations() -> st.SearchStrategy[Written]:
    sides = formulas(4)
    simple = st.builds(Relation, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), sides, sides)
    several = st.lists(simple, min_size=2, max_size=3)
    either = several.map(lambda parts: any_of(*parts))
    return simple | either | st.lists(simple | either, min_size=2, max_size=3).map(lambda parts: all_of(*parts))


@settings(max_examples=50)
@given(_relations())
def test_relations_can_be_read_back(relation: Written) -> None:
    assert str(parse_relation(str(relation))) == str(relation)


@given(formulas(), sizes_of())
def test_placing_numbers_is_evaluating(tree: Written, sizes: dict[str, int]) -> None:
    placed = place(tree, {name: Number(size) for name, size in sizes.items()})
    assert not placed.symbols
    assert meaning(placed, {}) == meaning(tree, sizes)


def test_too_deep_is_one_clear_sentence() -> None:
    tree: Written = H
    for _ in range(5000):
        tree = Floor(Div(tree, Number(2)))
    with pytest.raises(Undecided, match="nested too deeply"):
        str(tree)
    with pytest.raises(Undecided, match="nested too deeply"):
        place(tree, {"H": W})
    assert len(tree.symbols) == 1  # walking needs no depth


def test_a_long_sum_is_not_deep() -> None:
    tree: Written = H
    for _ in range(5000):
        tree = tree + W
    assert str(place(tree, {"W": K})).count("K") == 5000


@pytest.mark.parametrize("node", [Neg(H), Mod(H, W), Max((H, W)), Each(K)])
def test_rebuilding_from_the_parts_changes_nothing(node: Written) -> None:
    assert node.rebuilt(node.parts()) == node
