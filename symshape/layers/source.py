"""Where a network begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symshape.declaration import POINTWISE, Count, Layer, Template, dims
from symshape.symbols import T, numbered
from symshape.written import Number

__all__ = ["InputLayer"]


NOTHING = Count(Number(0), "the input itself costs nothing")


class InputLayer(Layer):
    """What enters the network: a shape whose first entry is the batch; each size a number or a symbol.

    `given` holds the sizes of the file or program the network came from, where they were numbers.
    """

    shape: tuple[Any, ...] = dims(T)
    given: tuple[int | None, ...] = ()

    macs = NOTHING
    window = POINTWISE

    def template(self, ranks: Sequence[int]) -> Template:
        sizes = tuple(numbered(T, place) for place in range(1, len(self.shape) + 1))
        return Template(takes=(), gives=(sizes,), counts={"macs": (NOTHING,)})
