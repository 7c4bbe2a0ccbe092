"""GPT-2: the closed form of the literature, and every member against transformers."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.algebra.equality import equal_everywhere
from symshape.declaration import as_value
from symshape.errors import ConditionError

from .against import agrees_with_torch, reading, transformer


def test_parameters_as_in_the_literature():
    d = zoo.gpt().derive()
    assert equal_everywhere(d.value("params"), as_value("V*d + T*d + n*(12*d**2 + 13*d) + 2*d"))
    assert zoo.gpt2().derive().params == 124_439_808


def test_work_of_a_layer():
    d = zoo.gpt().derive()
    assert equal_everywhere(d.part("decoder/attention/heads", "macs"), as_value("2*n*L**2*d"))
    assert equal_everywhere(d.part("head", "macs"), as_value("L*V*d"))
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


PRESETS = zoo.FAMILIES["gpt"].presets


def _agrees(name, length, kind="GPT2LMHeadModel", **more):
    knobs = {**PRESETS[name], **more}
    config = {"n_layer": knobs["n"], "n_embd": knobs["d"], "n_head": knobs["h"]}
    agrees_with_torch(
        name,
        transformer(kind, "GPT2Config", **config),
        run=reading(length),
        weights=lambda call: call.weights,  # its dense layers keep their weights as Keras does
        knobs=more,
        L=length,
    )


@pytest.mark.frameworks
@pytest.mark.parametrize("name", PRESETS)
def test_transformers(name):
    _agrees(name, 77, n=2)


@pytest.mark.frameworks
@pytest.mark.parametrize("length", [1024, 77])
def test_transformers_in_full(length):
    _agrees("gpt2", length)


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_every_member_in_full(name):
    _agrees(name, 1024)


@pytest.mark.frameworks
def test_without_head():
    _agrees("gpt2", 50, "GPT2Model", n=2, head="none")
