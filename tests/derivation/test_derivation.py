"""Derivations: the same answer by symbols and by numbers, and the questions they answer."""

from __future__ import annotations

import gc
from typing import Any

import pytest
import sympy
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from symshape import zoo
from symshape.algebra.periodic import PeriodicSet
from symshape.algebra.poly import Atom
from symshape.derivation import Derivation
from symshape.errors import ConditionError, ParseError, SymshapeError, UnknownName, UsageError
from symshape.layers import (
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    GlobalAveragePooling2D,
    LayerNormalization,
    MaxPooling2D,
    SeparableConv2D,
    UpSampling2D,
    ZeroPadding2D,
)
from symshape.network import Input, Network, Sequential

N, H, W, K = sympy.symbols("N H W K", integer=True, positive=True)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def lenet() -> Network:
    return Sequential(
        Input("H", "W", 3),
        Conv2D(8, 5),
        MaxPooling2D(2),
        Conv2D(16, 5),
        MaxPooling2D(2),
        Flatten(),
        Dense(120),
        name="lenet",
    )


# -- every hyper-parameter a symbol ------------------------------------------------------------------------------------
def by_symbols(values: Any = None) -> Network:
    """A network whose every option is a symbol, or the same with numbers in place of the symbols."""

    def v(name: str) -> Any:
        return name if values is None else values[name]

    start = Input(v("H"), v("W"), v("C"))
    first = Conv2D(v("F"), v("K"), stride=v("S"), padding=v("P"), groups=v("G"))(start)
    slim = DepthwiseConv2D(v("K2"), stride=v("S2"), dilation=v("d"), multiplier=v("M"), padding=v("P"))(first)
    pooled = MaxPooling2D(v("K3"), stride=v("S"))(ZeroPadding2D(((v("P"), 0), (0, v("P"))))(slim))
    mixed = SeparableConv2D(v("F"), v("K2"), multiplier=v("M"), padding="same", stride=v("S2"))(pooled)
    normal = LayerNormalization(axis=(1, -1))(BatchNormalization()(UpSampling2D(v("R"))(mixed)))
    return Network(start, [Dense(v("U"))(Flatten()(normal)), GlobalAveragePooling2D()(normal)])


SMALL = st.integers(1, 3)
VALUES = st.fixed_dictionaries(
    {
        **dict.fromkeys(("H", "W"), st.integers(1, 30)),
        **dict.fromkeys(("C", "F", "U"), st.integers(1, 6)),
        **dict.fromkeys(("K", "S", "K2", "S2", "d", "M", "K3", "R"), SMALL),
        "P": SMALL,
        "G": st.sampled_from([1, 1, 2, 3]),
    }
)


@pytest.fixture(scope="module")
def symbolic() -> Derivation:
    return by_symbols().derive()


def test_every_option_is_a_symbol(symbolic: Derivation) -> None:
    assert set(symbolic.symbols) == {*"HWCFKSPGdMRU", "K2", "S2", "K3"}
    C, F, G = sympy.symbols("C F G", integer=True, positive=True)
    assert sympy.expand(symbolic["conv2d"].params - (K**2 * C * F / G + F)) == 0


@QUICK
@given(VALUES)
def test_symbols_then_numbers_is_numbers(symbolic: Derivation, values: dict[str, int]) -> None:
    def answers(make: Any) -> Any:
        try:
            d: Derivation = make()
        except SymshapeError:
            return "refused"
        event("accepted")
        rows = [(layer.output_shape, layer.params, layer.trainable, layer.macs) for layer in d]
        weights = [[weight.dims for weight in layer.weights] for layer in d]
        return rows, weights, d.params, d.macs, d.activations

    by_numbers = answers(lambda: by_symbols(values).derive())
    assert answers(lambda: symbolic.at(**values)) == by_numbers
    some = {name: values[name] for name in list(values)[::2]}
    rest = {name: value for name, value in values.items() if name not in some}
    assert answers(lambda: symbolic.at(**some).at(**rest)) == by_numbers
    assert (values in symbolic.domain) == (by_numbers != "refused")


@QUICK
@given(st.integers(1, 60), st.integers(1, 60))
def test_the_domain_is_where_numbers_are_accepted(height: int, width: int) -> None:
    start = Input("H", "W", 3)
    down = MaxPooling2D(2)(MaxPooling2D(2)(Conv2D(3, 3)(start)))
    up = UpSampling2D(2)(UpSampling2D(2)(down))
    derivation = Network(start, Add()(up, Conv2D(3, 3)(start))).derive()
    try:
        derivation.at(H=height, W=width)
    except ConditionError:
        accepted = False
    else:
        accepted = True
    assert ({"H": height, "W": width} in derivation.domain) == accepted


def test_joins_give_periodic_domains() -> None:
    start = tensor = Input("H", "W", 1)
    skips = []
    for _ in range(4):
        tensor = Conv2D(1, 3, padding="same")(tensor)
        skips.append(tensor)
        tensor = MaxPooling2D(2)(tensor)
    for skip in reversed(skips):
        tensor = Add()(UpSampling2D(2)(tensor), skip)
    domain = Network(start, tensor).derive(W="H").domain
    assert [size for size in range(1, 70) if {"H": size} in domain] == [16, 32, 48, 64]


# -- bindings ----------------------------------------------------------------------------------------------------------
def test_symbols_are_bound_to_numbers_and_expressions() -> None:
    net = lenet()
    assert net.derive(W="H").symbols == ("H",)
    assert net.derive(W="H").output_shape == (N, 120)
    assert net.derive(W="H").params == net.derive().params.subs(W, H)
    doubled = net.derive(H="2*m", W="2*m")
    assert doubled.symbols == ("m",)
    assert doubled["conv2d"].output_shape[1] == 2 * sympy.Symbol("m", integer=True, positive=True) - 4
    assert doubled.at(m=16).params == net.derive(H=32, W=32).params
    assert str(doubled.domain) == "m >= 8"
    assert net.derive(H=2 * H, W=sympy.Integer(32)).at(H=16).params == net.derive(H=32, W=32).params


def test_at_binds_what_is_left() -> None:
    derivation = lenet().derive()
    assert derivation.at(H=32).symbols == ("W",)
    assert derivation.at(H=32).at(W=32).params == derivation.at(H=32, W=32).params
    assert derivation.at(W="H").at(H=32).macs == derivation.at(H=32, W=32).macs
    assert derivation.at().params == derivation.params
    with pytest.raises(UnknownName, match="X is not a free symbol here: the free symbols are H, W, N"):
        derivation.at(X=1)
    with pytest.raises(UnknownName, match="H is not a free symbol here"):
        derivation.at(H=32).at(H=33)


@pytest.mark.parametrize("text", ["__import__('os')", "H.real", "lambda: 1", "H**", "2 +", "[1]", "H if H else 1"])
def test_expressions_are_read_by_our_own_parser(text: str) -> None:
    with pytest.raises(ParseError, match="cannot read"):
        lenet().derive(H=text)


def test_sizes_are_integers() -> None:
    for size in (1.5, None, [3], object(), True):
        with pytest.raises(UsageError):
            lenet().derive(H=size)


# -- outside the domain ------------------------------------------------------------------------------------------------
def test_outside_the_domain_the_layer_the_numbers_and_the_condition_are_named() -> None:
    derivation = lenet().derive()
    with pytest.raises(ConditionError) as caught:
        derivation.at(H=15, W=32)
    assert caught.value.layer == "max_pooling2d_1 (MaxPooling2D)"
    assert caught.value.condition == "H_out >= 1"
    assert "max_pooling2d_1 (MaxPooling2D): H_out = floor((H + 2*P_h - K_h)/S_h) + 1 = " in str(caught.value)
    assert "(1 + 2*0 - 2)/2) + 1 = 0" in str(caught.value)
    with pytest.raises(ValueError, match="too small for this layer"):  # also for code that knows nothing of ours
        derivation.at(H=15, W=32)


def test_a_network_for_no_size_at_all_is_refused_at_once() -> None:
    with pytest.raises(ConditionError, match="each group takes an equal share"):
        Sequential(Input("H", "W", 3), Conv2D(4, 3, groups=2)).derive()


def test_reasons_name_what_binds() -> None:
    domain = lenet().derive().domain
    assert [reason.demand.layer.split()[0] for reason in domain.reasons("H")][-1] == "max_pooling2d_1"
    assert domain["H"].words("H") == "H ≥ 16"


# -- batches -----------------------------------------------------------------------------------------------------------
def test_costs_are_for_one_example_unless_the_batch_is_bound() -> None:
    derivation = lenet().derive(H=32, W=32)
    one = derivation.macs
    assert derivation.output_shape == (N, 120)
    assert derivation.at(N=8).output_shape == (8, 120)
    assert derivation.at(N=8).macs == 8 * one
    assert derivation.at(N=8).params == derivation.params
    assert derivation.at(N="B").macs == one * sympy.Symbol("B", integer=True, positive=True)
    assert lenet().derive(N=8, H=32, W=32).activations == 8 * derivation.activations
    assert sum(layer.macs for layer in derivation) == one


def test_costs_of_networks_inside_are_for_one_example_too() -> None:
    image = Input("H", "W", 3)
    inner = Sequential(Input("h", "w", 3), Conv2D(4, 1), name="inner")
    derivation = Network(image, inner(image)).derive()
    assert derivation.macs == 12 * H * W
    assert derivation.at(N=5).macs == 60 * H * W


# -- trainable ---------------------------------------------------------------------------------------------------------
def test_frozen_layers_train_nothing() -> None:
    net = Sequential(Input("H", "W", 3), Conv2D(8, 5, trainable=False), BatchNormalization(), GlobalAveragePooling2D())
    derivation = net.derive()
    assert (derivation.trainable, derivation.non_trainable, derivation.params) == (16, 608 + 16, 640)


# -- fixed weights -----------------------------------------------------------------------------------------------------
def test_fixed_weights_keep_their_shapes() -> None:
    net = Sequential(Input("H", "W", 3, given=(32, 32, 3)), Conv2D(8, 5), MaxPooling2D(2), Flatten(), Dense(10))
    square = net.derive(W="H", fixed_weights=True)
    assert [size for size in range(1, 80) if {"H": size} in square.domain] == [32, 33]
    assert square.at(H=33).params == net.derive(H=32, W=32).params
    with pytest.raises(ConditionError, match="the trained weights are for C = 1568, at these sizes it would be 1800"):
        square.at(H=34)
    both = net.derive(fixed_weights=True).domain
    accepted = {(h, w) for h in range(28, 40) for w in range(28, 40) if {"H": h, "W": w} in both}
    assert accepted == {(h, w) for h in range(28, 40) for w in range(28, 40) if (h // 2 - 2) * (w // 2 - 2) == 196}
    with pytest.raises(UnknownName, match="the model's file gives none for H, W"):
        lenet().derive(fixed_weights=True)


# -- memory ------------------------------------------------------------------------------------------------------------
def test_nothing_grows_with_the_process() -> None:
    def work(number: int) -> None:
        names = [f"s{number}_{i}" for i in range(2)]
        inner = Sequential(Input("h", "w", 3), Conv2D(4, f"k{number}"), name="inner")
        start = Input(*names, 3)
        net = Network(start, Flatten()(MaxPooling2D(2)(inner(start))))
        d = net.derive(**{names[0]: f"2*m{number}"})
        str(d.domain), str(d.params), str(d.macs)
        net.derive(**dict.fromkeys(names, 40 + number), **{f"k{number}": 3})

    def atoms() -> int:
        gc.collect()
        return sum(
            issubclass(type(thing), Atom) for thing in gc.get_objects()
        )  # isinstance would run foreign properties

    for number in range(3):
        work(number)
    before = atoms()
    for number in range(3, 43):
        work(number)
    assert atoms() <= before + 3


def test_what_a_symbol_is_bound_to_is_a_size() -> None:
    d = zoo.lenet5().derive(W="H/2 + 20")
    assert d.domain.words() == "H a multiple of 2 and H ≥ 16"
    with pytest.raises(ConditionError, match=r"W = \(H \+ 41\)/2 = 69/2 is no positive integer"):
        zoo.lenet5().derive(W="H/2 + 41/2").at(H=28)
    with pytest.raises(ConditionError, match=r"W = H \+ 1/2 is no positive integer"):
        zoo.lenet5().derive(W="H + 1/2")
    assert zoo.lenet5().derive(W="40 - H").domain["H"] == PeriodicSet.interval(16, 24)
