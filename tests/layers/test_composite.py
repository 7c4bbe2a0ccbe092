"""A network as one layer, and repeated at every step."""

from __future__ import annotations

import pytest

from symshape.errors import ConditionError, GraphError, UsageError
from symshape.layers import (
    Add,
    CategoryEncoding,
    Concatenate,
    Conv2D,
    Dense,
    Flatten,
    MaxPooling2D,
    Reshape,
    TimeDistributed,
)
from symshape.network import Input, Network, Sequential


def features():
    return Sequential(Input("H", "W", 3), Conv2D(8, 5), MaxPooling2D(2), Flatten(), Dense(10), name="features")


def named(derivation, name):
    return [(w.weight.name, w.dims) for w in derivation[name].weights]


def test_as_one_layer_it_is_what_it_is_as_a_network():
    whole = Sequential(Input("H", "W", 3), features().as_layer).derive()
    inside = features().derive()
    assert whole.output_shape == inside.output_shape
    assert (whole.params, whole.trainable) == (inside.params, inside.trainable)
    assert whole.macs == inside.macs
    assert str(whole.domain) == str(inside.domain) == "H >= 6 and W >= 6"
    assert named(whole, "features")[:2] == [("conv2d/kernel", (5, 5, 3, 8)), ("conv2d/bias", (8,))]
    with pytest.raises(ConditionError, match="every output size is at least 1"):
        whole.at(H=5, W=6)


def test_at_every_step():
    d = Sequential(Input("L", "H", "W", 3), TimeDistributed(features())).derive()
    assert str(d.output_shape) == "(N, L, 10)"
    assert d.params == features().derive().params
    at = features().derive().at(H=32, W=32)
    assert d.at(L=7, H=32, W=32).macs == 7 * at.macs
    assert named(d, "time_distributed")[0][0] == "features/conv2d/kernel"


def test_a_graph_with_a_shared_layer():
    x = Input("H", "W", "C")
    same = Conv2D("C", 3, padding="same")
    skip = Add()(same(same(x)), x)
    net = Network(x, Concatenate()(skip, x))
    for d in (net.derive(), Sequential(Input("H", "W", "C"), net.as_layer).derive()):
        assert str(d.output_shape) == "(N, H, W, 2*C)"
        assert str(d.params) == "9*C**2 + C"
        assert str(d.macs) == "18*C**2*H*W"


def test_a_shared_layer_wants_the_same_shapes():
    x, y = Input("C"), Input("D")
    dense = Dense(4)
    net = Network((x, y), Concatenate()(dense(x), dense(y)))
    x, y = Input(3), Input(5)
    with pytest.raises(ConditionError, match="weights of one shape"):
        Network((x, y), net.as_layer(x, y)).derive()


def test_inputs_in_the_order_of_the_network():
    x, y = Input("A", name="x"), Input("B", name="y")
    net = Network((y, x), [Dense(2)(x), Dense(3)(y)])
    first, second = Input(5), Input(7)
    d = Network((first, second), net.as_layer(first, second)).derive()
    assert [str(shape) for shape in d.output_shape] == ["(N, 2)", "(N, 3)"]
    assert [dims for _, dims in named(d, "network")][::2] == [(7, 2), (5, 3)]


def test_networks_inside():
    inner = Sequential(Input("C"), Dense(4), name="inner")
    x = Input("L", "C")
    outer = Network(x, TimeDistributed(inner)(x), "outer")
    x = Input("T", "L", "C")
    d = Network(x, TimeDistributed(outer)(x)).derive()
    assert str(d.output_shape) == "(N, T, L, 4)"
    assert str(d.macs) == "4*C*L*T"
    assert named(d, "time_distributed")[0][0] == "outer/time_distributed/inner/dense/kernel"
    x = Input("H", "W", 3)
    nested = Network(x, inner(Flatten()(x)))
    assert str(Sequential(Input("H", "W", 3), nested.as_layer).derive().params) == "12*H*W + 4"


def test_options_stay_symbols():
    inner = Sequential(Input("C"), Dense("U"), Reshape((2, -1)))
    d = Sequential(Input("L", "C"), TimeDistributed(inner)).derive()
    assert str(d.output_shape) == "(N, L, 2, U/2)"
    assert str(d.at(U=6).params) == "6*C + 6"
    with pytest.raises(ConditionError):
        d.at(U=5)


def test_sizes_that_the_network_is_made_for():
    inner = Sequential(Input(4), Dense(2))
    with pytest.raises(ConditionError, match="made for this size"):
        Sequential(Input("L", 5), TimeDistributed(inner)).derive()
    with pytest.raises(GraphError, match="at least 3 dimensions"):
        Sequential(Input(4), TimeDistributed(inner)).derive()
    with pytest.raises(GraphError, match="takes inputs of 2 dimensions"):
        Sequential(Input("L", 5, 4), TimeDistributed(inner)).derive()
    x, y = Input(4), Input(4)
    two = Network((x, y), Add()(x, y)).as_layer
    with pytest.raises(GraphError, match="takes 2 inputs, 1 are connected"):
        Sequential(Input(4), two).derive()


def test_what_is_no_layer():
    with pytest.raises(UsageError, match="repeats a layer or a network"):
        TimeDistributed(3)
    net = Sequential(Input("C"), Dense(2), name="inner")
    with pytest.raises(UsageError, match="no layers of a name inside"):
        Sequential(Input("L", "C"), TimeDistributed(net, name="steps")).replace("steps/dense", units=3)


def test_layers_that_look_at_sizes():
    """One-hot rows take the place of a last axis of 1."""
    code = Sequential(Input(1), CategoryEncoding(4, mode="one_hot"))
    assert str(Sequential(Input("L", 1), TimeDistributed(code)).derive().output_shape) == "(N, L, 4)"
    plain = TimeDistributed(CategoryEncoding(4, mode="one_hot"))
    assert str(Sequential(Input("L", 1), plain).derive().output_shape) == "(N, L, 4)"
