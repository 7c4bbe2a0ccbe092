"""All settings that fit, and the best of them, against trying every one."""

from __future__ import annotations

import json
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape import layers, zoo
from symshape.algebra.periodic import PeriodicSet
from symshape.errors import ConditionError, UnknownName, UsageError
from symshape.network import Input, Sequential

TWO = Sequential(Input("H", "W", 3), layers.Conv2D("F", "K", stride=2), layers.Conv2D(4, 3, stride="S")).derive(W="H")


def holds(question: str, **sizes: int):
    """The quantities at one point where the question holds there, else None."""
    try:
        there = TWO.at(**sizes)
    except ConditionError:
        return None
    shape = there.calls[-1].outputs[0]
    names = {**sizes, "macs": there.value("macs"), "params": there.value("params"), "H_out": shape[1]}
    return names if eval(question, {"__builtins__": {}}, dict(names)) else None  # noqa: S307 - a question of this file


@settings(max_examples=25, deadline=None)
@given(
    budget=st.integers(0, 40_000),
    relation=st.sampled_from(
        ["H_out >= 3", "H % 3 == 1", "params < 300", "F*K <= 12 or S == 2", "H_out*S == 4", "K != 2"]
    ),
    sizes=st.tuples(st.integers(1, 20), st.integers(1, 12)),
)
def test_every_setting(budget, relation, sizes):
    question = f"macs <= {budget} and ({relation})"
    low, more = sizes
    over = {"H": range(low, low + more), "F": range(1, 6), "K": [1, 2, 3], "S": (1, 2)}
    goals = ("macs:min", "params:max")
    found = TWO.search(question, over=over, pareto=goals, terms=["H_out"])
    points = (holds(question, **dict(zip(over, point, strict=True))) for point in product(*over.values()))
    expected = [row for row in points if row is not None]
    assert found.count == len(expected)
    rows = list(found)
    assert rows == sorted(rows, key=lambda row: tuple(row[name] for name in found.knobs))
    key = lambda row: tuple(row[name] for name in ("H", "F", "K", "S", "macs", "params", "H_out"))  # noqa: E731
    assert sorted(map(key, rows)) == sorted(map(key, expected))
    best = [
        row
        for row in expected
        if not any(
            other["macs"] <= row["macs"]
            and other["params"] >= row["params"]
            and (other["macs"], other["params"]) != (row["macs"], row["params"])
            for other in expected
        )
    ]
    assert sorted(map(key, found.front)) == sorted(map(key, best))


def test_knobs_that_a_budget_bounds():
    d = zoo.resnet50().derive()
    found = d.search("macs <= 4e9 and W == H and H % 32 == 0", pareto=["macs:max"])
    assert [row["H"] for row in found] == [32, 64, 96, 128, 160, 192]
    assert found.front[0]["H"] == 192
    assert str(found.ties["W"]) == "H"
    two = d.search("macs <= 4e8", terms=["macs"])
    assert two.count == sum(1 for row in two)
    assert two.looked < two.total / 10
    assert json.dumps(found.data())


def test_a_large_box_is_counted_without_listing():
    d = zoo.resnet50().derive()
    at = d.function("macs", "H", "W")
    small = d.search("macs <= 10**9*H", over={"H": range(1, 301), "W": range(1, 301)})
    assert small.count == sum(at(H, W) <= 10**9 * H for H in range(1, 301) for W in range(1, 301))
    large = d.search("macs <= 10**9*H", over={"H": range(1, 3001), "W": range(1, 3001)})
    assert large.total == 9_000_000
    assert large.looked < 200_000


def test_periodic_sets_and_symbolic_depth():
    d = zoo.resnet().derive(n1=3, n4=3, W="H", w=64)
    found = d.search(
        "params <= 25557032 and H_out == 7",
        over={"n2": range(1, 9), "n3": range(1, 12), "H": PeriodicSet.multiples(32)},
        pareto=["params:max"],
    )
    assert {(row["n2"], row["n3"], row["H"]) for row in found.front} == {(4, 6, 224)}


def test_ties_are_integers_and_knobs_with_values_stay():
    d = Sequential(Input("L", "C"), layers.Dense("U")).derive()
    found = d.search("U == C/3", over={"C": range(1, 12)})
    assert list(found) == [{"C": 3}, {"C": 6}, {"C": 9}]
    assert str(found.ties["U"]) == "C/3"
    both = d.search("U == C/3", over={"C": range(1, 12), "U": range(2, 9)})
    assert list(both) == [{"C": 6, "U": 2}, {"C": 9, "U": 3}]
    assert d.search("U == 5 - C", over={"C": range(1, 12)}).count == 4


def test_refusals():
    with pytest.raises(UsageError, match="nothing bounds F"):
        TWO.search("H <= 20 and F >= 3", over={"K": [1], "S": [1]})
    with pytest.raises(UnknownName, match="Q is not a free symbol"):
        TWO.search("H <= 20", over={"Q": [1]})
    with pytest.raises(UsageError, match="no goal"):
        TWO.search("H <= 20", pareto=["macs"])
    with pytest.raises(UsageError, match="needs goals"):
        TWO.search("H <= 20", over={"F": [1], "K": [1], "S": [1]}).front  # noqa: B018
    assert not TWO.search("H <= 20 and H >= 30", over={"F": [1], "K": [1], "S": [1]})
