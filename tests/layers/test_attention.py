"""Attention: closed forms, conditions, errors."""

from __future__ import annotations

import pytest

from symshape.errors import ConditionError, GraphError, UsageError
from symshape.layers import (
    AdditiveAttention,
    Attention,
    GroupedQueryAttention,
    MultiHeadAttention,
    MultiheadAttention,
    ScaledDotProductAttention,
)
from symshape.network import Input, Network, Sequential


def between(layer, *sizes):
    """The layer over inputs of these sizes."""
    inputs = [Input(*each) for each in sizes]
    return Network(inputs, layer(*inputs)).derive()


def test_multi_head_in_symbols():
    d = between(MultiHeadAttention("h", "k", "v"), ("T", "E"), ("S", "E"))
    at = {"h": 8, "k": 64, "v": 32, "E": 512, "T": 10, "S": 20}
    assert d.at(**at).params == 2 * (512 * 8 * 64 + 8 * 64) + 512 * 8 * 32 + 8 * 32 + 8 * 32 * 512 + 512
    products = 10 * 20 * 8 * (64 + 32)
    projections = 10 * 512 * 8 * 64 + 20 * 512 * 8 * 64 + 20 * 512 * 8 * 32 + 10 * 8 * 32 * 512
    assert d.at(**at).macs == projections + products


def test_each_part_of_the_work_has_its_reason():
    d = between(MultiHeadAttention(8, 64, gate=True), ("T", 512), ("S", 512))
    (call,) = d["multi_head_attention"].calls
    reasons = [count.reason.split(":")[0] for count, _, _ in call.counts("macs")]
    assert [reason.split()[0] for reason in reasons] == ["query", "key", "gate", "value", "scores", "answers", "output"]


def test_attention_along_one_axis_of_a_map():
    d = between(MultiHeadAttention(2, 4, attention_axes=2), ("H", "W", 6), ("H", "V", 6))
    assert str(d.output_shape) == "(N, H, W, 6)"
    assert d.at(H=3, W=5, V=7).macs == 3 * (5 * 6 * 8 * 2 + 7 * 6 * 8 * 2 + 5 * 7 * 8 * 2)


def test_output_shape_replaces_the_features():
    d = between(MultiHeadAttention(2, 4, output_shape=(3, 5)), ("T", 6), ("S", 6))
    assert str(d.output_shape) == "(N, T, 3, 5)"
    assert [w.dims for w in d["multi_head_attention"].weights][-2:] == [(2, 4, 3, 5), (3, 5)]


def test_one_input_is_query_key_and_value():
    alone = Sequential(Input("L", 16), MultiHeadAttention(2, 8)).derive()
    pair = between(MultiHeadAttention(2, 8), ("L", 16), ("L", 16))
    assert alone.params == pair.params
    assert alone.macs == pair.macs


def test_pytorch_packs_its_weights_where_it_can():
    def names(**options):
        d = between(MultiheadAttention(2, 6, **options), ("T", 6), ("S", 6), ("S", 6))
        return [w.weight.name for w in d["multihead_attention"].weights]

    assert names()[0] == "in_proj_weight"
    assert names(kdim=6, vdim=6)[0] == "in_proj_weight"
    d = between(MultiheadAttention(2, 6, kdim=4), ("T", 6), ("S", 4), ("S", 6))
    assert [w.dims for w in d["multihead_attention"].weights][:3] == [(6, 6), (6, 4), (6, 6)]


def test_learned_and_zero_keys_lengthen_the_source():
    plain, longer = (
        between(MultiheadAttention(2, bias_kv=extra, zero_attention=extra), ("T", 6), ("S", 6), ("S", 6)).at(T=5, S=7)
        for extra in (False, True)
    )
    assert longer.macs - plain.macs == 2 * (2 * 5 * 6)
    assert longer.params - plain.params == 2 * 6


def test_the_batch_may_come_second():
    layer = MultiheadAttention(2, batch_first=False)
    inputs = [Input("N", 6, batch="T"), Input("N", 6, batch="S"), Input("N", 6, batch="S")]
    assert str(Network(inputs, layer(*inputs)).derive().output_shape) == "(T, N, 6)"


def test_heads_must_divide():
    with pytest.raises(ConditionError, match="equal share of the features"):
        between(MultiheadAttention(4), ("T", 6), ("S", 6), ("S", 6))
    with pytest.raises(ConditionError, match="equal share of the heads of queries"):
        between(GroupedQueryAttention(6, 4, 8), ("T", 6), ("S", 6))
    open_heads = between(MultiheadAttention("h"), ("T", 6), ("S", 6), ("S", 6))
    assert open_heads.at(h=3).params == open_heads.at(h=2).params
    with pytest.raises(ConditionError):
        open_heads.at(h=4)


def test_keys_and_values_are_as_many():
    with pytest.raises(ConditionError, match="do not fit together"):
        between(Attention(), ("T", 6), (5, 6), (4, 6))


def test_scores_as_second_output():
    q, v = Input("T", 6), Input("S", 6)
    answers, scores = MultiHeadAttention(2, 3, scores=True)(q, v)
    d = Network((q, v), (answers, scores)).derive()
    assert str(d.output_shape) == "[(N, T, 6), (N, 2, T, S)]"


def test_grouped_heads_cost_as_much_to_attend_but_less_to_project():
    def grouped(kv_heads):
        return between(GroupedQueryAttention(8, kv_heads, 4), ("T", 32), ("S", 32)).at(T=6, S=10)

    assert grouped(8).macs - grouped(2).macs == 2 * 10 * 32 * 6 * 4
    assert grouped(8).params - grouped(2).params == 2 * (32 + 1) * 6 * 4


def test_scaled_dot_product():
    d = between(ScaledDotProductAttention(grouped=True), (8, "T", 4), (2, "S", 4), (2, "S", 5))
    assert str(d.output_shape) == "(N, 8, T, 5)"
    assert d.at(T=3, S=7).macs == 8 * 3 * 7 * (4 + 5)
    assert d.params == 0


def test_additive_scores():
    d = between(AdditiveAttention(), ("T", 6), ("S", 6))
    assert (d.params, d.at(T=3, S=7).macs) == (6, 3 * 7 * (6 + 6))
    d = between(AdditiveAttention(use_scale=False), ("T", 6), ("S", 6))
    assert (d.params, d.at(T=3, S=7).macs) == (0, 3 * 7 * 6)


def test_bad_use():
    with pytest.raises(GraphError, match="4 inputs are connected"):
        between(Attention(), *[("T", 6)] * 4)
    with pytest.raises(GraphError, match="one number of dimensions"):
        between(MultiHeadAttention(2, 3), ("T", 6), (6,))
    with pytest.raises(GraphError, match="attends along axes from 1 to 1"):
        between(MultiHeadAttention(2, 3, attention_axes=2), ("T", 6), ("S", 6))
    with pytest.raises(UsageError, match='"dot" or "concat"'):
        Attention(score_mode="cosine")
