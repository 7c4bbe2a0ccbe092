"""What the Inception families share: steps that follow one another, branches beside each other, normalized convolutions.

A step takes a tensor and gives one, so that a block reads like its figure in the papers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from symshape.layers.activation import ReLU
from symshape.layers.conv import Conv2D
from symshape.layers.merge import Concatenate
from symshape.layers.norm import BatchNormalization
from symshape.layers.pool import AveragePooling2D, MaxPooling2D
from symshape.network import Network, Tensor

__all__ = ["Convolutions", "Step", "average", "beside", "block", "chain", "greatest"]

Step = Callable[[Tensor], Tensor]


def chain(*steps: Step) -> Step:
    """Steps that follow one another."""

    def followed(x: Tensor) -> Tensor:
        for step in steps:
            x = step(x)
        return x

    return followed


def beside(*branches: Step) -> Step:
    """Branches over the same map, their channels side by side."""
    return lambda x: Concatenate()([branch(x) for branch in branches])


def block(name: str, step: Step) -> Step:
    """A step as a network of its own in the network."""
    return Network.of(step, "H", "W", "C", name=name)


def average(x: Tensor) -> Tensor:
    """The mean of each 3 × 3 neighbourhood."""
    return AveragePooling2D(3, stride=1, padding=1)(x)


def greatest(x: Tensor) -> Tensor:
    """The greatest of each 3 × 3 window, two apart and inside the map."""
    return MaxPooling2D(3, stride=2)(x)


@dataclass(frozen=True)
class Convolutions:
    """Convolutions with ReLU, before it batch normalization (that scales or not) in place of a bias, or a bias."""

    statistics: str = "buffers"
    scale: bool = True
    normalized: bool = True

    def __call__(self, filters: Any, kernel: int | Sequence[int], stride: int = 1, padded: bool = True) -> Step:
        """A convolution that keeps the map's size, but for its stride; or one inside the map."""
        sides = [kernel, kernel] if isinstance(kernel, int) else kernel
        padding = [side // 2 for side in sides] if padded else 0

        def step(x: Tensor) -> Tensor:
            x = Conv2D(filters, kernel, stride=stride, padding=padding, bias=not self.normalized)(x)
            if self.normalized:
                x = BatchNormalization(scale=self.scale, statistics=self.statistics)(x)
            return ReLU()(x)

        return step
