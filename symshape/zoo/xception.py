"""Xception: depthwise separable convolutions with residual connections, in an entry, a middle and an exit flow."""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source
from symshape.layers.activation import ReLU
from symshape.layers.conv import Conv2D, SeparableConv2D
from symshape.layers.dense import Dense
from symshape.layers.merge import Add
from symshape.layers.norm import BatchNormalization
from symshape.layers.pool import GlobalAveragePooling2D, MaxPooling2D
from symshape.network import Input, Network, Tensor
from symshape.repeat import repeated
from symshape.zoo.blocks.inception import Step, block, chain
from symshape.zoo.family import STATISTICS, Family

__all__ = ["FAMILY", "xception"]

CHOLLET = Source(
    "chollet2017",
    "F. Chollet, Xception: Deep learning with depthwise separable convolutions, 2017 (arXiv:1610.02357), figure 5",
    "https://arxiv.org/abs/1610.02357",
)


def xception(
    n: Any = "n", w: Any = "w", *, statistics: str = "weights", classes: Any = 1000, resolution: Any = 299
) -> Network:
    """Xception with n blocks of w channels in its middle flow, for images of H × W.

    >>> xception(8, 728).derive(H=299, W=299).params
    22910480
    """

    def normalized(convolution: Any) -> Step:
        return lambda x: BatchNormalization(statistics=statistics)(convolution(x))

    def conv(filters: Any, kernel: int, stride: int = 1, padding: str = "valid") -> Step:
        return normalized(lambda x: Conv2D(filters, kernel, stride=stride, padding=padding, bias=False)(x))

    def separable(filters: Any) -> Step:
        return normalized(lambda x: SeparableConv2D(filters, 3, padding="same", bias=False)(x))

    def relu(x: Tensor) -> Tensor:
        return ReLU()(x)

    def halving(first: Step, second: Step, channels: Any) -> Step:
        """Two separable convolutions and pooling, beside a strided 1×1 convolution."""
        computed = chain(first, relu, second, lambda x: MaxPooling2D(3, stride=2, padding="same")(x))
        return lambda x: Add()([computed(x), conv(channels, 1, 2, "same")(x)])

    def middle(x: Tensor) -> Tensor:
        return Add()([chain(*(relu, separable(w)) * 3)(x), x])

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    body = chain(
        *(conv(32, 3, 2), relu, conv(64, 3), relu),
        block("entry_128", halving(separable(128), separable(128), 128)),
        block("entry_256", halving(chain(relu, separable(256)), separable(256), 256)),
        block("entry_last", halving(chain(relu, separable(w)), separable(w), w)),
        repeated(middle, n, "H", "W", "C", name="middle"),
        block("exit", halving(chain(relu, separable(w)), separable(1024), 1024)),
        *(separable(1536), relu, separable(2048), relu),
        *(GlobalAveragePooling2D(), Dense(classes)),
    )
    return Network(image, body(image))


FAMILY = Family(
    name="xception_n",
    title="Xception",
    source=CHOLLET,
    build=xception,
    knobs={
        "n": "number of blocks in the middle flow",
        "w": "channels of the middle flow",
        "statistics": {where: STATISTICS[where] for where in ("weights", "buffers")},
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        "xception": {"n": 8, "w": 728},
        "legacy_xception": {"n": 8, "w": 728, "statistics": "buffers"},
    },
    parts={"middle flow": ("middle",)},
)
