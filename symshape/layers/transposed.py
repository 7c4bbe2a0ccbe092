"""What goes the way of convolution and pooling backwards: every input element spreads over a window of the output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symshape.declaration import (
    DERIVED,
    DUMOULIN_VISIN,
    ELSEWHERE,
    INPUTS,
    KERAS,
    NOTHING,
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
    inputs,
    padding,
    per_axis,
)
from symshape.declaration.dialect import Target
from symshape.declaration.formula import When
from symshape.layers.common import ACTIVATION, CHANNELS, PADDING_WORD, Channels, padded_evenly, undilated
from symshape.layers.operations import BIAS, kept_by, named_by
from symshape.symbols import C, F, G, K, N, P, P_begin, P_end, P_out, S, X, X_out, d
from symshape.written import Number, ceiling, divides, each, floor, maximum, minimum

__all__ = [
    "Conv1DTranspose",
    "Conv2DTranspose",
    "Conv3DTranspose",
    "MaxUnpooling1D",
    "MaxUnpooling2D",
    "MaxUnpooling3D",
]

_FIRST_TO_LAST = "the first and the last input element lie (X − 1)·S apart, and the last one's window is added"
_KERAS_SHAPE = KERAS("compute_conv_transpose_output_shape")
_TORCH_SHAPE = PYTORCH("ConvTranspose2d, Shape")


def _same(layer: Any) -> bool:
    return bool(layer.padding == "same")


def _inferred(layer: Any) -> bool:
    """Whether the words "valid" and "same" decide the size, because no output padding is given."""
    return layer.output_padding is None


def _unpadded(layer: Any) -> bool:
    return bool(layer.padding == "valid" or (padded_evenly(layer) and not any(before for before, _ in layer.padding)))


def _all(*tests: When) -> When:
    return lambda layer: all(test(layer) for test in tests)


def _nothing_added(layer: Any) -> bool:
    return layer.output_padding is None or not any(layer.output_padding)


# The size of the output, in the forms in which the literature writes it.
SPREAD = (
    Formula(X_out, X * S, _KERAS_SHAPE, _all(_same, _inferred), "every position becomes S"),
    Formula(
        X_out,
        (X - 1) * S + K % 2 + P_out,
        _KERAS_SHAPE,
        _all(_same, undilated),
        "(X − 1)·S apart, and one more position where the kernel is odd",
    ),
    Formula(
        X_out,
        (X - 1) * S + (d * (K - 1) + 1) % 2 + P_out,
        _KERAS_SHAPE,
        _same,
        "(X − 1)·S apart, and one more position where the dilated kernel is odd",
    ),
    Formula(
        X_out,
        (X - 1) * S + maximum(K, S),
        _KERAS_SHAPE,
        lambda layer: layer.padding == "valid" and _inferred(layer) and undilated(layer),
        "the last window is filled up to the stride",
    ),
    Formula(
        X_out,
        (X - 1) * S + maximum(d * (K - 1) + 1, S),
        _KERAS_SHAPE,
        lambda layer: layer.padding == "valid" and _inferred(layer),
        "the last window is filled up to the stride",
    ),
    Formula(
        X_out,
        (X - 1) * S + K,
        DUMOULIN_VISIN("relation 12"),
        _all(_unpadded, undilated, _nothing_added),
        _FIRST_TO_LAST,
    ),
    Formula(
        X_out,
        (X - 1) * S - 2 * P + K,
        DUMOULIN_VISIN("relation 13"),
        _all(padded_evenly, undilated, _nothing_added),
        _FIRST_TO_LAST,
    ),
    Formula(
        X_out,
        (X - 1) * S - 2 * P + K + P_out,
        DUMOULIN_VISIN("relation 14"),
        _all(padded_evenly, undilated),
        _FIRST_TO_LAST,
    ),
    Formula(
        X_out,
        (X - 1) * S - 2 * P + d * (K - 1) + 1,
        _TORCH_SHAPE,
        _all(padded_evenly, _nothing_added),
        _FIRST_TO_LAST,
    ),
    Formula(X_out, (X - 1) * S - 2 * P + d * (K - 1) + P_out + 1, _TORCH_SHAPE, padded_evenly, _FIRST_TO_LAST),
    Formula(
        X_out,
        (X - 1) * S - P_begin - P_end + d * (K - 1) + 1,
        DERIVED("both sides apart"),
        _nothing_added,
        _FIRST_TO_LAST,
    ),
    Formula(
        X_out,
        (X - 1) * S - P_begin - P_end + d * (K - 1) + P_out + 1,
        DERIVED("both sides apart"),
        reason=_FIRST_TO_LAST,
    ),
)

# Where "same" cuts: of the S + d(K − 1) − 1 zeros around the spread input, the larger half comes first.
_CUT = KERAS("_convert_conv_transpose_padding_args_from_keras_to_jax")
BEFORE = (
    Formula(
        P_begin,
        d * (K - 1) - minimum(ceiling((S + d * (K - 1) - 1) / 2), d * (K - 1)),
        _CUT,
        _all(_same, _inferred),
        "what the larger half of the padding leaves",
    ),
    Formula(
        P_begin,
        d * (K - 1) - minimum(ceiling((d * (K - 1) - 1 + (d * (K - 1) + 1) % 2 + P_out) / 2), d * (K - 1)),
        _CUT,
        _same,
        "what the larger half of the padding leaves",
    ),
)


class _ConvTranspose(Layer):
    filters: Dim = dim(F)
    kernel: PerAxis = per_axis(K)
    stride: PerAxis = per_axis(S, 1)
    padding: Padding = padding(P)
    output_padding: PerAxis = per_axis(P_out, None, least=0)
    dilation: PerAxis = per_axis(d, 1)
    groups: Dim = dim(G, 1)
    bias: bool = True
    activation: str = "linear"
    channels: Channels = "last"
    in_channels: Dim = dim(C, None)

    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), F),)
    rules = SPREAD
    asides = BEFORE
    weights = (
        Weight("kernel", (each(K), F / G, C), torch=("weight", (C, F / G, each(K)))),
        Weight("bias", (F,), when=has("bias")),
    )
    where = (
        Condition(divides(G, C), "each group takes an equal share of the input channels"),
        Condition(divides(G, F), "each group makes an equal share of the filters"),
        Condition(
            P_out < maximum(S, d),
            "output padding fills up less than one stride (or dilation)",
            PYTORCH("ConvTranspose2d: output_padding"),
            lambda layer: not _nothing_added(layer),
        ),
    )
    macs = Count(
        N * each(X) * C * each(K) * (F / G),
        "each input element is multiplied into a window of every filter of its group",
    )
    work = (
        Work(BIAS, N * each(X_out) * F, "one for each output element", when=has("bias")),
        Work(named_by("activation"), N * each(X_out) * F, "of each output element"),
    )
    keeps = (INPUTS, *kept_by("activation", N * each(X_out) * F))
    # Exact for a stride of 1; else how much of the input an output sees depends on its position, and this is the most.
    window = Window(size=ceiling((d * (K - 1) + 1) / S), step=1 / S, before=floor((d * (K - 1) - P_begin) / S))


def _refused_by_keras(layer: Any) -> str | None:
    stride, dilation = max(layer.stride), max(layer.dilation)
    if stride > 1 and dilation > 1:
        return f"Keras has no transposed convolution with both strides ({stride}) and dilation ({dilation}) above 1"
    for added, step in zip(layer.output_padding or (), layer.stride, strict=False):
        if added >= step:
            return f"Keras wants each output padding below the stride, here {added} and {step}"
    return None


_KERAS: Mapping[str, Target] = {
    "filters": "filters",
    "kernel_size": "kernel",
    "strides": "stride",
    "padding": PADDING_WORD,
    "output_padding": "output_padding",
    "data_format": CHANNELS,
    "dilation_rate": "dilation",
    "use_bias": "bias",
    "activation": ACTIVATION,
    "groups": Only(1),  # Keras 2 writes it
}
_TORCH: Mapping[str, Target] = {
    "in_channels": "in_channels",
    "out_channels": "filters",
    "kernel_size": "kernel",
    "stride": "stride",
    "padding": "padding",
    "output_padding": "output_padding",
    "groups": "groups",
    "bias": "bias",
    "dilation": "dilation",
    "padding_mode": Only("zeros"),
}
_TORCH_FIXED = {"channels": "first", "padding": 0, "output_padding": 0}


def _torch(rank: int) -> tuple[Dialect, ...]:
    names = (f"ConvTranspose{rank}d", f"LazyConvTranspose{rank}d")
    return tuple(Dialect(name, _TORCH, _TORCH_FIXED) for name in names)


class Conv1DTranspose(_ConvTranspose):
    """1-D transposed convolution: every element of a sequence is spread over K taps of F filters."""

    rank = 1
    keras = (Dialect("Conv1DTranspose", _KERAS, refuses=_refused_by_keras),)
    torch = _torch(1)


class Conv2DTranspose(_ConvTranspose):
    """2-D transposed convolution: every element of a map is spread over K_h × K_w windows of F filters.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("H", "W", 16), Conv2DTranspose(8, 4, stride=2, padding=1)).derive()
    >>> d.output_shape, d.params, d.macs
    ((N, 2*H, 2*W, 8), 2056, 2048*H*W)
    """

    rank = 2
    keras = (Dialect("Conv2DTranspose", _KERAS, refuses=_refused_by_keras),)
    torch = _torch(2)


class Conv3DTranspose(_ConvTranspose):
    """3-D transposed convolution: every element of a volume is spread over K_d × K_h × K_w windows of F filters."""

    rank = 3
    keras = (Dialect("Conv3DTranspose", _KERAS, refuses=_refused_by_keras),)
    torch = _torch(3)


class _MaxUnpooling(Layer):
    kernel: PerAxis = per_axis(K)
    stride: PerAxis = per_axis(S, None)
    padding: Padding = padding(P, 0, words=())
    channels: Channels = "last"

    takes = ((N, each(X), C), (N, each(X), C))
    gives = ((N, each(X_out), C),)
    rules = (
        Formula(X_out, (X - 1) * S - 2 * P + K, PYTORCH("MaxUnpool2d, Shape"), padded_evenly, _FIRST_TO_LAST),
        Formula(X_out, (X - 1) * S - P_begin - P_end + K, DERIVED("both sides apart"), reason=_FIRST_TO_LAST),
    )
    macs = Count(Number(0), "moves numbers, multiplies none")
    work = NOTHING
    keeps = inputs(1, width=8, reason="the places")
    window = ELSEWHERE

    def __post_init__(self) -> None:
        if self.stride is None:  # as in max pooling: windows side by side
            object.__setattr__(self, "stride", self.kernel)
        super().__post_init__()


def _torch_unpooling(rank: int) -> tuple[Dialect, ...]:
    options = {"kernel_size": "kernel", "stride": "stride", "padding": "padding"}
    return (Dialect(f"MaxUnpool{rank}d", options, {"channels": "first"}),)


class MaxUnpooling1D(_MaxUnpooling):
    """The greatest values of a sequence's windows put back where a second input says they were, zeros elsewhere."""

    rank = 1
    torch = _torch_unpooling(1)


class MaxUnpooling2D(_MaxUnpooling):
    """The greatest values of a map's windows put back where a second input says they were, zeros elsewhere."""

    rank = 2
    torch = _torch_unpooling(2)


class MaxUnpooling3D(_MaxUnpooling):
    """The greatest values of a volume's windows put back where a second input says they were, zeros elsewhere."""

    rank = 3
    torch = _torch_unpooling(3)
