"""What the suites of the recurrent families share: drawn layers inside layers, held against Keras and PyTorch.

A drawn layer is a `Spec`: the framework's class and its options, layers inside among them. Keras plans shapes without
running anything and without checking much, so the truth here is a run on zeros.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import event
from hypothesis import strategies as st

import symshape
from symshape.declaration import Application, registered
from symshape.derivation import Derivation
from symshape.errors import SymshapeError

from .differential import agrees_with_import, derived, our_layer, outputs_of, quietly
from .tally import compared

os.environ.setdefault("KERAS_BACKEND", "torch")

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Spec:
    """A layer of Keras: its class and its options."""

    kind: str
    options: Mapping[str, Any]


# -- what is drawn -----------------------------------------------------------------------------------------------------
FLAGS = st.booleans()
UNITS = st.integers(1, 5)
FEATURES = st.integers(1, 5)
STEPS = st.integers(1, 4)
BATCHES = st.integers(1, 3)
GATED = ("LSTM", "GRU")
STATES = {"SimpleRNN": 1, "LSTM": 2, "GRU": 1}


def rarely(usual: st.SearchStrategy[Any], odd: Any, among: int = 10) -> st.SearchStrategy[Any]:
    """Mostly `usual`, one time among many `odd`."""
    return st.integers(1, among).flatmap(lambda die: st.just(odd) if die == among else usual)


@st.composite
def cell_options(draw: Any, kind: str, name: str) -> dict[str, Any]:
    """Options of a cell of this kind, which its layer has too."""
    options: dict[str, Any] = {
        "name": name,
        "units": draw(rarely(UNITS, 0, 40)),
        "use_bias": draw(FLAGS),
        "activation": draw(st.sampled_from(["tanh", "relu", None])),
    }
    more: dict[str, st.SearchStrategy[Any]] = {
        "dropout": st.sampled_from([0.0, 0.5]),
        "recurrent_dropout": st.sampled_from([0.0, 0.25]),
        "trainable": FLAGS,
    }
    if kind in GATED:
        more["recurrent_activation"] = st.sampled_from(["sigmoid", "hard_sigmoid"])
    if kind == "LSTM":
        more["unit_forget_bias"] = FLAGS
    if kind == "GRU":
        more["reset_after"] = FLAGS
    for option, values in more.items():
        if draw(FLAGS):
            options[option] = draw(values)
    return options


@st.composite
def over_time(draw: Any) -> dict[str, Any]:
    """Options of every recurrent layer."""
    options = {option: draw(FLAGS) for option in ("return_sequences", "return_state")}
    for option in ("go_backwards", "unroll", "stateful"):
        if draw(rarely(st.just(False), True)):
            options[option] = True
    return options


@st.composite
def recurrent(draw: Any, name: str = "inner") -> Spec:
    """A simple recurrent layer, an LSTM or a GRU."""
    kind = draw(st.sampled_from(sorted(STATES)))
    return Spec(kind, {**draw(cell_options(kind, name)), **draw(over_time())})


@st.composite
def cells(draw: Any, name: str = "cell", deepest: int = 2) -> Spec:
    """A cell, or several stacked."""
    kind = draw(st.sampled_from([*STATES, "stack"] if deepest else [*STATES]))
    if kind != "stack":
        return Spec(f"{kind}Cell", draw(cell_options(kind, name)))
    count = draw(st.integers(1, 3))
    return Spec(
        "StackedRNNCells",
        {"name": name, "cells": [draw(cells(f"{name}_{place}", deepest - 1)) for place in range(count)]},
    )


@st.composite
def repeated_cells(draw: Any, name: str = "inner") -> Spec:
    """A cell, or several stacked, along a sequence."""
    spec = Spec("RNN", {"name": name, "cell": draw(cells()), **draw(over_time())})
    if spec.options["cell"].kind == "StackedRNNCells":
        spec.options.pop("unroll", None)  # unrolled, Keras fails at the second step of a stack of one cell
    return spec


@st.composite
def conv_lstm(draw: Any, rank: int, name: str = "inner") -> Spec:
    """A convolutional LSTM."""

    def per_axis(numbers: st.SearchStrategy[int]) -> Any:
        return draw(numbers | st.tuples(*[numbers] * rank).map(list))

    options = {
        "name": name,
        "filters": draw(rarely(st.integers(1, 3), 0, 40)),
        "kernel_size": per_axis(st.integers(1, 4)),
        "strides": per_axis(rarely(st.integers(1, 3), 0, 40)),
        "padding": draw(rarely(st.sampled_from(["valid", "same", "SAME"]), "causal", 40)),
        "dilation_rate": per_axis(st.sampled_from([1, 1, 1, 2])),
        "data_format": draw(st.sampled_from(["channels_last", "channels_last", "channels_first"])),
        "use_bias": draw(FLAGS),
        **draw(over_time()),
    }
    if draw(FLAGS):
        options["trainable"] = draw(FLAGS)
    options.pop("unroll", None)
    return Spec(f"ConvLSTM{rank}D", options)


# -- Keras's side ------------------------------------------------------------------------------------------------------
def real(spec: Any) -> Any:
    """The real Keras layer."""
    import keras

    if isinstance(spec, list):
        return [real(one) for one in spec]
    if not isinstance(spec, Spec):
        return spec
    return getattr(keras.layers, spec.kind)(**{name: real(value) for name, value in spec.options.items()})


def by_hand(spec: Any) -> Any:
    """The layer as a file that nobody checked describes it."""
    if isinstance(spec, list):
        return [by_hand(one) for one in spec]
    if not isinstance(spec, Spec):
        return spec
    return {"class_name": spec.kind, "config": {name: by_hand(value) for name, value in spec.options.items()}}


def file_by_hand(spec: Spec, shapes: Sequence[Shape]) -> Any:
    """A model of this one layer, as a file that nobody checked describes it."""
    names = [f"in{place}" for place in range(len(shapes))]
    inputs = [
        {
            "class_name": "InputLayer",
            "name": name,
            "config": {"name": name, "batch_shape": list(shape)},
            "inbound_nodes": [],
        }
        for name, shape in zip(names, shapes, strict=True)
    ]
    layer = {**by_hand(spec), "name": spec.options["name"], "inbound_nodes": [[[name, 0, 0, {}] for name in names]]}
    config = {
        "name": "by_hand",
        "layers": [*inputs, layer],
        "input_layers": [[name, 0, 0] for name in names],
        "output_layers": [[spec.options["name"], 0, 0]],
    }
    return json.loads(json.dumps({"class_name": "Functional", "config": config}))


def _nested(inputs: list[Any], counts: Any) -> Any:
    """The first inputs, in lists as `counts` says: [2, 1] → [[a, b], [c]]."""
    if counts is None:
        return inputs.pop(0)
    return [_nested(inputs, None if one == 0 else [None] * one if isinstance(one, int) else one) for one in counts]


def _flat(given: Any) -> list[Any]:
    return [one for part in given for one in _flat(part)] if isinstance(given, (list, tuple)) else [given]


def agrees_with_keras(spec: Spec, shapes: Sequence[Shape], states: Any = None, *, free: bool = False) -> None:
    """Hold one drawn layer over inputs of these shapes (batch first) against the real one, run on zeros.

    `states` says how the inputs after the first are handed over as states: their structure, as `_nested` takes it.
    """
    import keras

    def called(layer: Any, inputs: list[Any]) -> Any:
        if states is None:
            return layer(inputs[0])
        given = _nested(inputs[1:], states)
        return layer(inputs[0], given) if "Cell" in spec.kind else layer(inputs[0], initial_state=given)

    def of_keras() -> tuple[Any, Any, list[Shape]]:
        layer = real(spec)
        inputs = [keras.Input(batch_shape=shape) for shape in shapes]
        planned = called(layer, inputs)
        model = keras.Model(inputs, planned)
        run = _flat(called(layer, [keras.ops.zeros(shape) for shape in shapes]))
        sizes = [tuple(map(int, made.shape)) for made in run]
        if any(size < 1 for shape in sizes for size in shape):
            raise ValueError(f"an empty output: {sizes}")
        return layer, model, sizes

    def ours(data: Any) -> Derivation:
        network = symshape.load(data)
        symbols: dict[str, int] = {}
        for node, shape in zip(network.nodes, shapes, strict=False):
            sizes = node.operation.shape  # type: ignore[union-attr]
            symbols.update({str(s): value for s, value in zip(sizes, shape, strict=True) if not isinstance(s, int)})
        if free and "units" in spec.options:
            network = network.free(spec.options["name"], units="U_freed")
            symbols["U_freed"] = spec.options["units"]
        return network.derive().at(**symbols)

    with quietly():
        try:
            layer, model, sizes = of_keras()
        except AssertionError:
            raise
        except Exception as error:  # the framework's refusal, whatever it is
            refusal: Exception | None = error
        else:
            refusal = None
    try:
        written: Derivation | SymshapeError = ours(file_by_hand(spec, shapes))
    except SymshapeError as error:
        written = error
    event("refused" if refusal else "accepted")
    compared("keras", spec.kind, refused=refusal is not None)
    if refusal is not None:
        assert isinstance(written, SymshapeError), f"Keras refuses, we give {outputs_of(written)}: {refusal}"
        return
    if isinstance(written, SymshapeError):
        raise AssertionError(f"Keras gives {sizes}, we refuse: {written}") from written
    loaded = ours(model.to_json())
    weights = [(str(w.path).removeprefix(f"{layer.name}/"), tuple(w.shape), bool(w.trainable)) for w in layer.weights]
    for derivation in (written, loaded):
        assert outputs_of(derivation) == sizes
        made = derivation[spec.options["name"]].weights
        assert [(w.dims, w.trainable) for w in made] == [(shape, trainable) for _, shape, trainable in weights]
        assert derivation.trainable == _total(model.trainable_weights)
        assert derivation.non_trainable == _total(model.non_trainable_weights)
        assert derivation.macs == counted(layer, shapes[0])
    assert [w.weight.name for w in loaded[spec.options["name"]].weights] == [name for name, _, _ in weights]


def _total(weights: Any) -> int:
    return sum(math.prod(weight.shape) for weight in weights)


def counted(layer: Any, shape: Shape) -> int:
    """The real layer's multiply–accumulates with all inputs of the batch, step by step and gate by gate."""
    kind = type(layer).__name__
    if kind in CELL_GATES:
        features = shape[-1]
        return sum(shape[0] * layer.units * (features + layer.units) for _ in range(CELL_GATES[kind]))
    if kind == "StackedRNNCells":
        total = 0
        for cell in layer.cells:
            total += counted(cell, shape)
            shape = (shape[0], cell.output_size)
        return total
    if kind.startswith("ConvLSTM"):
        return sum(_counted_conv_step(layer.cell, (shape[0], *shape[2:])) for _ in range(shape[1]))
    if hasattr(layer, "cell"):
        return sum(counted(layer.cell, (shape[0], *shape[2:])) for _ in range(shape[1]))
    if kind == "Bidirectional":
        return counted(layer.forward_layer, shape) + counted(layer.backward_layer, shape)
    if kind == "TimeDistributed":
        return sum(counted(layer.layer, (shape[0], *shape[2:])) for _ in range(shape[1]))
    if kind == "Dense":
        return math.prod(shape) * layer.units
    if kind.startswith("Conv"):
        output = layer.compute_output_shape(shape)
        return math.prod(output) * math.prod(layer.kernel.shape[:-1])
    assert not layer.weights or kind.endswith("Normalization"), kind
    return 0


CELL_GATES = {"SimpleRNNCell": 1, "LSTMCell": 4, "GRUCell": 3}


def _counted_conv_step(cell: Any, shape: Shape) -> int:
    output = cell.compute_output_shape(shape)[0]
    channels = shape[1] if cell.data_format == "channels_first" else shape[-1]
    taps = math.prod(cell.kernel_size)
    return sum(math.prod(output) * taps * (channels + cell.filters) for _ in range(4))


# -- PyTorch's side ----------------------------------------------------------------------------------------------------
def agrees_with_torch(kind: str, options: Mapping[str, Any], shapes: Sequence[Shape], *, free: bool = False) -> None:
    """Hold one configuration against the real module on the meta device; on zeros where it and we disagree.

    There LSTMs are counted as they compute; on the CPU they are one operation, which PyTorch's counter does not know.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    def attempt(device: str) -> Any:
        with quietly():
            try:
                module = getattr(torch.nn, kind)(**options, device=device)
                sequence, *states = [torch.zeros(shape, device=device) for shape in shapes]
                given = (tuple(states) if "LSTM" in kind else states[0],) if states else ()
                with FlopCounterMode(display=False) as counter:
                    made = _flat(module(sequence, *given))
                sizes = [tuple(output.shape) for output in made]
                return module, sizes, int(counter.get_total_flops())
            except Exception as error:  # the framework's refusal, whatever it is
                return error

    try:
        layer = our_layer("torch", kind, options)
        ours: Derivation | Exception = derived(layer, shapes, free=free)
    except SymshapeError as error:
        ours = error
    theirs = attempt("meta")
    if isinstance(theirs, Exception) != isinstance(ours, Exception):
        theirs = attempt("cpu")
    event("refused" if isinstance(theirs, Exception) else "accepted")
    compared("torch", kind, refused=isinstance(theirs, Exception))
    if isinstance(theirs, Exception):
        assert isinstance(ours, Exception), f"PyTorch refuses, we give {outputs_of(ours)}: {theirs}"
        return
    module, sizes, operations = theirs
    if isinstance(ours, Exception):
        raise AssertionError(f"PyTorch gives {sizes}, we refuse: {ours}") from ours
    assert outputs_of(ours) == sizes
    application = ours.calls[-1]
    assert isinstance(application, Application)
    kept = [(name, tuple(p.shape), p.requires_grad) for name, p in module.named_parameters()]
    assert [(w.weight.name, w.dims, w.trainable) for w in application.torch_weights] == kept
    assert not list(module.named_buffers())
    assert ours.params == ours.trainable == sum(p.numel() for p in module.parameters())
    assert ours.non_trainable == 0
    assert 2 * ours.macs == operations
    agrees_with_import(module, shapes, ours)


def covered(module: str, framework: str) -> set[str]:
    """The framework's names of the layers that a file of ours declares."""
    return {
        dialect.name
        for cls in registered().values()
        if cls.__module__ == f"symshape.layers.{module}"
        for dialect in getattr(cls, framework)
    }
