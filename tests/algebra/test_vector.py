"""Programs of many values and claims, held against the claims and values themselves, point by point."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra.claims import claim_between, divisibility, every, some
from symshape.algebra.evaluate import value_of
from symshape.algebra.exponential import exponential
from symshape.algebra.floors import ceil_div, floor_div
from symshape.algebra.poly import canonical, divide, name, substitute
from symshape.algebra.vector import Program, program_of
from symshape.errors import DivisionByZero, Undecided, UnknownName
from tests.algebra.strategies import NAMES, bound, formulas, quotients, sizes_of

H, W, K, S = map(name, NAMES)


def valued(tree):
    try:
        return value_of(tree)
    except (Undecided, DivisionByZero):
        return None


values = st.one_of(formulas(), quotients()).map(valued).filter(lambda value: value is not None)
comparisons = st.builds(claim_between, st.sampled_from(["==", "!=", "<=", ">=", "<", ">"]), values, values)
divisors = st.sampled_from([2, 3, S, K + 1, 2 * S, K - 2])
simple = st.one_of(comparisons, st.builds(divisibility, divisors, values))
claims = st.one_of(simple, *(st.lists(simple, min_size=1, max_size=3).map(join) for join in (every, some)))


def truth(claim, point):
    """The claim at a point by its own definition; False where something in it is not defined."""
    return claim if isinstance(claim, bool) else claim.put(bound(point))


@settings(max_examples=60)
@given(st.lists(values, max_size=3), st.lists(claims, max_size=3), sizes_of())
def test_a_program_says_what_values_and_claims_say(wanted, demands, point):
    try:
        expected = [canonical(substitute(value, bound(point))) for value in wanted]
        holds = all(truth(claim, point) for claim in demands)
    except DivisionByZero:
        expected, holds = [], False
    if not all(isinstance(value, int) for value in expected):
        holds = False
    program = program_of(wanted, demands, NAMES)
    got = program.at(*(point[symbol] for symbol in program.names))
    assert got == (tuple(expected) if holds else None)


@settings(max_examples=60)
@given(values, st.lists(st.tuples(st.integers(1, 40), st.integers(0, 5)), min_size=4, max_size=4))
def test_every_step_lies_in_its_range(value, corners):
    program = program_of([value], [], NAMES)
    ranges = program.ranges([(low, low + more) for low, more in corners])
    assert ranges is not None
    for point in (
        [low for low, _ in corners],
        [low + more for low, more in corners],
        [low + more // 2 for low, more in corners],
    ):
        every_step = Program(program.names, program.steps, tuple(range(len(program.steps))), None).at(*point)
        assert every_step is not None
        assert all(low <= step <= high for step, (low, high) in zip(every_step, ranges, strict=True))


def test_equal_steps_are_one():
    half = ceil_div(H, 2)
    alone, twice = (program_of([half * W] * times, [], ["H", "W"]) for times in (1, 2))
    assert alone.steps == twice.steps
    assert len(twice.values) == 2


def test_work_on_one_symbol_comes_before_work_on_two():
    value = (ceil_div(H, 2) + 1) * K * ceil_div(H, 4) * W * 5
    program = program_of([value], [], ["H", "W", "K"])
    work = [len(needs) for needs, (operation, *_) in zip(program.needs, program.steps, strict=True) if operation == "*"]
    assert sorted(work) == [1, 1, 2, 3]


def test_a_quotient_that_is_not_even_is_not_valid():
    program = program_of([divide(H, K)], [], ["H", "K"])
    assert program.at(12, 4) == (3,)
    assert program.at(13, 4) is None


def test_a_divisor_that_is_not_positive_is_not_valid():
    program = program_of([floor_div(H, K - 3)], [], ["H", "K"])
    assert program.at(12, 5) == (6,)
    assert program.at(12, 3) is None
    assert program.at(12, 1) is None


def test_powers_with_symbolic_exponents():
    n = name("n")
    program = program_of(
        [ceil_div(H, exponential(2, n)), exponential(K, n), exponential(2, n - 3) * 8], [], ["H", "n", "K"]
    )
    assert program.at(100, 5, 7) == (4, 7**5, 32)
    assert program.ranges([(1, 9), (1, 10**6), (1, 9)]) is None


def test_a_claim_that_is_decided_needs_no_step():
    assert program_of([H], [True], ["H"]).valid is None
    assert program_of([H], [False], ["H"]).at(3) is None


def test_fractions_in_claims():
    program = program_of([H], [claim_between(">=", divide(H, 2), Fraction(5, 3))], ["H"])
    assert [program.at(size) for size in (3, 4)] == [None, (4,)]


def test_a_symbol_without_a_value_is_named():
    with pytest.raises(UnknownName, match="needed for K, not only for H"):
        program_of([H * K], [], ["H"])
