"""`solve` and `search` against isl, an integer set library: the answers are the same sets, infinite ones included.

The networks are walked by test code that knows the published formulas and nothing of symshape's algebra.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from symshape.derivation import Derivation
from symshape.errors import ConditionError
from symshape.whatif import Solution

from .affine import Plane, Set
from .small_networks import NETWORKS, Step, Walk, built
from .told import allows

pytestmark = pytest.mark.oracle

BOX = 25  # for questions that are looked at point by point
COMMON = settings(
    deadline=None,
    report_multiple_bugs=False,
    phases=set(Phase) - {Phase.explain},  # it takes minutes here
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


# -- our answers as isl sets -------------------------------------------------------------------------------------------
def said(plane: Plane, answer: Solution, derivation: Derivation) -> Set:
    """The answer, with the domain of what was not asked."""
    if not answer:
        return plane.nothing
    parts = [plane.periodic(name, found) for name, found in answer.sets.items()]
    parts += [plane.where(f"{name} == {tree}") for name, tree in answer.ties.items()]
    parts += [plane.where(str(tree)) for tree in answer.joint]
    told = {*answer.sets, *answer.ties}
    parts += [plane.periodic(name, derivation.domain[name]) for name in derivation.symbols if name not in told]
    return plane.all_of(parts)


def same(plane: Plane, derivation: Derivation, question: str, expected: Set) -> Solution:
    answer = derivation.solve(question)
    found = said(plane, answer, derivation)
    assert found.is_equal(expected), (
        f"{question}: {answer}; only isl has {expected.subtract(found).coalesce()}, "
        f"only we have {found.subtract(expected).coalesce()}"
    )
    if {*answer.sets, *answer.ties} == {*derivation.symbols}:  # and the same as the one relation in which it is written
        assert plane.where(str(answer.relation)).is_equal(expected), f"{question}: {answer.relation}"
    return answer


# -- random networks and questions -------------------------------------------------------------------------------------
@st.composite
def formulas(draw: Any, names: list[str]) -> str:
    name, other = draw(st.sampled_from(names)), draw(st.sampled_from(names))
    number = draw(st.integers(1, 12))
    factor = draw(st.integers(2, 5))
    return draw(
        st.sampled_from(
            [
                name,
                name,
                f"{name} + {number}",
                f"{factor}*{name}",
                f"({name} + {number})//{factor}",
                f"{name}%{factor}",
                f"{name} - {other}",
                f"{factor}*{name} - {other}",
                f"{name}/{factor}",
                f"ceiling({name}/{factor})",
                f"min({name}, {other} + {number})",
                f"max({name}, {number})",
            ]
        )
    )


@st.composite
def comparisons(draw: Any, names: list[str]) -> str:
    left = draw(formulas(names))
    op = draw(st.sampled_from(["==", "==", "!=", "<=", ">=", "<", ">"]))
    right = draw(st.integers(0, 30).map(str) | formulas(names))
    if draw(st.integers(0, 5)) == 0:
        return f"{draw(st.integers(1, 9))} <= {left} < {draw(st.integers(9, 40))}"
    return f"{left} {op} {right}"


TIES = ["W == H", "W == 2*H - 3", "W == H//2", "2*W == 3*H", "W == H/2", "W == 30 - H", "W_out == H_out", "W_out == H"]


def questions(names: list[str]) -> st.SearchStrategy[str]:
    one = comparisons(names)

    def joined(word: str) -> st.SearchStrategy[str]:
        return st.lists(one, min_size=2, max_size=3).map(lambda parts: f" {word} ".join(f"({p})" for p in parts))

    several = joined("and") | joined("or")
    ties = st.sampled_from(
        TIES if "W" in names else ["W_out == H_out", "W_out == 2*H_out", "H_out == H/2", "2*H_out == H"]
    )
    tied = st.tuples(ties, one | several).map(lambda parts: f"{parts[0]} and ({parts[1]})")
    denied = st.tuples(one | several, one).map(lambda parts: f"not ({parts[0]}) and ({parts[1]})")
    return one | several | tied | denied


@dataclass(frozen=True)
class Case:
    """One network twice: both sizes free, or the width tied to the height, or a number."""

    plane: Plane
    walk: Walk
    derivation: Derivation | None  # None where a derivation finds out at once that no size is valid

    @classmethod
    def of(cls, steps: tuple[Step, ...], width: str, positions: int | None = None) -> Case:
        plane = Plane(["H"] if width else ["H", "W"])
        height = plane.axes["H"]
        sizes = (height, plane.axes["W"] if not width else height if width == "H" else plane.number(int(width)))
        walk = Walk(plane, steps, sizes)
        if positions is not None:
            walk.flattened(positions)
        try:
            derivation = built(steps, positions=positions).derive(**({"W": width} if width else {}))
        except ConditionError:
            assert walk.valid.is_empty()
            derivation = None
        return cls(plane, walk, derivation)

    @property
    def names(self) -> list[str]:
        return [*self.plane.names, *self.walk.names]

    def expected(self, question: str) -> Set:
        return self.walk.valid.intersect(self.plane.where(question, self.walk.names))


@settings(COMMON, max_examples=400)
@given(NETWORKS, st.sampled_from(["", "", "H", "17"]), st.data())
def test_random_networks(steps: tuple[Step, ...], width: str, data: Any) -> None:
    case = Case.of(steps, width)
    if case.derivation is not None:
        question = data.draw(questions(case.names), label="question")
        same(case.plane, case.derivation, question, case.expected(question))


@settings(COMMON, max_examples=250)
@given(NETWORKS, st.sampled_from(["H", "17"]), st.integers(1, 60), st.data())
def test_networks_whose_head_fixes_the_flattened_size(
    steps: tuple[Step, ...], width: str, positions: int, data: Any
) -> None:
    case = Case.of(steps, width, positions)
    if case.derivation is not None:
        question = data.draw(questions(case.names), label="question")
        same(case.plane, case.derivation, question, case.expected(question))


@settings(COMMON, max_examples=100)
@given(NETWORKS, st.integers(1, 60), st.data())
def test_heads_that_tie_both_sizes(steps: tuple[Step, ...], positions: int, data: Any) -> None:
    """H·W is no affine formula: our answer is looked at point by point."""
    case = Case.of(steps, "", positions)
    if case.derivation is None:
        return
    question = data.draw(questions(case.names), label="question")
    answer = case.derivation.solve(question)
    domain = case.derivation.domain
    found = {
        (H, W)
        for H, W in product(range(1, BOX + 1), repeat=2)
        if allows(answer, {"H": H, "W": W}) and {"H": H, "W": W} in domain
    }
    expected = case.plane.points(case.expected(question), BOX)
    assert found == expected, f"{question}: {answer}"


@settings(COMMON, max_examples=150)
@given(NETWORKS, st.data())
def test_random_searches(steps: tuple[Step, ...], data: Any) -> None:
    case = Case.of(steps, "")
    if case.derivation is None:
        return
    question = data.draw(questions(case.names), label="question")
    over = {"H": range(1, BOX + 1), "W": range(1, BOX + 1)}
    found = case.derivation.search(question, over=over)
    expected = case.plane.points(case.expected(question), BOX)
    assert found.count == len(expected)
    assert {(row["H"], row["W"]) for row in found} == expected
