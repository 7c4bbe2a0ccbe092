"""Layers that hold other layers against Keras."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import symshape
from symshape.errors import SymshapeError

from .differential import many, quietly
from .recurrence import (
    BATCHES,
    FEATURES,
    FLAGS,
    STATES,
    STEPS,
    Spec,
    agrees_with_keras,
    cells,
    conv_lstm,
    covered,
    file_by_hand,
    rarely,
    real,
    recurrent,
    repeated_cells,
)
from .tally import compared

pytestmark = pytest.mark.frameworks


def test_all_are_compared():
    assert covered("wrappers", "keras") == {"RNN", "StackedRNNCells", "Bidirectional", "TimeDistributed"}


def state_sizes(cell):
    """Keras's structure of a cell's states, and their sizes in order."""
    if cell.kind != "StackedRNNCells":
        count = STATES[cell.kind.removesuffix("Cell")]
        return count, [max(1, cell.options["units"])] * count
    inside = [state_sizes(one) for one in cell.options["cells"]]
    return [structure for structure, _ in inside], [size for _, sizes in inside for size in sizes]


def listed(structure):
    """The structure as the states of a layer: a single cell's are a plain list."""
    return [None] * structure if isinstance(structure, int) else structure


@many
@given(data=st.data())
def test_cells_along_a_sequence(data):
    draw = data.draw
    spec = draw(repeated_cells("layer"))
    batch = draw(BATCHES)
    shapes = [(batch, draw(STEPS), draw(FEATURES))]
    states = None
    if draw(FLAGS):
        structure, sizes = state_sizes(spec.options["cell"])
        shapes.extend((batch, size) for size in sizes)
        states = listed(structure)
    agrees_with_keras(spec, shapes, states)


@many
@given(data=st.data())
def test_stacked_cells(data):
    draw = data.draw
    spec = Spec(
        "StackedRNNCells", {"name": "layer", "cells": [draw(cells(f"c{n}", 1)) for n in range(draw(st.integers(1, 3)))]}
    )
    batch = draw(BATCHES)
    structure, sizes = state_sizes(spec)
    agrees_with_keras(spec, [(batch, draw(FEATURES)), *((batch, size) for size in sizes)], structure)


@st.composite
def both_ways(draw, inside, name="layer"):
    options = {"name": name, "layer": draw(inside)}
    if options["layer"].options["return_state"]:
        options["layer"].options.pop("stateful", None)  # Keras's compute_mask fails: it multiplies a generator by 2
    if draw(FLAGS):
        options["merge_mode"] = draw(rarely(st.sampled_from(["concat", "sum", "mul", "ave", None]), "max"))
    if draw(FLAGS):
        options["trainable"] = draw(FLAGS)
    return Spec("Bidirectional", options)


@many
@given(data=st.data())
def test_both_directions(data):
    draw = data.draw
    spec = draw(both_ways(st.one_of(recurrent(), recurrent(), repeated_cells())))
    inner = spec.options["layer"]
    if inner.options.get("go_backwards"):
        spec.options["backward_layer"] = Spec(
            inner.kind, {**inner.options, "name": "backwards", "go_backwards": draw(rarely(st.just(False), True))}
        )
    batch = draw(BATCHES)
    shapes = [(batch, draw(STEPS), draw(FEATURES))]
    states = None
    if inner.kind in STATES and draw(FLAGS):
        count = 2 * STATES[inner.kind]
        shapes.extend([(batch, max(1, inner.options["units"]))] * count)
        states = [None] * count
    agrees_with_keras(spec, shapes, states, free=draw(FLAGS))


def last_cells(spec):
    """The part of a recurrent layer that makes its output."""
    while spec.kind == "RNN":
        spec = spec.options["cell"]
    while spec.kind == "StackedRNNCells":
        spec = spec.options["cells"][-1]
    return [spec]


@many
@given(data=st.data())
def test_two_layers_that_differ(data):
    """The layer that runs backwards has options of its own, but what is handed on must fit."""
    draw = data.draw
    if draw(FLAGS):
        forward, backward = draw(repeated_cells("one")), draw(repeated_cells("two"))
        backward.options["return_state"] = forward.options["return_state"] = False
    else:
        forward, backward = draw(recurrent("one")), draw(recurrent("two"))
    forward.options.pop("stateful", None)
    for option in ("return_sequences", "return_state", "stateful"):
        if draw(rarely(st.just(True), False)):
            backward.options[option] = forward.options.get(option, False)
    backward.options["go_backwards"] = not forward.options.get("go_backwards", False)
    if "units" in forward.options and draw(FLAGS):
        backward.options["units"] = forward.options["units"]
    spec = draw(both_ways(st.just(forward)))
    spec.options["backward_layer"] = backward
    if forward.options["return_state"] and STATES[forward.kind] != STATES[backward.kind]:
        return  # Keras plans the forward layer's states twice, and makes the backward layer's
    if spec.options.get("merge_mode", "concat") in ("sum", "mul", "ave"):
        for one in (forward, backward):  # run on zeros, PyTorch broadcasts an output of one unit to several
            for last in last_cells(one):
                last.options["units"] = last.options["units"] and max(2, last.options["units"])
    agrees_with_keras(spec, [(draw(BATCHES), draw(STEPS), draw(FEATURES))])


@many
@given(data=st.data())
def test_both_directions_of_maps(data):
    draw = data.draw
    rank = draw(st.integers(1, 2))
    inner = draw(conv_lstm(rank))
    inner.options.pop("go_backwards", None)
    spec = draw(both_ways(st.just(inner)))
    spatial = [draw(st.integers(2, 5)) for _ in range(rank)]
    channels = draw(FEATURES)
    first = inner.options["data_format"] == "channels_first"
    step = (channels, *spatial) if first else (*spatial, channels)
    agrees_with_keras(spec, [(draw(BATCHES), draw(st.integers(1, 3)), *step)])


@st.composite
def anything(draw, deepest=2):
    """A layer to repeat at every step, with the number of dimensions it takes."""
    kinds = ["Dense", "Flatten", "Activation", "BatchNormalization", "Conv1D", "Conv2D", "MaxPooling2D"]
    kinds += ["GlobalAveragePooling1D", "LSTM", "Bidirectional", "Dropout", "ConvLSTM1D"]
    kind = draw(st.sampled_from([*kinds, *(["TimeDistributed"] * 2 if deepest else [])]))
    if kind == "TimeDistributed":
        inner, rank = draw(anything(deepest - 1))
        return Spec(kind, {"name": f"deeper{deepest}", "layer": inner}), rank + 1
    if kind == "LSTM":
        return draw(recurrent()), 3
    if kind == "Bidirectional":
        spec = draw(both_ways(recurrent("one_way"), "inner"))
        spec.options["layer"].options.pop("go_backwards", None)
        return spec, 3
    if kind == "ConvLSTM1D":
        return draw(conv_lstm(1)), 4
    options = {
        "Dense": {"units": draw(st.integers(1, 5)), "use_bias": draw(FLAGS)},
        "Activation": {"activation": "relu"},
        "Dropout": {"rate": 0.5},
        "BatchNormalization": {"scale": draw(FLAGS)},
        "Conv1D": {
            "filters": 2,
            "kernel_size": draw(st.integers(1, 3)),
            "padding": draw(st.sampled_from(["same", "valid"])),
        },
        "Conv2D": {"filters": 2, "kernel_size": draw(st.integers(1, 3)), "strides": draw(st.integers(1, 2))},
        "MaxPooling2D": {"pool_size": draw(st.integers(1, 3))},
    }.get(kind, {})
    if draw(rarely(st.just(False), True)):
        options["trainable"] = draw(FLAGS)
    ranks = {"Conv1D": 3, "GlobalAveragePooling1D": 3, "Conv2D": 4, "MaxPooling2D": 4}
    return Spec(kind, {"name": "inner", **options}), ranks.get(kind) or draw(st.integers(2, 4))


@many
@given(data=st.data())
def test_at_every_step(data):
    draw = data.draw
    inner, rank = draw(anything())
    options = {"name": "layer", "layer": inner}
    if draw(FLAGS):
        options["trainable"] = draw(FLAGS)
    # Keras runs the inner layer's `call`, which does not look at the number of dimensions: the wrapper's own is drawn
    dimensions = draw(rarely(st.just(rank + 1), 2))
    shape = tuple(draw(st.integers(1, 4)) for _ in range(dimensions))
    agrees_with_keras(Spec("TimeDistributed", options), [shape])


# -- whole models at every step ----------------------------------------------------------------------------------------
@st.composite
def parts_of_models(draw, rank, number):
    """A layer for inputs of this many dimensions, by class and options, and the dimensions it gives."""
    kinds = {
        2: ["Dense", "Dense", "BatchNormalization", "RepeatVector"],
        3: [
            "Dense",
            "Conv1D",
            "LSTM",
            "GRU",
            "Flatten",
            "GlobalAveragePooling1D",
            "LayerNormalization",
            "Bidirectional",
        ],
        4: [
            "Conv2D",
            "MaxPooling2D",
            "Flatten",
            "GlobalMaxPooling2D",
            "BatchNormalization",
            "DepthwiseConv2D",
            "Cropping2D",
        ],
    }
    kind = draw(st.sampled_from(kinds[rank]))
    if kind == "Bidirectional":
        inner = Spec("LSTM", {"name": "one_way", "units": draw(st.integers(1, 3)), "return_sequences": True})
        return Spec(kind, {"name": f"part{number}", "layer": inner}), 3
    options = {
        "Dense": {"units": draw(st.integers(1, 4))},
        "RepeatVector": {"n": 3},
        "Conv1D": {"filters": 2, "kernel_size": draw(st.integers(1, 3)), "padding": draw(PADDINGS)},
        "Conv2D": {"filters": 2, "kernel_size": draw(st.integers(1, 3)), "padding": draw(PADDINGS)},
        "DepthwiseConv2D": {"kernel_size": draw(st.integers(1, 3)), "strides": draw(st.integers(1, 2))},
        "MaxPooling2D": {"pool_size": draw(st.integers(1, 3)), "padding": draw(PADDINGS)},
        "Cropping2D": {"cropping": 1},
        "LSTM": {"units": draw(st.integers(1, 3)), "return_sequences": draw(FLAGS)},
        "GRU": {"units": draw(st.integers(1, 3))},
    }.get(kind, {})
    if draw(rarely(st.just(False), True)):
        options["trainable"] = False
    flat = (
        kind in ("Flatten", "GRU") or kind.startswith("Global") or (kind == "LSTM" and not options["return_sequences"])
    )
    return Spec(kind, {"name": f"part{number}", **options}), 2 if flat else 3 if kind == "RepeatVector" else rank


PADDINGS = st.sampled_from(["valid", "same"])


def skipped(k, x):
    """Something functional: two uses of one layer, and a way around both."""
    same = k.layers.Dense(int(x.shape[-1]), name="same")
    return k.layers.Add(name="sum")([same(same(x)), x])


@many
@given(data=st.data())
def test_models_at_every_step(data):
    import keras as k

    draw = data.draw
    rank = draw(st.integers(2, 4))
    chain = []
    entering = rank
    for number in range(draw(st.integers(1, 3))):
        spec, rank = draw(parts_of_models(rank, number))
        chain.append(spec)
    sizes = {2: ["C"], 3: ["L", "C"], 4: ["H", "W", "C"]}[entering]
    shape = tuple(draw(st.integers(2, 7)) if size != "C" else draw(st.integers(1, 4)) for size in sizes)
    steps, batch = draw(STEPS), draw(BATCHES)
    graph, around, deeper = draw(FLAGS), draw(FLAGS), draw(rarely(st.just(False), True))

    def inner():
        if not graph:
            return k.Sequential([*([k.Input(shape)] if around else []), *map(real, chain)], name="model")
        x = k.Input(shape, name="entrance")
        y = x
        for one in chain:
            y = real(one)(y)
        return k.Model(x, skipped(k, y) if around else y, name="model")

    def made():
        held = inner()
        layer = k.layers.TimeDistributed(held, name="layer")
        if deeper:
            layer = k.layers.TimeDistributed(layer, name="twice")
        x = k.Input((*((2,) if deeper else ()), steps, *shape), name="x")
        return held, k.Model(x, layer(x))

    with quietly():
        try:
            held, model = made()
            zeros = k.ops.zeros((batch, *model.input_shape[1:]))
            given = tuple(model(zeros).shape)
        except AssertionError:
            raise
        except Exception:  # mostly a window that does not fit
            held = None
    compared("keras", "TimeDistributed", refused=held is None)
    if held is None:
        parts = Spec("Sequential", {"name": "model", "build_input_shape": [None, *shape], "layers": chain})
        spec = Spec("TimeDistributed", {"name": "layer", "layer": parts})
        if deeper:
            spec = Spec("TimeDistributed", {"name": "twice", "layer": spec})
        by_hand = file_by_hand(spec, [(batch, *((2,) if deeper else ()), steps, *shape)])
        with pytest.raises(SymshapeError):
            symshape.load(by_hand)
        return
    network = symshape.load(model.to_json())
    bound = {name: size for name, size in network.native.items() if name != "N"}
    d = network.derive().at(**bound, N=batch)
    name = "twice" if deeper else "layer"
    assert tuple(d.output_shape) == given
    assert [(w.dims, w.trainable) for w in d[name].weights] == [(tuple(w.shape), w.trainable) for w in held.weights]
    assert d.params == model.count_params()
    assert d.trainable == sum(math.prod(weight.shape) for weight in model.trainable_weights)
    alone = symshape.load(held.to_json())
    own = alone.derive(**{size: number for size, number in alone.native.items() if size != "N"}, N=batch)
    assert d.macs == (2 if deeper else 1) * steps * own.macs
