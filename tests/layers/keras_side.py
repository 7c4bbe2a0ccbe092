"""What the suites against Keras share: a real model's numbers, ours, and how they are held side by side."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from math import prod
from typing import Any

from hypothesis import HealthCheck, settings

from symshape.derivation import Derivation
from symshape.errors import SymshapeError
from symshape.importers import load
from symshape.layers.source import InputLayer
from symshape.network import Network

EXAMPLES = int(os.environ.get("SYMSHAPE_EXAMPLES", "60"))
DRAWN = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, database=None
)

Shape = tuple[int, ...]  # of one example: the batch is not in it
Row = tuple[list[Any], list[tuple[list[int], bool]], int, int]
REFUSED = None


# -- Keras's side ------------------------------------------------------------------------------------------------------
def keras() -> Any:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras as real

    return real


def real_layer(name: str, options: Mapping[str, Any], shapes: Sequence[Shape]) -> Any:
    """The layer in a model of its own, or None where Keras refuses it."""
    k = keras()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            inputs = [k.Input(shape) for shape in shapes]
            joins = name in JOINING
            made = getattr(k.layers, name)(**_tuples(options))(inputs if joins else inputs[0])
            return k.Model(inputs, made)
        except Exception:  # the layer's refusal: mostly ValueError, now and then whatever went wrong first
            return REFUSED


JOINING = ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract")


def _tuples(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) and key != "mean" else value for key, value in options.items()}


def keras_rows(model: Any) -> list[Row]:
    """What Keras says of each layer: distinct output shapes, weights, and counts."""
    rows = []
    for layer in model.layers:
        shapes: list[Any] = []
        for node in layer._inbound_nodes:
            found = [list(tensor.shape[1:]) for tensor in node.output_tensors]
            shapes.extend(shape for shape in found if len(found) > 1 or shape not in shapes)
        learned = {id(weight) for weight in layer.trainable_weights}
        weights = [(list(weight.shape), id(weight) in learned) for weight in layer.weights]
        rows.append(
            (
                shapes,
                weights,
                sum(prod(weight.shape) for weight in layer.trainable_weights),
                sum(prod(weight.shape) for weight in layer.non_trainable_weights),
            )
        )
    return rows


# How many multiply–accumulates, from Keras's own shapes: every kernel entry is used once at each output position.
MACS: Mapping[str, Callable[[list[int], list[list[int]], str], int]] = {
    "Conv": lambda out, weights, order: prod(_positions(out, order)) * prod(weights[0]),
    "Depthwise": lambda out, weights, order: prod(_positions(out, order)) * prod(weights[0]),
    "Separable": lambda out, weights, order: prod(_positions(out, order)) * (prod(weights[0]) + prod(weights[1])),
    "Dense": lambda out, weights, order: prod(out[:-1]) * prod(weights[0]),
}


def _positions(shape: list[int], order: str) -> list[int]:
    return shape[1:] if order == "channels_first" else shape[:-1]


def counted_macs(layer: Any) -> int | None:
    """The layer's MACs by brute force; None where this file does not know its kind."""
    kind = type(layer).__name__
    for beginning, count in MACS.items():
        if kind.startswith(beginning) and not kind.endswith("Transpose"):
            weights = [list(weight.shape) for weight in layer.weights]
            order = getattr(layer, "data_format", "channels_last")
            return sum(count(list(node.output_tensors[0].shape[1:]), weights, order) for node in layer._inbound_nodes)
    return None if layer.weights else 0


# -- our side ----------------------------------------------------------------------------------------------------------
def assert_same(ours: list[Row], theirs: list[Row]) -> None:
    """Equal, but that Keras may leave a size open (None) where we know it."""
    assert len(ours) == len(theirs)
    for mine, its in zip(ours, theirs, strict=True):
        shapes = [_where_known(*pair) for pair in zip_longest(mine[0], its[0], fillvalue=[])]
        assert (shapes, *mine[1:]) == its


def _where_known(ours: list[Any], theirs: list[Any]) -> list[Any]:
    if len(ours) != len(theirs):
        return ours
    return [size if known is not None else None for size, known in zip(ours, theirs, strict=True)]


def our_rows(derivation: Derivation) -> list[Row]:
    return [
        (
            [list(shape[1:]) for shape in layer.outputs],
            [(list(weight.dims), weight.trainable) for weight in layer.weights],
            layer.trainable,
            layer.non_trainable,
        )
        for layer in derivation
    ]


def sizes_of(network: Network, shapes: Sequence[Shape]) -> dict[str, int]:
    """The values that the network's symbols have at these input shapes."""
    values: dict[str, int] = {}
    for place, shape in zip(network.inputs, shapes, strict=True):
        layer = network.nodes[place].operation
        assert isinstance(layer, InputLayer)
        for size, actual in zip(layer.shape[1:], shape, strict=True):
            if isinstance(size, int):
                assert size == actual
            else:
                values[str(size)] = actual
    return values


def with_free_channels(network: Network) -> Network:
    """The network with every size of its inputs a symbol, channels too."""
    for place in network.inputs:
        node = network.nodes[place]
        assert isinstance(node.operation, InputLayer)
        shape = [
            size if not isinstance(size, int) else f"Z{place}_{axis}" for axis, size in enumerate(node.operation.shape)
        ]
        network = network.replace(node.name, shape=shape)
    return network


def written_by_hand(name: str, options: Mapping[str, Any], shapes: Sequence[Shape]) -> Any:
    """The model as a file that nobody checked would have it, with the options as they were given."""
    inputs = [
        {"class_name": "InputLayer", "config": {"name": f"in{i}", "batch_shape": [None, *shape]}, "inbound_nodes": []}
        for i, shape in enumerate(shapes)
    ]
    calls = [[[f"in{i}", 0, 0, {}] for i in range(len(shapes))]]
    layer = {"class_name": name, "config": {**options, "name": "layer"}, "inbound_nodes": calls}
    for entry in (*inputs, layer):
        entry["name"] = entry["config"]["name"]  # type: ignore[index]
    config = {
        "name": "by_hand",
        "layers": [*inputs, layer],
        "input_layers": [[f"in{i}", 0, 0] for i in range(len(shapes))],
        "output_layers": [["layer", 0, 0]],
    }
    return json.loads(json.dumps({"class_name": "Functional", "config": config}))


def derived(data: Any, shapes: Sequence[Shape]) -> Derivation | SymshapeError:
    """The model derived with symbols, then at these sizes; our refusal where we refuse it."""
    try:
        network = load(data)
        return network.derive().at(**sizes_of(network, shapes))
    except SymshapeError as refusal:
        return refusal
