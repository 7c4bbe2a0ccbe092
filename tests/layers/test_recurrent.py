"""Recurrent layers, cells and the layers that hold others: closed forms, conditions and refusals."""

from __future__ import annotations

import json

import pytest

import symshape
from symshape.algebra.poly import Poly, name
from symshape.declaration import Application, Inner
from symshape.declaration.dialect import Dialect
from symshape.errors import ConditionError, GraphError, ImportRefused, UnsupportedLayer, UsageError
from symshape.layers.activation import Activation
from symshape.layers.conv import Conv1D, Conv2D
from symshape.layers.conv_lstm import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from symshape.layers.dense import Dense
from symshape.layers.norm import BatchNormalization
from symshape.layers.recurrent import GRU, LSTM, SimpleRNN
from symshape.layers.recurrent_cells import GRUCell, LSTMCell, SimpleRNNCell
from symshape.layers.wrappers import RNN, Bidirectional, StackedRNNCells, TimeDistributed
from symshape.network import Input, Network, Sequential

L, C, U = map(name, "LCU")
TORCH = {"form": "torch", "return_sequences": True, "return_state": True}


def over(layer, *shapes, batch="N"):
    """The layer over inputs of these shapes, without the batch."""
    return Application(
        layer, [(name(batch), *(name(s) if isinstance(s, str) else s for s in shape)) for shape in shapes]
    )


def macs(application):
    total = 0
    for _, _, value in application.counts("macs"):
        total = total + value
    return total


def alone(layer, *sizes):
    """The layer by itself in a derived network."""
    return Sequential(Input(*sizes), layer).derive()


def weights(application):
    return {w.weight.name: w.dims for w in application.weights}


# -- one formula for all gates -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("layer", "cell", "gates", "biases"),
    [
        (SimpleRNN("U"), SimpleRNNCell("U"), 1, 1),
        (LSTM("U"), LSTMCell("U"), 4, 1),
        (GRU("U"), GRUCell("U"), 3, 2),
        (GRU("U", reset_after=False), GRUCell("U", reset_after=False), 3, 1),
        (LSTM("U", bias=False), LSTMCell("U", bias=False), 4, 0),
        (GRU("U", bias=False), GRUCell("U", bias=False), 3, 0),
    ],
)
def test_gates_are_the_only_difference(layer, cell, gates, biases):
    whole = over(layer, ("L", "C"))
    step = over(cell, ("C",), *[("U",)] * cell.gates.states)
    assert macs(whole) == name("N") * L * gates * U * (C + U)
    assert macs(step) * L == macs(whole)
    for application in (whole, step):
        assert sum((w.count for w in application.weights), start=0) == gates * U * (C + U + biases)
    assert whole.outputs == ((name("N"), U),)
    assert step.outputs == ((name("N"), U),) * (1 + cell.gates.states)


def test_bias_is_kept_as_the_framework_keeps_it():
    assert weights(over(GRU(4), ("L", 3)))["gru_cell/bias"] == (2, 12)
    assert weights(over(GRU(4, reset_after=False), ("L", 3)))["gru_cell/bias"] == (12,)
    assert weights(over(LSTM(4), ("L", 3)))["lstm_cell/bias"] == (16,)
    torch = weights(over(LSTM(4, **TORCH), ("L", 3)))
    assert torch == {
        "weight_ih_l0": (16, 3),
        "weight_hh_l0": (16, 4),
        "bias_ih_l0": (16,),
        "bias_hh_l0": (16,),
    }


@pytest.mark.parametrize(
    ("sequences", "state", "shapes"),
    [
        (False, False, [("U",)]),
        (True, False, [("L", "U")]),
        (False, True, [("U",), ("U",), ("U",)]),
        (True, True, [("L", "U"), ("U",), ("U",)]),
    ],
)
def test_what_is_returned(sequences, state, shapes):
    layer = LSTM("U", return_sequences=sequences, return_state=state)
    assert [shape[1:] for shape in over(layer, ("L", "C")).outputs] == [tuple(map(name, shape)) for shape in shapes]
    assert layer.output_count == len(shapes)


def test_states_travel_from_one_layer_to_another():
    x, y = Input("L", 8), Input("T", 5)
    _, h, c = LSTM("U", return_state=True, name="encoder")(x)
    answer = LSTM("U", return_sequences=True, name="decoder")(y, h, c)
    net = Network((x, y), Dense(9)(answer))
    d = net.derive(U=32)
    assert d.output_shape == (*net.derive().output_shape[:2], 9)
    assert d["decoder"].params == 4 * 32 * (5 + 32 + 1)
    with pytest.raises(ConditionError, match="U"):
        net.replace("decoder", units=31).derive(U=32)


# -- PyTorch's form ----------------------------------------------------------------------------------------------------
def test_stacked_both_ways_and_projected():
    layer = LSTM("U", layers=3, bidirectional=True, projection="R", **TORCH)
    application = over(layer, ("L", "C"))
    r, n = name("R"), name("N")
    assert application.outputs == ((n, L, 2 * r), (6, n, r), (6, n, U))
    assert macs(application) == n * L * (2 * 4 * U * (C + r) + 2 * 2 * 4 * U * (2 * r + r) + 3 * 2 * U * r)
    kept = weights(application)
    assert list(kept)[:6] == [
        "weight_ih_l0",
        "weight_hh_l0",
        "bias_ih_l0",
        "bias_hh_l0",
        "weight_hr_l0",
        "weight_ih_l0_reverse",
    ]
    assert kept["weight_ih_l2_reverse"] == (4 * U, 2 * r)
    assert kept["weight_hh_l2_reverse"] == (4 * U, r)
    assert kept["weight_hr_l2_reverse"] == (r, U)
    assert len(kept) == 30


def test_the_batch_may_come_second_or_not_at_all():
    layer = GRU(4, batch_first=False, **TORCH)
    n = name("N")
    assert Application(layer, [(L, n, 3)]).outputs == ((L, n, 4), (1, n, 4))
    assert Application(layer, [(L, 3)]).outputs == ((L, 4), (1, 4))
    assert macs(Application(layer, [(L, 3)])) == L * 3 * 4 * 7
    with pytest.raises(GraphError, match="3 dimensions, this one has 4"):
        Application(layer, [(L, n, 2, 3)])
    cell = LSTMCell(4, form="torch")
    assert Application(cell, [(3,)]).outputs == ((4,), (4,))
    assert Application(cell, [(n, 3), (n, 4), (n, 4)]).outputs == ((n, 4), (n, 4))


def test_initial_states_for_each_layer_and_direction():
    layer = LSTM(5, layers=2, bidirectional=True, **TORCH)
    n = name("N")
    state = (4, n, 5)
    assert Application(layer, [(n, L, 3), state, state]).outputs == ((n, L, 10), state, state)
    with pytest.raises(ConditionError, match="one initial state for each layer and direction"):
        Application(layer, [(n, L, 3), (2, n, 5), (2, n, 5)])
    with pytest.raises(GraphError, match="takes 3 inputs, 2 are connected"):
        Application(layer, [(n, L, 3), state])


def read(dialects, options):
    (dialect,) = dialects
    return dialect.read(options, "here", {})


def test_options_of_pytorch():
    options = {
        "input_size": 3,
        "hidden_size": 4,
        "num_layers": 2,
        "bias": False,
        "dropout": 0.5,
        "bidirectional": True,
        "proj_size": 2,
    }
    layer = LSTM(**read(LSTM.torch, options))
    assert (layer.in_features, layer.units, layer.layers, layer.bias, layer.projection) == (3, 4, 2, False, 2)
    assert not layer.batch_first
    assert read(LSTM.torch, {"proj_size": 0})["projection"] is None
    assert SimpleRNN(4, **read(SimpleRNN.torch, {"mode": "RNN_RELU"})).activation == "relu"
    with pytest.raises(ConditionError, match="made for C = 3, its input has C = 5"):
        Application(layer, [(L, name("N"), 5)])


@pytest.mark.parametrize(
    ("layer", "options", "said"),
    [
        (SimpleRNN, {"nonlinearity": "gelu"}, "nonlinearity = 'gelu' is not one of tanh, relu"),
        (SimpleRNN, {"mode": "LSTM"}, "mode = 'LSTM' is not a mode"),
        (LSTM, {"dropout": 1.5}, "dropout = 1.5 is not a number from 0 to 1"),
        (LSTM, {"dropout": True}, "dropout = True is not a number from 0 to 1"),
        (GRU, {"proj_size": 2}, "proj_size = 2 is not supported, only 0"),
        (GRU, {"peephole": True}, "the option 'peephole' = True of GRU is not known"),
    ],
)
def test_what_pytorch_has_not(layer, options, said):
    with pytest.raises(UnsupportedLayer, match=said):
        read(layer.torch, options)


# -- refusals ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: LSTM(0), ConditionError, "number of units .* is 0: it must be an integer ≥ 1"),
        (lambda: LSTM(4, form="jax"), UsageError, 'the form is "keras" or "torch"'),
        (lambda: LSTM(4, layers=2), UsageError, 'say form="torch"'),
        (lambda: LSTM(4, projection=2), UsageError, 'say form="torch"'),
        (lambda: GRU(4, batch_first=False), UsageError, 'say form="torch"'),
        (lambda: GRU(4, layers=0, form="torch"), ConditionError, "number of layers is 0"),
        (lambda: over(LSTM(4, projection=4, **TORCH), ("L", 3)), ConditionError, "U_proj < U is needed, here 4 < 4"),
        (lambda: over(LSTM(4), ("C",)), GraphError, "takes inputs of 3 dimensions, this one has 2"),
        (lambda: over(LSTM(4), ("L", 2), (4,)), GraphError, "takes 3 inputs, 2 are connected"),
        (lambda: over(LSTMCell(4), (3,)), GraphError, "takes 3 inputs, 1 are connected"),
        (lambda: over(GRUCell(4), (3,), (5,)), ConditionError, "made for U = 4, its input has U = 5"),
        (lambda: RNN(Dense(4)), UsageError, "repeats cells of Keras's form"),
        (lambda: RNN([LSTMCell(4, form="torch")]), UsageError, "repeats cells of Keras's form"),
        (lambda: RNN([]), UsageError, "at least one"),
        (lambda: StackedRNNCells(LSTMCell(4)), UsageError, "stacks cells, at least one"),
        (lambda: Bidirectional(Dense(4)), UsageError, "runs recurrent layers"),
        (lambda: Bidirectional(LSTM(4, form="torch")), UsageError, "runs recurrent layers of Keras's form"),
        (lambda: Bidirectional(LSTM(4), merge="max"), UsageError, "merge is one of concat, sum, mul, ave or None"),
        (lambda: Bidirectional(LSTM(4), backward_layer=LSTM(4)), UsageError, "must go backwards"),
        (
            lambda: Bidirectional(LSTM(4), backward_layer=LSTM(4, go_backwards=True, return_state=True)),
            UsageError,
            "must have one return_state",
        ),
        (lambda: over(Bidirectional(LSTM(4)), ("L", 2), (4,), (4,), (4,)), GraphError, "both directions"),
        (
            lambda: over(Bidirectional(LSTM(4), merge="sum", backward_layer=LSTM(5, go_backwards=True)), ("L", 2)),
            ConditionError,
            "U == U_b is needed, here 4 == 5",
        ),
        (lambda: TimeDistributed("dense"), UsageError, "repeats a layer"),
        (lambda: TimeDistributed(LSTM(4, return_state=True)), UsageError, "with one output, LSTM has 3"),
        (lambda: over(TimeDistributed(Dense(4)), (3,)), GraphError, "at least 3 dimensions, this one has 2"),
        (lambda: over(TimeDistributed(Conv2D(4, 3)), ("L", 8, 3)), GraphError, "4 dimensions, this one has 3"),
        (lambda: over(TimeDistributed(Conv1D(4, 9)), ("L", 8, 3)), ConditionError, "too small"),
        (lambda: over(ConvLSTM2D(4, 3), ("L", 8, 8)), GraphError, "takes inputs of 5 dimensions, this one has 4"),
        (lambda: over(ConvLSTM2D(4, 9), ("L", 8, 8, 3)), ConditionError, "too small"),
        (
            lambda: over(ConvLSTM1D(4, 3), ("T", 8, 3), (8, 4), (8, 4)),
            ConditionError,
            "the initial states are maps of the output's size",
        ),
    ],
)
def test_refused(make, error, said):
    with pytest.raises(error, match=said):
        make()


# -- layers that hold others -------------------------------------------------------------------------------------------
def test_each_cell_of_a_stack_takes_the_output_of_the_one_before():
    d = alone(RNN([LSTMCell("U"), GRUCell("V"), SimpleRNNCell(7)], return_sequences=True, return_state=True), "L", "C")
    v, n = name("V"), name("N")
    call = d["rnn"].calls[0]
    assert call.outputs == ((n, L, 7), (n, U), (n, U), (n, v), (n, 7))
    assert weights(call) == {
        "stacked_rnn_cells/lstm_cell/kernel": (C, 4 * U),
        "stacked_rnn_cells/lstm_cell/recurrent_kernel": (U, 4 * U),
        "stacked_rnn_cells/lstm_cell/bias": (4 * U,),
        "stacked_rnn_cells/gru_cell/kernel": (U, 3 * v),
        "stacked_rnn_cells/gru_cell/recurrent_kernel": (v, 3 * v),
        "stacked_rnn_cells/gru_cell/bias": (2, 3 * v),
        "stacked_rnn_cells/simple_rnn_cell/kernel": (v, 7),
        "stacked_rnn_cells/simple_rnn_cell/recurrent_kernel": (7, 7),
        "stacked_rnn_cells/simple_rnn_cell/bias": (7,),
    }
    assert macs(call) == n * L * (4 * U * (C + U) + 3 * v * (U + v) + 7 * (v + 7))


def test_a_layer_is_a_repeated_cell():
    for layer, cell in ((LSTM("U"), LSTMCell("U")), (GRU("U"), GRUCell("U")), (SimpleRNN("U"), SimpleRNNCell("U"))):
        one, other = over(layer, ("L", "C")), over(RNN(cell), ("L", "C"))
        assert one.outputs == other.outputs
        assert macs(one) == macs(other)
        assert [w.dims for w in one.weights] == [w.dims for w in other.weights]


@pytest.mark.parametrize(
    ("merge", "features"), [("concat", [8]), ("sum", [4]), ("mul", [4]), ("ave", [4]), (None, [4, 4])]
)
def test_both_directions(merge, features):
    layer = Bidirectional(GRU(4, return_sequences=True, return_state=True), merge=merge)
    call = over(layer, ("L", 3))
    n = name("N")
    assert call.outputs == (*((n, L, size) for size in features), (n, 4), (n, 4))
    assert layer.output_count == len(call.outputs)
    assert macs(call) == 2 * macs(over(GRU(4), ("L", 3)))
    assert [w.weight.name for w in call.weights][2:4] == ["forward_gru/gru_cell/bias", "backward_gru/gru_cell/kernel"]


def test_two_directions_of_two_kinds():
    layer = Bidirectional(LSTM("U"), backward_layer=GRU("V", go_backwards=True))
    call = over(layer, ("L", "C"))
    v = name("V")
    assert call.outputs == ((name("N"), U + v),)
    assert macs(call) == name("N") * L * (4 * U * (C + U) + 3 * v * (C + v))


def test_cells_of_two_kinds_with_the_same_sizes_do_not_count_alike():
    layer = Bidirectional(RNN([LSTMCell(4)]), backward_layer=RNN([GRUCell(4)], go_backwards=True))
    call = over(layer, ("L", 3))
    assert macs(call) == name("N") * L * (4 + 3) * 4 * (3 + 4)
    assert call.outputs == ((name("N"), 8),)


def test_maps_with_channels_first_are_joined_along_their_width():
    """Keras joins along the last axis, whatever it is."""
    call = over(Bidirectional(ConvLSTM2D(4, 3, channels="first")), ("T", 3, "H", "W"))
    h, w = name("H"), name("W")
    assert call.outputs == ((name("N"), 4, h - 2, 2 * (w - 2)),)


@pytest.mark.parametrize(
    ("layer", "sizes", "output"),
    [
        (Dense(9), ("C",), (9,)),
        (Conv2D(8, 5), ("H", "W", 3), (name("H") - 4, name("W") - 4, 8)),
        (LSTM(7, return_sequences=True), ("L", 3), (L, 7)),
        (Activation("relu"), ("L", 3), (L, 3)),
        (TimeDistributed(TimeDistributed(Dense(9))), ("D", "L", "C"), (name("D"), L, 9)),
    ],
)
def test_a_layer_at_every_step(layer, sizes, output):
    inner, outer = over(layer, sizes), over(TimeDistributed(layer), ("T", *sizes))
    assert inner.outputs == ((name("N"), *output),)
    assert outer.outputs == ((name("N"), name("T"), *output),)
    assert macs(outer) == name("T") * macs(inner)
    assert [w.dims for w in outer.weights] == [w.dims for w in inner.weights]


def test_what_a_part_freezes_stays_frozen():
    d = alone(TimeDistributed(BatchNormalization(name="norm")), "L", 5)
    assert (d.trainable, d.non_trainable) == (10, 10)
    d = alone(TimeDistributed(Dense(4, trainable=False)), "L", 5)
    assert (d.trainable, d.non_trainable) == (0, 24)
    d = alone(RNN([LSTMCell(4, trainable=False), GRUCell(3)]), "L", 5)
    assert (d.trainable, d.non_trainable) == (3 * 3 * (4 + 3 + 2), 4 * 4 * (5 + 4 + 1))
    d = alone(Bidirectional(LSTM(4), trainable=False), "L", 5)
    assert (d.trainable, d.non_trainable) == (0, 2 * 4 * 4 * (5 + 4 + 1))


def test_options_of_the_layer_inside_can_be_edited():
    net = Sequential(Input("L", 3), Bidirectional(LSTM(4)), name="tagger")
    assert net.replace("bidirectional", units=5).derive().output_shape[1] == 10
    assert net.free("bidirectional", units="U").derive(U=4).params == net.derive().params
    assert net.replace("bidirectional", merge="sum", units=5).derive().output_shape[1] == 5
    with pytest.raises(UsageError, match="LSTM has no option kernel"):
        net.replace("bidirectional", kernel=3)


def test_receptive_fields():
    d = Sequential(
        Input("T", "H", "W", 3), TimeDistributed(Conv2D(4, 5, stride=2)), TimeDistributed(Conv2D(4, 3))
    ).derive()
    fields = d["time_distributed_1"].receptive_field
    assert {axis: (field.size, field.step) for axis, field in fields.items()} == {
        "D": (1, 1),
        "H": (9, 2),
        "W": (9, 2),
    }
    assert alone(LSTM(4), "L", 3)["lstm"].receptive_field.reason == "the whole input"
    assert "no window" in alone(ConvLSTM2D(4, 3), "T", "H", "W", 3)["conv_lst_m2d"].receptive_field.reason


# -- convolutional LSTM ------------------------------------------------------------------------------------------------
def test_convolutional_lstm():
    h, w, t, n = map(name, "HWTN")
    call = over(
        ConvLSTM2D(8, (3, 5), stride=2, padding="same", return_sequences=True, return_state=True), ("T", "H", "W", 3)
    )
    out = tuple(shape[-3:-1] for shape in call.outputs)
    assert len(set(out)) == 1
    assert call.outputs[0][:2] == (n, t)
    assert weights(call) == {
        "conv_lstm_cell/kernel": (3, 5, 3, 32),
        "conv_lstm_cell/recurrent_kernel": (3, 5, 8, 32),
        "conv_lstm_cell/bias": (32,),
    }
    rows, columns = out[0]
    assert macs(call) == n * t * rows * columns * 32 * 15 * (3 + 8)
    first = over(ConvLSTM3D(2, 1, channels="first"), ("T", 3, "D", "H", "W"))
    assert first.outputs == ((n, 2, name("D"), h, w),)


# -- files -------------------------------------------------------------------------------------------------------------
def keras_2(layer, shape=(None, 5, 3)):
    """A Sequential model as Keras 2 wrote it."""
    layer["config"]["batch_input_shape"] = list(shape)
    return json.dumps({"class_name": "Sequential", "config": {"name": "old", "layers": [layer]}})


def test_keras_2_files():
    inner = {"class_name": "LSTM", "config": {"name": "lstm", "units": 4, "time_major": False, "implementation": 2}}
    bi = {"class_name": "Bidirectional", "config": {"name": "bi", "layer": inner, "merge_mode": "concat"}}
    d = symshape.load(keras_2(bi)).derive(L=5)
    assert d.output_shape[1:] == (8,)
    assert d.params == 2 * 4 * 4 * (3 + 4 + 1)
    assert next(w.weight.name for w in d["bi"].weights) == "forward_lstm/lstm_cell/kernel"
    stack = {
        "class_name": "StackedRNNCells",
        "config": {
            "name": "stack",
            "cells": [
                {"class_name": "GRUCell", "config": {"name": "a", "units": 4, "reset_after": False}},
                {"class_name": "SimpleRNNCell", "config": {"name": "b", "units": 2}},
            ],
        },
    }
    d = symshape.load(keras_2({"class_name": "RNN", "config": {"name": "rnn", "cell": stack}})).derive()
    assert d.params == 3 * 4 * (3 + 4 + 1) + 2 * (4 + 2 + 1)


@pytest.mark.parametrize(
    ("layer", "error", "said"),
    [
        (
            {"class_name": "TimeDistributed", "config": {"name": "td", "layer": 5}},
            UnsupportedLayer,
            r"td \(TimeDistributed\), layer = 5 is no layer",
        ),
        (
            {
                "class_name": "TimeDistributed",
                "config": {"name": "td", "layer": {"class_name": "Magic", "config": {"name": "m"}}},
            },
            UnsupportedLayer,
            r"td \(TimeDistributed\), layer, m \(Magic\), from 'Keras': no declaration covers this layer",
        ),
        (
            {"class_name": "TimeDistributed", "config": {"name": "td", "layer": {"class_name": "Dense"}}},
            ImportRefused,
            "has no config",
        ),
        (
            {"class_name": "TimeDistributed", "config": {"name": "td"}},
            UnsupportedLayer,
            "does not say its option layer",
        ),
        (
            {"class_name": "StackedRNNCells", "config": {"name": "st", "cells": 3}},
            UnsupportedLayer,
            "cells = 3 is no list of layers",
        ),
        (
            {
                "class_name": "RNN",
                "config": {"name": "r", "cell": {"class_name": "Dense", "config": {"name": "d", "units": 2}}},
            },
            UnsupportedLayer,
            "repeats cells of Keras's form",
        ),
        (
            {"class_name": "LSTM", "config": {"name": "l", "units": 4, "time_major": True}},
            UnsupportedLayer,
            "time_major = True is not supported, only False",
        ),
        (
            {"class_name": "LSTM", "config": {"name": "l", "units": 4, "recurrent_activation": "my_own"}},
            UnsupportedLayer,
            "recurrent_activation = 'my_own' is not a function known to keep shapes",
        ),
        (
            {
                "class_name": "ConvLSTM1D",
                "config": {"name": "c", "filters": 2, "kernel_size": 3, "strides": 2, "dilation_rate": 2},
            },
            UnsupportedLayer,
            "both strides",
        ),
    ],
)
def test_files_that_are_refused(layer, error, said):
    with pytest.raises(error, match=said):
        symshape.load(keras_2(layer))


def test_a_layer_inside_needs_somebody_to_build_it():
    dialect = Dialect("Wrap", {"layer": Inner("layer"), "others": Inner("others", several=True)})
    with pytest.raises(UnsupportedLayer, match="here, layer: a layer inside another one cannot be read here"):
        dialect.read({"layer": {}}, "here", {})
    made = dialect.read({"layer": "a", "others": ["b", "c"]}, "here", {}, lambda value, label: f"{value} at {label}")
    assert made == {"layer": "a at here, layer", "others": ("b at here, others[0]", "c at here, others[1]")}
    assert dialect.read({"layer": None}, "here", {}) == {"layer": None}


def test_sizes_stay_symbols():
    d = alone(Bidirectional(LSTM("U", return_sequences=True)), "L", "C")
    assert str(d.params) == "8*U*(C + U + 1)"
    assert isinstance(d["bidirectional"].value("macs"), Poly)
    assert d.at(L=7, C=3, U=4).macs == 2 * 7 * 4 * 4 * (3 + 4)
