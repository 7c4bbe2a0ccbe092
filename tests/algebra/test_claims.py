"""Claims: decided when they can be, open otherwise, and never decided wrongly."""

from __future__ import annotations

import operator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra.claims import (
    Both,
    Claim,
    Compare,
    Either,
    Part,
    Truth,
    claim,
    claim_between,
    divisibility,
    every,
    some,
)
from symshape.algebra.poly import Name, divide, name
from symshape.errors import DeclarationError, DivisionByZero, UnknownName
from symshape.written import AllOf, AnyOf, Divides, Relation, Written, symbols

from .strategies import NAMES, bound, formulas, meaning, positive, sizes_of

H, W, C, G = map(name, "HWCG")
OPERATORS = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}

comparisons = st.builds(Relation, st.sampled_from(list(OPERATORS)), formulas(4), formulas(4))
relations = st.recursive(
    comparisons | st.builds(Divides, positive, formulas(4)),
    lambda parts: st.lists(parts, max_size=3).map(tuple).map(AllOf) | st.lists(parts, max_size=3).map(tuple).map(AnyOf),
    max_leaves=4,
)


def holds(relation: Written, sizes: dict[str, int]) -> bool:
    """By definition."""
    if isinstance(relation, Relation):
        return bool(OPERATORS[relation.op](meaning(relation.left, sizes), meaning(relation.right, sizes)))
    if isinstance(relation, Divides):
        return meaning(relation.right, sizes) % meaning(relation.left, sizes) == 0
    assert isinstance(relation, (AllOf, AnyOf))
    return (all if isinstance(relation, AllOf) else any)([holds(part, sizes) for part in relation.args])


@settings(max_examples=200)
@given(relations, st.lists(sizes_of(), min_size=3, max_size=3))
def test_a_claim_is_true_where_its_relation_holds(relation: Written, points: list[dict[str, int]]) -> None:
    truth = claim(relation, {text: name(text) for text in NAMES})
    for sizes in points:
        expected = holds(relation, sizes)
        assert claim(relation, sizes) is expected
        if isinstance(truth, Claim):
            assert truth.names() <= {Name.interned(text, True) for text in NAMES}
            assert truth.put(bound(sizes)) is expected
            assert holds(truth.written(), sizes) is expected
        else:
            assert truth is expected


def test_what_bounds_decide() -> None:
    assert claim_between(">=", H, 1) is True
    assert claim_between(">", H, 0) is True
    assert claim_between("<", H, 1) is False
    assert claim_between("<=", H + W, 1) is False
    assert claim_between("==", H, 0) is False
    assert claim_between("!=", H, 0) is True
    assert claim_between("==", H + W - W, H) is True
    assert claim_between(">=", H, 2) == Compare(">=", H, 2)
    assert claim_between("==", Fraction(1, 2), Fraction(2, 4)) is True
    assert divisibility(4, 8 * H + 12) is True
    assert divisibility(4, 8 * H + 13) is False
    assert divisibility(G, C) == Part(G, C)
    assert divisibility(G, G * H) is True
    assert divisibility(G * H, C * H) == Part(G, C)
    assert divisibility(G * H, C * H + G) == Part(G * H, C * H + G)
    with pytest.raises(DivisionByZero):
        divisibility(0, H)


def test_and_or() -> None:
    tall, wide = claim_between(">=", H, 9), claim_between(">=", W, 9)
    assert isinstance(tall, Claim)
    assert isinstance(wide, Claim)
    assert every([True, tall, tall]) == tall
    assert every([tall, False]) is False
    assert every([]) is True
    assert every([tall, wide]) == Both((tall, wide))
    assert some([False, wide]) == wide
    assert some([tall, True]) is True
    assert some([]) is False
    both: Truth = some([tall, wide])
    assert isinstance(both, Either)
    assert str(both.written()) == "H >= 9 or W >= 9"
    assert both.put({Name.interned("H", True): 10}) is True
    assert both.put({Name.interned("H", True): 3}) == wide


def test_the_written_claim_is_readable() -> None:
    assert str(Part(G, C).written()) == "C % G == 0"
    assert str(Compare("==", divide(C, G), 4).written()) == "C/G == 4"


def test_refusals() -> None:
    size, other = symbols("H W")
    with pytest.raises(DeclarationError, match="not a relation"):
        claim(size + 1, {"H": 3})
    with pytest.raises(UnknownName, match="needs a value for W"):
        claim(size >= other, {"H": 3})


def test_common_factors_say_nothing():
    h, w = name("h"), name("w")
    assert divisibility(2 * h, 2 * w) == divisibility(h, w)
    assert divisibility(16, 4 * w) == divisibility(4, w)
    assert divisibility(2 * h, 2 * w + 1) != divisibility(h, w)
