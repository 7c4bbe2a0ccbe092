"""Solutions: the sizes at which claims hold, against trying every size."""

from __future__ import annotations

from itertools import pairwise
from math import isqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra.claims import Truth, claim, claim_between, divisibility, every
from symshape.algebra.exponential import exponential
from symshape.algebra.extrema import max_of, min_of
from symshape.algebra.floors import ceil_div, floor_div, modulo
from symshape.algebra.periodic import PeriodicSet
from symshape.algebra.poly import Name, Value, divide, name
from symshape.algebra.solve import solution
from symshape.errors import Undecided
from symshape.written import AllOf, AnyOf, Divides, Relation, Written

from .strategies import formulas, positive
from .test_claims import OPERATORS, holds

H, W, S, G, n = map(name, "HWSGn")
KEYS = {letter: Name.interned(letter, True) for letter in "HWSGn"}
SIZES = range(1, 151)


def solved(truth: Truth, letter: str = "H") -> PeriodicSet:
    return solution(truth, KEYS[letter])


def relations(numeric: bool) -> st.SearchStrategy[Written]:
    sides = formulas(5, ["H"], numeric=numeric)
    comparison = st.builds(Relation, st.sampled_from(list(OPERATORS)), sides, sides)
    simple = comparison | st.builds(Divides, positive, sides)
    several = st.lists(simple, min_size=2, max_size=3).map(tuple)
    return simple | several.map(AllOf) | several.map(AnyOf)


def agrees(relation: Written) -> bool:
    try:
        found = solved(claim(relation, {"H": H}))
    except Undecided:
        return False
    far = [*SIZES, 997, 1000, 4096]
    assert [size for size in far if size in found] == [size for size in far if holds(relation, {"H": size})]
    return True


@settings(max_examples=200)
@given(relations(numeric=True))
def test_claims_with_numbers_as_divisors(relation: Written) -> None:
    agrees(relation)


@settings(max_examples=100)
@given(relations(numeric=False))
def test_claims_that_divide_by_the_unknown(relation: Written) -> None:
    agrees(relation)


@pytest.mark.slow
@settings(max_examples=12_000)
@given(relations(numeric=True))
def test_twelve_thousand_claims(relation: Written) -> None:
    agrees(relation)


@given(st.integers(-9, 9).filter(bool), st.integers(-40, 40), st.integers(1, 9), st.sampled_from(list(OPERATORS)))
def test_one_floor_is_inverted(a: int, b: int, c: int, op: str) -> None:
    for target in (-3, 0, 5):
        found = solved(claim_between(op, floor_div(a * H + b, c), target))
        assert [size for size in SIZES if size in found] == [
            size for size in SIZES if OPERATORS[op]((a * size + b) // c, target)
        ]


# -- the networks of the design (4.5) --------------------------------------------------------------------------------
def test_u_net_with_same_padding() -> None:
    claims: list[Truth] = []
    size: Value = H
    down = []
    for _ in range(4):
        down.append(size)
        size = floor_div(size, 2)
    for skip in reversed(down):
        size = 2 * size
        claims.append(claim_between("==", size, skip))
    assert solved(every(claims)).words("H") == "H a multiple of 16"


def test_u_net_as_published() -> None:
    """Two unpadded 3×3 convolutions at each level, pools of even maps, up-convolutions that double."""
    claims: list[Truth] = []
    size: Value = H
    for _ in range(4):
        size = size - 4
        claims += [claim_between(">=", size, 1), divisibility(2, size)]
        size = floor_div(size, 2)
    size = size - 4
    for _ in range(4):
        size = 2 * size - 4
        claims.append(claim_between(">=", size, 1))
    found = solved(every(claims))
    assert found.words("H") == "H ≡ 12 (mod 16) and H ≥ 188"
    assert [sized for sized in range(500) if sized in found] == list(range(188, 500, 16))


def test_lenet_with_a_fixed_dense_layer() -> None:
    last = floor_div(floor_div(H - 4, 2) - 4, 2)
    assert solved(claim_between("==", 16 * last * last, 400)) == PeriodicSet.interval(32, 35)


def test_feature_pyramid_with_doubling() -> None:
    levels = [H]
    for _ in range(5):
        levels.append(ceil_div(levels[-1], 2))
    claims = [claim_between("==", 2 * high, low) for low, high in pairwise(levels[2:])]
    assert solved(every(claims)).words("H") == "H ≡ 0, 29, 30 or 31 (mod 32)"


def test_swin_with_three_merges() -> None:
    claims: list[Truth] = [divisibility(4, H)]
    size = floor_div(H, 4)
    for stage in range(4):
        claims.append(divisibility(7, size))
        if stage < 3:
            claims.append(divisibility(2, size))
            size = floor_div(size, 2)
    assert solved(every(claims)) == PeriodicSet.multiples(224)


# -- unknowns elsewhere ----------------------------------------------------------------------------------------------
def brute(test: object) -> list[int]:
    return [size for size in SIZES if test(size)]  # type: ignore[operator]


def test_which_stride() -> None:
    out = floor_div(32 - 5, S) + 1
    found = solved(claim_between(">=", out, 7), "S")
    assert found == PeriodicSet.interval(1, 4)
    assert solved(claim_between("==", out, 1), "S") == PeriodicSet.interval(28, None)
    shrinking = floor_div(40 - S, 2 * S + 1) + ceil_div(90, S)
    assert [s for s in SIZES if s in solved(claim_between("<=", shrinking, 9), "S")] == brute(
        lambda s: (40 - s) // (2 * s + 1) - (-90 // s) <= 9
    )


def test_which_groups() -> None:
    assert solved(divisibility(G, 64), "G") == PeriodicSet.of([1, 2, 4, 8, 16, 32, 64])
    assert solved(claim_between("<=", divide(1000, G), 300), "G") == PeriodicSet.interval(4, None)
    assert solved(claim_between("==", divide(64, G), 16), "G") == PeriodicSet.of([4])
    assert solved(divisibility(8, divide(64, G)), "G") == PeriodicSet.of([1, 2, 4, 8])
    assert solved(claim_between("==", modulo(60, G), 0), "G").maximum() == 60


def test_sizes_where_the_claim_is_undefined_do_not_count() -> None:
    found = solved(claim_between("<=", floor_div(10, S - 3), 100), "S")
    assert found == PeriodicSet.interval(4, None)


def test_open_extrema() -> None:
    assert solved(claim_between("==", max_of(H, 9), 9)) == PeriodicSet.interval(1, 9)
    assert solved(claim_between(">", min_of(H, 20 - H), 7)) == PeriodicSet.interval(8, 12)
    assert solved(divisibility(4, max_of(H, 6))) == PeriodicSet.multiples(4) - PeriodicSet.interval(1, 6)
    nested = max_of(floor_div(max_of(H - 8, 2), 2), 5)
    assert [h for h in SIZES if h in solved(claim_between("==", nested, 6))] == brute(
        lambda h: max(max(h - 8, 2) // 2, 5) == 6
    )


def test_faraway_answers_are_exact() -> None:
    assert solved(claim_between("<=", 81456 * H * H + 2048000, 10**30)).maximum() == isqrt((10**30 - 2048000) // 81456)
    assert solved(claim_between("==", floor_div(H, 10**9), 10**9)) == PeriodicSet.interval(10**18, 10**18 + 10**9 - 1)


def test_decided_claims() -> None:
    assert solved(True) == PeriodicSet.everything()
    assert solved(False) == PeriodicSet.nothing()


@pytest.mark.parametrize(
    "truth",
    [
        claim_between("==", exponential(2, H), 64 * H),
        claim_between(">=", H * W * floor_div(H, 3), 64),
        claim_between("==", modulo(H * floor_div(H, 7), 999_983), 1),
        claim_between(">=", floor_div(H * H * H + 1, 2 * H), 7),
    ],
)
def test_what_is_out_of_reach_says_why(truth: Truth) -> None:
    with pytest.raises(Undecided):
        solved(truth)
    with pytest.raises(Undecided, match="rational"):
        solution(claim_between(">=", name("α", integral=False), 2), Name.interned("α", False))
