"""LeNet-5: two convolutions with pooling, then three dense layers.

The form used here is the one of the well-known Keras tutorials (RGB input, 8 and 16 filters, max pooling, ReLU), after
Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document recognition, 1998.
"""

from __future__ import annotations

from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.pool import MaxPooling2D
from symshape.layers.reshape import Flatten
from symshape.network import Input, Network, Sequential

__all__ = ["MODELS", "lenet5"]


def lenet5() -> Network:
    """The tutorial's LeNet-5 for H × W RGB images, made for 32 × 32.

    >>> lenet5().derive(H=32, W=32).params
    62958
    """
    return Sequential(
        Input("H", "W", 3, given=(32, 32, 3)),
        Conv2D(8, 5, activation="relu"),
        MaxPooling2D(2),
        Conv2D(16, 5, activation="relu"),
        MaxPooling2D(2),
        Flatten(),
        Dense(120, activation="relu"),
        Dense(84, activation="relu"),
        Dense(10, activation="softmax"),
        name="lenet5",
    )


MODELS = {"lenet5": lenet5}
