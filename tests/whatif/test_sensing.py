"""Exact changes, growth and shares, against evaluating twice."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from symshape import zoo
from symshape.algebra.evaluate import evaluate
from symshape.errors import UnknownName

RESNET = zoo.resnet().derive(W="H")
POINT = {"n1": 3, "n2": 4, "n3": 6, "n4": 3, "w": 64, "H": 224}


@pytest.mark.parametrize("metric", ["params", "macs", "activations"])
def test_each_knob(metric):
    answer = RESNET.sensitivity(metric, **POINT)
    before = RESNET.at(**POINT).value(metric)
    assert answer.value == before
    for knob in answer.knobs:
        up = {**POINT, knob.symbol: POINT[knob.symbol] + 1}
        change = RESNET.at(**up).value(metric) - before
        assert knob.change == change
        assert knob.elasticity == Fraction(change, before) * POINT[knob.symbol]
        assert evaluate(knob.formula, POINT) == change
        assert knob.direction in (0, 1)
    strengths = [abs(knob.elasticity) for knob in answer.knobs]
    assert strengths == sorted(strengths, reverse=True)


def test_shares_name_the_layers():
    knob = next(k for k in RESNET.sensitivity("params", **POINT).knobs if k.symbol == "n3")
    assert knob.layers == (("stage3_others", 1_117_184),)


def test_growth_and_smooth_views():
    answer = zoo.resnet50().derive().sensitivity("macs", H=224, W=224)
    assert [str(tree) for tree in (answer.lower, answer.mean)] == [
        "81456*H*W + 2048000",
        "81456*H*W + 533016*H + 533016*W + 7358348",
    ]
    assert [growth.words() for growth in answer.growth] == ["O(H)", "O(W)"]
    assert answer.growth[0].period == 32
    tied = zoo.resnet50().derive(W="H").sensitivity("macs", H=224)
    assert (tied.growth[0].words(), str(tied.growth[0].on_multiples)) == ("O(H^2)", "81456*H**2 + 2048000")
    assert json.dumps(answer.data())


def test_where_a_step_up_is_refused():
    d = zoo.lenet5().derive(W="H", fixed_weights=True)
    (knob,) = d.sensitivity("macs", H=35).knobs
    assert knob.change is None
    assert "400" in knob.refused


def test_refusals():
    with pytest.raises(UnknownName, match="W has no number"):
        zoo.lenet5().derive().sensitivity("macs", H=32)
    with pytest.raises(UnknownName, match="Q is not a free symbol"):
        zoo.lenet5().derive().sensitivity("macs", ["Q"], H=32, W=32)
