"""Grouped heads, biases of relative positions, tables of positions, experts: closed forms, conditions, errors."""

from __future__ import annotations

import pytest

from symshape.algebra.equality import equal_everywhere
from symshape.declaration import as_value
from symshape.errors import ConditionError, GraphError
from symshape.layers import AttentionHeads, GatedExperts, PositionEmbedding, RelativePositionBias, RotaryEmbedding
from symshape.network import Input, Network, Sequential


def heads(layer, queries, keys, values, *bias):
    inputs = [Input(*sizes) for sizes in (queries, keys, values, *bias)]
    return Network(inputs, layer(*inputs)).derive()


def test_as_many_products_as_in_one_head():
    d = heads(AttentionHeads("h"), ("L", "C"), ("S", "C"), ("S", "C"))
    assert equal_everywhere(d.value("macs"), as_value("2*L*S*C"))
    assert str(d.domain) == "C % h == 0"


def test_shared_heads_of_keys_and_values():
    d = heads(AttentionHeads("h", "g"), ("L", "h*k"), ("S", "g*k"), ("S", "g*v"))
    assert str(d.output_shape) == "(N, L, h*v)"
    assert equal_everywhere(d.value("macs"), as_value("h*L*S*(k + v)"))
    assert str(d.domain) == "h % g == 0"


def test_a_bias_has_a_number_for_each_pair():
    assert heads(AttentionHeads(4), ("L", 8), ("S", 8), ("S", 8), (4, "L", "S")).macs == 16 * as_public("L*S")
    with pytest.raises(ConditionError):
        heads(AttentionHeads(4), ("L", 8), ("S", 8), ("S", 8), (3, "L", "S"))


def as_public(text):
    from symshape.derivation import public

    return public(as_value(text))


@pytest.mark.parametrize(
    ("layer", "features"),
    [(AttentionHeads(3), (8, 8, 8)), (AttentionHeads(2), (8, 6, 8)), (AttentionHeads(4, 3), (8, 6, 6))],
)
def test_shares_are_even(layer, features):
    with pytest.raises(ConditionError):
        heads(layer, *(("L", size) for size in features))


def test_two_inputs_are_not_enough():
    x = Input("L", 8)
    with pytest.raises(GraphError, match="queries, keys, values"):
        Network(x, AttentionHeads(2)(x, x)).derive()


def test_rotary_features_come_in_pairs():
    with pytest.raises(ConditionError, match="two at a time"):
        Sequential(Input("L", 9), RotaryEmbedding(3)).derive()


def test_biases_of_relative_positions():
    x, y = Input("L", 8), Input("S", 6)
    d = Network((x, y), RelativePositionBias(2, 32, rows="heads")(x, y)).derive()
    assert (str(d.output_shape), d.params) == ("(N, 2, L, S)", 64)
    with pytest.raises(GraphError, match="rows are buckets or heads"):
        Sequential(Input("L", 8), RelativePositionBias(2, 32, rows="both")).derive()


def test_rows_before_the_first_position():
    d = Sequential(Input("L"), PositionEmbedding(514, 8, 2)).derive()
    assert str(d.domain) == "L <= 512"


def test_experts_used_and_kept():
    x, scores = Input("L", "d"), Input("L", "E")
    d = Network((x, scores), GatedExperts("E", "k", "f")(x, scores)).derive()
    assert equal_everywhere(d.value("params"), as_value("3*E*d*f"))
    assert equal_everywhere(d.value("active"), as_value("3*k*d*f"))
    assert equal_everywhere(d.value("macs"), as_value("3*L*k*d*f"))
    assert str(d.domain) == "k <= E"


@pytest.mark.frameworks
@pytest.mark.parametrize(("queries", "keys", "h", "h_kv", "size"), [(7, 5, 4, 4, 8), (6, 6, 6, 2, 4), (3, 9, 4, 1, 2)])
def test_products_as_in_torch(queries, keys, h, h_kv, size):
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.nn.functional import scaled_dot_product_attention
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"):
        q, k, v = (torch.zeros((1, n, length, size)) for n, length in ((h, queries), (h_kv, keys), (h_kv, keys)))
        with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
            made = scaled_dot_product_attention(q, k, v, enable_gqa=True)
    layer = AttentionHeads(h, None if h == h_kv else h_kv)
    d = heads(layer, (queries, h * size), (keys, h_kv * size), (keys, h_kv * size))
    assert 2 * d.macs == counter.get_total_flops()
    assert d.output_shape[1] * d.output_shape[2] == made[0].numel()
