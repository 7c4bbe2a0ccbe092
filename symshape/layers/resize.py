"""Layers that make a map larger or smaller without looking at its values: padding, cropping, repeating."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symshape.declaration import (
    DERIVED,
    KEEPS_NOTHING,
    KERAS,
    NOTHING,
    Condition,
    Count,
    Dialect,
    Formula,
    Layer,
    Padding,
    PerAxis,
    Reading,
    Window,
    Work,
    option,
    padding,
    per_axis,
)
from symshape.declaration.dialect import Target
from symshape.errors import UnsupportedLayer, UsageError
from symshape.layers.common import CHANNELS, Channels, padded_evenly
from symshape.layers.operations import INTERPOLATE, REPEAT
from symshape.symbols import C, N, P, P_begin, P_end, R, X, X_out
from symshape.written import Neg, Number, ceiling, each

__all__ = [
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "ParityPadding2D",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
]

MOVES_DATA = Count(Number(0), "moves numbers, multiplies none")


class _ZeroPadding(Layer):
    padding: Padding = padding(P, 1, words=())
    channels: Channels = "last"

    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), C),)
    rules = (
        Formula(X_out, X + 2 * P, DERIVED("padding"), padded_evenly, "P zeros on either side"),
        Formula(X_out, X + P_begin + P_end, DERIVED("padding"), reason="zeros on either side"),
    )
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = Window(before=P_begin)


_PADDING: Mapping[str, Target] = {"padding": "padding", "data_format": CHANNELS}


def _reversed_pairs(given: Any) -> Any:
    """PyTorch's order of padding, last axis first, as one pair for each axis."""
    flat = tuple(given) if isinstance(given, (list, tuple)) else ()
    if len(flat) % 2 or any(isinstance(size, int) and size < 0 for size in flat):
        raise UnsupportedLayer("cuts positions off, which zero padding here does not")
    return tuple((flat[place], flat[place + 1]) for place in range(len(flat) - 2, -1, -2))


def _torch(rank: int) -> tuple[Dialect, ...]:
    options = {"padding": Reading("padding", _reversed_pairs)}
    fixed = {"channels": "first"}
    return (
        Dialect(f"ZeroPad{rank}d", options, fixed),
        Dialect(f"ConstantPad{rank}d", {**options, "value": None}, fixed),
    )


class ZeroPadding1D(_ZeroPadding):
    """Zeros before and after a sequence."""

    rank = 1
    keras = (Dialect("ZeroPadding1D", _PADDING),)
    torch = _torch(1)


class ZeroPadding2D(_ZeroPadding):
    """Zeros around a map."""

    rank = 2
    keras = (Dialect("ZeroPadding2D", _PADDING),)
    torch = _torch(2)


class ZeroPadding3D(_ZeroPadding):
    """Zeros around a volume."""

    rank = 3
    keras = (Dialect("ZeroPadding3D", _PADDING),)
    torch = _torch(3)


class ParityPadding2D(Layer):
    """Zeros around a map so that a stride of 2 halves it, rounded up: P after; before, P for odd sizes, P − 1 for even.

    keras.applications computes such paddings once, at build time (`correct_pad`).
    """

    padding: PerAxis = per_axis(P, 1)
    channels: Channels = "last"

    rank = 2
    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), C),)
    rules = (
        Formula(
            X_out,
            2 * ceiling(X / 2) + 2 * P - 1,
            KERAS("applications, correct_pad"),
            reason="P zeros on either side, one less before even sizes",
        ),
    )
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = Window(before=P - 1 + X % 2)


class _Cropping(Layer):
    padding: Padding = padding(P, 1, words=())
    channels: Channels = "last"

    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), C),)
    rules = (
        Formula(X_out, X - 2 * P, DERIVED("cropping"), padded_evenly, "P positions off either side"),
        Formula(X_out, X - P_begin - P_end, DERIVED("cropping"), reason="positions off either side"),
    )
    where = (Condition(P_begin + P_end < X, "cropping must leave at least one position"),)
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = Window(before=Neg(P_begin))


_CROPPING: Mapping[str, Target] = {"cropping": "padding", "data_format": CHANNELS}


class Cropping1D(_Cropping):
    """Positions cut off both ends of a sequence; `padding` is what is cut before and after."""

    rank = 1
    keras = (Dialect("Cropping1D", {"cropping": "padding"}),)


class Cropping2D(_Cropping):
    """Rows and columns cut off a map; `padding` is what is cut before and after on each axis."""

    rank = 2
    keras = (Dialect("Cropping2D", _CROPPING),)


class Cropping3D(_Cropping):
    """Positions cut off a volume; `padding` is what is cut before and after on each axis."""

    rank = 3
    keras = (Dialect("Cropping3D", _CROPPING),)


# From how many numbers each way of interpolating a map makes one.
TAPS: Mapping[str, int] = {"bilinear": 4, "bicubic": 16, "lanczos3": 36, "lanczos5": 100}
_FROM = "{} numbers for each output element"


class _UpSampling(Layer):
    factor: PerAxis = per_axis(R, 2)
    interpolation: str = "nearest"
    channels: Channels = "last"

    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), C),)
    rules = (Formula(X_out, R * X, DERIVED("repetition"), reason="every position becomes R"),)
    macs = Count(Number(0), "repeats or interpolates; by convention not counted")
    work = (
        Work(
            REPEAT, N * each(X_out) * C, "one number for each output element", when=option("interpolation", "nearest")
        ),
        *(
            Work(INTERPOLATE, taps * N * each(X_out) * C, _FROM.format(taps), when=option("interpolation", mode))
            for mode, taps in TAPS.items()
        ),
    )
    keeps = KEEPS_NOTHING
    window = Window(size=Number(1), step=1 / R)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.interpolation not in ("nearest", *TAPS):
            known = ", ".join(("nearest", *TAPS))
            raise UsageError(f"{self.label}: the interpolation is one of {known}, not {self.interpolation!r}")


class UpSampling1D(_UpSampling):
    """Every position of a sequence repeated R times."""

    rank = 1
    keras = (Dialect("UpSampling1D", {"size": "factor"}),)


class UpSampling2D(_UpSampling):
    """Every row and column of a map repeated, or the map interpolated, to R_h·H × R_w·W."""

    rank = 2
    keras = (Dialect("UpSampling2D", {"size": "factor", "data_format": CHANNELS, "interpolation": "interpolation"}),)


class UpSampling3D(_UpSampling):
    """Every position of a volume repeated R_d, R_h and R_w times."""

    rank = 3
    keras = (Dialect("UpSampling3D", {"size": "factor", "data_format": CHANNELS}),)
