"""`solve` and `search` over several knobs, with products of them, against every setting in a box."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from symshape import layers
from symshape.derivation import Derivation
from symshape.errors import ConditionError, Undecided
from symshape.network import Input, Sequential

from .told import allows, true_at

pytestmark = pytest.mark.slow

Setting = Mapping[str, int]
Rows = list[dict[str, int]]
COMMON = settings(
    max_examples=60,
    deadline=None,
    report_multiple_bugs=False,
    phases=set(Phase) - {Phase.explain},  # it takes minutes here
    suppress_health_check=[HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Case:
    """A network, the values its knobs may have, and its quantities by hand; None where it makes no sense."""

    derivation: Derivation
    box: Mapping[str, range]
    quantities: Callable[..., dict[str, int] | None]

    def rows(self, question: str) -> Rows:
        """All settings of the box at which the question holds, with their quantities."""
        settings_ = (dict(zip(self.box, values, strict=True)) for values in product(*self.box.values()))
        rows = [(setting, self.quantities(**setting)) for setting in settings_]
        return [{**s, **found} for s, found in rows if found is not None and true_at(question, {**s, **found})]

    def settings_of(self, rows: Rows) -> list[tuple[int, ...]]:
        return [tuple(row[name] for name in self.box) for row in rows]


def convolutions(H: int, K: int, F: int, S: int) -> dict[str, int] | None:
    first = (H - K) // 2 + 1
    last = (first + 2 - 3) // S + 1
    if first < 1 or last < 1:
        return None
    params = 3 * K * K * F + F + 9 * F * 4 + 4
    macs = first * first * F * 3 * K * K + last * last * 4 * 9 * F
    return {"H_out": last, "params": params, "macs": macs}


def dense(L: int, C: int, D: int, U: int) -> dict[str, int] | None:
    return {"params": (C + 1) * D + (D + 1) * U, "macs": L * (C * D + D * U)}


def pooled(H: int, W: int, P: int, F: int) -> dict[str, int] | None:
    first = [(size + 2 * P - 4) // 2 + 1 for size in (H, W)]
    if min(first) < 1:
        return None
    last = [(size + 1) // 2 for size in first]
    features = last[0] * last[1] * F
    macs = first[0] * first[1] * F * 16 + features * 5
    return {"H_out": last[0], "W_out": last[1], "params": 17 * F + 5 * features + 5, "macs": macs}


CASES = [
    Case(
        Sequential(
            Input("H", "W", 3), layers.Conv2D("F", "K", stride=2), layers.Conv2D(4, 3, stride="S", padding=1)
        ).derive(W="H"),
        {"H": range(1, 14), "K": range(1, 5), "F": range(1, 5), "S": range(1, 4)},
        convolutions,
    ),
    Case(
        Sequential(Input("L", "C"), layers.Dense("D"), layers.Dense("U")).derive(),
        {"L": range(1, 5), "C": range(1, 7), "D": range(1, 7), "U": range(1, 6)},
        dense,
    ),
    Case(
        Sequential(
            Input("H", "W", 1),
            layers.Conv2D("F", 4, stride=2, padding="P"),
            layers.MaxPooling2D(2, padding="same"),
            layers.Flatten(),
            layers.Dense(5),
        ).derive(),
        {"H": range(1, 11), "W": range(1, 11), "P": range(1, 4), "F": range(1, 4)},
        pooled,
    ),
]


@st.composite
def questions(draw: Any, case: Case) -> str:
    """Budgets, products, remainders and ties, put together."""
    knobs = list(case.box)
    some = {name: draw(st.sampled_from(knobs)) for name in "ab"}
    corner = case.quantities(**{name: values[-1] for name, values in case.box.items()})
    assert corner is not None

    def one() -> str:
        a, b = draw(st.sampled_from(knobs)), draw(st.sampled_from(knobs))
        number = draw(st.integers(1, 9))
        metric = draw(st.sampled_from(["params", "macs"]))
        budget = draw(st.integers(0, corner[metric]))
        size = draw(st.sampled_from([*(name for name in ("H_out", "W_out") if name in corner), a]))
        op = draw(st.sampled_from(["<=", ">=", "<", ">", "==", "!="]))
        return draw(
            st.sampled_from(
                [
                    f"{metric} {draw(st.sampled_from(['<=', '>=', '<', '>']))} {budget}",
                    f"{metric} % {number + 1} == {budget % (number + 1)}",
                    f"{metric} <= {1 + budget // 6}*{b}",
                    f"{a}*{b} {op} {number}",
                    f"{a}*{b} {op} {some['a']} + {number}",
                    f"{a} {op} {b}",
                    f"{number}*{a} == {1 + number // 2}*{b}",
                    f"{a} == {b} + {number // 3}",
                    f"{size} {op} {number}",
                    f"{size} % 3 == {number % 3}",
                    f"{a}/{b} {op} {number}/3",
                    f"({a} + {b})//2 {op} {number}",
                    f"{a} == {number}",
                    f"divides({a}, {b})",
                ]
            )
        )

    parts = [one() for _ in range(draw(st.integers(1, 3)))]
    if len(parts) == 3 and draw(st.booleans()):
        return f"({parts[0]}) and ({parts[1]} or not {parts[2]})"
    return draw(st.sampled_from([" and ", " or "])).join(f"({part})" for part in parts)


@COMMON
@given(st.sampled_from(CASES), st.data())
def test_solve(case: Case, data: Any) -> None:
    question = data.draw(questions(case), label="question")
    answer = case.derivation.solve(question)
    expected = set(case.settings_of(case.rows(question)))
    for values in product(*case.box.values()):
        setting = dict(zip(case.box, values, strict=True))
        found = allows(answer, setting) and case.quantities(**setting) is not None
        assert found == (values in expected), f"{question} at {setting}: {answer}"
        if found and {*answer.sets, *answer.ties} == {*case.box}:
            assert true_at(answer.relation, setting)


@COMMON
@given(st.sampled_from(CASES), st.data())
def test_the_best(case: Case, data: Any) -> None:
    """One knob is free, or a second one follows from it."""
    goal = data.draw(st.sampled_from(list(case.box)), label="goal")
    fixed = {name: data.draw(st.sampled_from(values)) for name, values in case.box.items() if name != goal}
    tied = data.draw(st.sampled_from([None, *fixed]), label="tied")
    value = fixed.pop(tied) if tied else 0
    try:
        derivation = case.derivation.at(**fixed)
    except ConditionError:
        return
    question = data.draw(questions(case), label="question")
    if tied:
        question = f"({question}) and {tied} == {goal} + {value}"
    greatest = data.draw(st.booleans())
    wide = range(1, 41)
    rows = []
    for size in wide:
        setting = {**fixed, goal: size, **({tied: size + value} if tied else {})}
        found = case.quantities(**setting)
        if found is not None and true_at(question, {**setting, **found}):
            rows.append(size)
    limited = f"({question}) and {goal} <= {wide[-1]}"
    try:
        answer = derivation.solve(limited, **{"maximize" if greatest else "minimize": goal})
    except Undecided:
        if f"/{tied}" not in question:  # a quotient by a knob that follows from another: H/(S + 1) is no polynomial
            raise
        return
    best = (max if greatest else min)(rows, default=None)
    assert answer.best == (None if best is None else {goal: best}), f"{limited}: {answer}"


@COMMON
@given(st.sampled_from(CASES), st.data())
def test_search(case: Case, data: Any) -> None:
    question = data.draw(questions(case), label="question")
    terms = ["params", "macs", *case.box]
    goals = data.draw(st.lists(st.sampled_from(terms), min_size=1, max_size=3, unique=True), label="goals")
    ways = [data.draw(st.sampled_from(["min", "max"])) for _ in goals]
    found = case.derivation.search(
        question, over=case.box, pareto=[f"{goal}:{way}" for goal, way in zip(goals, ways, strict=True)]
    )
    rows = case.rows(question)
    assert sorted(case.settings_of(list(found))) == sorted(case.settings_of(rows)), question
    assert found.count == len(rows)

    def score(row: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(row[goal] if way == "min" else -row[goal] for goal, way in zip(goals, ways, strict=True))

    def beats(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        return one != other and all(a <= b for a, b in zip(one, other, strict=True))

    scores = {score(row) for row in rows}
    best = {one for one in scores if not any(beats(other, one) for other in scores)}
    front = sorted(case.settings_of(list(found.front)))
    assert front == sorted(case.settings_of([row for row in rows if score(row) in best])), question
