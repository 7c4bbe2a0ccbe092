"""Convolutional LSTM: an LSTM whose products are convolutions, along a sequence of maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from symshape.declaration import (
    Condition,
    Count,
    Dialect,
    Dim,
    Padding,
    PerAxis,
    Source,
    Template,
    Weight,
    Work,
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
from symshape.layers.operations import ADD, BIAS, MULTIPLY, named_by
from symshape.layers.recurrent import KERAS_OVER_TIME, _OverTime
from symshape.layers.recurrent_cells import RECURRENT_ACTIVATION
from symshape.symbols import AXES, C, F, K, L_t, N, P, S, X, X_out, X_state, axis_symbol, d
from symshape.written import each, equal

__all__ = ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"]

SHI = Source(
    "shi2015",
    "X. Shi et al., Convolutional LSTM network: a machine learning approach for precipitation nowcasting, 2015 "
    "(arXiv:1506.04214)",
    "https://arxiv.org/abs/1506.04214",
)


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
    work = (
        Work(BIAS, 4 * N * L_t * each(X_out) * F, "at each step, of each gate", SHI("equation 3"), has("bias")),
        Work(named_by("recurrent_activation"), 3 * N * L_t * each(X_out) * F, "of each gate", SHI("equation 3")),
        Work(named_by("activation"), 2 * N * L_t * each(X_out) * F, "of candidate and memory", SHI("equation 3")),
        Work(MULTIPLY, 3 * N * L_t * each(X_out) * F, "of gates with what they let through", SHI("equation 3")),
        Work(ADD, N * L_t * each(X_out) * F, "what stays in memory and what enters", SHI("equation 3")),
    )
    window = None  # every step widens what is seen by a window of the state: no one window says it

    @property
    def state_count(self) -> int:
        return 2

    def arranged(self, pattern: Pattern) -> Pattern:
        if pattern[1] != L_t:
            return super().arranged(pattern)
        return (N, L_t, *super().arranged((N, *pattern[2:]))[1:])

    def template(self, ranks: Sequence[int]) -> Template:
        template = super().template(ranks)
        output = self.arranged((N, each(X_out), F))
        sequence = (N, L_t, *output[1:])
        given = template.giving(
            sequence if self.return_sequences else output, *((output,) * 2 if self.return_state else ())
        )
        if len(ranks) == 1:
            return given
        sizes = tuple(axis_symbol(X_state, axis) for axis in AXES[self.rank])
        state = (N, F, *sizes) if self.channels == "first" else (N, *sizes, F)
        return replace(given, takes=(*given.takes, state, state), where=(*given.where, _STATES))


_STATES = Condition(equal(X_state, X_out), "the initial states are maps of the output's size", SHI("equation 3"))


def _keras(rank: int) -> tuple[Dialect, ...]:
    return (Dialect(f"ConvLSTM{rank}D", _KERAS, INSIDE_DECIDES, refuses=_strided_and_dilated),)


class ConvLSTM1D(_ConvLSTM):
    """Convolutional LSTM along a sequence of rows: F filters of K taps over C channels for each gate."""

    rank = 1
    keras = _keras(1)


class ConvLSTM2D(_ConvLSTM):
    """Convolutional LSTM along a sequence of maps: F filters of K_h × K_w over C channels for each gate.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("T", "H", "W", 3), ConvLSTM2D(8, 3, padding="same", return_sequences=True)).derive()
    >>> d.output_shape, d.params, d.macs
    ((N, T, H, W, 8), 3200, 3168*H*T*W)
    """

    rank = 2
    keras = _keras(2)


class ConvLSTM3D(_ConvLSTM):
    """Convolutional LSTM along a sequence of volumes: F filters of K_d × K_h × K_w over C channels for each gate."""

    rank = 3
    keras = _keras(3)
