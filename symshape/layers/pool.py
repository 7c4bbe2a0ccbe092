"""Pooling: the greatest or the mean value of each window, or of the whole map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from symshape.declaration import (
    EVERYTHING,
    INPUTS,
    KEEPS_NOTHING,
    KERAS,
    OUTPUTS,
    PYTORCH,
    Condition,
    Count,
    Dialect,
    Formula,
    Kept,
    Layer,
    Padding,
    PerAxis,
    Reading,
    Template,
    Window,
    Work,
    option,
    own,
    padding,
    per_axis,
)
from symshape.declaration.dialect import Target
from symshape.declaration.formula import When
from symshape.errors import UnsupportedLayer
from symshape.layers.common import CHANNELS, WORD_AS_WRITTEN, Channels, padded_evenly, undilated
from symshape.layers.conv import POSITIONS
from symshape.layers.operations import ADAPTIVE_MEAN, GREATEST, MEAN, POWER_SUM, ROOT, SUM
from symshape.symbols import C, K, N, P, P_begin, P_end, S, X, X_out, d
from symshape.written import Number, Written, each, floor, maximum, minimum

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
    "LPPooling1D",
    "LPPooling2D",
    "LPPooling3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
]

NO_PRODUCTS = Count(Number(0), "compares or adds numbers, multiplies none")


_CEILING = PYTORCH("MaxPool2d: ceil_mode; aten/src/ATen/native/Pool.h, pooling_output_shape_pad_lr")
_LAST = "one more window where positions are left over, unless it would start in the padding behind the map"


def _rounded_up(*tests: When) -> When:
    return lambda layer: layer.ceil_mode and layer.padding != "same" and all(test(layer) for test in tests)


def _up(before: Written, after: Written, taps: Written) -> Written:
    return floor((X + before + S - 1 + minimum(0, after + S - taps)) / S)


# How many windows there are where the last one may reach beyond the padding (ceil_mode).
ROUNDED_UP = (
    Formula(X_out, _up(P, P, K), _CEILING, _rounded_up(padded_evenly, undilated), _LAST),
    Formula(X_out, _up(P, P, d * (K - 1) + 1), _CEILING, _rounded_up(padded_evenly), _LAST),
    Formula(X_out, _up(P_begin, P_end, K), _CEILING, _rounded_up(undilated), _LAST),
    Formula(X_out, _up(P_begin, P_end, d * (K - 1) + 1), _CEILING, _rounded_up(), _LAST),
)
_HALF = "padding is at most half of the kernel"
_HALVES = PYTORCH("MaxPool2d: padding; aten/src/ATen/native/Pool.h, pool2d_shape_check")


def _numbers(layer: Any) -> bool:
    return not isinstance(layer.padding, str)


class _Pooling(Layer):
    kernel: PerAxis = per_axis(K)
    stride: PerAxis = per_axis(S, None)
    padding: Padding = padding(P)
    channels: Channels = "last"
    ceil_mode: bool = False

    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), C),)
    rules = (*ROUNDED_UP, *POSITIONS)
    where: ClassVar[tuple[Condition, ...]] = (
        Condition(2 * P_begin <= K, _HALF, _HALVES, _numbers),  # of the kernel itself: dilation does not count
        Condition(2 * P_end <= K, _HALF, _HALVES, lambda layer: _numbers(layer) and not padded_evenly(layer)),
    )
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
    work: ClassVar[tuple[Work, ...]] = (
        Work(SUM, N * each(X_out) * C * each(K), "of each number in each window"),
        Work(MEAN, N * each(X_out) * C, "of each window"),
    )
    keeps: ClassVar[Kept | tuple[Kept, ...] | None] = INPUTS
    window = Window(size=K, step=S, before=P_begin)

    def __post_init__(self) -> None:
        if self.stride is None:  # both frameworks: windows side by side
            object.__setattr__(self, "stride", self.kernel)
        super().__post_init__()


_POOLING: Mapping[str, Target] = {
    "pool_size": "kernel",
    "strides": "stride",
    "padding": WORD_AS_WRITTEN,
    "data_format": CHANNELS,
}


_TORCH: Mapping[str, Target] = {
    "kernel_size": "kernel",
    "stride": "stride",
    "padding": "padding",
    "ceil_mode": "ceil_mode",
}
_TORCH_FIXED = {"channels": "first", "padding": 0}


class _MaxPooling(_Pooling):
    dilation: PerAxis = per_axis(d, 1)
    return_indices: bool = False

    work = (Work(GREATEST, N * each(X_out) * C * each(K), "of each number in each window"),)
    keeps = (INPUTS, own(N * each(X_out) * C, "where each window's greatest number lies", width=8))
    window = Window(size=d * (K - 1) + 1, step=S, before=P_begin)

    def template(self, ranks: Sequence[int]) -> Template:
        declared = super().template(ranks)
        return declared.giving(*declared.gives, *declared.gives) if self.return_indices else declared

    @property
    def output_count(self) -> int:
        return 2 if self.return_indices else 1


def _torch_max(rank: int) -> tuple[Dialect, ...]:
    options = {**_TORCH, "dilation": "dilation", "return_indices": "return_indices"}
    return (Dialect(f"MaxPool{rank}d", options, _TORCH_FIXED),)


class MaxPooling1D(_MaxPooling):
    """The greatest value of each window of K positions of a sequence."""

    rank = 1
    keras = (Dialect("MaxPooling1D", _POOLING),)
    torch = _torch_max(1)


class MaxPooling2D(_MaxPooling):
    """The greatest value of each K_h × K_w window of a map."""

    rank = 2
    keras = (Dialect("MaxPooling2D", _POOLING),)
    torch = _torch_max(2)


class MaxPooling3D(_MaxPooling):
    """The greatest value of each K_d × K_h × K_w window of a volume."""

    rank = 3
    keras = (Dialect("MaxPooling3D", _POOLING),)
    torch = _torch_max(3)


def _divisor(given: Any) -> None:
    if given == 0:
        raise UnsupportedLayer("would divide by zero")


# PyTorch's 3-D averages want room for a whole window in the map itself, whatever is padded and rounded up.
WHOLE_WINDOW = Condition(
    K <= X,
    "the map itself, without padding, holds a whole window",
    PYTORCH("aten/src/ATen/native/Pool.h, pool3d_shape_check: check_input_size"),
    lambda layer: layer.whole_window,
)


def _torch_average(rank: int) -> tuple[Dialect, ...]:
    options = {**_TORCH, "count_include_pad": None, "divisor_override": Reading("", _divisor)}
    fixed = {**_TORCH_FIXED, "whole_window": True} if rank == 3 else _TORCH_FIXED
    return (Dialect(f"AvgPool{rank}d", options, fixed),)


class AveragePooling1D(_Pooling):
    """The mean of each window of K positions of a sequence."""

    rank = 1
    keras = (Dialect("AveragePooling1D", _POOLING),)
    torch = _torch_average(1)


class AveragePooling2D(_Pooling):
    """The mean of each K_h × K_w window of a map."""

    rank = 2
    keras = (Dialect("AveragePooling2D", _POOLING),)
    torch = _torch_average(2)


class AveragePooling3D(_Pooling):
    """The mean of each K_d × K_h × K_w window of a volume.

    With `whole_window` the volume itself must have room for one, padding apart, as PyTorch asks.
    """

    whole_window: bool = False

    rank = 3
    where = (*_Pooling.where, WHOLE_WINDOW)
    keras = (Dialect("AveragePooling3D", _POOLING),)
    torch = _torch_average(3)


def _torch_power(rank: int) -> tuple[Dialect, ...]:
    options: Mapping[str, Target] = {
        "norm_type": None,
        "kernel_size": "kernel",
        "stride": "stride",
        "ceil_mode": "ceil_mode",
    }
    return (Dialect(f"LPPool{rank}d", options, _TORCH_FIXED),)


class _PowerPooling(_Pooling):
    work = (
        Work(POWER_SUM, N * each(X_out) * C * each(K), "of each number in each window"),
        Work(ROOT, N * each(X_out) * C, "of each window"),
    )
    keeps = None  # made of several steps, and what is kept of those nobody has declared


class LPPooling1D(_PowerPooling):
    """The p-norm of each window of K positions of a sequence."""

    rank = 1
    torch = _torch_power(1)


class LPPooling2D(_PowerPooling):
    """The p-norm of each K_h × K_w window of a map."""

    rank = 2
    torch = _torch_power(2)


class LPPooling3D(_PowerPooling):
    """The p-norm of each K_d × K_h × K_w window of a volume, which has room for one."""

    whole_window: bool = True

    rank = 3
    where = (*_Pooling.where, WHOLE_WINDOW)
    torch = _torch_power(3)


class _GlobalPooling(Layer):
    keepdims: bool = False
    channels: Channels = "last"

    takes = ((N, each(X), C),)
    macs = NO_PRODUCTS
    window = EVERYTHING

    def template(self, ranks: Any) -> Any:
        kept = (N, each(1), C) if self.keepdims else (N, C)
        return super().template(ranks).giving(self.arranged(kept))


class _GlobalMaxPooling(_GlobalPooling):
    work = Work(GREATEST, N * each(X) * C, "of each number of the map")
    keeps = (INPUTS, OUTPUTS)


class _GlobalAveragePooling(_GlobalPooling):
    work = (
        Work(ADAPTIVE_MEAN, N * each(X) * C, "of each number of the map"),
        Work(MEAN, N * C, "of each channel"),
    )
    keeps = KEEPS_NOTHING


_GLOBAL: Mapping[str, Target] = {"data_format": CHANNELS, "keepdims": "keepdims"}


class GlobalMaxPooling1D(_GlobalMaxPooling):
    """The greatest value of each channel of a sequence."""

    rank = 1
    keras = (Dialect("GlobalMaxPooling1D", _GLOBAL),)


class GlobalMaxPooling2D(_GlobalMaxPooling):
    """The greatest value of each channel of a map."""

    rank = 2
    keras = (Dialect("GlobalMaxPooling2D", _GLOBAL),)


class GlobalMaxPooling3D(_GlobalMaxPooling):
    """The greatest value of each channel of a volume."""

    rank = 3
    keras = (Dialect("GlobalMaxPooling3D", _GLOBAL),)


class GlobalAveragePooling1D(_GlobalAveragePooling):
    """The mean of each channel of a sequence."""

    rank = 1
    keras = (Dialect("GlobalAveragePooling1D", _GLOBAL),)


class GlobalAveragePooling2D(_GlobalAveragePooling):
    """The mean of each channel of a map."""

    rank = 2
    keras = (Dialect("GlobalAveragePooling2D", _GLOBAL),)


class GlobalAveragePooling3D(_GlobalAveragePooling):
    """The mean of each channel of a volume."""

    rank = 3
    keras = (Dialect("GlobalAveragePooling3D", _GLOBAL),)
