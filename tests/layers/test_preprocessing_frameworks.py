"""Preprocessing layers against Keras. Those that need TensorFlow to be made are held against its rules elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symshape.layers.preprocessing import _VARIATIONS

from .differential import EXAMPLES, agrees_with_keras, derived, many, our_layer, outputs_of, quietly
from .tally import compared

pytestmark = pytest.mark.frameworks
size = st.integers(1, 8)
few = settings(many, max_examples=max(EXAMPLES // 5, 5))


def image(draw, channels=size):
    last = draw(st.booleans())
    height, width, depth = draw(st.integers(2, 9)), draw(st.integers(2, 9)), draw(channels)
    shape = (draw(st.integers(1, 3)), height, width, depth) if last else (draw(st.integers(1, 3)), depth, height, width)
    return shape, "channels_last" if last else "channels_first"


@pytest.mark.parametrize("kind", ["Resizing", "CenterCrop", "RandomCrop"])
@many
@given(data=st.data())
def test_to_a_size(kind, data):
    draw = data.draw
    shape, order = image(draw)
    options = {"height": draw(size), "width": draw(size), "data_format": order}
    if kind == "Resizing":
        options |= {"crop_to_aspect_ratio": draw(st.booleans()), "pad_to_aspect_ratio": draw(st.booleans())}
    agrees_with_keras(kind, options, shape, free=draw(st.booleans()))


WANTED = {"factor": 0.3, "height_factor": 0.2, "width_factor": 0.2}


@pytest.mark.parametrize("kind", sorted({*_VARIATIONS} - {"Equalization"}))
@few
@given(data=st.data())
def test_variations(kind, data):
    import inspect

    import keras

    draw = data.draw
    # Some look at the channels' number only when trained, and some of those only now and then.
    colours = _VARIATIONS[kind][1]
    shape, order = image(draw, st.sampled_from(sorted(colours) if colours else [1, 3, 4]))
    parameters = inspect.signature(getattr(keras.layers, kind)).parameters.values()
    needed = {p.name: WANTED[p.name] for p in parameters if p.default is p.empty and p.name in WANTED}
    if kind == "RandomPosterization":
        needed["factor"] = 4
    takes_order = any(p.name == "data_format" for p in parameters)
    assume(takes_order or order == "channels_last")
    options = {**needed, "data_format": order} if takes_order else needed

    def trained(layer, inputs):
        return layer(*inputs) if isinstance(inputs[0], keras.KerasTensor) else layer(*inputs, training=True)

    agrees_with_keras(kind, options, shape, call=trained)


@few
@given(data=st.data())
def test_equalization(data):
    """Keras plans its very input as its output, so that no model can be made with it: it is only run."""
    import keras

    shape, order = image(data.draw)
    options = {"bins": data.draw(st.sampled_from([2, 256])), "data_format": order}
    with quietly():
        layer = keras.layers.Equalization(**options)
        made = tuple(layer(keras.ops.zeros(shape)).shape)
    compared("keras", "Equalization", refused=False)
    ours = derived(our_layer("keras", "Equalization", options), [shape])
    assert outputs_of(ours) == [made]
    assert (ours.params, layer.count_params()) == (0, 0)


@many
@given(data=st.data())
def test_category_encoding(data):
    draw = data.draw
    mode = draw(st.sampled_from(["one_hot", "multi_hot", "count", "binary", "int"]))
    shape = draw(
        st.lists(st.integers(1, 3), min_size=1 if mode == "one_hot" else 2, max_size=3 if mode == "one_hot" else 2)
    )
    options = {"num_tokens": draw(st.integers(0, 6)), "output_mode": mode}
    agrees_with_keras("CategoryEncoding", options, tuple(shape), dtype="int32")


@many
@given(data=st.data())
def test_discretization(data):
    draw = data.draw
    mode = draw(st.sampled_from(["int", "one_hot", "multi_hot", "count"]))
    shape = draw(st.lists(st.integers(1, 3), min_size=1 if mode in ("one_hot", "int") else 2, max_size=4))
    boundaries = sorted(draw(st.sets(st.floats(-2, 2), min_size=1, max_size=5)))
    agrees_with_keras("Discretization", {"bin_boundaries": boundaries, "output_mode": mode}, tuple(shape))
