"""Recurrent layers against Keras and PyTorch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import symshape

from .differential import many, quietly
from .recurrence import (
    BATCHES,
    FEATURES,
    FLAGS,
    STATES,
    STEPS,
    UNITS,
    Spec,
    agrees_with_keras,
    agrees_with_torch,
    cell_options,
    covered,
    over_time,
    rarely,
)

pytestmark = pytest.mark.frameworks


def test_all_are_compared():
    assert covered("recurrent", "keras") == set(STATES)
    assert covered("recurrent", "torch") == {"RNN", "LSTM", "GRU"}


@pytest.mark.parametrize("kind", sorted(STATES))
@many
@given(data=st.data())
def test_keras(kind, data):
    draw = data.draw
    spec = Spec(kind, {**draw(cell_options(kind, "layer")), **draw(over_time())})
    batch = draw(BATCHES)
    shapes = [(batch, *draw(rarely(st.tuples(STEPS, FEATURES), (3,))))]
    states = None
    if draw(FLAGS):
        size = max(1, spec.options["units"])
        wrong = 3 if size > 1 and draw(rarely(st.just(False), True)) else 0
        shapes.extend([(batch, size + wrong)] * STATES[kind])
        states = [None] * STATES[kind]
    agrees_with_keras(spec, shapes, states, free=draw(FLAGS))


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@many
@given(data=st.data())
def test_torch(kind, data):
    draw = data.draw
    features, units, layers = draw(FEATURES), draw(rarely(UNITS, 0)), draw(rarely(st.integers(1, 4), 0))
    options = {
        "input_size": features,
        "hidden_size": units,
        "num_layers": layers,
        "bias": draw(FLAGS),
        "batch_first": draw(FLAGS),
        "bidirectional": draw(FLAGS),
        "dropout": draw(rarely(st.sampled_from([0, 0.0, 0.5, 1]), draw(st.sampled_from([1.5, -0.5, True])))),
    }
    out = units
    if kind == "LSTM" and draw(FLAGS):
        options["proj_size"] = draw(st.integers(-1, max(1, units)))
        out = options["proj_size"] or units
    if kind == "RNN":
        options["nonlinearity"] = draw(rarely(st.sampled_from(["tanh", "relu"]), "gelu"))
    batch, steps = draw(BATCHES), draw(STEPS)
    entering = features + draw(rarely(st.just(0), 1))
    alone = draw(rarely(st.just(False), True))
    sequence = (steps,) if alone else (batch, steps) if options["batch_first"] else (steps, batch)
    shapes = [(*sequence, entering)] if draw(rarely(st.just(True), False)) else [(2, *sequence, entering)]
    if draw(FLAGS) and out > 0:
        count = layers * (1 + options["bidirectional"]) + draw(rarely(st.just(0), 1))
        middle = () if alone else (batch + draw(rarely(st.just(0), 1)),)
        sizes = (out, units)[: 2 if kind == "LSTM" else 1]
        shapes.extend((max(1, count), *middle, size) for size in sizes)
    agrees_with_torch(kind, options, shapes, free=draw(FLAGS))


@many
@given(data=st.data())
def test_an_encoder_and_its_decoder(data):
    """States that travel from one layer into another: several outputs, several inputs, in a real model's file."""
    import keras

    draw = data.draw
    kind = draw(st.sampled_from(sorted(STATES)))
    units, one, other = draw(UNITS), draw(FEATURES), draw(FEATURES)
    with quietly():
        make = getattr(keras.layers, kind)
        x, y = keras.Input((draw(STEPS), one)), keras.Input((draw(STEPS), other))
        _, *states = make(units, return_state=True, name="encoder")(x)
        answers, *_ = make(units, return_sequences=True, return_state=True, name="decoder")(y, initial_state=states)
        merged = keras.layers.Bidirectional(make(draw(UNITS), return_state=True), name="both")(answers)
        model = keras.Model([x, y], [merged[0], merged[-1]])
    network = symshape.load(model.to_json())
    derived = network.derive().at(**{name: size for name, size in network.native.items() if name != "N"})
    for layer in model.layers:
        made = [tuple(tensor.shape[1:]) for tensor in layer._inbound_nodes[0].output_tensors]
        assert [tuple(shape[1:]) for shape in derived[layer.name].outputs] == made
        assert [w.dims for w in derived[layer.name].weights] == [tuple(w.shape) for w in layer.weights]
    assert derived.params == model.count_params()
