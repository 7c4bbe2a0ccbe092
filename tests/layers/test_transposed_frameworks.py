"""Transposed convolutions against Keras and PyTorch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .differential import agrees_with_keras, agrees_with_torch, many

pytestmark = pytest.mark.frameworks
RANKS = {1: (1, 9), 2: (1, 6), 3: (1, 4)}


def per_axis(draw, rank, numbers):
    """One number for all axes, or one for each."""
    return draw(st.one_of(numbers, st.tuples(*[numbers] * rank)))


@pytest.mark.parametrize("rank", [1, 2, 3])
@many
@given(data=st.data())
def test_keras(rank, data):
    draw = data.draw
    spatial = tuple(draw(st.integers(*RANKS[rank])) for _ in range(rank))
    batch, channels = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    last = draw(st.booleans())
    options = {
        "filters": draw(st.integers(1, 5)),
        "kernel_size": per_axis(draw, rank, st.integers(1, 5)),
        "strides": per_axis(draw, rank, st.integers(1, 3)),
        "padding": draw(st.sampled_from(["valid", "same", "SAME", "causal"] if rank == 1 else ["valid", "same"])),
        "output_padding": draw(st.none()) if draw(st.booleans()) else per_axis(draw, rank, st.integers(0, 2)),
        "dilation_rate": per_axis(draw, rank, st.integers(1, 3)) if draw(st.booleans()) else 1,
        "use_bias": draw(st.booleans()),
        "data_format": "channels_last" if last else "channels_first",
    }
    shape = (batch, *spatial, channels) if last else (batch, channels, *spatial)
    agrees_with_keras(f"Conv{rank}DTranspose", options, shape, free=draw(st.booleans()))


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("lazy", ["", "Lazy"])
@many
@given(data=st.data())
def test_torch(rank, lazy, data):
    draw = data.draw
    groups = draw(st.integers(1, 3))
    channels = groups * draw(st.integers(1, 3)) + draw(st.sampled_from([0, 0, 0, 1]))
    options = {
        "in_channels": channels,
        "out_channels": groups * draw(st.integers(1, 3)) + draw(st.sampled_from([0, 0, 0, 1])),
        "kernel_size": per_axis(draw, rank, st.integers(1, 4)),
        "stride": per_axis(draw, rank, st.integers(1, 3)),
        "padding": per_axis(draw, rank, st.integers(0, 2)),
        "output_padding": per_axis(draw, rank, st.integers(0, 2)),
        "groups": groups,
        "bias": draw(st.booleans()),
        "dilation": per_axis(draw, rank, st.integers(1, 3)),
    }
    spatial = tuple(draw(st.integers(*RANKS[rank])) for _ in range(rank))
    entering = channels + draw(st.sampled_from([0, 0, 0, 0, 1]))
    if lazy:  # which never looks whether groups divide the output's channels, and makes fewer of them
        del options["in_channels"]
        options["out_channels"] -= options["out_channels"] % groups
    shape = (draw(st.integers(1, 3)), entering, *spatial)
    agrees_with_torch(f"{lazy}ConvTranspose{rank}d", options, shape, free=draw(st.booleans()), meta=not lazy)


@pytest.mark.parametrize("rank", [1, 2, 3])
@many
@given(data=st.data())
def test_torch_unpooling(rank, data):
    import torch

    draw = data.draw
    options = {
        "kernel_size": per_axis(draw, rank, st.integers(1, 4)),
        "stride": draw(st.none()) if draw(st.booleans()) else per_axis(draw, rank, st.integers(1, 3)),
        "padding": per_axis(draw, rank, st.integers(0, 2)) if draw(st.booleans()) else 0,
    }
    shape = (draw(st.integers(1, 3)), draw(st.integers(1, 3)), *(draw(st.integers(1, 4)) for _ in range(rank)))

    def indexed(module, inputs):
        return module(inputs[0], inputs[1].to(torch.int64))

    agrees_with_torch(f"MaxUnpool{rank}d", options, shape, shape, call=indexed, free=draw(st.booleans()), meta=False)
