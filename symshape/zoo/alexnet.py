"""AlexNet: five convolutions, three of them followed by pooling, then three dense layers."""

from __future__ import annotations

from typing import Any

from symshape.layers.activation import Dropout, ReLU
from symshape.layers.adaptive import AdaptiveAveragePooling2D
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.norm_more import KRIZHEVSKY, LocalResponseNormalization
from symshape.layers.pool import MaxPooling2D
from symshape.layers.reshape import Flatten
from symshape.network import Input, Network, Tensor
from symshape.zoo.family import Family

__all__ = ["FAMILY", "alexnet"]


def alexnet(*, form: str = "one_tower", hidden: Any = 4096, classes: Any = 1000, resolution: Any = 224) -> Network:
    """AlexNet for images of H × W.

    >>> alexnet().derive(H=224, W=224).params
    61100840
    """

    def hidden_layer(x: Tensor) -> Tensor:
        return ReLU()(Dense(hidden)(Dropout()(x)))

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = _one_tower(image) if form == "one_tower" else _two_towers(image)
    return Network(image, Dense(classes)(hidden_layer(hidden_layer(Flatten()(x)))))


def _one_tower(x: Tensor) -> Tensor:
    x = MaxPooling2D(3, stride=2)(ReLU()(Conv2D(64, 11, stride=4, padding=2)(x)))
    x = MaxPooling2D(3, stride=2)(ReLU()(Conv2D(192, 5, padding=2)(x)))
    for filters in (384, 256, 256):
        x = ReLU()(Conv2D(filters, 3, padding=1)(x))
    return AdaptiveAveragePooling2D((6, 6))(MaxPooling2D(3, stride=2)(x))


def _two_towers(x: Tensor) -> Tensor:
    """Layers 2, 4 and 5 see the maps of their own GPU only: two groups."""
    x = LocalResponseNormalization(5)(ReLU()(Conv2D(96, 11, stride=4)(x)))
    x = ReLU()(Conv2D(256, 5, padding=2, groups=2)(MaxPooling2D(3, stride=2)(x)))
    x = MaxPooling2D(3, stride=2)(LocalResponseNormalization(5)(x))
    for filters, groups in ((384, 1), (384, 2), (256, 2)):
        x = ReLU()(Conv2D(filters, 3, padding=1, groups=groups)(x))
    return MaxPooling2D(3, stride=2)(x)


FAMILY = Family(
    name="alexnet",
    title="AlexNet",
    source=KRIZHEVSKY,
    build=alexnet,
    knobs={
        "form": {
            "one_tower": "one tower of narrower convolutions, without response normalization, the last map averaged "
            "to 6 × 6 (A. Krizhevsky, One weird trick, 2014, arXiv:1404.5997; torchvision)",
            "two_towers": "the original of 2012, on two GPUs: groups of 2 in layers 2, 4 and 5; its first map of "
            "55 × 55 needs images of 227 × 227, where the paper says 224 × 224",
        },
        "hidden": "units of the two hidden dense layers",
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={"alexnet": {}, "alexnet_2012": {"form": "two_towers", "resolution": 227}},
    parts={"dense layers": ("dense", "dense_1", "dense_2")},
)
