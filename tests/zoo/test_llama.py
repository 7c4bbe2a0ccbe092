"""Llama: its closed form in grouped heads, and every member against transformers."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.algebra.equality import equal_everywhere
from symshape.declaration import as_value
from symshape.errors import ConditionError

from .against import agrees_with_torch, reading, transformer

PRESETS = zoo.FAMILIES["llama"].presets


def test_closed_forms():
    d = zoo.llama().derive()
    layer = "2*d*d_k*(h + h_kv) + 3*d*d_ff + 2*d"
    assert equal_everywhere(d.value("params"), as_value(f"2*V*d + d + n*({layer})"))
    assert equal_everywhere(d.value("macs"), as_value("L*(V*d + n*(2*d*d_k*(h + h_kv) + 3*d*d_ff + 2*L*h*d_k))"))
    assert str(d.domain) == "d_k % 2 == 0 and h % h_kv == 0"


@pytest.mark.parametrize(
    ("name", "params"),
    [("llama_2_7b", 6_738_415_616), ("llama_3_8b", 8_030_261_248), ("llama_3_1_405b", 405_853_388_800)],
)
def test_published_figures(name, params):
    assert zoo.named(name).derive().params == params


def test_depth_is_unrolled_alike():
    sizes = {"d": 24, "h": 4, "h_kv": 2, "d_k": 6, "d_ff": 50, "V": 40}
    general, special = zoo.llama().derive().at(n=3, L=7, **sizes), zoo.llama(3, **sizes).derive(L=7)
    for metric in ("params", "macs", "activations"):
        assert general.value(metric) == special.value(metric)


def test_heads_are_shared_evenly():
    with pytest.raises(ConditionError, match="share"):
        zoo.llama(h=6, h_kv=4).derive()


def _agrees(name, length, **more):
    knobs = {**PRESETS[name], **more}
    config = {
        "num_hidden_layers": knobs["n"],
        "hidden_size": knobs["d"],
        "num_attention_heads": knobs["h"],
        "num_key_value_heads": knobs["h_kv"],
        "head_dim": knobs["d_k"],
        "intermediate_size": knobs["d_ff"],
        "vocab_size": knobs["V"],
        "tie_word_embeddings": knobs.get("head") == "tied",
        "use_cache": False,
    }
    mask = (1, length, length)  # without one, transformers looks at the positions, which are no numbers here
    make = transformer("LlamaForCausalLM", "LlamaConfig", **config)
    agrees_with_torch(name, make, run=reading(length, attention_mask=mask), knobs=more, L=length)


@pytest.mark.frameworks
@pytest.mark.parametrize("name", PRESETS)
def test_transformers(name):
    _agrees(name, 77, n=2)


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_every_member_in_full(name):
    _agrees(name, PRESETS[name]["length"])
