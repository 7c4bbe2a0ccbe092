"""Adaptive pooling: the sizes of the output are given, and the windows follow from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from symshape.declaration import (
    ELSEWHERE,
    EVERYTHING,
    INPUTS,
    KEEPS_NOTHING,
    Dialect,
    Dim,
    Kept,
    Layer,
    Template,
    Work,
    dims,
    own,
)
from symshape.declaration.dialect import Target
from symshape.errors import UsageError
from symshape.layers.common import CHANNELS, Channels
from symshape.layers.operations import ADAPTIVE_MEAN, GREATEST, MEAN
from symshape.layers.pool import NO_PRODUCTS
from symshape.symbols import AXES, C, N, T, X, numbered
from symshape.written import Symbol, Written, each, product

__all__ = [
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
]


class _AdaptivePooling(Layer):
    """`size` is one number, or one for each axis; None keeps the axis as it is."""

    size: tuple[Dim, ...] = dims(T)
    channels: Channels = "last"

    takes = ((N, each(X), C),)
    macs = NO_PRODUCTS

    def __post_init__(self) -> None:
        size: Any = self.size
        given = size if isinstance(size, (list, tuple)) else (size,) * self.rank
        if len(given) != self.rank:
            raise UsageError(f"{self.label}: {self.rank} sizes are wanted, {list(given)} are given")
        object.__setattr__(self, "size", tuple(-1 if size is None else size for size in given))
        super().__post_init__()
        alone = all(size == 1 for size in self.size)
        # Windows differ in size and distance from position to position, unless there is only one.
        object.__setattr__(self, "window", EVERYTHING if alone else ELSEWHERE)

    def template(self, ranks: Sequence[int]) -> Template:
        sizes = tuple(
            Symbol(axis) if size == -1 else numbered(T, place)
            for place, ((axis, _), size) in enumerate(zip(AXES[self.rank], self.size, strict=True), 1)
        )
        pattern = (N, *sizes, C) if self.channels == "last" else (N, C, *sizes)
        given = super().template(ranks).giving(*(pattern,) * self.output_count)
        windows = product(pattern)
        return replace(given, counts={**given.counts, "work": self.done(windows), "keeps": self.keeping(windows)})

    def done(self, windows: Written) -> tuple[Work, ...]:
        """The operations that so many windows take."""
        raise NotImplementedError

    def keeping(self, windows: Written) -> tuple[Kept, ...]:
        """What the gradients of so many windows need."""
        raise NotImplementedError


_EACH_NUMBER = "of each number of the map, once also where windows overlap"


class _AdaptiveAveragePooling(_AdaptivePooling):
    def done(self, windows: Written) -> tuple[Work, ...]:
        return Work(ADAPTIVE_MEAN, N * each(X) * C, _EACH_NUMBER), Work(MEAN, windows, "of each window")

    def keeping(self, windows: Written) -> tuple[Kept, ...]:
        alone = all(size == 1 for size in self.size)
        return KEEPS_NOTHING if alone else (INPUTS,)  # a mean over the whole map needs its size alone


class _AdaptiveMaxPooling(_AdaptivePooling):
    return_indices: bool = False

    def done(self, windows: Written) -> tuple[Work, ...]:
        return (Work(GREATEST, N * each(X) * C, _EACH_NUMBER),)

    def keeping(self, windows: Written) -> tuple[Kept, ...]:
        return INPUTS, own(windows, "where each window's greatest number lies", width=8)

    @property
    def output_count(self) -> int:
        return 2 if self.return_indices else 1


_KERAS: Mapping[str, Target] = {"output_size": "size", "data_format": CHANNELS}


def _keras(kind: str, rank: int) -> tuple[Dialect, ...]:
    return (Dialect(f"Adaptive{kind}Pooling{rank}D", _KERAS, refuses=_open),)


def _open(layer: Any) -> str | None:
    return "every axis is given a size in this layer" if -1 in layer.size else None


def _torch(kind: str, rank: int) -> tuple[Dialect, ...]:
    indices = {"return_indices": "return_indices"} if kind == "Max" else {}
    name, fixed = f"Adaptive{kind}Pool{rank}d", {"channels": "first"}
    options = {"output_size": "size", **indices}
    return (Dialect(name, options, fixed, refuses=_open) if rank == 1 else Dialect(name, options, fixed),)


class AdaptiveAveragePooling1D(_AdaptiveAveragePooling):
    """Means over windows of a sequence such that as many positions are left as asked for."""

    rank = 1
    keras = _keras("Average", 1)
    torch = _torch("Avg", 1)


class AdaptiveAveragePooling2D(_AdaptiveAveragePooling):
    """Means over windows of a map such that a map of the size asked for is left.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("H", "W", 512), AdaptiveAveragePooling2D((None, 7))).derive().output_shape
    (N, H, 7, 512)
    """

    rank = 2
    keras = _keras("Average", 2)
    torch = _torch("Avg", 2)


class AdaptiveAveragePooling3D(_AdaptiveAveragePooling):
    """Means over windows of a volume such that a volume of the size asked for is left."""

    rank = 3
    keras = _keras("Average", 3)
    torch = _torch("Avg", 3)


class AdaptiveMaxPooling1D(_AdaptiveMaxPooling):
    """Greatest values of windows of a sequence such that as many positions are left as asked for."""

    rank = 1
    keras = _keras("Max", 1)
    torch = _torch("Max", 1)


class AdaptiveMaxPooling2D(_AdaptiveMaxPooling):
    """Greatest values of windows of a map such that a map of the size asked for is left."""

    rank = 2
    keras = _keras("Max", 2)
    torch = _torch("Max", 2)


class AdaptiveMaxPooling3D(_AdaptiveMaxPooling):
    """Greatest values of windows of a volume such that a volume of the size asked for is left."""

    rank = 3
    keras = _keras("Max", 3)
    torch = _torch("Max", 3)
