"""Arrays that a network has by itself, without an input: learned ones and fixed ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symshape.declaration import (
    KEEPS_NOTHING,
    NOTHING,
    POINTWISE,
    Count,
    Layer,
    Template,
    Weight,
    dims,
)
from symshape.declaration.formula import always, never
from symshape.symbols import T, numbered
from symshape.written import Number, Symbol

__all__ = ["Constant", "Parameter"]

KEPT = Count(Number(0), "kept with the network, not made anew for each example")
FREE = Count(Number(0), "is there already; nothing is computed")

_COUNTED = {"macs": (FREE,), "activations": (KEPT,), "work": NOTHING, "keeps": KEEPS_NOTHING}


class _Array(Layer):
    shape: tuple[Any, ...] = dims(T, (), least=1)

    macs = FREE
    view = True
    window = POINTWISE

    @property
    def sizes(self) -> tuple[Symbol, ...]:
        """The array's sizes as symbols."""
        return tuple(numbered(T, place) for place in range(1, len(self.shape) + 1))

    def template(self, ranks: Sequence[int]) -> Template:
        return Template((), (self.sizes,), counts=_COUNTED)


class Constant(_Array):
    """A fixed array of the shape given."""

    example = staticmethod(lambda: Constant((1, "L", 64)))


class Parameter(_Array):
    """An array that is learned, such as a position embedding, a class token or learned queries: its weight is called
    `weight`. With `buffer` it is one of PyTorch's buffers: kept, not learned.

    >>> from symshape.layers import Arithmetic
    >>> from symshape.network import Input, Network, given
    >>> x = Input("L", "d")
    >>> d = Network(x, Arithmetic("add")(x, given(Parameter((1, "L", "d"))))).derive()
    >>> d.output_shape, d.params
    ((N, L, d), L*d)
    """

    weight: str = "weight"
    buffer: bool = False

    example = staticmethod(lambda: Parameter((1, "L", 64)))

    def template(self, ranks: Sequence[int]) -> Template:
        learned = Weight(self.weight, self.sizes, trainable=not self.buffer, buffer=always if self.buffer else never)
        return Template((), (self.sizes,), weights=(learned,), counts=_COUNTED)
