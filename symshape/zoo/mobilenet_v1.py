"""MobileNet (v1): depthwise separable convolutions, thinned by a width multiplier."""

from __future__ import annotations

from typing import Any

from symshape.algebra.floors import floor_div
from symshape.algebra.poly import Value
from symshape.declaration import Source, as_value
from symshape.layers.conv import Conv2D
from symshape.layers.pool import GlobalAveragePooling2D
from symshape.layers.reshape import Reshape
from symshape.network import Input, Network, Tensor
from symshape.repeat import repeated
from symshape.zoo.blocks.inverted import Convolutions
from symshape.zoo.blocks.scaling import multiplier
from symshape.zoo.family import STATISTICS, Family

__all__ = ["FAMILY", "mobilenet_v1"]

HOWARD = Source(
    "howard2017",
    "A. G. Howard et al., MobileNets: efficient convolutional neural networks for mobile vision applications, 2017 "
    "(arXiv:1704.04861)",
    "https://arxiv.org/abs/1704.04861",
)


def mobilenet_v1(
    alpha: Any = "alpha",
    n: Any = "n",
    *,
    padding: str = "behind",
    statistics: str = "weights",
    classes: Any = 1000,
    resolution: Any = 224,
) -> Network:
    """A MobileNet for images of H × W, with n blocks in the middle, 512·alpha channels wide.

    >>> mobilenet_v1(1, 5).derive(H=224, W=224).params
    4253864
    """
    make = Convolutions("same", statistics)
    scale = multiplier(alpha)

    def width(channels: int) -> Value:
        return floor_div(channels * scale, 1)

    def separable(x: Tensor, channels: int, stride: int = 1) -> Tensor:
        behind = ((0, 1), (0, 1)) if stride > 1 and padding == "behind" else None
        x = make.depthwise(x, 3, stride, "relu6", behind)
        return make.plain(x, width(channels), activation="relu6")

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = make.plain(image, width(32), 3, 2, "relu6")
    for channels, stride in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)):
        x = separable(x, channels, stride)
    x = repeated(lambda x: separable(x, 512), as_value(n), "H", "W", "C", name="middle")(x)
    for channels, stride in ((1024, 2), (1024, 1)):
        x = separable(x, channels, stride)
    x = Conv2D(classes, 1)(GlobalAveragePooling2D(keepdims=True)(x))
    return Network(image, Reshape((classes,))(x))


FAMILY = Family(
    name="mobilenet_v1",
    title="MobileNet",
    source=HOWARD,
    build=mobilenet_v1,
    knobs={
        "alpha": "width multiplier: channels are cut to whole numbers after it",
        "n": "number of blocks in the middle, all of one shape",
        "padding": {
            "behind": "before a depthwise convolution strides, maps of any size are padded by one position behind (Keras)",
            "same": 'convolutions that stride are padded as "same" says (the authors\' code)',
        },
        "statistics": {"weights": STATISTICS["weights"], "buffers": STATISTICS["buffers"]},
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        "mobilenet": {"alpha": 1, "n": 5},
        "mobilenet_075": {"alpha": "0.75", "n": 5},
        "mobilenet_050": {"alpha": "0.5", "n": 5},
        "mobilenet_025": {"alpha": "0.25", "n": 5},
    },
)
