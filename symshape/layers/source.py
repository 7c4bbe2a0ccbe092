"""Where a network begins."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from symshape.declaration import KEEPS_NOTHING, NOTHING, POINTWISE, Condition, Count, Layer, Template, dims
from symshape.declaration.signature import names_of_sizes
from symshape.symbols import T, numbered
from symshape.written import Number, Symbol, equal

__all__ = ["InputLayer"]

FREE = Count(Number(0), "the input itself costs nothing")


class InputLayer(Layer):
    """What enters the network: a shape whose first entry is the batch; each size a number or a symbol.

    `given` holds the sizes of the file or program the network came from, where they were numbers. In a network that is
    a layer of another one, the input takes a shape: its symbols become what comes, its numbers must be what comes, and
    what comes twice for one symbol must be the same.
    """

    shape: tuple[Any, ...] = dims(T)
    given: tuple[int | None, ...] = ()

    macs = FREE
    work = NOTHING
    keeps = KEEPS_NOTHING
    view = True
    window = POINTWISE
    example = staticmethod(lambda: InputLayer(("N", "H", "W", 3)))

    def template(self, ranks: Sequence[int]) -> Template:
        sizes = tuple(numbered(T, place) for place in range(1, len(self.shape) + 1))
        if not ranks:
            return Template(takes=(), gives=(sizes,), counts=self.declared_counts())
        coming = tuple(map(Symbol, names_of_sizes(len(sizes))))
        where = tuple(
            Condition(equal(comes, size), "the inner network is made for this size")
            for comes, size in zip(coming, sizes, strict=True)
        )
        return Template(takes=(coming,), gives=(sizes,), where=where, counts=self.declared_counts())

    @cached_property
    def choices(self) -> Any:
        return len(self.shape)
