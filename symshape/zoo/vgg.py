"""VGG: blocks of 3×3 convolutions with a pooling after each, then three dense layers.

The first convolution of a block brings the map to the block's width, the others keep it.
"""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source, as_value
from symshape.layers.activation import Dropout, ReLU
from symshape.layers.adaptive import AdaptiveAveragePooling2D
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.norm import BatchNormalization
from symshape.layers.pool import MaxPooling2D
from symshape.layers.reshape import Flatten
from symshape.network import Input, Network, Tensor
from symshape.repeat import repeated
from symshape.zoo.family import STATISTICS, Family

__all__ = ["FAMILY", "vgg"]

SIMONYAN = Source(
    "simonyan2015",
    "K. Simonyan and A. Zisserman, Very deep convolutional networks for large-scale image recognition, 2015 "
    "(arXiv:1409.1556), table 1",
    "https://arxiv.org/abs/1409.1556",
)


def vgg(
    n1: Any = "n1",
    n2: Any = "n2",
    n3: Any = "n3",
    n4: Any = "n4",
    n5: Any = "n5",
    w: Any = "w",
    *,
    batch_norm: bool = False,
    head: str = "pooled",
    statistics: str = "buffers",
    hidden: Any = 4096,
    classes: Any = 1000,
    resolution: Any = 224,
) -> Network:
    """A VGG with n1 … n5 convolutions in its blocks, of w, 2w, 4w, 8w and 8w channels, for images of H × W.

    >>> vgg(2, 2, 3, 3, 3, 64).derive(H=224, W=224).params
    138357544
    """

    def conv(x: Tensor, filters: Any) -> Tensor:
        x = Conv2D(filters, 3, padding=1)(x)
        return ReLU()(BatchNormalization(statistics=statistics)(x) if batch_norm else x)

    def block(x: Tensor, number: int, convolutions: Any) -> Tensor:
        width = min(2 ** (number - 1), 8) * as_value(w)
        others = repeated(
            lambda x: conv(x, width), as_value(convolutions) - 1, "H", "W", "C", name=f"block{number}_others"
        )
        return MaxPooling2D(2)(others(conv(x, width)))

    def dense(x: Tensor) -> Tensor:
        x = ReLU()(Dense(hidden)(x))
        return Dropout()(x) if head == "pooled" else x

    image = x = Input("H", "W", 3, given=(resolution, resolution, 3))
    for number, convolutions in enumerate((n1, n2, n3, n4, n5), 1):
        x = block(x, number, convolutions)
    if head == "pooled":
        x = AdaptiveAveragePooling2D((7, 7))(x)
    return Network(image, Dense(classes)(dense(dense(Flatten()(x)))))


_DEPTHS = {"vgg11": (1, 1, 2, 2, 2), "vgg13": (2, 2, 2, 2, 2), "vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
_MEMBERS = {
    name: {**{f"n{block}": depth for block, depth in enumerate(depths, 1)}, "w": 64} for name, depths in _DEPTHS.items()
}

FAMILY = Family(
    name="vgg",
    title="VGG",
    source=SIMONYAN,
    build=vgg,
    knobs={
        **{f"n{block}": f"number of convolutions in block {block}" for block in (1, 2, 3, 4, 5)},
        "w": "channels of the first block, doubled in each later one up to 8w",
        "batch_norm": {
            False: "convolutions without normalization (the paper)",
            True: "batch normalization after each convolution (torchvision's vgg…_bn)",
        },
        "head": {
            "pooled": "the last map is averaged to 7 × 7, with dropout between the dense layers (torchvision)",
            "flat": "the last map goes into the dense layers as it is, without dropout (Keras)",
        },
        "statistics": STATISTICS,
        "hidden": "units of the two hidden dense layers",
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        **_MEMBERS,
        **{f"{name}_bn": {**member, "batch_norm": True} for name, member in _MEMBERS.items()},
        **{f"{name}_keras": {**_MEMBERS[name], "head": "flat"} for name in ("vgg16", "vgg19")},
    },
    parts={"dense layers": ("dense", "dense_1", "dense_2")},
)
