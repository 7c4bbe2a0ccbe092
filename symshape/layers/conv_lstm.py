"""Convolutional LSTM: an LSTM whose products are convolutions, along a sequence of maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symshape.declaration import (
    ELSEWHERE,
    Condition,
    Count,
    Dialect,
    Dim,
    Padding,
    PerAxis,
    Source,
    Template,
    Weight,
    dim,
    has,
    padding,
    per_axis,
)
from symshape.declaration.dialect import Target
from symshape.declaration.signature import Pattern
from symshape.layers.common import ACTIVATION, CHANNELS, PADDING_WORD, Channels
from symshape.layers.conv import BEFORE, POSITIONS
from symshape.layers.holding import INSIDE_DECIDES
from symshape.layers.recurrent import KERAS_OVER_TIME, _OverTime
from symshape.layers.recurrent_cells import RECURRENT_ACTIVATION
from symshape.symbols import AXES, C, F, K, N, P, S, X, X_out, axis_symbol, d
from symshape.written import Symbol, each, equal

__all__ = ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"]

SHI = Source(
    "shi2015",
    "X. Shi et al., Convolutional LSTM network: a machine learning approach for precipitation nowcasting, 2015 "
    "(arXiv:1506.04214)",
    "https://arxiv.org/abs/1506.04214",
)

L_t = Symbol("L_t", "number of steps", "steps")
X_state = Symbol("X_state", "size of the initial state's map along an axis", "positions", axial=True)


def _strided_and_dilated(layer: Any) -> str | None:
    stride, dilation = max(layer.stride), max(layer.dilation)
    if stride > 1 and dilation > 1:
        return f"Keras has no convolution with both strides ({stride}) and dilation ({dilation}) above 1"
    return None


_KERAS: Mapping[str, Target] = {
    "filters": "filters",
    "kernel_size": "kernel",
    "strides": "stride",
    "padding": PADDING_WORD,
    "data_format": CHANNELS,
    "dilation_rate": "dilation",
    "activation": ACTIVATION,
    "recurrent_activation": RECURRENT_ACTIVATION,
    "use_bias": "bias",
    "unit_forget_bias": None,
    "dropout": None,
    "recurrent_dropout": None,
    **KERAS_OVER_TIME,
}


class _ConvLSTM(_OverTime):
    """The input is convolved as the options say; the state, always padded to keep its size and with stride 1.

    As in Keras the gates do not look at the memory (no peepholes), unlike in the paper's equation 3.
    """

    filters: Dim = dim(F)
    kernel: PerAxis = per_axis(K)
    stride: PerAxis = per_axis(S, 1)
    padding: Padding = padding(P)
    dilation: PerAxis = per_axis(d, 1)
    bias: bool = True
    activation: str = "tanh"
    recurrent_activation: str = "sigmoid"
    channels: Channels = "last"

    takes = ((N, L_t, each(X), C),)
    gives = ((N, each(X_out), F),)
    rules = POSITIONS
    asides = BEFORE
    weights = (
        Weight("conv_lstm_cell/kernel", (each(K), C, 4 * F)),
        Weight("conv_lstm_cell/recurrent_kernel", (each(K), F, 4 * F)),
        Weight("conv_lstm_cell/bias", (4 * F,), when=has("bias")),
    )
    where = (
        Condition(
            equal(X_state, X_out), "the initial states are maps of the output's size", SHI("equation 3"), lambda _: False
        ),
    )
    macs = (
        Count(
            4 * N * L_t * each(X_out) * F * each(K) * C,
            "at each step, each of 4 gates: each element of F maps is one dot product over a window of the input",
            SHI("equation 3"),
        ),
        Count(
            4 * N * L_t * each(X_out) * F * each(K) * F,
            "at each step, each of 4 gates: each element of F maps is one dot product over a window of the state",
            SHI("equation 3"),
        ),
    )
    window = ELSEWHERE

    @property
    def state_count(self) -> int:
        return 2
