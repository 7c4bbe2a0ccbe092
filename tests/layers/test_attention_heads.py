"""Heads of attention over projected features: closed forms, conditions, errors, and PyTorch's own attention."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symshape.errors import ConditionError, GraphError
from symshape.layers import AttentionHeads, ScaledDotProductAttention
from symshape.network import Input, Network

from .differential import many, quietly

size = st.integers(1, 5)


def between(layer, *sizes):
    """The layer over inputs of these sizes."""
    inputs = [Input(*each) for each in sizes]
    return Network(inputs, layer(*inputs)).derive()


def test_heads_share_the_features():
    d = between(AttentionHeads("h"), ("T", "C"), ("S", "C"), ("S", "V"))
    assert str(d.output_shape) == "(N, T, V)"
    assert str(d.macs) == "S*T*(C + V)"
    apart = between(ScaledDotProductAttention(), (4, "T", 8), (4, "S", 8), (4, "S", 8))
    assert between(AttentionHeads(4), ("T", 32), ("S", 32), ("S", 32)).macs == apart.macs
    with pytest.raises(ConditionError, match="equal share"):
        between(AttentionHeads(4), ("T", 30), ("T", 30), ("T", 30))


def test_windows_of_a_map_and_a_bias_for_all_of_them():
    windows, bias = [Input("H", "W", "L", 32) for _ in range(3)], Input("L", "L", batch=4)
    d = Network((*windows, bias), AttentionHeads(4)(*windows, bias)).derive()
    assert str(d.output_shape) == "(N, H, W, L, 32)"
    assert str(d.macs) == "64*H*L**2*W"
    assert d.params == 0
    assert str(between(AttentionHeads("h", scaled=True), *[("T", "C")] * 3).params) == "h"


def test_inputs_that_do_not_fit_together():
    with pytest.raises(GraphError, match="2 inputs are connected"):
        between(AttentionHeads(4), ("T", 32), ("T", 32))
    with pytest.raises(GraphError, match=r"not inputs of \[3, 3, 4\]"):
        between(AttentionHeads(4), ("T", 32), ("T", 32), (4, "T", 32))
    with pytest.raises(GraphError, match=r"not inputs of \[3, 3, 3, 2\]"):
        between(AttentionHeads(4), *[("T", 32)] * 3, ("T",))


@pytest.mark.frameworks
@many
@given(data=st.data())
def test_torch(data):
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    batch, heads, queries, keys, width, values = (data.draw(size) for _ in range(6))
    shapes = [(batch, queries, heads * width), (batch, keys, heads * width), (batch, keys, heads * values)]
    with quietly(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        apart = [torch.zeros(shape, requires_grad=True).unflatten(-1, (heads, -1)).transpose(1, 2) for shape in shapes]
        mask = torch.zeros(heads, queries, keys)
        made = torch.nn.functional.scaled_dot_product_attention(*apart, attn_mask=mask).transpose(1, 2).flatten(-2)
    inputs = [Input(*shape[1:], batch=shape[0]) for shape in (*shapes, tuple(mask.shape))]
    ours = Network(inputs, AttentionHeads(heads)(*inputs)).derive(N=batch)
    assert ours.output_shape == tuple(made.shape)
    assert 2 * ours.macs == counter.get_total_flops()
