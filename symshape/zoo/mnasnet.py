"""MNASNet: inverted residuals found by a search that measures time on a phone."""

from __future__ import annotations

from typing import Any

from symshape.algebra.poly import Value
from symshape.declaration import Source
from symshape.layers.dense import Dense
from symshape.layers.pool import GlobalAveragePooling2D
from symshape.network import Input, Network, Tensor
from symshape.zoo.blocks.inverted import PADDING, Convolutions, stage
from symshape.zoo.blocks.scaling import make_divisible, multiplier
from symshape.zoo.family import STATISTICS, Family

__all__ = ["FAMILY", "mnasnet"]

TAN = Source(
    "tan2018",
    "M. Tan, B. Chen, R. Pang, V. Vasudevan, M. Sandler, A. Howard and Q. V. Le, MnasNet: platform-aware neural "
    "architecture search for mobile, 2019 (arXiv:1807.11626)",
    "https://arxiv.org/abs/1807.11626",
)

# The B1 variant, without gates: expansion, kernel, stride, channels, blocks.
TABLE = ((3, 3, 2, 24, 3), (3, 5, 2, 40, 3), (6, 5, 2, 80, 3), (6, 3, 1, 96, 2), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1))


def mnasnet(
    alpha: Any = "alpha",
    *,
    padding: str = "symmetric",
    statistics: str = "buffers",
    classes: Any = 1000,
    resolution: Any = 224,
) -> Network:
    """An MNASNet-B1 for images of H × W, its widths multiplied by alpha.

    >>> mnasnet(1).derive(H=224, W=224).params
    4383312
    """
    make = Convolutions(padding, statistics)
    scale = multiplier(alpha)

    def blocks(x: Tensor, number: int, taken: Value, t: int, k: int, s: int, c: Value, n: int) -> Tensor:
        def block(x: Tensor, taken: Value, s: int) -> Tensor:
            return make.inverted(x, taken, t * taken, c, k, s, activation="relu")

        return stage(x, f"stage{number}", n, taken, c, s, block)

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = make.plain(image, make_divisible(32 * scale), 3, 2, "relu")
    taken = make_divisible(16 * scale)
    x = make.plain(make.depthwise(x, 3, 1, "relu"), taken)
    for number, (t, k, s, channels, n) in enumerate(TABLE, 1):
        c = make_divisible(channels * scale)
        x = blocks(x, number, taken, t, k, s, c, n)
        taken = c
    x = make.plain(x, 1280, activation="relu")
    return Network(image, Dense(classes)(GlobalAveragePooling2D()(x)))


FAMILY = Family(
    name="mnasnet",
    title="MNASNet-B1",
    source=TAN,
    build=mnasnet,
    knobs={
        "alpha": "width multiplier: channels are rounded to multiples of 8 after it",
        "padding": PADDING,
        "statistics": STATISTICS,
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        "mnasnet0_5": {"alpha": "0.5"},
        "mnasnet0_75": {"alpha": "0.75"},
        "mnasnet1_0": {"alpha": "1"},
        "mnasnet1_3": {"alpha": "1.3"},
    },
)
