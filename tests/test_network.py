"""Networks as a user builds and edits them."""

from __future__ import annotations

import pytest
import sympy

from symshape.errors import ConditionError, GraphError, UnknownName, UsageError
from symshape.layers import (
    Add,
    Concatenate,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling1D,
    MaxPooling2D,
    Multiply,
    ZeroPadding1D,
    ZeroPadding2D,
)
from symshape.network import Input, Network, Node, Port, Sequential

H, W = sympy.symbols("H W", integer=True, positive=True)


# -- building ----------------------------------------------------------------------------------------------------------
def test_a_chain_and_a_graph_are_the_same_network() -> None:
    chain = Sequential(Input("H", "W", 3), Conv2D(8, 5), MaxPooling2D(2), Flatten(), Dense(10))
    image = Input("H", "W", 3)
    graph = Network(image, Dense(10)(Flatten()(MaxPooling2D(2)(Conv2D(8, 5)(image)))), name="sequential")
    assert [repr(node) for node in chain.nodes] == [repr(node) for node in graph.nodes]
    assert (chain.inputs, chain.outputs) == (graph.inputs, graph.outputs) == ((0,), (Port(4),))
    assert chain.sequential
    assert not graph.sequential


def test_layers_get_the_names_that_keras_gives() -> None:
    net = Sequential(
        Input(8, 8, 3), Conv2D(4, 1), Conv2D(4, 1), MaxPooling2D(1), Conv2D(4, 1, name="conv2d_1"), Flatten()
    )
    assert list(net.layers) == ["input_layer", "conv2d", "conv2d_2", "max_pooling2d", "conv2d_1", "flatten"]


def test_names_are_unique() -> None:
    with pytest.raises(GraphError, match="two layers are named a: names are unique"):
        Sequential(Input(8, 8, 3), Conv2D(4, 1, name="a"), Conv2D(4, 1, name="a"))


def test_several_inputs_and_outputs() -> None:
    left, right = Input("H", "W", 3, name="left"), Input("H", "W", 3, name="right")
    both = Concatenate(name="both")(left, right)
    net = Network([left, right], [both, GlobalAveragePooling2D(name="mean")(left)])
    assert net.symbols == {"N", "H", "W"}  # the same symbol is the same size
    derivation = net.derive()
    assert [shape[1:] for shape in derivation.output_shape] == [(H, W, 6), (3,)]


def test_a_shared_layer_has_its_weights_once_and_its_work_each_time() -> None:
    shared = Dense(4, name="shared")
    left, right = Input(8, name="left"), Input(8, name="right")
    derivation = Network([left, right], Add()(shared(left), shared(right))).derive()
    assert (derivation["shared"].params, derivation["shared"].macs) == (36, 64)
    assert (derivation.params, derivation.macs) == (36, 64)
    assert len(derivation["shared"].calls) == 2
    assert derivation["shared"].output_shape[1:] == (4,)


def test_a_shared_layer_cannot_have_weights_of_two_shapes() -> None:
    shared = Dense(4, name="shared")
    left, right = Input(8, name="left"), Input(9, name="right")
    with pytest.raises(ConditionError, match="cannot have C = 8 and 9 at once"):
        Network([left, right], Add()(shared(left), shared(right))).derive()
    left, right = Input("a", name="left"), Input("b", name="right")
    derivation = Network([left, right], Add()(shared(left), shared(right))).derive()
    assert {"a": 5, "b": 5} in derivation.domain
    assert {"a": 5, "b": 6} not in derivation.domain
    assert derivation.at(a=5, b=5).params == 24


def test_networks_are_layers_of_networks() -> None:
    block = Sequential(Input("h", "w", "c"), Conv2D(4, 3, padding="same"), name="block")
    image = Input("H", "W", 3)
    once = block(image)
    with pytest.raises(ConditionError, match="cannot have C/G = 3 and 4 at once"):
        Network(image, block(once)).derive()  # 3 channels, then 4: other weights
    pair = Sequential(Input("h", "w", 3), Conv2D(3, 3, padding="same"), name="block")
    derivation = Network(image, pair(pair(image))).derive()
    assert derivation.output_shape[1:] == (H, W, 3)
    assert derivation.params == 3 * 3 * 3 * 3 + 3
    assert derivation.macs == 2 * 81 * H * W
    assert derivation["block/conv2d"].params == 84
    assert derivation["block"].type == "Functional"


def test_a_network_inside_takes_what_it_is_made_for() -> None:
    image = Input("H", "W", 4)
    block = Sequential(Input("h", "w", 3), Conv2D(4, 3), name="block")
    with pytest.raises(ConditionError, match="made for this size: C == T_4 is needed, here 4 == 3"):
        Network(image, block(image)).derive()
    with pytest.raises(GraphError, match="takes inputs of 4 dimensions, this one has 2"):
        Network(vector := Input(3), block(vector)).derive()
    with pytest.raises(GraphError, match="block is a network with 1 inputs, 2 are connected"):
        Network(image, block(image, image))


def test_a_network_inside_may_have_several_outputs() -> None:
    left, right = Input("a"), Input("b")
    swap = Network([left, right], [Dense(2, name="of_b")(right), Dense(3, name="of_a")(left)], name="swap")
    one, other = Input(5), Input(7)
    of_b, of_a = swap(one, other)
    derivation = Network([one, other], [of_a, of_b]).derive()
    assert [shape[1:] for shape in derivation.output_shape] == [(3,), (2,)]
    assert derivation.params == 5 * 3 + 3 + 7 * 2 + 2
    assert [shape[1:] for shape in derivation["swap"].output_shape] == [(2,), (3,)]


def test_what_is_no_network() -> None:
    image, other = Input("H", "W", 3), Input("H", "W", 3)
    with pytest.raises(GraphError, match="begins with Input"):
        Sequential(Conv2D(4, 3))
    with pytest.raises(GraphError, match="not among the network's inputs"):
        Network(image, Add()(image, other))
    with pytest.raises(UsageError, match="is applied to tensors"):
        Conv2D(4, 3)("image")
    with pytest.raises(GraphError, match="no layers"):
        Network.of_nodes([], [], [])
    conv = Node("conv", Conv2D(4, 3, name="conv"), (Port(0),))
    with pytest.raises(GraphError, match="conv uses the output of a layer that comes after it"):
        Network.of_nodes([conv], [], [Port(0)])
    start = Node("in", image.operation)
    with pytest.raises(GraphError, match="the network uses output 1 of conv, which has none such"):
        Network.of_nodes([start, conv], [0], [Port(1, 1)])
    with pytest.raises(GraphError, match="its input layers, each once: conv is not"):
        Network.of_nodes([start, conv], [0, 1], [Port(1)])


def test_a_layer_says_how_many_inputs_and_axes_it_takes() -> None:
    image, vector = Input("H", "W", 3), Input("C")
    with pytest.raises(GraphError, match=r"conv2d \(Conv2D\) takes inputs of 4 dimensions, this one has 2"):
        Network(vector, Conv2D(4, 3)(vector)).derive()
    with pytest.raises(GraphError, match="takes 1 inputs, 2 are connected"):
        Network(image, Conv2D(4, 3)(image, image)).derive()
    with pytest.raises(GraphError, match="at least 2 dimensions, this one has 1"):
        Network(alone := Input(), Dense(3)(alone)).derive()


# -- options -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: Conv2D(0, 3), r"Conv2D, option filters: number of filters \(output channels\) is 0: .* ≥ 1"),
        (lambda: Conv2D(None, 3), "option filters: None is not an integer, a symbol or an expression"),
        (lambda: Conv2D(4, (3, 3, 3)), "option kernel: .*2 numbers are wanted"),
        (lambda: Conv2D(4, 3, padding="causal"), 'padding "causal" is not one of valid, same'),
        (lambda: Conv2D(4, 3, bias="yes"), "Conv2D, option bias: true or false is wanted, not 'yes'"),
        (lambda: Conv2D(4, 3, trainable=2), "Conv2D, option trainable: true or false is wanted, not 2"),
        (lambda: Dense(1.5), "1.5 is not an integer"),
        (lambda: Dense(True), "True is not a size"),
        (lambda: Dense("__import__('os')"), "cannot read"),
    ],
)
def test_options_are_checked_when_given(make: object, reason: str) -> None:
    with pytest.raises((UsageError, ConditionError), match=reason):
        make()  # type: ignore[operator]


def test_padding_in_every_form() -> None:
    def width(padding: object) -> object:
        return Sequential(Input("H", 10, 1), Conv2D(1, 3, padding=padding)).derive().output_shape[2]

    forms = {"valid": 8, "same": 10, 1: 10, 2: 12, (0, 1): 10, ((0, 0), (1, 2)): 11}
    assert {padding: width(padding) for padding in forms} == forms
    pooled = Sequential(Input("H", 10, 1), MaxPooling2D(3, stride=2, padding=((0, 1), (0, 1)))).derive()
    assert pooled.output_shape[1:3] == (sympy.floor(H / 2), 5)


# -- editing -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def net() -> Network:
    return Sequential(Input("H", "W", 3), Conv2D(8, 5), ZeroPadding2D(1), Flatten(), Dense(10))


def test_replace_and_free_give_other_networks(net: Network) -> None:
    assert net.replace("conv2d", stride=2).derive()["conv2d"].output_shape[1] == sympy.ceiling(H / 2) - 2
    freed = net.free("conv2d", kernel="K", filters="F")
    assert freed.symbols == {"N", "H", "W", "K", "F"}
    assert freed.derive(K=5, F=8).params == net.derive().params
    assert net.symbols == {"N", "H", "W"}
    assert freed.sequential


def test_a_shared_layer_is_replaced_everywhere() -> None:
    shared = Dense(4, name="shared")
    left, right = Input(8, name="left"), Input(8, name="right")
    wide = Network([left, right], Multiply()(shared(left), shared(right))).replace("shared", units=6)
    assert wide.derive().output_shape[1:] == (6,)


def test_a_layer_inside_is_replaced_by_its_path() -> None:
    block = Sequential(Input("h", "w", 3), Conv2D(3, 3), name="block")
    image = Input("H", "W", 3)
    net = Network(image, block(image)).free("block/conv2d", kernel="K")
    assert net.symbols == {"N", "H", "W", "K"}
    assert net.derive(K=3).params == 84
    assert net.derive().params == 9 * sympy.Symbol("K", integer=True, positive=True) ** 2 + 3
    with pytest.raises(UsageError, match="block is a network: name a layer inside it, such as block/conv2d"):
        net.replace("block", kernel=3)


def test_unknown_names_come_with_suggestions(net: Network) -> None:
    with pytest.raises(UnknownName, match=r"has no layer conv2: did you mean conv2d\?"):
        net.replace("conv2", stride=2)
    with pytest.raises(UsageError, match=r"conv2d \(Conv2D\) has no option strides: it has .*stride"):
        net.replace("conv2d", strides=2)
    with pytest.raises(UnknownName, match="has no symbol K: its symbols are N, H, W"):
        net.derive(K=3)
    with pytest.raises(UnknownName, match="has no layer conv: it has input_layer, conv2d"):
        net.derive()["conv"]
    with pytest.raises(KeyError):  # also for code that knows nothing of ours
        net.derive()["conv"]


def test_native_sizes_are_those_of_the_input(net: Network) -> None:
    assert net.native == {}
    given = Sequential(Input("H", "W", 3, given=(32, None, 3)), Conv2D(8, 5))
    assert given.native == {"H": 32}
    with pytest.raises(UsageError, match="the input has 3 sizes, 2 are given"):
        Input("H", "W", 3, given=(32, 32))


def test_the_part_that_leads_to_some_layers():
    x = Input("H", "W", 3)
    a = Conv2D(8, 3, name="a")(x)
    b = Conv2D(16, 3, stride=2, name="b")(a)
    net = Network(x, Dense(10, name="c")(Flatten()(b)))
    part = net.up_to("b", "a")
    assert list(part.layers) == ["input_layer", "a", "b"]
    (_, *smaller), (_, *larger) = part.derive().at(H=32, W=31).output_shape
    assert (smaller, larger) == ([14, 14, 16], [30, 29, 8])
    with pytest.raises(UnknownName, match="no layer flaten: did you mean flatten"):
        net.up_to("a", "flaten")


def test_what_comes_twice_for_one_symbol_is_the_same():
    one, other = Input("L", "C"), Input("L", "C")
    total = Network((one, other), Add()([one, other]), "total")
    x = Input("T", 4)
    d = Network(x, total(x, MaxPooling1D(2)(ZeroPadding1D((0, 4))(x)))).derive()
    assert str(d.output_shape) == "(N, T, 4)"
    assert [T for T in range(1, 20) if T in d.domain["T"]] == [3, 4]
