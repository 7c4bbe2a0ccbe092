"""LeNet-5: two convolutions with subsampling, then three layers that bring the map to the classes.

The tutorial's form is the one of the well-known Keras tutorials: RGB input, 8 and 16 filters, max pooling, ReLU. The
original's layers are called C1, S2, C3, S4, C5 and F6 in the paper.
"""

from __future__ import annotations

from typing import Any

from symshape.declaration import as_value
from symshape.errors import UsageError
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.early import LECUN, RadialBasis, Subsampling2D, TableConv2D
from symshape.layers.pool import MaxPooling2D
from symshape.layers.reshape import Flatten
from symshape.network import Input, Network, Sequential
from symshape.zoo.family import Family

__all__ = ["FAMILY", "lenet"]

# Table I of the paper: the maps of S2 that each map of C3 sees.
TABLE = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)


def lenet(F1: Any = "F1", F2: Any = "F2", C: Any = 3, classes: Any = 10, form: str = "tutorial") -> Network:
    """LeNet-5 for H × W images, made for 32 × 32.

    Raises `UsageError` for the original with other than 6 and 16 filters, for which the paper has no table.

    >>> lenet(8, 16).derive(H=32, W=32).params
    62958
    >>> lenet(6, 16, 1, form="original").derive(H=32, W=32).trainable
    60000
    """
    image = Input("H", "W", C, given=(32, 32, None))
    return _tutorial(image, F1, F2, classes) if form == "tutorial" else _original(image, F1, F2, classes)


def _tutorial(image: Any, F1: Any, F2: Any, classes: Any) -> Network:
    return Sequential(
        image,
        Conv2D(F1, 5, activation="relu"),
        MaxPooling2D(2),
        Conv2D(F2, 5, activation="relu"),
        MaxPooling2D(2),
        Flatten(),
        Dense(120, activation="relu"),
        Dense(84, activation="relu"),
        Dense(classes, activation="softmax"),
    )


def _original(image: Any, F1: Any, F2: Any, classes: Any) -> Network:
    if (as_value(F1), as_value(F2)) != (6, 16):
        raise UsageError(
            f"lenet: the original's table of connections is for F1 = 6 and F2 = 16 filters, not for {F1} and {F2}"
        )
    return Sequential(
        image,
        Conv2D(6, 5, activation="tanh", name="c1"),
        Subsampling2D(2, activation="tanh", name="s2"),
        TableConv2D(TABLE, 5, activation="tanh", name="c3"),
        Subsampling2D(2, activation="tanh", name="s4"),
        Conv2D(120, 5, activation="tanh", name="c5"),
        Flatten(),
        Dense(84, activation="tanh", name="f6"),
        RadialBasis(classes, trainable=False, name="output"),
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
        "form": {
            "tutorial": "in the form of the well-known tutorials, with max pooling and a softmax",
            "original": "in the original form, with a coefficient and a bias for each subsampled map, a second "
            "convolution that sees the maps of a table, and distances from fixed vectors as outputs",
        },
    },
    presets={"lenet5": {"F1": 8, "F2": 16}, "lenet5_1998": {"F1": 6, "F2": 16, "C": 1, "form": "original"}},
)
