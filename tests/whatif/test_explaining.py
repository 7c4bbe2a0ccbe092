"""Why a size is what it is, and why it is refused."""

from __future__ import annotations

import json

import pytest

from symshape import zoo
from symshape.errors import UnknownName

LENET = zoo.lenet5().derive()


def test_why_400():
    answer = LENET.explain("dense", H=32, W=32)
    assert [link.name for link in answer.chain][-3:] == ["max_pooling2d_1", "flatten", "dense"]
    assert "T_out = HWC = 5·5·16 = 400" in answer.words()
    assert not answer.refused


def test_why_refused():
    answer = LENET.explain(H=15, W=32)
    assert answer.layer == "max_pooling2d_1"
    assert answer.nearest == {"H": (None, 16)}
    assert "at least 1" in answer.refused
    assert [link.name for link in answer.chain][-1] == "max_pooling2d_1"
    assert json.dumps(answer.data())
    both = LENET.explain(H=15, W=12)
    assert both.nearest == {"H": (None, 16), "W": (None, 16)}


def test_the_trained_network():
    answer = zoo.lenet5().derive(W="H", fixed_weights=True).explain(H=40)
    assert answer.nearest == {"H": (35, None)}
    assert "400" in answer.refused


def test_refusals():
    with pytest.raises(UnknownName, match="no layer dense9"):
        LENET.explain("dense9")
    with pytest.raises(UnknownName, match="not a free symbol"):
        LENET.explain(Q=3)


def test_a_layer_of_a_nested_network():
    d = zoo.resnet50().derive(H=224, W=224)
    chain = d.explain("stage1_first/conv2d_2").chain
    within = ("conv2d_1", "batch_normalization_1", "re_lu", "conv2d_2")
    assert [link.name for link in chain][-5:] == ["max_pooling2d", *(f"stage1_first/{name}" for name in within)]
    assert chain[-1].shape[1:] == (56, 56, 64)
    with pytest.raises(UnknownName, match="stage1_first has no layer dense"):
        d.explain("stage1_first/dense")
