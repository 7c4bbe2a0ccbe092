"""T5: its closed forms over both texts, and every member against transformers."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.algebra.equality import equal_everywhere
from symshape.declaration import as_value

from .against import agrees_with_torch, reading, transformer

PRESETS = zoo.FAMILIES["t5"].presets


def test_closed_forms():
    d = zoo.t5().derive()
    attention, wide = "(4*d*h*d_k + d)", "(2*d*d_ff + d)"
    assert equal_everywhere(
        d.value("params"),
        as_value(f"V*d + 64*h + 2*d + n_enc*({attention} + {wide}) + n_dec*(2*{attention} + {wide})"),
    )
    assert equal_everywhere(d.part("decoder/cross_attention/heads", "macs"), as_value("2*n_dec*L*L_dec*h*d_k"))
    assert str(d.domain) == "every size"


def test_published_figures():
    assert zoo.t5_small().derive().params == 60_506_624
    assert zoo.t5_base().derive().params == 222_903_552


def test_depths_are_unrolled_alike():
    sizes = {"d": 24, "h": 4, "d_k": 6, "d_ff": 50, "V": 40}
    lengths = {"L": 7, "L_dec": 5}
    general = zoo.t5().derive().at(n_enc=2, n_dec=3, **lengths, **sizes)
    special = zoo.t5(2, 3, **sizes).derive(**lengths)
    for metric in ("params", "macs", "activations"):
        assert general.value(metric) == special.value(metric)


def _agrees(name, **more):
    knobs = {**PRESETS[name], **more}
    own = knobs.get("head") == "own"
    config = {
        "num_layers": knobs["n_enc"],
        "num_decoder_layers": knobs["n_dec"],
        "d_model": knobs["d"],
        "num_heads": knobs["h"],
        "d_kv": knobs["d_k"],
        "d_ff": knobs["d_ff"],
        "vocab_size": knobs["V"],
        "feed_forward_proj": "gated-gelu" if knobs.get("gated") else "relu",
        "tie_word_embeddings": not own,
        "use_cache": False,
    }
    make = transformer("T5ForConditionalGeneration", "T5Config", **config)

    def published():
        """Version 1.1 as it is published: its head is not tied, the embeddings of encoder and decoder are one."""
        model = make()
        model.encoder.embed_tokens = model.decoder.embed_tokens = model.shared
        return model

    run = reading(61, decoder_input_ids=(37,))
    agrees_with_torch(name, published if own else make, run=run, knobs=more, L=61, L_dec=37)


@pytest.mark.frameworks
@pytest.mark.parametrize("name", PRESETS)
def test_transformers(name):
    _agrees(name, n_enc=2, n_dec=1)


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_every_member_in_full(name):
    _agrees(name)
