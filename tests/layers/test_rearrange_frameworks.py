"""Layers that move numbers, against PyTorch."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from symshape.errors import UnsupportedLayer
from symshape.layers import Upsample

from .differential import agrees_with_torch, many

pytestmark = pytest.mark.frameworks
size = st.integers(1, 6)


def per_axis(draw, rank, numbers):
    return draw(st.one_of(numbers, st.tuples(*[numbers] * rank)))


def now_and_then(draw, usual, other):
    return other if draw(st.integers(0, 7)) == 0 else usual


@pytest.mark.parametrize("kind", ["PixelShuffle", "PixelUnshuffle"])
@many
@given(data=st.data())
def test_pixels(kind, data):
    draw = data.draw
    factor = draw(st.integers(1, 3))
    channels, height, width = (draw(st.integers(1, 3)) for _ in range(3))
    if kind == "PixelShuffle":
        channels = now_and_then(draw, channels * factor**2, channels * factor**2 + 1)
        option = "upscale_factor"
    else:
        height, width = height * factor, now_and_then(draw, width * factor, width * factor + 1)
        option = "downscale_factor"
    leading = tuple(draw(st.lists(size, min_size=1, max_size=2)))
    agrees_with_torch(kind, {option: factor}, (*leading, channels, height, width), free=draw(st.booleans()), meta=False)


@many
@given(data=st.data())
def test_channel_shuffle(data):
    draw = data.draw
    groups = draw(st.integers(1, 4))
    channels = now_and_then(draw, groups * draw(st.integers(1, 3)), draw(size))
    spatial = draw(st.lists(size, min_size=0, max_size=3))
    options = {"groups": groups}
    agrees_with_torch("ChannelShuffle", options, (draw(size), channels, *spatial), free=draw(st.booleans()), meta=False)


def windows(draw):
    return {
        "kernel_size": per_axis(draw, 2, st.integers(1, 3)),
        "dilation": per_axis(draw, 2, st.integers(1, 2)),
        "padding": per_axis(draw, 2, st.integers(0, 2)),
        "stride": per_axis(draw, 2, st.integers(1, 3)),
    }


@many
@given(data=st.data())
def test_unfold(data):
    draw = data.draw
    shape = (draw(size), draw(size), draw(st.integers(1, 7)), draw(st.integers(1, 7)))
    agrees_with_torch("Unfold", windows(draw), shape, free=draw(st.booleans()), meta=False)


@many
@given(data=st.data())
def test_fold(data):
    draw = data.draw
    options = windows(draw)
    options["output_size"] = per_axis(draw, 2, st.integers(1, 7))

    def on_axes(name):
        return options[name] if isinstance(options[name], tuple) else (options[name],) * 2

    columns, taps = 1, 1
    for axis in range(2):
        kernel, dilation, padding, stride = (
            on_axes(name)[axis] for name in ("kernel_size", "dilation", "padding", "stride")
        )
        columns *= max((on_axes("output_size")[axis] + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1, 1)
        taps *= kernel
    channels = now_and_then(draw, taps * draw(st.integers(1, 3)), taps + 1)
    shape = (draw(size), channels, now_and_then(draw, columns, columns + 1))
    agrees_with_torch("Fold", options, shape, free=draw(st.booleans()), meta=False)


@many
@given(data=st.data())
def test_unflatten(data):
    draw = data.draw
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    shape = list(draw(st.lists(size, min_size=1, max_size=3)))
    place = draw(st.integers(0, len(shape) - 1))
    whole = 1
    for one in sizes:
        whole *= one
    shape[place] = now_and_then(draw, whole, whole + 1)
    if draw(st.booleans()):
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    axis = now_and_then(draw, draw(st.sampled_from([place, place - len(shape)])), 9)
    options = {"dim": axis, "unflattened_size": tuple(sizes)}
    agrees_with_torch("Unflatten", options, tuple(shape), free=draw(st.booleans()))


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["Reflection", "Replication", "Circular"])
@many
@given(data=st.data())
def test_borders(kind, rank, data):
    draw = data.draw
    numbers = st.integers(0, 4)
    padding = draw(st.one_of(numbers, st.tuples(*[numbers] * (2 * rank))))
    shape = (draw(size), draw(size), *(draw(st.integers(1, 5)) for _ in range(rank)))
    agrees_with_torch(f"{kind}Pad{rank}d", {"padding": padding}, shape, free=draw(st.booleans()), meta=False)


MODES = ["nearest", "nearest-exact", "area", "linear", "bilinear", "bicubic", "trilinear"]
FACTORS = [0.5, 1.0, 1.5, 2.0, 0.25, 2.5, 3.0, 1.25, 0.1, 0.2, 0.4, 1.1]


@many
@given(data=st.data())
def test_upsample(data):
    draw = data.draw
    mode = draw(st.sampled_from(MODES))
    rank = draw(st.sampled_from([{"linear": 1, "trilinear": 3}.get(mode, 2), draw(st.integers(1, 3))]))
    options = {"mode": mode}
    if draw(st.booleans()):
        options["size"] = per_axis(draw, rank, size)
    else:
        options["scale_factor"] = per_axis(draw, rank, st.sampled_from(FACTORS))
    if draw(st.integers(0, 2)) == 0:
        options["align_corners"] = draw(st.booleans())
    shape = (draw(size), draw(size), *(draw(st.integers(1, 12)) for _ in range(rank)))
    agrees_with_torch("Upsample", options, shape, meta=False)


@pytest.mark.parametrize("kind", ["UpsamplingNearest2d", "UpsamplingBilinear2d"])
@many
@given(data=st.data())
def test_upsample_by_name(kind, data):
    draw = data.draw
    options = {}
    if draw(st.booleans()):
        options["size"] = per_axis(draw, 2, size)
    else:
        options["scale_factor"] = per_axis(draw, 2, st.sampled_from(FACTORS))
    agrees_with_torch(kind, options, (draw(size), draw(size), draw(size), draw(size)), meta=False)


@many
@given(data=st.data())
def test_factors_that_are_taken_give_the_sizes_that_pytorch_gives(data):
    draw = data.draw
    factor = draw(st.integers(1, 400)) / draw(st.integers(1, 100))
    length = draw(st.integers(1, 3000))
    try:
        Upsample(factor=factor)
    except UnsupportedLayer:
        assume(False)
    agrees_with_torch("Upsample", {"scale_factor": factor}, (1, 1, length))
