"""Tensor operations among the layers of a Keras file: the rows a file has for them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from symshape.errors import UnsupportedLayer
from symshape.importers import load

from .test_keras_files import applied, entrance, graph


def operation(kind: str, name: str, *args: Any, **config: Any) -> dict[str, Any]:
    """A tensor operation as Keras writes it: what made it as its config, the rest in the call."""
    call = {"args": [tensor(arg) if isinstance(arg, str) else arg for arg in args], "kwargs": {}}
    made = {"module": "keras.src.ops.numpy", "class_name": kind, "name": name, "config": {"name": name, **config}}
    return {**made, "inbound_nodes": [call]}


def tensor(name: str, output: int = 0) -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, output]}}


def slicing(**ends: int) -> dict[str, Any]:
    return {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None, **ends}}


def test_operations_between_layers() -> None:
    entries = [
        applied(entrance(8, 6)),
        operation("Multiply", "twice", "in", 2.0),
        operation("GetItem", "tail", "twice", [slicing(), slicing(start=1)]),
        operation("Split", "split", "tail", indices_or_sections=2, axis=-1),
        operation("Matmul", "scores", "tail", "swapped"),
        operation("Swapaxes", "swapped", "in", axis1=1, axis2=2),
        operation("Stack", "stacked", [tensor("split"), tensor("split", 1)], axis=1),
    ]
    d = load(graph(*entries, inputs=["in"], outputs=["stacked", "scores"])).derive()
    assert str(d.output_shape) == "[(N, 2, L - 1, 3), (N, L - 1, L)]"
    assert str(d.macs) == "6*L*(L - 1)"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (operation("Add", "op", "in", [1.0, 2.0]), "x2 = .* is no number"),
        (operation("Add", "op", "in", 1.0, 2.0), "its argument 3, 2.0, is not a tensor"),
        (operation("GetItem", "op", "in", [[0, 1]]), "no number, slice or new axis"),
        (operation("Concatenate", "op", [tensor("in"), [[1.0]]], axis=1), "tensors and fixed arrays in one list"),
        (operation("Squeeze", "op", "in", axis=None), "say which"),
        (operation("Pad", "op", "in", pad_width=[[0, 0], [1, 1], [0, 0]], mode="reflect"), "only 'constant'"),
        (operation("FFT", "op", "in"), "op .FFT., from 'keras.src.ops.numpy': no declaration covers this operation"),
        (operation("Mean", "op", "in", axis=1, weights=None), "the option 'weights'"),
    ],
)
def test_operations_that_are_not_understood(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedLayer, match=message):
        load(graph(applied(entrance(8, 6)), entry, inputs=["in"], outputs=["op"]))


def test_one_operation_with_different_arguments() -> None:
    entry = operation("Add", "op", "in", 1.0)
    entry["inbound_nodes"].append({"args": [tensor("in"), [1.0]], "kwargs": {}})
    with pytest.raises(UnsupportedLayer, match="several times with different arguments"):
        load(graph(applied(entrance(8, 6)), entry, inputs=["in"], outputs=["op"]))
