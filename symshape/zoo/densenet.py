"""DenseNet: every layer takes the maps of all layers before it."""

from __future__ import annotations

from typing import Any

from symshape.algebra.floors import floor_div
from symshape.algebra.poly import Value
from symshape.declaration import Source, as_value
from symshape.layers.activation import ReLU
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.merge import Concatenate
from symshape.layers.norm import BatchNormalization
from symshape.layers.pool import AveragePooling2D, GlobalAveragePooling2D, MaxPooling2D
from symshape.network import Input, Network, Tensor
from symshape.repeat import repeated
from symshape.zoo.blocks.scaling import multiplier
from symshape.zoo.family import STATISTICS, Family

__all__ = ["FAMILY", "HUANG", "DenseLayers", "densenet"]

HUANG = Source(
    "huang2017",
    "G. Huang, Z. Liu, L. van der Maaten and K. Q. Weinberger, Densely connected convolutional networks, 2017 "
    "(arXiv:1608.06993)",
    "https://arxiv.org/abs/1608.06993",
)


class DenseLayers:
    """What the paper's section 3 defines: dense blocks with bottlenecks that grow by k, transitions that keep θ."""

    def __init__(self, k: Any, theta: Any, statistics: str) -> None:
        self.k = as_value(k)
        self.theta = multiplier(theta)
        self.statistics = statistics

    def active(self, x: Tensor) -> Tensor:
        """Normalization and ReLU, which come before every convolution."""
        return ReLU()(BatchNormalization(statistics=self.statistics)(x))

    def block(self, x: Tensor, times: Value, name: str) -> Tensor:
        """A dense block: each layer puts k maps beside what it takes."""

        def layer(x: Tensor) -> Tensor:
            y = Conv2D(4 * self.k, 1, bias=False)(self.active(x))
            y = Conv2D(self.k, 3, padding=1, bias=False)(self.active(y))
            return Concatenate()([x, y])

        return repeated(layer, times, "H", "W", "C", name=name)(x)

    def transition(self, x: Tensor, taken: Value, name: str) -> Tensor:
        """Fewer channels, and every second position of the map."""

        def reduce(x: Tensor) -> Tensor:
            x = Conv2D(self.kept(taken), 1, bias=False)(self.active(x))
            return AveragePooling2D(2)(x)

        return Network.of(reduce, "H", "W", "C", name=name)(x)

    def kept(self, channels: Value) -> Value:
        """⌊θ·C⌋."""
        return floor_div(self.theta * channels, 1)


def densenet(
    n1: Any = "n1",
    n2: Any = "n2",
    n3: Any = "n3",
    n4: Any = "n4",
    k: Any = "k",
    *,
    w: Any = None,
    theta: Any = "0.5",
    statistics: str = "buffers",
    classes: Any = 1000,
    resolution: Any = 224,
) -> Network:
    """A DenseNet with n1 … n4 layers of k maps in its blocks, for images of H × W.

    >>> densenet(6, 12, 24, 16, 32).derive(H=224, W=224).params
    7978856
    """
    make = DenseLayers(k, theta, statistics)
    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    channels: Value = 2 * make.k if w is None else as_value(w)
    x = make.active(Conv2D(channels, 7, stride=2, padding=3, bias=False)(image))
    x = MaxPooling2D(3, stride=2, padding=1)(x)
    for number, layers in enumerate((n1, n2, n3, n4), 1):
        if number > 1:
            x = make.transition(x, channels, f"transition{number - 1}")
            channels = make.kept(channels)
        x = make.block(x, as_value(layers), f"block{number}")
        channels = channels + as_value(layers) * make.k
    return Network(image, Dense(classes)(GlobalAveragePooling2D()(make.active(x))))


_DEPTHS = {"densenet121": (6, 12, 24, 16), "densenet169": (6, 12, 32, 32), "densenet201": (6, 12, 48, 32)}
_MEMBERS = {name: {**dict(zip(("n1", "n2", "n3", "n4"), n, strict=True)), "k": 32} for name, n in _DEPTHS.items()}

FAMILY = Family(
    name="densenet",
    title="DenseNet-BC",
    source=HUANG,
    build=densenet,
    knobs={
        **{f"n{block}": f"number of layers in dense block {block}" for block in (1, 2, 3, 4)},
        "k": "growth rate: maps that each layer adds",
        "w": "channels of the first convolution; None for 2k, as in the paper",
        "theta": "compression: the share of channels that a transition keeps",
        "statistics": STATISTICS,
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        **_MEMBERS,
        "densenet161": {"n1": 6, "n2": 12, "n3": 36, "n4": 24, "k": 48},
        **{f"{name}_keras": {**knobs, "statistics": "weights"} for name, knobs in _MEMBERS.items()},
    },
)
