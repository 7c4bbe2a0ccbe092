"""The dialects of tensor operations name functions that exist, with the arguments these have."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from symshape.declaration import registered
from symshape.layers.axes import ATEN, KERAS_OPS

pytestmark = pytest.mark.frameworks
DIALECTS = [dialect for cls in registered().values() for dialect in cls.operations]


def test_every_operation_is_declared_once():
    names = [(dialect.module, dialect.name) for dialect in DIALECTS]
    assert len(set(names)) == len(names)
    assert {module for module, _ in names} == {KERAS_OPS, ATEN}


def test_arguments_of_keras_operations():
    homes = [vars(import_module(f"keras.src.ops.{home}")) for home in ("numpy", "nn", "math", "core", "linalg")]
    for dialect in DIALECTS:
        if dialect.module == KERAS_OPS:
            cls = next(home[dialect.name] for home in homes if dialect.name in home)
            made = set(inspect.signature(cls.__init__).parameters) - {"self", "name"}
            called = [name for name in inspect.signature(cls.call).parameters if name != "self"]
            assert made <= set(dialect.options), dialect.name
            assert len(dialect.arguments) <= len(called), dialect.name
            for ours, theirs in zip(dialect.arguments, called, strict=False):  # an option goes by Keras's own name
                assert ours == theirs or ours not in dialect.options, dialect.name


def test_arguments_of_aten_operators():
    import torch

    for dialect in DIALECTS:
        if dialect.module == ATEN:
            packet = getattr(torch.ops.aten, dialect.name)
            schemas = [getattr(packet, overload)._schema for overload in packet.overloads()]
            known = {argument.name for schema in schemas for argument in schema.arguments}
            assert set(dialect.options) <= known | LENIENT, dialect.name
            plain = [
                {argument.name for argument in schema.arguments if "Tensor" not in str(argument.type)}
                for schema in schemas
                if any("Tensor" in str(argument.type) for argument in schema.arguments)
            ]
            assert any(names <= set(dialect.options) for names in plain), dialect.name


# Options that several operators share in our tables, of which each has some.
LENIENT = {
    *("dtype", "layout", "device", "pin_memory", "memory_format", "non_blocking", "beta", "threshold", "min_val"),
    *("max_val", "x_min", "x_max", "decimals", "negative_slope", "alpha", "scale", "input_scale", "approximate"),
    *("k", "diagonal", "sparse", "ragged", "rounding_mode", "keepdim", "unbiased", "correction", "ord", "p"),
    *("descending", "stable", "dim"),
}
