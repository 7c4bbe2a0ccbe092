"""Periodic sets against plain Python sets: membership, Boolean laws, equality, and what is said of them."""

from __future__ import annotations

import re
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra.periodic import LIMIT, PeriodicSet
from symshape.errors import Undecided, UsageError
from symshape.written import AllOf, AnyOf, Divides, Mod, Number, Relation, Symbol, Written

FAR = 900  # sets below are periodic from 250 on, pairs of them with a period of at most 24 * 23
NUMBERS = range(1, FAR)
H = Symbol("H")

everything, nothing = PeriodicSet.everything(), PeriodicSet.nothing()
interval, multiples, congruent, of = (
    PeriodicSet.interval,
    PeriodicSet.multiples,
    PeriodicSet.congruent,
    PeriodicSet.of,
)


def rules(low: st.SearchStrategy[int], length: st.SearchStrategy[int | None]) -> st.SearchStrategy[PeriodicSet]:
    """The members of a congruence on a stretch."""

    def rule(modulus: int, pattern: int, start: int, length: int | None) -> PeriodicSet:
        residues = [r for r in range(modulus) if pattern >> r & 1]
        return congruent(modulus, residues) & interval(start, None if length is None else start + length)

    return st.builds(rule, st.integers(1, 24), st.integers(0, 2**24 - 1), low, length)


finite_rules = rules(st.integers(-5, 100), st.integers(0, 150))
points = st.sets(st.integers(-3, 240), max_size=12).map(of)
tails = rules(st.integers(-5, 240), st.none())


@st.composite
def periodic_sets(draw: st.DrawFn) -> PeriodicSet:
    """At most one tail, then stretches and points put in and taken out."""
    result = draw(st.just(nothing) | tails)
    for change in draw(st.lists(finite_rules | points, max_size=3)):
        result = draw(st.sampled_from([result | change, result - change, change | result]))
    return result


def members(periodic: PeriodicSet) -> set[int]:
    """By the definition of a run, and by nothing else of the class."""
    return {
        n
        for start, stop, period, residues in periodic.runs
        for n in range(start, FAR if stop is None else min(stop, FAR))
        if n % period in residues
    }


def plain(periodic: PeriodicSet) -> bool:
    """Whether the normal form promises to be unique."""
    return all(run.stop is None or len(run.residues) <= 32 for run in periodic.runs)


# -- the algebra ------------------------------------------------------------------------------------------------------
@given(st.integers(1, 24), st.sets(st.integers(-30, 30)), st.integers(-5, 100), st.none() | st.integers(-5, 200))
def test_constructors(m: int, residues: set[int], low: int, high: int | None) -> None:
    assert members(congruent(m, residues)) == {n for n in NUMBERS if any((n - r) % m == 0 for r in residues)}
    assert members(interval(low, high)) == {n for n in NUMBERS if low <= n and (high is None or n <= high)}
    assert members(multiples(m)) == {n for n in NUMBERS if n % m == 0}
    assert members(of(residues)) == {n for n in residues if n >= 1}


@settings(deadline=None)
@given(periodic_sets(), periodic_sets())
def test_operations_act_on_members(a: PeriodicSet, b: PeriodicSet) -> None:
    assert members(a & b) == members(a) & members(b)
    assert members(a | b) == members(a) | members(b)
    assert members(a - b) == members(a) - members(b)
    assert members(~a) == set(NUMBERS) - members(a)
    assert (a <= b) is (members(a) <= members(b))
    assert (a == b) is (members(a) == members(b))


@settings(deadline=None)  # many operations each
@given(periodic_sets(), periodic_sets(), finite_rules | points)
def test_boolean_laws(a: PeriodicSet, b: PeriodicSet, c: PeriodicSet) -> None:
    same = [
        (a | b, b | a),
        (a & b, b & a),
        (a & (b | c), (a & b) | (a & c)),
        (a | (b & c), (a | b) & (a | c)),
        (~(a | c), ~a & ~c),
        (~(a & c), ~a | ~c),
        (~~a, a),
        (a - b, a & ~b),
        ((a - c) | (a & c), a),
        (a | a, a),
        (a & everything, a),
        (a | nothing, a),
        (a & ~a, nothing),
        (a | ~a, everything),
        (a | (a & b), a),
    ]
    for left, right in same:
        assert left == right
        assert hash(left) == hash(right)
        assert left.is_finite or left.runs[-1] == right.runs[-1]  # the infinite run is unique
        assert left.runs == right.runs or not (plain(left) and plain(right))


@given(periodic_sets(), st.integers(1, 300))
def test_one_member_makes_a_difference(a: PeriodicSet, n: int) -> None:
    other = a - of([n]) if n in a else a | of([n])
    assert other != a
    assert (a <= other) is (n not in a)
    assert (other | of([n])) - of([n]) == a - of([n])


@given(periodic_sets())
def test_normal_form(a: PeriodicSet) -> None:
    end = 0
    for start, stop, period, residues in a.runs:
        assert end <= start
        assert start % period in residues
        assert residues == tuple(sorted(set(residues)))
        assert all(  # no shorter period
            {(r + d) % period for r in residues} != set(residues) for d in range(1, period) if period % d == 0
        )
        if stop is not None:
            end = stop
            assert (stop - 1) % period in residues
            assert stop - start > 2 * period or (stop - start, period) == (1, 1)
    assert PeriodicSet(a.runs).runs == a.runs or not plain(a)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (of([5, 21, 37]), congruent(16, [5]) & interval(1, 40)),
        (of([5, 21]), congruent(16, [5]) & interval(1, 36)),
        (of(range(1, 40, 2)) | multiples(2) & interval(1, 38), interval(1, 39)),
        (of([7]) | interval(8, 20) | of([21]), interval(7, 21)),
        (multiples(3) & interval(1, 50) | of([54, 51]), multiples(3) & interval(1, 54)),
        (of(n for n in range(1, 101) if n % 32 in (0, 29, 30, 31)), congruent(32, [0, 29, 30, 31]) & interval(1, 100)),
        (of(n for n in range(1, 51) if n % 10 in (1, 2, 5)), congruent(10, [1, 2, 5]) & interval(1, 50)),
        (congruent(6, [0, 2, 4]), multiples(2)),
        (of([2, 4]) | multiples(2) & interval(6, 99) | multiples(2) & interval(100, None), multiples(2)),
        (congruent(4, [1, 3]) | congruent(6, [0, 2, 4]), everything),
    ],
)
def test_neighbours_merge(one: PeriodicSet, other: PeriodicSet) -> None:
    assert one.runs == other.runs


def test_equality_does_not_need_equal_runs() -> None:
    """A pattern of patterns is nowhere in sight of the normal form, yet the sets are the same."""
    pattern = [n for n in range(60) if n * n % 7 in (1, 2)]
    by_rule = congruent(60, pattern) & interval(1, 10**6)
    by_pieces = nothing
    for r in pattern:
        by_pieces |= congruent(60, [r]) & interval(1, 10**6)
    assert by_rule == by_pieces
    assert of(by_rule & interval(1, 500)) == by_pieces - interval(501, None)
    assert by_rule != by_pieces - of([by_pieces.maximum() or 0])
    assert by_rule != "a set"


# -- members ----------------------------------------------------------------------------------------------------------
@given(periodic_sets(), st.integers(-10, 300), st.integers(-10, 300))
def test_queries(a: PeriodicSet, n: int, m: int) -> None:
    known = sorted(members(a))
    assert (n in a) is (n in known)
    assert bool(a) is bool(known)
    assert a.minimum() == (known[0] if known else None)
    assert a.is_finite is (not known or known[-1] < 300)
    assert a.maximum() == (known[-1] if known and a.is_finite else None)
    assert a.count(n, m) == sum(n <= x <= m for x in known)
    assert a.next_at_or_above(n) == min((x for x in known if x >= n), default=None)
    assert a.previous_at_or_below(n) == max((x for x in known if x <= n), default=None)
    assert a.nearest(n) == (a.previous_at_or_below(n), a.next_at_or_above(n))
    assert list(islice(a, 30)) == known[:30]


def test_length_costs_nothing() -> None:
    long = multiples(7) & interval(1, 10**12) | multiples(11) & interval(10**11, 10**13)
    assert long.count(1, 10**14) == 10**12 // 7 + 10**13 // 11 - (10**11 - 1) // 11 - (
        10**12 // 77 - (10**11 - 1) // 77
    )
    assert (~long).next_at_or_above(10**11 - 10**11 % 7) == 10**11 - 10**11 % 7 + 1
    assert ~~long == long
    assert long <= interval(7, 10**13)
    assert not interval(7, 10**13) <= long


def test_members_are_integers() -> None:
    assert "7" not in everything
    assert 7.0 not in everything
    assert 0 not in everything
    assert -3 not in everything
    with pytest.raises(UsageError, match="at least 1, not 0"):
        multiples(0)


# -- what is out of reach ---------------------------------------------------------------------------------------------
def test_a_large_period_is_no_obstacle_by_itself() -> None:
    p, q = 10**9 + 7, 10**9 + 9
    assert (multiples(p) & multiples(q)).minimum() == p * q
    assert multiples(10**12) | multiples(2) == multiples(2)
    assert multiples(10**12) <= multiples(2)
    assert not multiples(2) <= multiples(10**12)
    few = multiples(10**8 + 7) & interval(1, 10**9)
    assert interval(1, 10**9) - few == ~few & interval(1, 10**9)
    assert (multiples(2) & interval(1, 10**9)) | few == ~(~few & interval(1, 10**9) - multiples(2)) - interval(
        10**9 + 1, None
    )


def test_only_the_work_needed() -> None:
    a, b = congruent(1009, range(504)), congruent(1013, range(500))
    with pytest.raises(Undecided, match=f"more than the {LIMIT:,} allowed"):
        a | b
    short = interval(50_000, 51_000)
    assert (a & short) | (b & short) == of(n for n in range(50_000, 51_001) if n % 1009 < 504 or n % 1013 < 500)


def test_a_dense_rule_cut_short() -> None:
    m = 25013
    residues = {r for r in range(m) if r * r % m < m // 2}
    dense = congruent(m, residues)
    hole = min(n for n in range(1, m) if n not in residues)
    assert dense & of([hole, hole + m]) == dense & interval(hole, hole) == nothing
    cut = dense & interval(100, 30_000)
    assert len(cut.runs) == 1
    assert list(cut) == [n for n in range(100, 30_001) if n % m in residues]
    assert (cut & interval(1, 999)) | (cut & interval(1000, None)) == cut
    assert interval(100, 30_000) - cut == ~dense & interval(100, 30_000)


def test_too_many_pieces() -> None:
    with pytest.raises(Undecided, match=r"120,000 pieces, more than the 100,000 allowed"):
        of(n * n for n in range(2, 120_002))


@pytest.mark.parametrize("question", [lambda: ~multiples(10**12), lambda: multiples(2) - multiples(10**12)])
def test_refusal(question: object) -> None:
    with pytest.raises(Undecided, match="residue classes"):
        question()  # type: ignore[operator]


# -- speaking ---------------------------------------------------------------------------------------------------------
def value(node: Written, n: int) -> int:
    if isinstance(node, Mod):
        return value(node.left, n) % value(node.right, n)
    if isinstance(node, Number):
        return int(node.value)
    assert node == H
    return n


def holds(node: Written, n: int) -> bool:
    if isinstance(node, AllOf):
        return all(holds(part, n) for part in node.args)
    if isinstance(node, AnyOf):
        return any(holds(part, n) for part in node.args)
    if isinstance(node, Divides):
        return value(node.right, n) % value(node.left, n) == 0
    assert isinstance(node, Relation)
    left, right = value(node.left, n), value(node.right, n)
    return {"<=": left <= right, ">=": left >= right, "<": left < right, "==": left == right}[node.op]


def listed(text: str) -> list[int]:
    return [int(number) for number in re.split(", | or ", text)]


def said(words: str, n: int) -> bool:
    """Whether the phrase is true of n."""
    if words in ("every H", "no H"):
        return words == "every H"
    return any(all(clause(part, n) for part in phrase.split(" and ")) for phrase in words.split("; or "))


def clause(words: str, n: int) -> bool:
    if match := re.fullmatch(r"H a multiple of (\d+)", words):
        return n % int(match[1]) == 0
    if match := re.fullmatch(r"H ≡ (.+) \(mod (\d+)\)", words):
        return n % int(match[2]) in listed(match[1])
    if match := re.fullmatch(r"H = (.+)", words):
        return n in listed(match[1])
    match = re.fullmatch(r"(?:(\d+) ≤ )?H(?: ≤ (\d+))?(?: ≥ (\d+))?", words)
    assert match, words
    low, high, least = match.groups()
    return (low is None or int(low) <= n) and (high is None or n <= int(high)) and (least is None or int(least) <= n)


@settings(max_examples=150, deadline=None)
@given(periodic_sets())
def test_words_and_relation_say_the_set(a: PeriodicSet) -> None:
    relation, words = a.relation(H), a.words("H")
    for n in range(1, 201):
        assert holds(relation, n) is (n in a)
        assert said(words, n) is (n in a)


def is_(n: int) -> Relation:
    return Relation("==", H, Number(n))


def leaves(m: int, r: int) -> Relation:
    return Relation("==", Mod(H, Number(m)), Number(r))


def divides(m: int) -> Divides:
    return Divides(Number(m), H)


@pytest.mark.parametrize(
    ("periodic", "words", "relation"),
    [
        (everything, "every H", H >= 1),
        (nothing, "no H", H < 1),
        (interval(16, None), "H ≥ 16", H >= 16),
        (interval(-4, 9), "H ≤ 9", H <= 9),
        (of([7]), "H = 7", is_(7)),
        (of([7, 8]), "H = 7 or 8", AnyOf((is_(7), is_(8)))),
        (of([9, 5, 3]), "H = 3, 5 or 9", AnyOf((is_(3), is_(5), is_(9)))),
        (of([3, 5, 7]), "H = 3, 5 or 7", AnyOf((is_(3), is_(5), is_(7)))),
        # design, section 4.5: LeNet with Dense(400); U-Net (same); U-Net 2015 (valid); FPN with 2× adds; Swin
        (interval(32, 35), "32 ≤ H ≤ 35", AllOf((Number(32) <= H, H <= 35))),
        (multiples(16), "H a multiple of 16", divides(16)),
        (
            congruent(16, [12]) & interval(188, None),
            "H ≡ 12 (mod 16) and H ≥ 188",
            AllOf((leaves(16, 12), H >= 188)),
        ),
        (
            congruent(32, [0, 29, 30, 31]),
            "H ≡ 0, 29, 30 or 31 (mod 32)",
            AnyOf((divides(32), leaves(32, 29), leaves(32, 30), leaves(32, 31))),
        ),
        (multiples(32) & multiples(7), "H a multiple of 224", divides(224)),
        (congruent(16, [12]), "H ≡ 12 (mod 16)", leaves(16, 12)),
        (
            multiples(16) & interval(20, 200),
            "H a multiple of 16 and 32 ≤ H ≤ 192",
            AllOf((divides(16), Number(32) <= H, H <= 192)),
        ),
        (multiples(16) & interval(1, 200), "H a multiple of 16 and H ≤ 192", AllOf((divides(16), H <= 192))),
        (
            congruent(4, [0, 1]) & interval(20, None),
            "H ≡ 0 or 1 (mod 4) and H ≥ 20",
            AllOf((AnyOf((divides(4), leaves(4, 1))), H >= 20)),
        ),
        (
            interval(1, 4) | of([7, 9]) | interval(16, None),
            "H ≤ 4; or H = 7 or 9; or H ≥ 16",
            AnyOf((H <= 4, is_(7), is_(9), H >= 16)),
        ),
        (~of([5]), "H ≤ 4; or H ≥ 6", AnyOf((H <= 4, H >= 6))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_examples(periodic: PeriodicSet, words: str, relation: Written) -> None:
    assert periodic.words("H") == words
    assert repr(periodic) == f"{{n : {periodic.words('n')}}}"
    assert periodic.relation(H) == relation
