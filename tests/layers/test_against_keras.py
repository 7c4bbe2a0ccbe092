"""Every layer that we read from Keras, against Keras itself: drawn options and sizes, ours derived with symbols.

The path is the user's: a real Keras layer in a small model → `model.to_json()` → `load` → `derive()` with sizes as
symbols → `.at(...)` the drawn sizes. Shapes, weights and counts must be Keras's; what Keras refuses we refuse, and the
reverse; and the domain says at which sizes that is. `SYMSHAPE_EXAMPLES` sets how many draws each layer gets.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from symshape.declaration import registered
from symshape.derivation import Derivation
from symshape.errors import SymshapeError
from symshape.importers import load
from symshape.layers.source import InputLayer
from symshape.network import Network

from .keras_side import (
    DRAWN,
    REFUSED,
    Shape,
    assert_same,
    counted_macs,
    derived,
    keras_rows,
    our_rows,
    real_layer,
    sizes_of,
    with_free_channels,
    written_by_hand,
)
from .tally import compared

Case = tuple[dict[str, Any], list[Shape]]  # a layer's options and the shapes it is applied to
Drawn = st.SearchStrategy[Case]


# -- what is drawn -----------------------------------------------------------------------------------------------------
ORDERS = st.sampled_from(["channels_last", "channels_last", "channels_first"])
FLAGS = st.booleans()
ACTIVATIONS = st.sampled_from(["linear", "relu", "softmax", "gelu", "log_sigmoid", None, "no_such_function"])
RATES = st.sampled_from([0, 0.25, 1, 1.5, -0.5])


def rarely(usual: st.SearchStrategy[Any], odd: Any) -> st.SearchStrategy[Any]:
    """Mostly `usual`, one time in ten `odd`."""
    return st.integers(0, 9).flatmap(lambda die: usual if die else st.just(odd))


def per_axis(rank: int, numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    return numbers | st.tuples(*[numbers] * rank).map(list)


def pairs(rank: int, numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    """Padding or cropping: a number, one for each axis, or two for each axis."""
    pair = st.tuples(numbers, numbers).map(list)
    if rank == 1:
        return numbers | pair
    return numbers | st.tuples(*[numbers] * rank).map(list) | st.tuples(*[pair] * rank).map(list)


def frozen(options: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The options, now and then with `trainable`."""
    return st.sampled_from([{}, {}, {"trainable": True}, {"trainable": False}]).map(lambda more: {**options, **more})


def some(least: int = 0, most: int = 4, largest: int = 7) -> st.SearchStrategy[Shape]:
    return st.lists(st.integers(1, largest), min_size=least, max_size=most).map(tuple)


@st.composite
def maps(draw: Any, rank: int, order: str = "channels_last", largest: int = 14) -> Shape:
    """A map of the layer's rank, rarely of another one."""
    rank = draw(rarely(st.just(rank), rank + draw(st.sampled_from([-1, 1]))))
    spatial = [draw(st.integers(1, max(3, largest // rank if rank else 1))) for _ in range(rank)]
    channels = draw(st.integers(1, 6))
    return (channels, *spatial) if order == "channels_first" else (*spatial, channels)


def anywhere(options: Mapping[str, st.SearchStrategy[Any]], *, least: int = 0) -> Drawn:
    """A layer that takes any shape."""
    return st.tuples(st.fixed_dictionaries(dict(options)).flatmap(frozen), st.tuples(some(least)).map(list))


@st.composite
def on_maps(draw: Any, rank: int, options: Mapping[str, st.SearchStrategy[Any]], *, orders: bool = True) -> Case:
    """A layer that takes maps of one rank."""
    drawn = draw(st.fixed_dictionaries(dict(options)).flatmap(frozen))
    order = draw(ORDERS) if orders else "channels_last"
    if orders:
        drawn["data_format"] = order
    return drawn, [draw(maps(rank, order))]


def sliding(rank: int, words: Sequence[str]) -> dict[str, st.SearchStrategy[Any]]:
    return {
        "kernel_size": per_axis(rank, rarely(st.integers(1, 5), 0)),
        "strides": per_axis(rank, rarely(st.integers(1, 4), 0)),
        "padding": st.sampled_from(words),
        "dilation_rate": per_axis(rank, st.sampled_from([1, 1, 1, 2, 3])),
        "use_bias": FLAGS,
        "activation": ACTIVATIONS,
    }


WORDS = ("valid", "same", "VALID", "valid", "same", "causal", "full")


def convolution(rank: int) -> Drawn:
    groups = st.sampled_from([1, 1, 1, 2, 3])
    return on_maps(rank, {"filters": rarely(st.integers(1, 7), 0), "groups": groups, **sliding(rank, WORDS)})


def depthwise(rank: int) -> Drawn:
    return on_maps(rank, {"depth_multiplier": rarely(st.integers(1, 3), 0), **sliding(rank, WORDS)})


def separable(rank: int) -> Drawn:
    more = {"depth_multiplier": rarely(st.integers(1, 3), 0), "filters": rarely(st.integers(1, 7), 0)}
    return on_maps(rank, {**more, **sliding(rank, WORDS)})


def pooling(rank: int) -> Drawn:
    return on_maps(
        rank,
        {
            "pool_size": per_axis(rank, rarely(st.integers(1, 4), 0)),
            "strides": st.none() | per_axis(rank, rarely(st.integers(1, 4), 0)),
            "padding": rarely(st.sampled_from(["valid", "same"]), "causal"),
        },
    )


def global_pooling(rank: int) -> Drawn:
    return on_maps(rank, {"keepdims": FLAGS})


def spatial_dropout(rank: int) -> Drawn:
    bare = on_maps(rank, {"rate": RATES}, orders=rank > 1)
    return bare.map(lambda case: ({key: v for key, v in case[0].items() if key != "trainable"}, case[1]))


@st.composite
def permuted(draw: Any) -> Case:
    shape = draw(some(0, 4))
    order = draw(st.permutations(range(1, len(shape) + 1)))
    return {"dims": draw(rarely(st.just(list(order)), [1, 3]))}, [shape]


@st.composite
def reshaped(draw: Any) -> Case:
    shape = draw(some(0, 4, 6))
    factors = [draw(st.sampled_from([1, 2, 3, 4, 6])) for _ in range(draw(st.integers(0, 3)))]
    if draw(FLAGS):  # usually something that fits
        factors = list(draw(st.permutations(shape)))
        if len(factors) > 1 and draw(FLAGS):
            factors = [factors[0] * factors[1], *factors[2:]]
    for _ in range(draw(st.sampled_from([0, 1, 1, 2]))):
        if factors:
            factors[draw(st.integers(0, len(factors) - 1))] = draw(st.sampled_from([-1, -1, -1, -2]))
    return {"target_shape": factors}, [shape]


@st.composite
def prelu(draw: Any) -> Case:
    shape = draw(some(0, 4))
    axes = st.lists(st.integers(-4, 5), max_size=3)
    return draw(frozen({"shared_axes": draw(st.none() | axes | st.integers(1, 3))})), [shape]


def along(options: Mapping[str, st.SearchStrategy[Any]], axes: st.SearchStrategy[Any]) -> Drawn:
    return anywhere({"axis": axes, **options})


AXIS = st.sampled_from([-1, -1, -1, -2, 1, 2, 3, 0, 4])
AXES = AXIS | st.lists(AXIS, max_size=3)


@st.composite
def with_statistics(draw: Any) -> Case:
    """Normalization, at times with its statistics given."""
    shape = draw(some(0, 3))
    once = AXES.filter(
        lambda axes: isinstance(axes, int) or len({axis % (len(shape) + 1) for axis in axes}) == len(axes)
    )
    options: dict[str, Any] = {"axis": draw(once | st.none()), "invert": draw(FLAGS)}
    if draw(FLAGS):
        sizes = st.sampled_from([1, *shape]) | st.integers(1, 3)
        lengths = [draw(sizes) for _ in range(draw(st.sampled_from([0, 1, 1, 2])))]
        options["mean"] = draw(rarely(st.just(_numbers(lengths)), None))
        options["variance"] = draw(rarely(st.just(_numbers(lengths)), [1.0, 2.0]))
    return draw(frozen(options)), [shape]


def _numbers(lengths: Sequence[int]) -> Any:
    return [_numbers(lengths[1:])] * lengths[0] if lengths else 0.5


def _unlike(value: Any) -> Callable[[Any], bool]:
    return lambda drawn: bool(drawn != value)


@st.composite
def joined(draw: Any, least: int = 1, most: int = 4) -> Case:
    """Shapes that broadcast, mostly; sometimes of different ranks."""
    whole = draw(some(0, 4, 5))
    shapes = []
    for _ in range(draw(st.integers(least, most))):
        shape = [draw(st.sampled_from([size, size, size, 1])) for size in whole]
        shape = shape[draw(st.sampled_from([0, 0, 0, 1])) :]
        if shape and draw(st.integers(0, 9)) == 0:
            shape[draw(st.integers(0, len(shape) - 1))] += 1
        shapes.append(tuple(shape))
    return {}, shapes


@st.composite
def concatenated(draw: Any) -> Case:
    whole = draw(some(1, 4, 5))
    number = draw(st.integers(1, 4))
    axis = draw(rarely(st.integers(-len(whole), len(whole)), draw(st.sampled_from([-6, 6])) if number > 1 else -1))
    place = axis - 1 if axis > 0 else axis
    shapes = []
    for _ in range(number):
        shape = list(whole)
        if axis and -len(whole) <= place < len(whole):
            shape[place] = draw(st.integers(1, 5))
        if number > 1 and draw(st.integers(0, 14)) == 0:  # of a single input Keras never looks at the axis
            shape = shape[1:] if draw(FLAGS) else [size + 1 for size in shape]
        shapes.append(tuple(shape))
    return {"axis": axis}, shapes


# One entry for each Keras class that a declaration reads, but for families with a suite of their own.
STRATEGIES: Mapping[str, Drawn] = {
    "Activation": anywhere({"activation": ACTIVATIONS}),
    "ActivityRegularization": anywhere({"l1": st.just(0.5), "l2": st.just(0.0)}),
    "Add": joined(),
    "AlphaDropout": anywhere({"rate": RATES}),
    "Average": joined(),
    "AveragePooling1D": pooling(1),
    "AveragePooling2D": pooling(2),
    "AveragePooling3D": pooling(3),
    "BatchNormalization": along({"center": FLAGS, "scale": FLAGS, "renorm": rarely(st.just(False), True)}, AXIS),
    "Concatenate": concatenated(),
    "Conv1D": convolution(1),
    "Conv2D": convolution(2),
    "Conv3D": convolution(3),
    "Cropping1D": on_maps(1, {"cropping": pairs(1, rarely(st.integers(0, 4), -1))}, orders=False),
    "Cropping2D": on_maps(2, {"cropping": pairs(2, rarely(st.integers(0, 3), -1))}),
    "Cropping3D": on_maps(3, {"cropping": pairs(3, rarely(st.integers(0, 2), -1))}),
    "Dense": anywhere({"units": rarely(st.integers(1, 9), 0), "use_bias": FLAGS, "activation": ACTIVATIONS}),
    "DepthwiseConv1D": depthwise(1),
    "DepthwiseConv2D": depthwise(2),
    "Dropout": anywhere({"rate": RATES}),
    "ELU": anywhere({"alpha": st.just(0.5)}),
    "Flatten": anywhere({"data_format": st.sampled_from(["channels_last", "channels_first", None])}),
    "GaussianDropout": anywhere({"rate": RATES}),
    "GaussianNoise": anywhere({"stddev": RATES}),
    "GlobalAveragePooling1D": global_pooling(1),
    "GlobalAveragePooling2D": global_pooling(2),
    "GlobalAveragePooling3D": global_pooling(3),
    "GlobalMaxPooling1D": global_pooling(1),
    "GlobalMaxPooling2D": global_pooling(2),
    "GlobalMaxPooling3D": global_pooling(3),
    "Identity": anywhere({}),
    "LayerNormalization": along(
        {"center": FLAGS, "scale": FLAGS, "rms_scaling": rarely(st.just(False), True)}, rarely(AXES, "last")
    ),
    "LeakyReLU": anywhere({"negative_slope": st.sampled_from([0, 0.5, -1, None])}),
    "Masking": anywhere({"mask_value": st.just(0.0)}),
    "Maximum": joined(),
    "MaxPooling1D": pooling(1),
    "MaxPooling2D": pooling(2),
    "MaxPooling3D": pooling(3),
    "Minimum": joined(),
    "Multiply": joined(),
    "Normalization": with_statistics(),
    "PReLU": prelu(),
    "Permute": permuted(),
    "ReLU": anywhere(
        {
            "max_value": st.sampled_from([None, 6.0, -1.0]),
            "negative_slope": st.sampled_from([0.0, 0.5, -1.0]),
            "threshold": st.sampled_from([0.0, 0.5, -1.0]),
        }
    ),
    "RepeatVector": st.tuples(
        st.fixed_dictionaries({"n": rarely(st.integers(1, 6), 0)}), st.tuples(some(0, 2)).map(list)
    ),
    "Rescaling": anywhere({"scale": st.just(0.5), "offset": st.just(1.0)}),
    "Reshape": reshaped(),
    "SeparableConv1D": separable(1),
    "SeparableConv2D": separable(2),
    "Softmax": anywhere({"axis": st.sampled_from([-1, 1, [1, 2]])}),
    "SpatialDropout1D": spatial_dropout(1),
    "SpatialDropout2D": spatial_dropout(2),
    "SpatialDropout3D": spatial_dropout(3),
    "Subtract": joined(1, 3),
    "UpSampling1D": on_maps(1, {"size": rarely(st.integers(1, 4), 0)}, orders=False),
    "UpSampling2D": on_maps(
        2,
        {"size": per_axis(2, rarely(st.integers(1, 4), 0)), "interpolation": st.sampled_from(["nearest", "bilinear"])},
    ),
    "UpSampling3D": on_maps(3, {"size": per_axis(3, rarely(st.integers(1, 3), 0))}),
    "ZeroPadding1D": on_maps(1, {"padding": pairs(1, rarely(st.integers(0, 4), -1))}),
    "ZeroPadding2D": on_maps(2, {"padding": pairs(2, rarely(st.integers(0, 4), -1)).filter(_unlike(-1))}),
    "ZeroPadding3D": on_maps(3, {"padding": pairs(3, rarely(st.integers(0, 3), -1)).filter(_unlike(-1))}),
}


def test_every_layer_read_from_keras_has_a_strategy() -> None:
    here = Path(__file__).parent
    names = {
        dialect.name
        for layer in registered().values()
        for dialect in layer.keras
        if not (here / f"test_{layer.__module__.rpartition('.')[2]}_frameworks.py").exists()
    }
    assert names == set(STRATEGIES)


# -- layers ------------------------------------------------------------------------------------------------------------
@pytest.mark.frameworks
@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_layer(name: str) -> None:
    @DRAWN
    @given(STRATEGIES[name])
    def check(case: Case) -> None:
        options, shapes = case
        model = real_layer(name, options, shapes)
        event("accepted" if model is not None else "refused")
        compared("keras", name, refused=model is REFUSED)
        by_hand = derived(written_by_hand(name, options, shapes), shapes)
        assert isinstance(by_hand, Derivation) == (model is not REFUSED), f"{name} {case}: we say {by_hand}"
        if not isinstance(by_hand, Derivation):
            return
        truth = keras_rows(model)
        assert_same(our_rows(by_hand), truth)
        network = load(json.loads(model.to_json()))
        freed = with_free_channels(network)
        for variant in (network, freed):
            ours = variant.derive().at(**sizes_of(variant, shapes))
            assert_same(our_rows(ours), truth)
            assert ours.params == model.count_params()
            counted = counted_macs(model.layers[-1])
            assert counted is None or ours.macs == counted
        check_domain(name, options, freed, shapes)

    check()


def check_domain(name: str, options: Mapping[str, Any], network: Network, shapes: Sequence[Shape]) -> None:
    """At the edges of the domain, Keras accepts exactly the sizes that are in it."""
    derivation = network.derive()
    here = sizes_of(network, shapes)
    assert here in derivation.domain
    for symbol in here:
        inside = [{**here, symbol: size} in derivation.domain for size in range(1, 21)]
        edges = [size for size, (one, next_) in enumerate(pairwise(inside), 1) if one != next_]
        for size in {edge + step for edge in edges[:2] for step in (0, 1)}:
            there = {**here, symbol: size}
            model = real_layer(name, options, shapes_at(network, there))
            compared("keras", name, refused=model is REFUSED)
            assert (model is not REFUSED) == (there in derivation.domain), (there, derivation.domain)
            try:
                ours = derivation.at(**there)
            except SymshapeError:
                assert model is REFUSED
            else:
                assert model is not REFUSED
                assert_same(our_rows(ours), keras_rows(model))


def shapes_at(network: Network, sizes: Mapping[str, int]) -> list[Shape]:
    inputs = [network.nodes[place].operation for place in network.inputs]
    return [tuple(sizes[str(size)] for size in layer.shape[1:]) for layer in inputs if isinstance(layer, InputLayer)]
