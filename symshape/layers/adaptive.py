"""Pooling to a given size: the sizes of the output are asked for, and the windows follow from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from symshape.declaration import (
    EVERYTHING,
    INPUTS,
    KEEPS_NOTHING,
    PYTORCH,
    Condition,
    Dialect,
    Dim,
    Formula,
    Kept,
    Layer,
    PerAxis,
    Source,
    Template,
    Window,
    Work,
    dims,
    own,
    per_axis,
)
from symshape.declaration.dialect import Target
from symshape.errors import UsageError
from symshape.layers.common import CHANNELS, Channels
from symshape.layers.operations import ADAPTIVE_MEAN, GREATEST, MEAN
from symshape.layers.pool import NO_PRODUCTS
from symshape.layers.rearrange import exact_factor, scaled
from symshape.symbols import AXES, C, K, N, T, X, X_out, axis_symbol, numbered
from symshape.written import Symbol, Written, each, product

__all__ = [
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "FractionalMaxPooling2D",
    "FractionalMaxPooling3D",
]


def _one_for_each_axis(given: Any, rank: int) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, (list, tuple)) else (given,) * rank


_UNEVEN = Window(unclear="windows of several sizes: the field depends on the position")


class _AdaptivePooling(Layer):
    """`size` is one number, or one for each axis; None keeps the axis as it is."""

    size: tuple[Dim, ...] = dims(T)
    channels: Channels = "last"

    takes = ((N, each(X), C),)
    macs = NO_PRODUCTS

    def __post_init__(self) -> None:
        given = _one_for_each_axis(self.size, self.rank)
        if len(given) != self.rank:
            raise UsageError(f"{self.label}: {self.rank} sizes are wanted, {list(given)} are given")
        object.__setattr__(self, "size", tuple(-1 if size is None else size for size in given))
        super().__post_init__()
        alone = all(size == 1 for size in self.size)
        # Windows differ in size and distance from position to position, unless there is only one.
        object.__setattr__(self, "window", EVERYTHING if alone else _UNEVEN)

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


# -- windows at random -------------------------------------------------------------------------------------------------
GRAHAM = Source(
    "graham2014", "B. Graham, Fractional max-pooling, 2014 (arXiv:1412.6071)", "https://arxiv.org/abs/1412.6071"
)


_CLOSEST = "the windows fit even where they lie closest"


class _FractionalMaxPooling(Layer):
    """`size` asks for the output's sizes, `ratio` for shares of the input's: ⌊ratio·X⌋."""

    kernel: PerAxis = per_axis(K)
    size: Any = per_axis(X_out, None)
    ratio: Any = None
    return_indices: bool = False
    channels: Channels = "last"

    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), C),)
    macs = NO_PRODUCTS
    work = Work(GREATEST, N * each(X_out) * C * each(K), "of each number in each window")
    keeps = (INPUTS, own(N * each(X_out) * C, "where each window's greatest number lies", width=8))
    window = _UNEVEN

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.size is None) == (self.ratio is None):
            raise UsageError(f"{self.label}: either the size or the ratio is given")
        if self.ratio is not None:
            given = _one_for_each_axis(self.ratio, self.rank)
            ratios = tuple(exact_factor(ratio, self.label) for ratio in given)
            if len(ratios) != self.rank or max(ratios) >= 1:
                raise UsageError(f"{self.label}: {self.rank} ratios between 0 and 1 are wanted, not {list(given)}")
            object.__setattr__(self, "ratio", ratios)

    @property
    def output_count(self) -> int:
        return 2 if self.return_indices else 1

    def template(self, ranks: Sequence[int]) -> Template:
        declared = super().template(ranks)
        rules = (
            ()
            if self.ratio is None
            else tuple(
                Formula(
                    axis_symbol(X_out, axis),
                    scaled(ratio, Symbol(axis[0])),
                    GRAHAM("section 2"),
                    reason="the share asked for",
                )
                for axis, ratio in zip(AXES[self.rank], self.ratio, strict=True)
            )
        )
        return replace(declared, rules=rules, gives=declared.gives * self.output_count)


def _torch_fractional(rank: int) -> tuple[Dialect, ...]:
    options: Mapping[str, Target] = {
        "kernel_size": "kernel",
        "output_size": "size",
        "output_ratio": "ratio",
        "return_indices": "return_indices",
        "_random_samples": None,
    }
    return (Dialect(f"FractionalMaxPool{rank}d", options, {"channels": "first"}),)


class FractionalMaxPooling2D(_FractionalMaxPooling):
    """The greatest values of windows of K_h × K_w, laid over a map at random so that the size asked for is left.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("H", "W", 3), FractionalMaxPooling2D(2, ratio=0.75)).derive().output_shape
    (N, floor(3*H/4), floor(3*W/4), 3)
    """

    rank = 2
    example = staticmethod(lambda: FractionalMaxPooling2D(2, ratio=0.5))
    where = (Condition(X_out + K - 1 <= X, _CLOSEST, PYTORCH("aten/src/ATen/native/FractionalMaxPool2d.cpp")),)
    torch = _torch_fractional(2)


class FractionalMaxPooling3D(_FractionalMaxPooling):
    """The greatest values of windows, laid over a volume at random so that the size asked for is left.

    One position more than the windows need must be left, which is not asked in two dimensions.
    """

    rank = 3
    example = staticmethod(lambda: FractionalMaxPooling3D(2, ratio=0.5))
    where = (Condition(X_out + K - 1 < X, _CLOSEST, PYTORCH("aten/src/ATen/native/FractionalMaxPool3d.cpp")),)
    torch = _torch_fractional(3)
