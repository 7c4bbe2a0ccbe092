"""Recurrent cells against Keras and PyTorch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .differential import many
from .recurrence import (
    BATCHES,
    FEATURES,
    FLAGS,
    STATES,
    UNITS,
    Spec,
    agrees_with_keras,
    agrees_with_torch,
    cell_options,
    covered,
    rarely,
)

pytestmark = pytest.mark.frameworks


def test_all_are_compared():
    assert covered("recurrent_cells", "keras") == {f"{kind}Cell" for kind in STATES}
    assert covered("recurrent_cells", "torch") == {"RNNCell", "LSTMCell", "GRUCell"}


@pytest.mark.parametrize("kind", sorted(STATES))
@many
@given(data=st.data())
def test_keras(kind, data):
    draw = data.draw
    spec = Spec(f"{kind}Cell", draw(cell_options(kind, "layer")))
    batch, size = draw(BATCHES), max(1, spec.options["units"])
    wrong = 3 if size > 1 and draw(rarely(st.just(False), True)) else 0
    shapes = [(batch, draw(FEATURES)), *[(batch, size + wrong)] * STATES[kind]]
    if draw(rarely(st.just(True), False)):
        agrees_with_keras(spec, shapes, [None] * STATES[kind], free=draw(FLAGS))
    else:
        agrees_with_keras(spec, shapes[:1])


@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell", "GRUCell"])
@many
@given(data=st.data())
def test_torch(kind, data):
    draw = data.draw
    features, units = draw(FEATURES), draw(UNITS)
    options = {"input_size": features, "hidden_size": units, "bias": draw(FLAGS)}
    if kind == "RNNCell":
        options["nonlinearity"] = draw(rarely(st.sampled_from(["tanh", "relu"]), "gelu"))
    batch = draw(st.sampled_from([(), (1,), (2,), (3,)]))
    entering = features + draw(rarely(st.just(0), 1))
    shapes = [(*batch, entering)] if draw(rarely(st.just(True), False)) else [(2, *batch, 1, entering)]
    if draw(FLAGS):
        leaving = units + draw(rarely(st.just(0), 1))
        shapes.extend([(*batch, leaving)] * (2 if kind == "LSTMCell" else 1))
    agrees_with_torch(kind, options, shapes, free=draw(FLAGS))
