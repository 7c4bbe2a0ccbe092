"""Convolutions: filters that slide over a map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symshape.declaration import (
    DUMOULIN_VISIN,
    INPUTS,
    KERAS,
    PYTORCH,
    Condition,
    Count,
    Dialect,
    Dim,
    Formula,
    Layer,
    Only,
    Padding,
    PerAxis,
    Weight,
    Window,
    Work,
    dim,
    has,
    option,
    own,
    padding,
    per_axis,
)
from symshape.declaration.dialect import Target
from symshape.declaration.formula import When
from symshape.layers.common import (
    ACTIVATION,
    CHANNELS,
    PADDING_WORD,
    Channels,
    padded_evenly,
    undilated,
)
from symshape.layers.operations import BIAS, kept_by, named_by
from symshape.symbols import C, F, G, K, M, N, P, P_begin, P_end, S, X, X_out, d
from symshape.written import Number, ceiling, divides, each, floor, maximum

__all__ = [
    "Conv1D",
    "Conv2D",
    "Conv3D",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "SeparableConv1D",
    "SeparableConv2D",
]

ONE = Number(1)

# How many positions a window of K taps has on an axis, in the forms in which the literature writes it.
POSITIONS = (
    Formula(
        X_out,
        ceiling(X / S),
        KERAS("padding='same'"),
        option("padding", "same"),
        "padded so that every S-th position is kept",
    ),
    Formula(X_out, ceiling(X / S), KERAS("padding='causal'"), option("padding", "causal"), "padded in front only"),
    Formula(
        X_out,
        floor((X + 2 * P - K) / S) + 1,
        DUMOULIN_VISIN("relation 6"),
        lambda layer: padded_evenly(layer) and undilated(layer),
        "a window of K fits where its last tap is still inside",
    ),
    Formula(
        X_out,
        floor((X + 2 * P - d * (K - 1) - 1) / S) + 1,
        DUMOULIN_VISIN("relation 15"),
        padded_evenly,
        "a window of K taps, d apart, fits where its last tap is still inside",
    ),
    Formula(
        X_out,
        floor((X + P_begin + P_end - K) / S) + 1,
        DUMOULIN_VISIN("relation 6, both sides apart"),
        undilated,
        "a window of K fits where its last tap is still inside",
    ),
    Formula(
        X_out,
        floor((X + P_begin + P_end - d * (K - 1) - 1) / S) + 1,
        DUMOULIN_VISIN("relation 15, both sides apart"),
        reason="a window of K taps, d apart, fits where its last tap is still inside",
    ),
)


# Where padding is a word, how much of it comes first.
BEFORE = (
    Formula(
        P_begin,
        floor(maximum((X_out - 1) * S + d * (K - 1) + 1 - X, 0) / 2),
        KERAS("padding='same'"),
        option("padding", "same"),
        "the smaller half of what the last window lacks",
    ),
    Formula(P_begin, d * (K - 1), KERAS("padding='causal'"), option("padding", "causal"), "no window looks ahead"),
)


class _Sliding(Layer):
    """What every sliding window shares: kernel, stride, padding, dilation."""

    rules = POSITIONS
    asides = BEFORE
    window = Window(size=d * (K - 1) + 1, step=S, before=P_begin)


def _padded_with(mode: str, *, same: bool) -> When:
    return lambda layer: layer.padding_mode == mode and (layer.padding == "same") == same


_MIRRORED = "a reflection about the border does not reach beyond the map"
_WRAPPED = "the map is wrapped around once at most"
_PADS = PYTORCH("Conv2d: padding_mode; functional.pad")
_WIDER_HALF = ceiling(d * (K - 1) / 2)

# What is put around the map is taken from the map, which must be large enough.
ENOUGH_TO_PAD = (
    Condition(P_begin < X, _MIRRORED, _PADS, _padded_with("reflect", same=False)),
    Condition(P_end < X, _MIRRORED, _PADS, _padded_with("reflect", same=False)),
    Condition(_WIDER_HALF < X, _MIRRORED, _PADS, _padded_with("reflect", same=True)),
    Condition(P_begin <= X, _WRAPPED, _PADS, _padded_with("circular", same=False)),
    Condition(P_end <= X, _WRAPPED, _PADS, _padded_with("circular", same=False)),
    Condition(_WIDER_HALF <= X, _WRAPPED, _PADS, _padded_with("circular", same=True)),
)


class _Conv(_Sliding):
    filters: Dim = dim(F)
    kernel: PerAxis = per_axis(K)
    stride: PerAxis = per_axis(S, 1)
    padding: Padding = padding(P)
    dilation: PerAxis = per_axis(d, 1)
    groups: Dim = dim(G, 1)
    bias: bool = True
    activation: str = "linear"
    channels: Channels = "last"
    in_channels: Dim = dim(C, None)
    padding_mode: str = "zeros"

    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), F),)
    weights = (
        Weight("kernel", (each(K), C / G, F), torch=("weight", (F, C / G, each(K)))),
        Weight("bias", (F,), when=has("bias")),
    )
    where = (
        Condition(divides(G, C), "each group takes an equal share of the input channels"),
        Condition(divides(G, F), "each group makes an equal share of the filters"),
        *ENOUGH_TO_PAD,
    )
    macs = Count(
        N * each(X_out) * F * each(K) * (C / G),
        "each output element is one dot product over the window and its group's channels",
    )
    work = (
        Work(BIAS, N * each(X_out) * F, "one for each output element", when=has("bias")),
        Work(named_by("activation"), N * each(X_out) * F, "of each output element"),
    )
    keeps = (INPUTS, *kept_by("activation", N * each(X_out) * F))


def _strided_and_dilated(layer: Any) -> str | None:
    stride, dilation = max(layer.stride), max(layer.dilation)
    if stride > 1 and dilation > 1:
        return f"Keras has no convolution with both strides ({stride}) and dilation ({dilation}) above 1"
    return None


_CONV: Mapping[str, Target] = {
    "filters": "filters",
    "kernel_size": "kernel",
    "strides": "stride",
    "padding": PADDING_WORD,
    "data_format": CHANNELS,
    "dilation_rate": "dilation",
    "groups": "groups",
    "use_bias": "bias",
    "activation": ACTIVATION,
    "lora_rank": Only(None),
    "lora_alpha": None,
}


def _strided_same(layer: Any) -> str | None:
    if layer.padding == "same" and max(layer.stride) > 1:
        return f"PyTorch has no convolution with padding 'same' and a stride ({max(layer.stride)}) above 1"
    return None


_TORCH: Mapping[str, Target] = {
    "in_channels": "in_channels",
    "out_channels": "filters",
    "kernel_size": "kernel",
    "stride": "stride",
    "padding": "padding",
    "dilation": "dilation",
    "groups": "groups",
    "bias": "bias",
    "padding_mode": "padding_mode",
}


def _torch(rank: int) -> tuple[Dialect, ...]:
    names = (f"Conv{rank}d", f"LazyConv{rank}d")
    fixed = {"channels": "first", "padding": 0}
    return tuple(Dialect(name, _TORCH, fixed, refuses=_strided_same) for name in names)


class Conv1D(_Conv):
    """1-D convolution: F filters of K taps slide over a sequence of length L with C channels."""

    padding: Padding = padding(P, words=("valid", "same", "causal"))

    rank = 1
    keras = (Dialect("Conv1D", _CONV, refuses=_strided_and_dilated),)
    torch = _torch(1)


class Conv2D(_Conv):
    """2-D convolution: F filters of K_h × K_w slide over an H × W map with C channels.

    >>> Conv2D(8, 5)
    Conv2D(filters=8, kernel=(5, 5))
    """

    rank = 2
    keras = (Dialect("Conv2D", _CONV, refuses=_strided_and_dilated),)
    torch = _torch(2)


class Conv3D(_Conv):
    """3-D convolution: F filters of K_d × K_h × K_w slide over a D × H × W volume with C channels."""

    rank = 3
    keras = (Dialect("Conv3D", _CONV, refuses=_strided_and_dilated),)
    torch = _torch(3)


class _DepthwiseConv(_Sliding):
    kernel: PerAxis = per_axis(K)
    stride: PerAxis = per_axis(S, 1)
    padding: Padding = padding(P)
    dilation: PerAxis = per_axis(d, 1)
    multiplier: Dim = dim(M, 1)
    bias: bool = True
    activation: str = "linear"
    channels: Channels = "last"

    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), M * C),)
    weights = (
        Weight("kernel", (each(K), C, M), torch=("weight", (M * C, ONE, each(K)))),
        Weight("bias", (M * C,), when=has("bias")),
    )
    macs = Count(
        N * each(X_out) * each(K) * C * M,
        "each output element is one dot product over the window of its own channel",
    )
    work = (
        Work(BIAS, N * each(X_out) * M * C, "one for each output element", when=has("bias")),
        Work(named_by("activation"), N * each(X_out) * M * C, "of each output element"),
    )
    keeps = (INPUTS, *kept_by("activation", N * each(X_out) * M * C))


_DEPTHWISE: Mapping[str, Target] = {
    **{key: ours for key, ours in _CONV.items() if key not in ("filters", "lora_rank", "lora_alpha")},
    "depth_multiplier": "multiplier",
    "groups": Only(1),  # Keras 2 writes it
}


class DepthwiseConv1D(_DepthwiseConv):
    """1-D depthwise convolution: M filters of K taps for each channel by itself."""

    rank = 1
    keras = (Dialect("DepthwiseConv1D", _DEPTHWISE),)


class DepthwiseConv2D(_DepthwiseConv):
    """2-D depthwise convolution: M filters of K_h × K_w for each channel by itself."""

    rank = 2
    keras = (Dialect("DepthwiseConv2D", _DEPTHWISE),)


class _SeparableConv(_Sliding):
    filters: Dim = dim(F)
    kernel: PerAxis = per_axis(K)
    stride: PerAxis = per_axis(S, 1)
    padding: Padding = padding(P)
    dilation: PerAxis = per_axis(d, 1)
    multiplier: Dim = dim(M, 1)
    bias: bool = True
    activation: str = "linear"
    channels: Channels = "last"

    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), F),)
    weights = (
        Weight("depthwise_kernel", (each(K), C, M), torch=("depthwise.weight", (M * C, ONE, each(K)))),
        Weight("pointwise_kernel", (each(ONE), M * C, F), torch=("pointwise.weight", (F, M * C, each(ONE)))),
        Weight("bias", (F,), when=has("bias"), torch=("pointwise.bias", (F,))),
    )
    macs = (
        Count(
            N * each(X_out) * each(K) * C * M, "depthwise: one dot product over the window for each channel's filter"
        ),
        Count(N * each(X_out) * (M * C) * F, "pointwise: one dot product over the M·C channels for each filter"),
    )
    work = (
        Work(BIAS, N * each(X_out) * F, "one for each output element", when=has("bias")),
        Work(named_by("activation"), N * each(X_out) * F, "of each output element"),
    )
    keeps = (
        INPUTS,
        own(N * each(X_out) * (M * C), "the maps between both convolutions"),
        *kept_by("activation", N * each(X_out) * F),
    )


_SEPARABLE: Mapping[str, Target] = {**_DEPTHWISE, "filters": "filters"}


class SeparableConv1D(_SeparableConv):
    """1-D depthwise separable convolution: a depthwise convolution, then F pointwise filters."""

    rank = 1
    keras = (Dialect("SeparableConv1D", _SEPARABLE),)


class SeparableConv2D(_SeparableConv):
    """2-D depthwise separable convolution: a depthwise convolution, then F pointwise filters."""

    rank = 2
    keras = (Dialect("SeparableConv2D", _SEPARABLE),)
