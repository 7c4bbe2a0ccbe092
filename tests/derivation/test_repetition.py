"""Repeated blocks: a symbol for their number says the same as applying them that often."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra.poly import Name, Value, canonical, substitute
from symshape.derivation import Derivation
from symshape.errors import ConditionError, GraphError, Undecided, UsageError
from symshape.layers import Add, BatchNormalization, Concatenate, Conv2D, Dense, MaxPooling2D, ReLU, RepeatVector
from symshape.network import Input, Network, Sequential
from symshape.repeat import Repeat, repeated

METRICS = ("params", "trainable", "macs", "activations")
MEMORY = ("peak_activations", "kept_bytes", "training_bytes")


def chain(repetition: Repeat, *sizes) -> Network:
    return Sequential(Input(*(sizes or ("H", "W", "C"))), repetition)


def unrolled(repetition: Repeat, times: int, *sizes) -> Network:
    """The block applied that often, as nested networks of their own."""
    x = first = Input(*(sizes or ("H", "W", "C")))
    for place in range(times):
        block = Network.of_nodes(
            repetition.block.nodes, repetition.block.inputs, repetition.block.outputs, f"block{place}"
        )
        x = block(x)
    return Network(first, x)


def residual(x):
    return Add()([x, Conv2D("C", 3, padding="same")(ReLU()(BatchNormalization()(x)))])


def dense(x):
    return Concatenate()([x, Conv2D("g", 3, padding="same")(x)])


BLOCKS = {
    "constant": residual,
    "growing": dense,
    "strided": Conv2D("C", 3, stride=2, padding=1),
    "same": Conv2D("C", 3, stride=2, padding="same"),
    "valid": Conv2D("C", 3),
    "doubling": lambda x: Conv2D("2*C", 3, stride=2, padding="same")(MaxPooling2D(2, stride=1, padding="same")(x)),
    "nested": lambda x: repeated(dense, "m", "H", "W", "C", name="inner")(x),
}


@pytest.mark.parametrize("kind", BLOCKS)
@settings(max_examples=15, deadline=None)
@given(times=st.integers(0, 4), height=st.integers(9, 40), width=st.integers(9, 40), channels=st.integers(1, 5))
def test_unrolled(kind, times, height, width, channels):
    repetition = repeated(BLOCKS[kind], "n", "H", "W", "C", name="block")
    sizes = {"H": height, "W": width, "C": channels}
    extra = {"g": 3} if kind in ("growing", "nested") else {}
    extra |= {"m": 2} if kind == "nested" else {}
    general = chain(repetition).derive()
    names = {Name.interned(name, True): value for name, value in {**sizes, **extra, "n": times}.items()}

    def closed(value: Value) -> Value:
        return canonical(substitute(value, names))

    numeric = chain(Repeat(repetition.block, times)).derive(**sizes, **extra)
    flat = unrolled(repetition, times).derive(**sizes, **({} if times == 0 else extra))
    for derivation in (numeric, flat):
        if times > 0:  # a symbol is at least 1
            assert [[closed(s) for s in shape[1:]] for shape in general.outputs] == [
                [canonical(s) for s in shape[1:]] for shape in derivation.outputs
            ]
    for metric in METRICS:
        assert canonical(numeric.value(metric)) == canonical(flat.value(metric))
        if times > 0:
            assert closed(general.value(metric)) == canonical(flat.value(metric))
    for metric in MEMORY:
        assert canonical(numeric.value(metric)) == canonical(flat.value(metric))
    if times > 0 and kind not in ("same", "doubling"):  # where the first window starts depends on the size's parity
        ours, theirs = general.receptive_fields["block"], list(flat.receptive_fields.values())[-1]
        assert {axis: (closed(f.size), closed(f.step), closed(f.start)) for axis, f in ours.items()} == {
            axis: (f.size, f.step, f.start) for axis, f in theirs.items()
        }


MEMORY = ("peak_activations", "kept_bytes", "training_bytes")


def around(x, block):
    """A repetition between layers, with a connection around all of it."""
    y = Conv2D("C", 3, padding="same", name="before")(x)
    z = block(y)
    return Dense(5, name="after")(z), y


@pytest.mark.parametrize("kind", ["constant", "growing", "strided", "valid", "nested"])
@pytest.mark.parametrize("skip", [False, True])
@settings(max_examples=8, deadline=None)
@given(times=st.integers(1, 5), height=st.integers(11, 30), width=st.integers(11, 30), channels=st.integers(1, 4))
def test_memory(kind, skip, times, height, width, channels):
    """With the input of the repetition read again behind it, or not."""
    repetition = repeated(BLOCKS[kind], "n", "H", "W", "C", name="block")
    sizes = {"H": height, "W": width, "C": channels}
    extra = {"g": 3} if kind in ("growing", "nested") else {}
    extra |= {"m": 2} if kind == "nested" else {}

    def network(block):
        x = Input("H", "W", "C")
        after, before = around(x, block)
        return Network(x, [after, ReLU(name="again")(before)] if skip else after)

    def one_by_one(y):
        for place in range(times):
            block = repetition.block
            y = Network.of_nodes(block.nodes, block.inputs, block.outputs, f"block{place}")(y)
        return y

    general, flat = network(repetition).derive(), network(one_by_one).derive(**sizes, **extra)
    names = {Name.interned(name, True): value for name, value in {**sizes, **extra, "n": times}.items()}
    for metric in MEMORY:
        assert canonical(substitute(general.value(metric), names)) == canonical(flat.value(metric)), metric


def test_memory_reads_well():
    d = chain(repeated(residual, "n", "H", "W", "C", name="block")).derive()
    assert str(d.metric("peak_activations")) == "3*C*H*W"
    assert str(d.metric("kept_bytes")) == "8*C*H*W*n + 8*C*n"
    d = chain(repeated(dense, "L", "H", "W", "C", name="dense")).derive()
    assert str(d.metric("peak_activations")) == "2*C*H*W + 2*H*L*W*g"


def test_closed_forms():
    d = chain(repeated(dense, "L", "H", "W", "C", name="dense")).derive()
    assert str(d.output_shape) == "(N, H, W, C + L*g)"
    assert str(d["dense"].params) == "9*C*L*g + 9*L*g**2*(L - 1)/2 + L*g"
    d = chain(repeated(BLOCKS["strided"], "n", "H", "W", "C", name="down")).derive()
    assert str(d.output_shape) == "(N, ceiling(H/2**n), ceiling(W/2**n), C)"
    assert str(d.activations) == "C*(H*W + Sum(ceiling(H/(2*2**j))*ceiling(W/(2*2**j)), (j, 0, n - 1)))"
    field = d.receptive_fields["down"]["H"]
    assert (str(field.size), str(field.step)) == ("2*2**n - 1", "2**n")


@pytest.mark.parametrize("times", [1, 2, 3])
def test_domain(times):
    d = chain(repeated(BLOCKS["valid"], "n", "H", "W", "C", name="block")).derive()
    assert str(d.domain) == "H - 2*n >= 1 and W - 2*n >= 1"
    assert str(d.at(n=times).domain["H"]) == f"{{n : n ≥ {2 * times + 1}}}"
    with pytest.raises(ConditionError):
        d.at(n=times, H=2 * times)


def test_none_at_all():
    d = chain(repeated(BLOCKS["valid"], "n - 1", "H", "W", "C", name="block")).derive()
    assert d.at(n=1).params == 0
    assert str(d.at(n=1).output_shape) == "(N, H, W, C)"
    assert str(chain(repeated(residual, "n - 2", "H", "W", "C", name="block")).derive().domain) == "n >= 2"


def test_the_place_in_the_options():
    d = chain(repeated(Conv2D("w*2**(k + 1)", 1), "n", "H", "W", "C", index="k", name="b"), "H", "W", "w").derive()
    assert str(d.output_shape) == "(N, H, W, 2**n*w)"
    assert d.at(n=3, w=2).params == sum(2 * 2**k * 2 * 2 ** (k + 1) + 2 * 2 ** (k + 1) for k in range(3))


def test_parts_and_applications():
    block = Network.of(lambda x: Dense("d", name="up")(x), "d", name="mlp")
    outer = Network.of(lambda x: Add()([x, block(x)]), "d", name="layer")
    d = Sequential(Input("d"), Repeat(outer, "n")).derive()
    assert str(d.part("layer/mlp", "params")) == str(d.part("layer", "params")) == "d*n*(d + 1)"
    assert [path for path, _ in d.at(n=2, d=3).applications()][2] == "layer/0/mlp/input_layer"
    with pytest.raises(UsageError, match="for a number only"):
        list(d.applications())


def test_inputs_that_stay_the_same():
    x, memory = Input("L", "d"), Input("T", "d")
    block = Network((x, memory), Add()([x, Dense("d")(x)]), "decoder")
    d = Network((x, memory), Repeat(block, "n")(x, memory)).derive()
    assert str(d.params) == "d*n*(d + 1)"


def test_editing():
    net = chain(repeated(Conv2D("C", 3, padding="same"), "n", "H", "W", "C", name="block"))
    assert net.replace("block/conv2d", kernel=5).derive(C=1, n=2, H=3, W=3).macs == 2 * 9 * 25
    assert net.replace("block", times=3).derive(C=2).params == 3 * (2 * 2 * 9 + 2)
    with pytest.raises(UsageError, match="only option is times"):
        net.replace("block", kernel=3)


def test_refusals():
    with pytest.raises(Undecided, match="take the first one out"):
        chain(repeated(Conv2D(8, 3, padding="same"), "n", "H", "W", "C", name="block")).derive()
    assert chain(repeated(Conv2D(8, 3, padding="same"), 2, "H", "W", "C", name="block")).derive().output_shape[-1] == 8
    with pytest.raises(GraphError, match="takes 2 dimensions and gives 3"):
        chain(repeated(RepeatVector(3), "n", "C", name="block"), "C").derive()
    with pytest.raises(UsageError, match="integer ≥ 0"):
        repeated(residual, -1, "H", "W", "C", name="block")
    with pytest.raises(UsageError, match="cannot say how many"):
        repeated(residual, "k", "H", "W", "C", name="block", index="k")
    assert isinstance(chain(repeated(residual, 2, "H", "W", "C", name="b")).derive(), Derivation)
