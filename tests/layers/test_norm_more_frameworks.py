"""More normalization against Keras and PyTorch."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from .differential import agrees_with_keras, agrees_with_torch, many

pytestmark = pytest.mark.frameworks
size = st.integers(1, 5)
sizes = st.lists(size, min_size=2, max_size=5).map(tuple)


def at_rest(module, inputs):
    """Used, not trained: statistics of the batch are asked for only where there are no others."""
    return module.eval()(*inputs)


@many
@given(data=st.data())
def test_keras_groups(data):
    draw = data.draw
    shape = draw(sizes)
    axis = draw(st.integers(1, len(shape) - 1)) - draw(st.sampled_from([0, len(shape)]))
    groups = draw(st.sampled_from([n for n in range(1, 6) if shape[axis] % n == 0]))
    options = {
        "groups": draw(st.sampled_from([groups, groups, groups, -1, 2, 0])),
        "axis": axis if draw(st.integers(0, 9)) else axis + 5,
        "center": draw(st.booleans()),
        "scale": draw(st.booleans()),
    }
    agrees_with_keras("GroupNormalization", options, shape, free=draw(st.booleans()))


@pytest.mark.parametrize("kind", ["RMSNormalization", "UnitNormalization"])
@many
@given(data=st.data())
def test_keras_along_axes(kind, data):
    draw = data.draw
    shape = draw(sizes)
    axis = draw(st.integers(-len(shape), len(shape)))
    if draw(st.booleans()):
        axis = sorted(draw(st.sets(st.integers(1, len(shape) - 1), min_size=1)))
    if kind == "RMSNormalization":
        axes = axis if isinstance(axis, list) else [axis]
        assume(0 not in axes and -len(shape) not in axes)  # Keras would lay weights along the batch
        assume(max(axes) < len(shape))
        along = [shape[n] for n in axes]
        assume(all(n == last or n > 1 for n, last in zip(along, shape[-len(along) :], strict=True)))
    agrees_with_keras(kind, {"axis": axis}, shape)


INNER = {
    "Dense": lambda draw: ({"units": draw(size)}, draw(sizes)),
    "Conv2D": lambda draw: (
        {"filters": draw(size), "kernel_size": draw(st.integers(1, 3)), "use_bias": draw(st.booleans())},
        (draw(size), draw(st.integers(1, 6)), draw(st.integers(1, 6)), draw(size)),
    ),
    "Conv1DTranspose": lambda draw: (
        {"filters": draw(size), "kernel_size": draw(st.integers(1, 3)), "strides": draw(st.integers(1, 3))},
        (draw(size), draw(size), draw(size)),
    ),
    "EinsumDense": lambda draw: (
        {"equation": "...x,xyz->...yz", "output_shape": (draw(size), draw(size)), "bias_axes": "z"},
        draw(sizes)[-3:],  # with more, Keras's compute_output_shape reverses the axes that "..." stands for
    ),
    "BatchNormalization": lambda draw: ({}, draw(sizes)),
}


@many
@given(data=st.data())
def test_keras_spectral(data):
    import keras

    draw = data.draw
    kind = draw(st.sampled_from(sorted(INNER)))
    options, shape = INNER[kind](draw)
    trainable = draw(st.booleans())
    given_options = {"layer": (kind, options, trainable), "power_iterations": draw(st.integers(0, 3))}

    def make(layer, power_iterations):
        inner, inner_options, is_trainable = layer
        held = getattr(keras.layers, inner)(**inner_options, trainable=is_trainable, name="inner")
        return keras.layers.SpectralNormalization(held, power_iterations=power_iterations)

    agrees_with_keras("SpectralNormalization", given_options, shape, make=make)


@many
@given(data=st.data())
def test_torch_groups(data):
    draw = data.draw
    groups = draw(st.integers(1, 4))
    channels = groups * draw(st.integers(1, 3)) + (draw(st.integers(0, 9)) == 0)
    affine = draw(st.booleans())
    options = {"num_groups": groups, "num_channels": channels, "affine": affine, "bias": draw(st.booleans())}
    entering = channels + draw(st.sampled_from([0, 0, 0, groups, 1]))
    spatial = tuple(draw(st.lists(size, max_size=3)))
    assume(channels % groups == 0 or not affine or entering == channels)
    agrees_with_torch("GroupNorm", options, (draw(size), entering, *spatial), free=draw(st.booleans()), meta=False)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("lazy", ["", "Lazy"])
@many
@given(data=st.data())
def test_torch_instances(rank, lazy, data):
    draw = data.draw
    channels = draw(size)
    options = {
        "affine": draw(st.booleans()),
        "track_running_stats": draw(st.booleans()),
        "bias": draw(st.booleans()),
    }
    if not lazy:
        options["num_features"] = channels
        channels += draw(st.sampled_from([0, 0, 0, 1]))
    shape = (draw(size), channels, *(draw(st.integers(1, 3)) for _ in range(rank)))
    agrees_with_torch(f"{lazy}InstanceNorm{rank}d", options, shape, call=at_rest, meta=False, free=draw(st.booleans()))


@many
@given(data=st.data())
def test_torch_root_mean_square(data):
    draw = data.draw
    shape = draw(sizes)
    last = shape[-draw(st.integers(1, len(shape) - 1)) :]
    if draw(st.integers(0, 9)) == 0:
        last = (*last[:-1], last[-1] + 1)
    options = {
        "normalized_shape": last[0] if len(last) == 1 else last,
        "elementwise_affine": draw(st.booleans()),
    }
    agrees_with_torch("RMSNorm", options, shape, free=draw(st.booleans()))


@pytest.mark.parametrize("kind", ["LocalResponseNorm", "CrossMapLRN2d"])
@many
@given(data=st.data())
def test_torch_local_response(kind, data):
    draw = data.draw
    shape = draw(sizes)
    assume(math.prod(shape) > 0)
    agrees_with_torch(kind, {"size": draw(size)}, shape, meta=False)
