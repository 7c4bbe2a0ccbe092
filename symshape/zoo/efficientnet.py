"""EfficientNet: one network, scaled in width, depth and resolution together."""

from __future__ import annotations

from typing import Any

from symshape.algebra.floors import floor_div
from symshape.algebra.poly import Value
from symshape.declaration import Source
from symshape.layers.activation import Rescaling
from symshape.layers.dense import Dense
from symshape.layers.norm import Normalization
from symshape.layers.pool import GlobalAveragePooling2D
from symshape.network import Input, Network, Tensor
from symshape.zoo.blocks.inverted import PADDING, Convolutions, stage
from symshape.zoo.blocks.scaling import make_divisible, multiplier, times
from symshape.zoo.family import STATISTICS, Family

__all__ = ["FAMILY", "efficientnet"]

TAN = Source(
    "tan2019",
    "M. Tan and Q. V. Le, EfficientNet: rethinking model scaling for convolutional neural networks, 2019 "
    "(arXiv:1905.11946)",
    "https://arxiv.org/abs/1905.11946",
)

# Table 1 of the paper, stages 2 to 8: expansion, kernel, stride, channels, blocks.
TABLE = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)


def efficientnet(
    w: Any = "w",
    d: Any = "d",
    *,
    head: str = "fourfold",
    preprocessing: bool = False,
    padding: str = "symmetric",
    statistics: str = "buffers",
    classes: Any = 1000,
    resolution: Any = 224,
) -> Network:
    """An EfficientNet for images of H × W: B0 with its widths multiplied by w and its depths by d.

    >>> efficientnet(1, 1).derive(H=224, W=224).params
    5288548
    """
    make = Convolutions(padding, statistics)
    wide, deep = multiplier(w), multiplier(d)

    def width(channels: int) -> Value:
        return make_divisible(channels * wide)

    def blocks(x: Tensor, number: int, taken: Value, t: int, k: int, s: int, c: Value, n: int) -> Tensor:
        def block(x: Tensor, taken: Value, s: int) -> Tensor:
            squeezed = floor_div(taken, 4)
            gate = ("silu", "sigmoid")
            return make.inverted(
                x, taken, t * taken, c, k, s, activation="silu", squeezed=squeezed, gate=gate, expands=t != 1
            )

        return stage(x, f"stage{number}", times(n, deep), taken, c, s, block)

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = Normalization()(Rescaling()(image)) if preprocessing else image
    taken = width(32)
    x = make.plain(x, taken, 3, 2, "silu")
    for number, (t, k, s, channels, n) in enumerate(TABLE, 2):
        c = width(channels)
        x = blocks(x, number, taken, t, k, s, c, n)
        taken = c
    x = make.plain(x, 4 * taken if head == "fourfold" else width(1280), activation="silu")
    return Network(image, Dense(classes)(GlobalAveragePooling2D()(x)))


# The members: width, depth and resolution, as in the authors' code.
_MEMBERS = {
    "efficientnet_b0": ("1", "1", 224),
    "efficientnet_b1": ("1", "1.1", 240),
    "efficientnet_b2": ("1.1", "1.2", 260),
    "efficientnet_b3": ("1.2", "1.4", 300),
    "efficientnet_b4": ("1.4", "1.8", 380),
    "efficientnet_b5": ("1.6", "2.2", 456),
    "efficientnet_b6": ("1.8", "2.6", 528),
    "efficientnet_b7": ("2", "3.1", 600),
}
_PRESETS = {name: {"w": w, "d": d, "resolution": r} for name, (w, d, r) in _MEMBERS.items()}
_KERAS = {"head": "scaled", "preprocessing": True, "padding": "same", "statistics": "weights"}

FAMILY = Family(
    name="efficientnet",
    title="EfficientNet",
    source=TAN,
    build=efficientnet,
    knobs={
        "w": "width multiplier: channels are rounded to multiples of 8 after it",
        "d": "depth multiplier: the blocks of a stage are rounded up after it",
        "head": {
            "fourfold": "the head is 4 times as wide as the last stage (torchvision)",
            "scaled": "the head's 1280 channels are scaled as all others (the authors' code, Keras)",
        },
        "preprocessing": {
            False: "images come normalized (torchvision)",
            True: "images are normalized inside, by 7 numbers that are not trained (Keras)",
        },
        "padding": PADDING,
        "statistics": STATISTICS,
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={**_PRESETS, **{f"{name}_keras": {**knobs, **_KERAS} for name, knobs in _PRESETS.items()}},
)
