"""Random networks against Keras: chains, and graphs with joins, shared layers, models as layers, inputs and outputs.

A network is built by Keras at one size, read from its JSON, derived with symbols, evaluated at another size, and held
against what Keras builds there.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from symshape.derivation import Derivation
from symshape.errors import SymshapeError, Undecided
from symshape.importers import load

from .keras_side import DRAWN, EXAMPLES, Shape, assert_same, counted_macs, keras, keras_rows, our_rows, sizes_of
from .tally import compared

pytestmark = pytest.mark.frameworks
FEWER = settings(DRAWN, max_examples=5 * EXAMPLES)

Options = Mapping[str, Any]


# -- recipes: what is built, whatever the size -------------------------------------------------------------------------
def _layer(name: str, **options: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Options]]:
    return st.tuples(st.just(name), st.fixed_dictionaries(options))


SMALL, WORD = st.integers(1, 3), st.sampled_from(["valid", "same"])
FILTERS = st.sampled_from([2, 4])
LAYERS = st.one_of(
    _layer("Conv2D", filters=FILTERS, kernel_size=SMALL, strides=SMALL, padding=WORD, trainable=st.booleans()),
    _layer("Conv2D", filters=FILTERS, kernel_size=SMALL, padding=st.just("same"), groups=st.sampled_from([1, 2])),
    _layer("DepthwiseConv2D", kernel_size=SMALL, strides=SMALL, padding=WORD),
    _layer("SeparableConv2D", filters=FILTERS, kernel_size=SMALL, padding=WORD),
    _layer("MaxPooling2D", pool_size=SMALL, strides=SMALL, padding=WORD),
    _layer("AveragePooling2D", pool_size=st.just(2), padding=WORD),
    _layer("BatchNormalization", axis=st.sampled_from([-1, 3, 1]), trainable=st.booleans()),
    _layer("LayerNormalization", axis=st.sampled_from([-1, [1, 2, 3], [-1, 1]])),
    _layer("ZeroPadding2D", padding=st.sampled_from([1, ((0, 1), (0, 1)), (0, 2)])),
    _layer("Cropping2D", cropping=st.sampled_from([1, ((0, 1), (1, 0))])),
    _layer("UpSampling2D", size=st.just(2)),
    _layer("Dense", units=st.sampled_from([2, 5])),
    _layer("PReLU", shared_axes=st.sampled_from([None, [1, 2]])),
    _layer("Activation", activation=st.just("relu")),
    _layer("Dropout", rate=st.just(0.5)),
    _layer("GlobalAveragePooling2D", keepdims=st.booleans()),
    _layer("Flatten"),
    _layer("Permute", dims=st.just((2, 1, 3))),
    _layer("Reshape", target_shape=st.sampled_from([(-1,), (-1, 2), (2, -1), (-1, 2, 2)])),
)
JOINS = st.sampled_from(["Add", "Concatenate", "Multiply", "Maximum", "Average", "Subtract"])
PLACES = st.integers(0, 7)


@dataclass(frozen=True)
class Step:
    """One thing done to tensors made before, which it names by their places (counted round and round)."""

    does: str  # layer, again, join, inside (a chain as a model), inside2 (a graph with two inputs and outputs)
    places: tuple[int, ...]
    name: str = ""
    options: Any = None


STEPS = st.one_of(
    st.builds(lambda place, layer: Step("layer", (place,), *layer), PLACES, LAYERS),
    st.builds(lambda place, layer: Step("layer", (place,), *layer), PLACES, LAYERS),
    st.builds(lambda place, which: Step("again", (place,), options=which), PLACES, PLACES),
    st.builds(lambda places, name: Step("join", places, name), st.tuples(PLACES, PLACES), JOINS),
    st.builds(lambda places, name: Step("join", places, name), st.tuples(PLACES, PLACES, PLACES), JOINS),
    st.builds(
        lambda place, kind, layers: Step("inside", (place,), kind, layers),
        PLACES,
        st.sampled_from(["Sequential", "Functional"]),
        st.lists(LAYERS, min_size=1, max_size=3),
    ),
    st.builds(
        lambda places, layers: Step("inside2", places, "", layers), st.tuples(PLACES, PLACES), st.tuples(LAYERS, LAYERS)
    ),
)


class Rebuilt(Exception):
    """Applied again to a different shape: Keras allows it to models with open sizes only, and does not look at others.

    `UNCHECKED` are layers whose weights depend on the shape without Keras looking at it again (docs/surprises.md).
    """


UNCHECKED = ("LayerNormalization", "PReLU")


class Kitchen:
    """Keras following a recipe at one size."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        k = keras()
        self.inputs = [k.Input(shape, name=f"entrance{place}") for place, shape in enumerate(shapes)]
        self.tensors = list(self.inputs)
        self.used: set[int] = set()
        self.made: list[tuple[Any, Any]] = []  # what "again" may apply, with the shape it was made for

    def follow(self, step: Step, number: int) -> None:
        sources = [place % len(self.tensors) for place in step.places]
        taken = [self.tensors[place] for place in sources]
        outputs = getattr(self, f"_{step.does}")(step, f"step{number}", taken)
        self.used.update(sources)
        self.tensors.extend(outputs if isinstance(outputs, list) else [outputs])

    def _layer(self, step: Step, name: str, taken: list[Any]) -> Any:
        layer = getattr(keras().layers, step.name)(**step.options, name=name)
        made = layer(taken[0])
        self.made.append((layer, taken[0].shape if step.name in UNCHECKED else None))
        return made

    def _again(self, step: Step, name: str, taken: list[Any]) -> Any:
        layer, shape = self.made[step.options % len(self.made)]
        if shape is not None and shape != taken[0].shape:
            raise Rebuilt
        return layer(taken[0])

    def _join(self, step: Step, name: str, taken: list[Any]) -> Any:
        return getattr(keras().layers, step.name)(name=name)(taken)

    def _inside(self, step: Step, name: str, taken: list[Any]) -> Any:
        k, shape = keras(), taken[0].shape[1:]
        layers = [getattr(k.layers, kind)(**options) for kind, options in step.options]
        if step.name == "Sequential":
            model = k.Sequential([k.Input(shape), *layers], name=name)
        else:
            start = tensor = k.Input(shape)
            for layer in layers:
                tensor = layer(tensor)
            model = k.Model(start, tensor, name=name)
        made = model(taken[0])
        self.made.append((model, taken[0].shape))
        return made

    def _inside2(self, step: Step, name: str, taken: list[Any]) -> Any:
        k = keras()
        first, second = starts = [k.Input(tensor.shape[1:]) for tensor in taken]
        one, other = (getattr(k.layers, kind)(**options) for kind, options in step.options)
        return k.Model(starts, [other(second), one(first)], name=name)(taken)

    def model(self) -> Any:
        ends = [tensor for place, tensor in enumerate(self.tensors) if place not in self.used]
        return keras().Model(self.inputs, ends, name="drawn")


def kept_steps(recipe: Sequence[Step], shapes: Sequence[Shape]) -> tuple[list[Step], Any]:
    """The steps that Keras follows at this size, and what comes out."""
    kitchen, kept = Kitchen(shapes), []
    for step in recipe:
        try:
            kitchen.follow(step, len(kept))
        except Exception:  # Keras refuses, in whatever way, or there is nothing to apply again
            continue
        kept.append(step)
    return kept, kitchen.model()


def followed(recipe: Sequence[Step], shapes: Sequence[Shape]) -> Any:
    """What Keras makes of the recipe at another size; None where it refuses."""
    kitchen = Kitchen(shapes)
    try:
        for number, step in enumerate(recipe):
            kitchen.follow(step, number)
        return kitchen.model()
    except Rebuilt:
        raise
    except Exception:
        return None


def total_macs(model: Any) -> int:
    total = 0
    for layer in model.layers:
        inside = getattr(layer, "layers", None)
        counted = len(layer._inbound_nodes) * total_macs(layer) if inside is not None else counted_macs(layer)
        total += counted or 0  # layers with weights that this suite does not count multiply nothing
    return total


def assert_agree(derivation: Derivation, model: Any, *, chain: bool = False) -> None:
    rows, names = our_rows(derivation), [layer.name for layer in derivation]
    if chain:  # Keras does not list the input of a chain
        rows, names = rows[1:], names[1:]
    assert names == [layer.name for layer in model.layers]
    assert_same(rows, keras_rows(model))
    assert [list(shape[1:]) for shape in derivation.outputs] == [list(tensor.shape[1:]) for tensor in model.outputs]
    assert derivation.params == model.count_params()
    assert derivation.trainable == sum(prod(weight.shape) for weight in model.trainable_weights)
    assert derivation.macs == total_macs(model)


def check(data: Any, shapes: Sequence[Shape], rebuilt: Any, *, chain: bool = False) -> None:
    """The network read from Keras's JSON, at other shapes, against what Keras builds there."""
    network = load(data)
    derivation = network.derive()
    sizes = sizes_of(network, shapes)
    event("accepted" if rebuilt is not None else "refused")
    compared("keras", "whole networks", refused=rebuilt is None)
    try:
        ours: Derivation | SymshapeError = derivation.at(**sizes)
    except SymshapeError as refusal:
        ours = refusal
    assert isinstance(ours, Derivation) == (rebuilt is not None), f"at {sizes} we say {ours}"
    if isinstance(ours, Derivation):
        assert_agree(ours, rebuilt, chain=chain)
    try:
        inside = sizes in derivation.domain
    except Undecided:
        event("domain undecided")
    else:
        assert inside == (rebuilt is not None), f"{derivation.domain} at {sizes}"


MAPS = st.tuples(st.integers(1, 16), st.integers(1, 16), st.sampled_from([1, 2, 3, 4]))


@st.composite
def two_sizes(draw: Any, inputs: int) -> tuple[list[Shape], list[Shape]]:
    """Shapes to build at and shapes to evaluate at; channels stay."""
    first = [draw(MAPS) for _ in range(inputs)]
    if inputs == 2 and draw(st.booleans()):
        first[1] = first[0]
    second = [(*draw(MAPS)[:2], shape[2]) for shape in first]
    if inputs == 2 and draw(st.booleans()):
        second[1] = (*second[0][:2], second[1][2])
    return first, second


@FEWER
@given(st.lists(STEPS, min_size=1, max_size=9), st.integers(1, 2).flatmap(lambda n: two_sizes(n)))
def test_graphs(recipe: list[Step], sizes: tuple[list[Shape], list[Shape]]) -> None:
    built_at, other = sizes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        recipe, model = kept_steps(recipe, built_at)
        assume(recipe)
        try:
            rebuilt = followed(recipe, other)
        except Rebuilt:
            assume(False)
        data = json.loads(model.to_json())
    assert_agree(load(data).derive().at(**sizes_of(load(data), built_at)), model)
    check(data, other, rebuilt)


@FEWER
@given(st.lists(LAYERS, min_size=1, max_size=7), st.booleans(), two_sizes(1))
def test_chains(layers: list[tuple[str, Options]], build: bool, sizes: tuple[list[Shape], list[Shape]]) -> None:
    k = keras()

    def chain(shape: Shape) -> Any:
        made = [getattr(k.layers, kind)(**options, name=f"layer{i}") for i, (kind, options) in enumerate(layers)]
        try:
            if not build:
                return k.Sequential([k.Input(shape), *made])
            model = k.Sequential(made)
            model.build((None, *shape))
        except Exception:
            return None
        return model

    (built_at,), (other,) = sizes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, rebuilt = chain(built_at), chain(other)
        assume(model is not None)
        data = json.loads(model.to_json())
    check(data, [built_at], model, chain=True)
    check(data, [other], rebuilt, chain=True)


def against_keras(model: Any) -> None:
    """A model as it is, at its own size."""
    network = load(model.to_json())
    assert_agree(network.derive().at(**{name: size for name, size in network.native.items() if name != "N"}), model)


def test_masks_stay_out() -> None:
    k = keras()
    start = k.Input((8, 4))
    masked = k.layers.Masking()(start)
    against_keras(k.Model(start, [k.layers.GlobalAveragePooling1D()(masked), k.layers.Softmax()(masked)]))
    against_keras(k.Model([start, mask := k.Input((8, 4), dtype="bool")], k.layers.Softmax()(start, mask=mask)))


def test_inputs_by_key() -> None:
    k = keras()
    inside = {"b": k.Input((3,), name="b"), "a": k.Input((5,), name="a")}
    joined = k.layers.Add()([k.layers.Dense(7)(inside["a"]), k.layers.Dense(7)(inside["b"])])
    inner = k.Model(inside, {"sum": joined, "left": inside["a"]})
    three, five = k.Input((3,)), k.Input((5,))
    made = inner({"b": three, "a": five})
    against_keras(k.Model([five, three], [made["sum"], made["left"]]))


def test_frozen_models() -> None:
    k = keras()
    base = k.Sequential([k.Input((8, 8, 3)), k.layers.Conv2D(4, 3), k.layers.BatchNormalization()], name="base")
    base.trainable = False
    model = k.Sequential([k.Input((8, 8, 3)), base, k.layers.Flatten(), k.layers.Dense(2)])
    base.layers[0].trainable = True
    network = load(model.to_json())
    derivation = network.derive(H=8, W=8)
    assert derivation.trainable == sum(prod(weight.shape) for weight in model.trainable_weights)
    model.trainable = False
    model.layers[-1].trainable = True
    assert load(model.to_json()).derive().trainable == 0 == len(model.trainable_weights)
