"""What recurrent layers keep, step by step, against both frameworks: Keras's run on PyTorch."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symshape
from symshape import Input, Network, Sequential, layers
from symshape.errors import MissingRule

from .saved import bytes_kept, bytes_saved

N = 3
sizes = st.tuples(st.integers(2, 6), st.integers(2, 7), st.integers(2, 6))  # steps, features, units


def tensor(*shape: int) -> Any:
    import torch

    return torch.randn(N, *shape, requires_grad=True) * 1


@pytest.mark.frameworks
def test_layers_of_pytorch():
    import torch
    from torch import nn

    @settings(max_examples=40, deadline=None, database=None)
    @given(
        st.sampled_from(("RNN", "LSTM", "GRU")),
        sizes,
        st.integers(1, 3),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    )
    def agree(kind, drawn, depth, both, first, bias, projected, starting):
        steps, features, units = drawn
        options = {"proj_size": units - 1} if projected and kind == "LSTM" else {}
        theirs = getattr(nn, kind)(features, units, depth, bidirectional=both, batch_first=first, bias=bias, **options)
        x = torch.randn((N, steps, features) if first else (steps, N, features), requires_grad=True) * 1
        given_ = []
        if starting:
            widths = (options.get("proj_size", units), units)[: 2 if kind == "LSTM" else 1]
            given_ = [torch.randn(depth * (1 + both), N, width, requires_grad=True) * 1 for width in widths]
        states = (tuple(given_) if kind == "LSTM" else given_[0],) if starting else ()
        layer = symshape.load(theirs, input_shape=x.shape[1:])
        ours = next(node.operation for node in layer.nodes if type(node.operation).__name__ != "InputLayer")
        shapes = [tuple(t.shape) for t in (x, *given_)]
        entering = [Input(*shape[1:], batch=shape[0]) for shape in shapes]
        network = Network(entering, list(ours(*entering))[:1])
        assert bytes_saved(theirs, x, *states) == network.derive().metric("kept_bytes")

    agree()


@pytest.mark.frameworks
def test_cells_of_pytorch():
    from torch import nn

    for kind, cell, states in (
        (nn.RNNCell, layers.SimpleRNNCell(4, form="torch"), 1),
        (nn.LSTMCell, layers.LSTMCell(4, form="torch"), 2),
        (nn.GRUCell, layers.GRUCell(4, form="torch"), 1),
    ):
        theirs, x, given_ = kind(7, 4), tensor(7), [tensor(4) for _ in range(states)]
        entering = [Input(7), *(Input(4) for _ in range(states))]
        ours = Network(entering, [*outputs(cell(*entering))]).derive(N=N).metric("kept_bytes")
        assert bytes_saved(theirs, x, tuple(given_) if states > 1 else given_[0]) == ours
        alone = Network(entering[0], [*outputs(cell(entering[0]))]).derive(N=N).metric("kept_bytes")
        assert bytes_saved(theirs, x) == alone


def outputs(made: Any) -> tuple[Any, ...]:
    return tuple(made) if isinstance(made, (list, tuple)) else (made,)


def kept_by_keras(layer: Any, *inputs: Any) -> int:
    layer(*inputs)
    weights = [variable.value for variable in layer.variables]
    return bytes_kept(lambda *given_: layer(*given_, training=True), weights, *inputs)


def kept(layer: Any, *shape: int) -> Any:
    return Sequential(Input(*shape), layer).derive(N=N).metric("kept_bytes")


@pytest.mark.frameworks
def test_layers_of_keras():
    import keras

    @settings(max_examples=15, deadline=None, database=None)
    @given(
        st.sampled_from(("SimpleRNN", "LSTM", "GRU")),
        sizes,
        st.fixed_dictionaries(
            {
                "use_bias": st.booleans(),
                "return_sequences": st.booleans(),
                "go_backwards": st.booleans(),
                "activation": st.sampled_from(("tanh", "relu")),
            }
        ),
        st.booleans(),
        st.sampled_from((None, "concat", "sum", "mul", "ave")),
    )
    def agree(kind, drawn, options, after, merge):
        steps, features, units = drawn
        more = {"reset_after": after} if kind == "GRU" else {}
        x = tensor(steps, features)
        theirs = getattr(keras.layers, kind)(units, unroll=True, **options, **more)
        given_ = {**options, **more, "bias": options["use_bias"]}
        ours = getattr(layers, kind)(units, **{k: v for k, v in given_.items() if k != "use_bias"})
        assert kept_by_keras(theirs, x) == kept(ours, steps, features)
        if merge and not options["go_backwards"]:
            both = keras.layers.Bidirectional(theirs, merge_mode=merge)
            assert kept_by_keras(both, x) == kept(layers.Bidirectional(ours, merge), steps, features)

    agree()


@pytest.mark.frameworks
def test_cells_of_keras_repeated_and_layers_at_every_step():
    import keras

    theirs = keras.layers
    x = tensor(5, 7)
    for cell, ours in (
        (theirs.SimpleRNNCell(4), layers.SimpleRNNCell(4)),
        (theirs.LSTMCell(4), layers.LSTMCell(4)),
        (theirs.GRUCell(4), layers.GRUCell(4)),
        (theirs.GRUCell(4, reset_after=False), layers.GRUCell(4, reset_after=False)),
    ):
        assert kept_by_keras(theirs.RNN(cell, unroll=True), x) == kept(layers.RNN(ours), 5, 7)
    for inner, ours in (
        (theirs.Dense(3), layers.Dense(3)),
        (theirs.Dense(3, activation="relu"), layers.Dense(3, activation="relu")),
    ):
        assert kept_by_keras(theirs.TimeDistributed(inner), x) == kept(layers.TimeDistributed(ours), 5, 7)


def test_other_functions_are_refused():
    for layer in (layers.LSTM(4, recurrent_activation="hard_sigmoid"), layers.GRUCell(4, activation="elu")):
        shaped = [Input(5, 7)] if isinstance(layer, layers.LSTM) else [Input(7), Input(4)]
        derivation = Network(shaped, outputs(layer(*shaped))[:1]).derive()
        with pytest.raises(MissingRule, match="functions of a cell"):
            derivation.metric("kept_bytes")
