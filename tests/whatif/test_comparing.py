"""Two derivations side by side."""

from __future__ import annotations

import json

import pytest

from symshape import layers, zoo
from symshape.errors import UnknownName
from symshape.network import Input, Sequential

LENET = zoo.lenet5()


def test_two_settings():
    result = LENET.derive(H=32, W=32).compare(LENET.derive(H=36, W=32))
    assert [pair.same for pair in result.pairs] == [False, False, False, False, False, False, False, True, True]
    assert result.total.differences[0] == (480 - 400) * 120
    assert result.pairs[1].differences[1] == 4 * 28 * 600


def test_two_edits_as_formulas():
    result = LENET.derive().compare(LENET.replace("conv2d", filters=16).derive())
    assert str(result.pairs[1].differences[1]) == "600*(H - 4)*(W - 4)"
    assert result.pairs[1].left.outputs != result.pairs[1].right.outputs
    assert [pair.right.name for pair in result.differing] == ["conv2d", "max_pooling2d", "conv2d_1"]


def test_two_networks():
    short = Sequential(
        Input("H", "W", 3), layers.Conv2D(8, 3, name="a"), layers.Flatten(name="f"), layers.Dense(3, name="d")
    )
    long = Sequential(
        Input("H", "W", 3),
        layers.Conv2D(8, 3, name="one"),
        layers.ReLU(name="two"),
        layers.Flatten(name="f"),
        layers.Dense(4, name="dense"),
    )
    result = short.derive(H=5, W=5).compare(long.derive(H=5, W=5), metrics=("params",))
    names = [(p.left and p.left.name, p.right and p.right.name) for p in result.pairs]
    assert names == [
        ("input_layer", "input_layer"),
        ("a", "one"),
        (None, "two"),
        ("f", "f"),
        ("d", "dense"),
    ]
    assert result.pairs[-1].differences == (73,)
    assert json.dumps(result.data())
    assert repr(result) == "<Comparison: 2 of 5 layers differ; params +73>"


def test_an_unknown_metric():
    with pytest.raises(UnknownName):
        LENET.derive().compare(LENET.derive(), metrics=("speed",))
