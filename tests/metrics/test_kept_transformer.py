"""What PyTorch's transformer layers keep, without dropout, against the modules themselves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape import Input, Network, layers

from ..zoo.against import quietly
from .saved import bytes_saved

N, C, HEADS, WIDE = 3, 8, 2, 16
options = st.fixed_dictionaries(
    {
        "bias": st.booleans(),
        "norm_first": st.booleans(),
        "batch_first": st.booleans(),
        "activation": st.sampled_from(("relu", "gelu")),
    }
)


def sequence(length: int, first: bool) -> Any:
    import torch

    return torch.randn((N, length, C) if first else (length, N, C), requires_grad=True) * 1


def kept(layer: Any, first: bool, *lengths: int) -> Any:
    entering = [Input(length, C, batch=N) if first else Input(N, C, batch=length) for length in lengths]
    return Network(entering, layer(*entering)).derive().metric("kept_bytes")


def packed(length: int, times: int = 1) -> int:
    """Values are a part of the packed projections, all of which stay for their sake: so many times N·L·C more."""
    return 4 * N * length * C * times


@pytest.mark.frameworks
def test_encoder_and_decoder_layers():
    from torch import nn

    @settings(max_examples=25, deadline=None, database=None)
    @given(options, st.integers(2, 6), st.integers(2, 6))
    def agree(chosen: Any, length: int, memory: int) -> None:
        first = chosen["batch_first"]
        x, y = sequence(length, first), sequence(memory, first)
        theirs = nn.TransformerEncoderLayer(C, HEADS, WIDE, 0.0, **chosen)
        ours = kept(layers.TransformerEncoderLayer(HEADS, WIDE, **chosen), first, length)
        assert bytes_saved(theirs, x) == ours + packed(length, 2)
        theirs = nn.TransformerDecoderLayer(C, HEADS, WIDE, 0.0, **chosen)
        ours = kept(layers.TransformerDecoderLayer(HEADS, WIDE, **chosen), first, length, memory)
        assert bytes_saved(theirs, x, y) == ours + packed(length, 2) + packed(memory)

    agree()


@pytest.mark.frameworks
@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("first", [False, True])
def test_stacks(depth, normalized, first):
    from torch import nn

    norm = (nn.LayerNorm(C), layers.LayerNormalization(shape=(C,))) if normalized else (None, None)
    x, y = sequence(5, first), sequence(7, first)
    layer = nn.TransformerEncoderLayer(C, HEADS, WIDE, 0.0, batch_first=first)
    theirs = nn.TransformerEncoder(layer, depth, norm[0], enable_nested_tensor=False)
    ours = layers.TransformerEncoder(layers.TransformerEncoderLayer(HEADS, WIDE, batch_first=first), depth, norm[1])
    assert bytes_saved(theirs, x) == kept(ours, first, 5) + depth * packed(5, 2)
    layer = nn.TransformerDecoderLayer(C, HEADS, WIDE, 0.0, batch_first=first)
    theirs = nn.TransformerDecoder(layer, depth, norm[0])
    ours = layers.TransformerDecoder(layers.TransformerDecoderLayer(HEADS, WIDE, batch_first=first), depth, norm[1])
    assert bytes_saved(theirs, x, y) == kept(ours, first, 5, 7) + depth * (packed(5, 2) + packed(7))


@pytest.mark.frameworks
@pytest.mark.parametrize("first", [False, True])
def test_transformer(first):
    from torch import nn

    with quietly():
        theirs = nn.Transformer(C, HEADS, 2, 3, WIDE, 0.0, batch_first=first)
    ours = kept(layers.Transformer(HEADS, 2, 3, WIDE, batch_first=first), first, 5, 7)
    more = 2 * packed(5, 2) + 3 * (packed(7, 2) + packed(5))
    assert bytes_saved(theirs, sequence(5, first), sequence(7, first)) == ours + more
