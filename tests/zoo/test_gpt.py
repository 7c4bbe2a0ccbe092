"""GPT-2: the closed form of the literature, and every member against transformers."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.algebra.equality import equal
from symshape.declaration import as_value
from symshape.errors import ConditionError

from .against import agrees_with_torch, reading, transformer


def test_parameters_as_in_the_literature():
    d = zoo.gpt().derive()
    assert equal(d.value("params"), as_value("V*d + T*d + n*(12*d**2 + 13*d) + 2*d"))
    assert zoo.gpt2().derive().params == 124_439_808


def test_work_of_a_layer():
    d = zoo.gpt().derive()
    assert equal(d.part("decoder/attention/heads", "macs"), as_value("2*n*L**2*d"))
    assert equal(d.part("head", "macs"), as_value("L*V*d"))
    assert d.part("head", "params") == 0


@pytest.mark.parametrize("n", [0, 2])
def test_depth_is_unrolled_alike(n):
    sizes = {"d": 24, "h": 3, "V": 50, "T": 20}
    general, special = zoo.gpt().derive().at(n=n, L=7, **sizes), zoo.gpt(n, **sizes).derive(L=7)
    for metric in ("params", "macs", "activations"):
        assert general.value(metric) == special.value(metric)


def test_positions_end():
    with pytest.raises(ConditionError, match="every position has a row"):
        zoo.gpt2().derive(L=1025)


def _config(name):
    knobs = zoo.FAMILIES["gpt"].presets[name]
    return {"n_layer": knobs["n"], "n_embd": knobs["d"], "n_head": knobs["h"]}


@pytest.mark.frameworks
@pytest.mark.parametrize("name", zoo.FAMILIES["gpt"].presets)
@pytest.mark.parametrize("length", [1024, 77])
def test_transformers(name, length):
    make = transformer("GPT2LMHeadModel", "GPT2Config", **_config(name))
    # its dense layers keep their weights as Keras does
    agrees_with_torch(name, make, run=reading(length), weights=lambda call: call.weights, L=length)


@pytest.mark.frameworks
def test_without_head():
    make = transformer("GPT2Model", "GPT2Config")
    weights = {"weights": lambda call: call.weights}
    agrees_with_torch("gpt2", make, run=reading(50), knobs={"head": "none"}, **weights, L=50)
