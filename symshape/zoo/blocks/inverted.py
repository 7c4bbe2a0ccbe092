"""What MobileNets and EfficientNets are made of: normalized convolutions, gates, and inverted residual blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symshape.algebra.poly import Value, canonical
from symshape.layers.activation import Activation
from symshape.layers.conv import Conv2D, DepthwiseConv2D
from symshape.layers.merge import Add, Multiply
from symshape.layers.norm import BatchNormalization
from symshape.layers.pool import GlobalAveragePooling2D
from symshape.network import Network, Tensor
from symshape.repeat import repeated
from symshape.zoo.family import Knob

__all__ = ["PADDING", "Convolutions", "stage"]

PADDING: Knob = {
    "symmetric": "windows that stride are padded alike on both sides (PyTorch)",
    "same": 'windows that stride are padded as "same" says, less before than after on even maps (TensorFlow, Keras)',
}


@dataclass(frozen=True)
class Convolutions:
    """How a network's convolutions are padded, and how their statistics are kept."""

    padding: str
    statistics: str

    def plain(self, x: Tensor, filters: Value, kernel: int = 1, stride: int = 1, activation: str = "") -> Tensor:
        """A convolution with normalization and, if any, an activation."""
        x = Conv2D(filters, kernel, stride=stride, padding=self._around(kernel), bias=False)(x)
        return self._finished(x, activation)

    def depthwise(self, x: Tensor, kernel: int, stride: int, activation: str, padding: Any = None) -> Tensor:
        """A depthwise convolution with normalization and activation; its own padding may be given."""
        around = self._around(kernel) if padding is None else padding
        x = DepthwiseConv2D(kernel, stride=stride, padding=around, bias=False)(x)
        return self._finished(x, activation)

    def inverted(
        self,
        x: Tensor,
        taken: Value,
        expanded: Value,
        filters: Value,
        kernel: int,
        stride: int,
        *,
        activation: str,
        squeezed: Value = 0,
        gate: tuple[str, str] = ("relu", "sigmoid"),
        expands: bool = True,
    ) -> Tensor:
        """Expand, filter each channel, gate (where squeezed to some channels), project; `x` has `taken` channels."""
        y = self.plain(x, expanded, activation=activation) if expands else x
        y = self.depthwise(y, kernel, stride, activation)
        if squeezed != 0:
            y = gated(y, expanded, squeezed, gate)
        return joined(x, self.plain(y, filters), taken, filters, stride)

    def fused(
        self, x: Tensor, taken: Value, expanded: Value, filters: Value, kernel: int, stride: int, *, activation: str
    ) -> Tensor:
        """Expand and filter in one convolution, project; without expansion, filter alone."""
        if canonical(expanded - taken) == 0:
            y = self.plain(x, filters, kernel, stride, activation)
        else:
            y = self.plain(self.plain(x, expanded, kernel, stride, activation), filters)
        return joined(x, y, taken, filters, stride)

    def _around(self, kernel: int) -> Any:
        return "same" if self.padding == "same" else kernel // 2

    def _finished(self, x: Tensor, activation: str) -> Tensor:
        x = BatchNormalization(statistics=self.statistics)(x)
        return Activation(activation)(x) if activation else x


def gated(x: Tensor, channels: Value, squeezed: Value, gate: tuple[str, str]) -> Tensor:
    """Squeeze-and-excitation: channels weighed by what the whole map says."""
    inner, outer = gate
    y = Activation(inner)(Conv2D(squeezed, 1)(GlobalAveragePooling2D(keepdims=True)(x)))
    return Multiply()([x, Activation(outer)(Conv2D(channels, 1)(y))])


def joined(x: Tensor, y: Tensor, taken: Value, filters: Value, stride: int) -> Tensor:
    """The sum of what a block takes and gives, where both have one shape."""
    return Add()([x, y]) if stride == 1 and canonical(taken - filters) == 0 else y


def stage(
    x: Tensor,
    name: str,
    times: Value,
    taken: Value,
    filters: Value,
    stride: int,
    block: Callable[[Tensor, Value, int], Tensor],
) -> Tensor:
    """`times` blocks: the first takes `taken` channels and may stride, the others keep the shape."""
    x = Network.of(lambda x: block(x, taken, stride), "H", "W", "C", name=f"{name}_first")(x)
    if times == 1:
        return x
    others = repeated(lambda x: block(x, filters, 1), times - 1, "H", "W", "C", name=f"{name}_others")
    return others(x)
