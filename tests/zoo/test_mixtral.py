"""Mixtral: all parameters and the active ones, and the work of the experts used, against transformers."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.algebra.equality import equal_everywhere
from symshape.declaration import as_value
from symshape.errors import ConditionError

from .against import _by_layer, _kept, ours_by_layer, quietly, reading, transformer

PRESETS = zoo.FAMILIES["mixtral"].presets


def test_active_parameters_apart():
    d = zoo.mixtral().derive()
    layer = "2*d*d_k*(h + h_kv) + d*E + 2*d"
    assert equal_everywhere(d.value("params"), as_value(f"2*V*d + d + n*({layer} + 3*E*d*d_ff)"))
    assert equal_everywhere(d.value("active"), as_value(f"2*V*d + d + n*({layer} + 3*K*d*d_ff)"))
    assert equal_everywhere(d.part("decoder/feed_forward/experts", "macs"), as_value("3*n*L*K*d*d_ff"))
    assert "K <= E" in str(d.domain)


def test_published_figures():
    d = zoo.mixtral_8x7b().derive()
    assert (d.params, d.metric("active")) == (46_702_792_704, 12_879_925_248)
    assert zoo.mixtral_8x22b().derive().params == 140_620_634_112


def test_no_more_experts_than_there_are():
    with pytest.raises(ConditionError, match="different experts"):
        zoo.mixtral(E=4, k=5).derive()


def _config(knobs):
    return {
        "num_hidden_layers": knobs["n"],
        "hidden_size": knobs["d"],
        "num_attention_heads": knobs["h"],
        "num_key_value_heads": knobs["h_kv"],
        "head_dim": knobs["d_k"],
        "intermediate_size": knobs["d_ff"],
        "vocab_size": knobs["V"],
        "num_local_experts": knobs["E"],
        "num_experts_per_tok": knobs["k"],
        "use_cache": False,
    }


@pytest.mark.frameworks
@pytest.mark.parametrize("name", PRESETS)
def test_weights_in_transformers(name):
    import torch

    with quietly(), torch.device("meta"):
        module = transformer("MixtralForCausalLM", "MixtralConfig", **_config(PRESETS[name]))()
    derivation = zoo.named(name).derive()
    assert derivation.params == sum(p.numel() for p in module.parameters())
    assert ours_by_layer(derivation, lambda call: call.torch_weights) == _by_layer(_kept(module, apart=True))


@pytest.mark.frameworks
@pytest.mark.parametrize(("experts", "used"), [(8, 2), (5, 3), (4, 4)])
def test_work_in_transformers(experts, used):
    """Which expert gets a token is known only when real numbers pass: small members run for real."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    knobs = {"n": 2, "d": 32, "h": 4, "h_kv": 2, "V": 60, "d_ff": 48, "E": experts, "k": used, "d_k": 8}
    make = transformer("MixtralForCausalLM", "MixtralConfig", experts_implementation="eager", **_config(knobs))
    with quietly():
        torch.manual_seed(0)
        module = make().eval()
        with FlopCounterMode(display=False) as counter:
            reading(23)(module)
    assert 2 * zoo.mixtral(**knobs).derive(L=23).macs == counter.get_total_flops()
