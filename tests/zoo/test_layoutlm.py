"""LayoutLM: BERT's closed form with four more tables, and every member against transformers."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.algebra.equality import equal_everywhere
from symshape.declaration import as_value

from .against import agrees_with_torch, reading, transformer

PRESETS = zoo.FAMILIES["layoutlm"].presets


def test_is_bert_with_places_on_the_page():
    layout, bert = zoo.layoutlm().derive(), zoo.bert().derive()
    assert equal_everywhere(layout.value("params"), bert.value("params") + as_value("4*R*d"))
    assert layout.macs == bert.macs
    assert zoo.layoutlm_base().derive().params == 112_627_968


def _agrees(name, length, **more):
    knobs = {**PRESETS[name], **more}
    config = {
        "num_hidden_layers": knobs["n"],
        "hidden_size": knobs["d"],
        "num_attention_heads": knobs["h"],
        "intermediate_size": 4 * knobs["d"],
        "vocab_size": knobs["V"],
        "max_position_embeddings": knobs["T"],
        "max_2d_position_embeddings": knobs["R"],
    }
    run = reading(length, bbox=(length, 4), attention_mask=(1, length, length))
    make = transformer("LayoutLMModel", "LayoutLMConfig", **config)
    agrees_with_torch(name, make, run=run, knobs=more, L=length)


@pytest.mark.frameworks
@pytest.mark.parametrize("name", PRESETS)
def test_transformers(name):
    _agrees(name, 77, n=2)


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_every_member_in_full(name):
    _agrees(name, 512)
