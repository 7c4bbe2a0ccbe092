"""Pooling: the greatest or the mean value of each window, or of the whole map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symshape.declaration import (
    EVERYTHING,
    KERAS,
    Count,
    Dialect,
    Formula,
    Layer,
    Padding,
    PerAxis,
    Window,
    option,
    padding,
    per_axis,
)
from symshape.declaration.dialect import Target
from symshape.layers.common import CHANNELS, Channels
from symshape.layers.conv import POSITIONS
from symshape.symbols import C, K, N, P, P_begin, S, X, X_out
from symshape.written import Number, each, floor, maximum

__all__ = [
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
]

NO_PRODUCTS = Count(Number(0), "compares or adds numbers, multiplies none")


class _Pooling(Layer):
    kernel: PerAxis = per_axis(K)
    stride: PerAxis = per_axis(S, None)
    padding: Padding = padding(P)
    channels: Channels = "last"

    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), C),)
    rules = POSITIONS
    asides = (
        Formula(
            P_begin,
            floor(maximum((X_out - 1) * S + K - X, 0) / 2),
            KERAS("padding='same'"),
            option("padding", "same"),
            "the smaller half of what the last window lacks",
        ),
    )
    macs = NO_PRODUCTS
    window = Window(size=K, step=S, before=P_begin)

    def __post_init__(self) -> None:
        if self.stride is None:  # both frameworks: windows side by side
            object.__setattr__(self, "stride", self.kernel)
        super().__post_init__()


_POOLING: Mapping[str, Target] = {
    "pool_size": "kernel",
    "strides": "stride",
    "padding": "padding",
    "data_format": CHANNELS,
}


class MaxPooling1D(_Pooling):
    """The greatest value of each window of K positions of a sequence."""

    rank = 1
    keras = (Dialect("MaxPooling1D", _POOLING),)


class MaxPooling2D(_Pooling):
    """The greatest value of each K_h × K_w window of a map."""

    rank = 2
    keras = (Dialect("MaxPooling2D", _POOLING),)


class MaxPooling3D(_Pooling):
    """The greatest value of each K_d × K_h × K_w window of a volume."""

    rank = 3
    keras = (Dialect("MaxPooling3D", _POOLING),)


class AveragePooling1D(_Pooling):
    """The mean of each window of K positions of a sequence."""

    rank = 1
    keras = (Dialect("AveragePooling1D", _POOLING),)


class AveragePooling2D(_Pooling):
    """The mean of each K_h × K_w window of a map."""

    rank = 2
    keras = (Dialect("AveragePooling2D", _POOLING),)


class AveragePooling3D(_Pooling):
    """The mean of each K_d × K_h × K_w window of a volume."""

    rank = 3
    keras = (Dialect("AveragePooling3D", _POOLING),)


class _GlobalPooling(Layer):
    keepdims: bool = False
    channels: Channels = "last"

    takes = ((N, each(X), C),)
    macs = NO_PRODUCTS
    window = EVERYTHING

    def template(self, ranks: Any) -> Any:
        kept = (N, each(1), C) if self.keepdims else (N, C)
        return super().template(ranks).giving(self.arranged(kept))


_GLOBAL: Mapping[str, Target] = {"data_format": CHANNELS, "keepdims": "keepdims"}


class GlobalMaxPooling1D(_GlobalPooling):
    """The greatest value of each channel of a sequence."""

    rank = 1
    keras = (Dialect("GlobalMaxPooling1D", _GLOBAL),)


class GlobalMaxPooling2D(_GlobalPooling):
    """The greatest value of each channel of a map."""

    rank = 2
    keras = (Dialect("GlobalMaxPooling2D", _GLOBAL),)


class GlobalMaxPooling3D(_GlobalPooling):
    """The greatest value of each channel of a volume."""

    rank = 3
    keras = (Dialect("GlobalMaxPooling3D", _GLOBAL),)


class GlobalAveragePooling1D(_GlobalPooling):
    """The mean of each channel of a sequence."""

    rank = 1
    keras = (Dialect("GlobalAveragePooling1D", _GLOBAL),)


class GlobalAveragePooling2D(_GlobalPooling):
    """The mean of each channel of a map."""

    rank = 2
    keras = (Dialect("GlobalAveragePooling2D", _GLOBAL),)


class GlobalAveragePooling3D(_GlobalPooling):
    """The mean of each channel of a volume."""

    rank = 3
    keras = (Dialect("GlobalAveragePooling3D", _GLOBAL),)
