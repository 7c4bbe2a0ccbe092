"""Attention against Keras and PyTorch."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from .differential import agrees_with_keras, agrees_with_torch, derived, many, quietly

pytestmark = pytest.mark.frameworks
size = st.integers(1, 5)


def sometimes(draw, usual, other):
    """Mostly the usual value, now and then another one."""
    return draw(other) if draw(st.integers(0, 9)) == 0 else usual


def as_list(layer, inputs):
    return layer(inputs)


@pytest.mark.parametrize("kind", ["Attention", "AdditiveAttention"])
@many
@given(data=st.data())
def test_keras_scored(kind, data):
    draw = data.draw
    leading = (draw(size), *draw(st.sampled_from([(), (), (2,), (3, 2)])))
    features, keys = draw(size), draw(size)
    shapes = [
        (*leading, draw(size), features),
        (*leading, keys, draw(size)),
        (*leading, sometimes(draw, keys, size), sometimes(draw, features, size)),
    ]
    if draw(st.booleans()):
        shapes[1] = shapes[2]
        shapes.pop()
    assume(kind == "Attention" or 1 not in {features, shapes[-1][-1]})  # sums would repeat a single feature
    options = {"use_scale": draw(st.booleans()), "dropout": draw(st.sampled_from([0.0, 0.5]))}
    if kind == "Attention":
        options["score_mode"] = "dot"
    agrees_with_keras(kind, options, *shapes, call=as_list)


@many
@given(data=st.data())
def test_keras_concat_scores(data):
    draw = data.draw
    batch, features = draw(size), draw(size)
    shapes = [(batch, draw(size), features), (batch, draw(size), features)]
    agrees_with_keras("Attention", {"score_mode": "concat", "use_scale": draw(st.booleans())}, *shapes, call=as_list)


@many
@given(data=st.data())
def test_keras_multi_head(data):
    draw = data.draw
    rank = draw(st.sampled_from([3, 3, 4, 5]))
    batch, features, values, keys = (draw(size) for _ in range(4))
    axes = draw(st.none() if rank == 3 else st.one_of(st.none(), st.sets(st.integers(1, rank - 2), min_size=1)))
    along = tuple(range(1, rank - 1)) if axes is None else tuple(sorted(axes))
    query_sizes = tuple(draw(size) for _ in range(rank - 2))
    key_sizes = tuple(draw(size) if axis in along else query_sizes[axis - 1] for axis in range(1, rank - 1))
    shapes = [(batch, *query_sizes, features), (batch, *key_sizes, values), (batch, *key_sizes, keys)]
    if draw(st.integers(0, 9)) == 0:
        shapes[2] = (batch, *(number + 1 for number in key_sizes), keys)
    if draw(st.booleans()):
        shapes.pop()
    if axes is not None:
        along = draw(st.sampled_from([along, tuple(axis - rank for axis in along)]))
    options = {
        "num_heads": draw(st.integers(1, 4)),
        "key_dim": draw(size),
        "value_dim": draw(st.one_of(st.none(), size)),
        "use_bias": draw(st.booleans()),
        "use_gate": draw(st.booleans()),
        "output_shape": draw(st.one_of(st.none(), size, st.tuples(size, size))),
        "attention_axes": None if axes is None else along,
        "dropout": draw(st.sampled_from([0.0, 0.1])),
        "sliding_window": draw(st.sampled_from([None, 2])) if rank == 3 else None,
    }
    agrees_with_keras("MultiHeadAttention", options, *shapes, free=draw(st.booleans()))


@many
@given(data=st.data())
def test_keras_grouped_query(data):
    draw = data.draw
    batch, features, keys = (draw(size) for _ in range(3))
    shapes = [
        (batch, draw(size), features),
        (batch, keys, sometimes(draw, features, size)),
        (batch, sometimes(draw, keys, size), draw(size)),
    ]
    if draw(st.booleans()):
        shapes.pop()
    groups = draw(st.integers(1, 3))
    options = {
        "head_dim": draw(size),
        "num_query_heads": sometimes(draw, groups * draw(st.integers(1, 3)), st.integers(1, 7)),
        "num_key_value_heads": groups,
        "use_bias": draw(st.booleans()),
        "use_gate": draw(st.booleans()),
    }
    agrees_with_keras("GroupQueryAttention", options, *shapes, free=draw(st.booleans()))


@many
@given(data=st.data())
def test_torch_multi_head(data):
    draw = data.draw
    heads = draw(st.integers(1, 4))
    features = sometimes(draw, heads * draw(st.integers(1, 4)), st.integers(1, 9))
    kdim, vdim = (draw(st.one_of(st.none(), st.just(features), size)) for _ in range(2))
    batch, queries, keys = draw(size), draw(size), draw(size)
    first = draw(st.booleans())

    def shaped(length, width):
        return (batch, length, width) if first else (length, batch, width)

    shapes = [
        shaped(queries, sometimes(draw, features, st.just(features + 1))),
        shaped(keys, kdim or features),
        shaped(sometimes(draw, keys, size), sometimes(draw, vdim or features, size)),
    ]
    options = {
        "embed_dim": features,
        "num_heads": heads,
        "bias": draw(st.booleans()),
        "add_bias_kv": draw(st.booleans()),
        "add_zero_attn": draw(st.booleans()),
        "kdim": kdim,
        "vdim": vdim,
        "batch_first": first,
    }
    # As symbols, the three numbers of features could be equal or not: then which weights there are is open.
    free = features not in (kdim, vdim) and draw(st.booleans())
    agrees_with_torch("MultiheadAttention", options, *shapes, call=lambda module, inputs: module(*inputs)[0], free=free)


@many
@given(data=st.data())
def test_torch_scaled_dot_product(data):
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    from symshape.layers import ScaledDotProductAttention

    draw = data.draw
    shared, heads = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    batch, queries, keys, width, values = (draw(size) for _ in range(5))
    grouped = draw(st.booleans())
    shapes = [
        (batch, heads * shared, queries, width),
        (batch, heads if grouped else heads * shared, keys, width),
        (batch, heads if grouped else heads * shared, keys, values),
    ]
    with quietly(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        tensors = [torch.zeros(shape, requires_grad=True) for shape in shapes]
        made = torch.nn.functional.scaled_dot_product_attention(*tensors, enable_gqa=grouped)
    ours = derived(ScaledDotProductAttention(grouped=grouped), shapes)
    assert ours.output_shape == tuple(made.shape)
    assert 2 * ours.macs == counter.get_total_flops()


@pytest.mark.parametrize("mean", [True, False])
@pytest.mark.parametrize("first", [True, False])
def test_scores_are_a_second_output(mean, first):
    import torch

    from symshape.layers import MultiheadAttention

    module = torch.nn.MultiheadAttention(6, 3, batch_first=first, add_zero_attn=True)
    shapes = [(2, 4, 6), (2, 5, 6), (2, 5, 6)] if first else [(4, 2, 6), (5, 2, 6), (5, 2, 6)]
    made = module(*[torch.zeros(shape) for shape in shapes], average_attn_weights=mean)
    layer = MultiheadAttention(3, batch_first=first, zero_attention=True, mean_scores=mean, scores=True)
    assert [tuple(shape) for shape in derived_outputs(layer, shapes)] == [tuple(output.shape) for output in made]


def derived_outputs(layer, shapes):
    """Both outputs' shapes."""
    from symshape.network import Input, Network

    inputs = [Input(*shape[1:], batch=shape[0]) for shape in shapes]
    return Network(inputs, layer(*inputs)).derive().outputs


@pytest.mark.parametrize("rank", [3, 4])
def test_keras_scores_are_a_second_output(rank):
    import keras

    from symshape.layers import Attention, GroupedQueryAttention, MultiHeadAttention

    query, value = (2, 5, 6), (2, 4, 6)
    if rank == 4:
        query, value = (2, 5, 3, 6), (2, 4, 3, 6)
    q, v = (keras.ops.zeros(shape) for shape in (query, value))
    cases = [(keras.layers.MultiHeadAttention(3, 4), MultiHeadAttention(3, 4, scores=True))]
    if rank == 3:
        theirs = keras.layers.GroupQueryAttention(4, 6, 3)
        cases.append((theirs, GroupedQueryAttention(6, 3, 4, scores=True)))
        made = keras.layers.Attention()([q, v], return_attention_scores=True)
        assert [tuple(o.shape) for o in made] == list(derived_outputs(Attention(scores=True), [query, value]))
    for theirs, ours in cases:
        made = theirs(q, v, return_attention_scores=True)
        assert [tuple(output.shape) for output in made] == list(derived_outputs(ours, [query, value]))
