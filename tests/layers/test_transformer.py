"""Transformer layers and stacks: closed forms, conditions, errors."""

from __future__ import annotations

import pytest

from symshape.errors import ConditionError, GraphError, UsageError
from symshape.layers import (
    Dense,
    LayerNormalization,
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)
from symshape.network import Input, Network, Sequential


def between(layer, *sizes):
    inputs = [Input(*each) for each in sizes]
    return Network(inputs, layer(*inputs)).derive()


def test_an_encoder_layer_in_symbols():
    d = between(TransformerEncoderLayer("h", "ff"), ("L", "E"))
    at = d.at(h=4, ff=32, L=10, E=8)
    assert at.params == 4 * 8 * 8 + 4 * 8 + 2 * 8 * 32 + 32 + 8 + 4 * 8
    assert at.macs == 4 * 10 * 8 * 8 + 2 * 10 * 10 * 8 + 2 * 10 * 8 * 32


def test_the_well_known_twelve_d_squared():
    d = Sequential(Input("L", "E"), TransformerEncoderLayer("h", "4*E")).derive()
    assert str(d.params.expand()) == "12*E**2 + 13*E"


def test_weights_carry_pytorch_names():
    d = between(TransformerDecoderLayer(2, 6, bias=False), ("T", 4), ("S", 4))
    weights = {w.weight.name: w.dims for w in d["transformer_decoder_layer"].weights}
    assert weights == {
        "self_attn.in_proj_weight": (12, 4),
        "self_attn.out_proj.weight": (4, 4),
        "multihead_attn.in_proj_weight": (12, 4),
        "multihead_attn.out_proj.weight": (4, 4),
        "linear1.weight": (6, 4),
        "linear2.weight": (4, 6),
        "norm1.weight": (4,),
        "norm2.weight": (4,),
        "norm3.weight": (4,),
    }


def test_each_count_says_whose_it_is():
    d = between(TransformerDecoderLayer(2, 6), ("T", 4), ("S", 4))
    (call,) = d["transformer_decoder_layer"].calls
    told = [count.reason.split(",")[0] for count, _, _ in call.counts("macs")]
    assert told == ["self-attention"] * 6 + ["attention to the memory"] * 6 + ["feed-forward network"] * 2


def test_a_stack_of_open_depth_is_the_depth_times_a_layer():
    alone = between(TransformerEncoderLayer(4, 32), ("L", 8))
    stack = between(TransformerEncoder(TransformerEncoderLayer(4, 32), "n"), ("L", 8))
    assert stack.at(n=3, L=5).params == 3 * alone.params
    assert stack.at(n=3, L=5).macs == 3 * alone.at(L=5).macs
    named = between(TransformerEncoder(TransformerEncoderLayer(4, 32), 3), ("L", 8))
    assert named.params == 3 * alone.params
    assert len(named["transformer_encoder"].weights) == 3 * len(alone["transformer_encoder_layer"].weights)


def test_a_stack_with_a_normalization():
    layer = TransformerDecoderLayer(2, 6)
    bare, normed = (
        between(TransformerDecoder(layer, 2, norm), ("T", 4), ("S", 4))
        for norm in (None, LayerNormalization(shape=(4,)))
    )
    assert normed.params - bare.params == 8
    with pytest.raises(ConditionError, match="its part norm is made for"):
        between(TransformerDecoder(layer, 2, LayerNormalization(shape=(5,))), ("T", 4), ("S", 4))


def test_options_of_the_inner_layer_stay_open():
    net = Sequential(Input("L", 8), TransformerEncoder(TransformerEncoderLayer("heads", "ff"), 2))
    assert {"heads", "ff"} <= net.symbols
    with pytest.raises(ConditionError, match="equal share of the features"):
        net.derive(heads=3, ff=1)


def test_a_whole_transformer():
    d = between(Transformer(2, "a", "b", 6), ("S", 4), ("T", 4))
    at = d.at(a=2, b=3, S=5, T=7)
    assert at.output_shape[1:] == (7, 4)
    encoder = between(TransformerEncoderLayer(2, 6), ("S", 4)).at(S=5)
    decoder = between(TransformerDecoderLayer(2, 6), ("T", 4), ("S", 4)).at(S=5, T=7)
    assert at.params == 2 * encoder.params + 3 * decoder.params + 2 * 8
    assert at.macs == 2 * encoder.macs + 3 * decoder.macs


def test_bad_use():
    with pytest.raises(GraphError, match="takes 2 inputs of 3 dimensions"):
        between(TransformerDecoderLayer(2), ("T", 4))
    with pytest.raises(UsageError, match="made of layers of class TransformerEncoderLayer"):
        TransformerEncoder(Dense(3), 2)
    with pytest.raises(UsageError, match="normalized by a LayerNormalization"):
        TransformerEncoder(TransformerEncoderLayer(2), 2, Dense(3))
    with pytest.raises(ConditionError):
        between(TransformerEncoderLayer(3), ("L", 8))
