"""A small worked example of any layer: options and input shapes under which its declaration is shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from symshape.algebra.poly import Value, name
from symshape.declaration import Application, Layer, as_value
from symshape.declaration.layer import Shape
from symshape.errors import DeclarationError, SymshapeError
from symshape.written import Each, Symbol

__all__ = ["example_of"]

# What an option is in examples, by its symbol or its name; sizes of inputs, by axis.
_OPTIONS: dict[str, Any] = {"F": 8, "U": 10, "K": 3, "R": 2, "T": (-1,)}
_NAMED: dict[str, Any] = {"order": (2, 1)}
_SIZES: dict[str, Value] = {"N": name("N"), "L": name("L"), "D": name("D"), "H": name("H"), "W": name("W"), "C": 16}
_LEADING = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}


def example_of(layer: type[Layer]) -> Application:
    """The layer with small options applied to inputs of symbolic sizes.

    Raises `DeclarationError` where no example can be made: the layer then declares an `example` of its own.
    """
    given = layer.example() if layer.example is not None else _with_small_options(layer)
    made, *shapes = given if isinstance(given, tuple) else (given,)
    refusals = []
    for inputs in [tuple(tuple(map(as_value, shape)) for shape in shapes)] if shapes else _inputs(made):
        try:
            return Application(made, inputs)
        except SymshapeError as error:
            refusals.append(str(error))
    raise DeclarationError(f"{layer.__name__} needs an example of its own: {refusals[-1] if refusals else 'no inputs'}")


def _with_small_options(layer: type[Layer]) -> Layer:
    small = {**_OPTIONS, "T": 7} if layer.rank else _OPTIONS  # a target size for each axis, or a target shape
    required = {
        field.name: _NAMED.get(field.name) or small.get(_symbol(layer, field.name), 4)
        for field in dataclasses.fields(layer)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    return layer(**required)


def _symbol(layer: type[Layer], field: str) -> str:
    option = layer.options.get(field)
    return option.symbol.name if option is not None else ""


def _inputs(layer: Layer) -> Iterator[tuple[Shape, ...]]:
    """Shapes to try: those of the declared pattern, else one or two maps, sequences or rows."""
    if type(layer).takes:
        yield tuple(tuple(_sizes(layer, pattern)) for pattern in type(layer).takes)
    for count in (1, 2, 3, 0):
        for axes in (("H", "W"), ("L",), (), ("D", "H", "W")):
            yield (tuple(_SIZES[axis] for axis in ("N", *axes, "C")),) * count


def _sizes(layer: Layer, pattern: Any) -> Iterator[Value]:
    for entry in layer.arranged(pattern):
        if isinstance(entry, Each):
            axes = _LEADING[layer.rank or 2]
            named = {"X": axes, "A": ("N", *axes), "E": ("N", *axes, "C")}[str(entry.arg)]
            yield from (_SIZES[axis] for axis in named)
        else:
            assert isinstance(entry, Symbol)
            yield _SIZES.get(entry.name, 16)
