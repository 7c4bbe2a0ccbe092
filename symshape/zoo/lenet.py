"""LeNet-5: two convolutions with pooling, then three dense layers.

The tutorial's form is the one of the well-known Keras tutorials: RGB input, 8 and 16 filters, max pooling, ReLU.
"""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.pool import MaxPooling2D
from symshape.layers.reshape import Flatten
from symshape.network import Input, Network, Sequential
from symshape.zoo.family import Family

__all__ = ["FAMILY", "lenet"]

LECUN = Source(
    "lecun1998",
    "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document recognition, 1998",
    "https://doi.org/10.1109/5.726791",
)


def lenet(F1: Any = "F1", F2: Any = "F2", C: Any = 3, classes: Any = 10) -> Network:
    """The tutorial's LeNet-5 for H × W images, made for 32 × 32.

    >>> lenet(8, 16).derive(H=32, W=32).params
    62958
    """
    return Sequential(
        Input("H", "W", C, given=(32, 32, None)),
        Conv2D(F1, 5, activation="relu"),
        MaxPooling2D(2),
        Conv2D(F2, 5, activation="relu"),
        MaxPooling2D(2),
        Flatten(),
        Dense(120, activation="relu"),
        Dense(84, activation="relu"),
        Dense(classes, activation="softmax"),
    )


FAMILY = Family(
    name="lenet",
    title="LeNet-5",
    source=LECUN,
    build=lenet,
    knobs={
        "F1": "filters of the first convolution",
        "F2": "filters of the second convolution",
        "C": "channels of the image",
        "classes": "number of classes",
    },
    presets={"lenet5": {"F1": 8, "F2": 16}},
)
