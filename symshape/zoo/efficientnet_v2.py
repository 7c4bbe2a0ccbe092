"""EfficientNetV2: fused blocks first, then inverted residuals with gates."""

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
from symshape.zoo.blocks.scaling import multiplier, rounded, times
from symshape.zoo.family import STATISTICS, Family

__all__ = ["FAMILY", "efficientnet_v2"]

TAN = Source(
    "tan2021",
    "M. Tan and Q. V. Le, EfficientNetV2: smaller models and faster training, 2021 (arXiv:2104.00298)",
    "https://arxiv.org/abs/2104.00298",
)

Row = tuple[str, int, int, int, int]

# Table 4 of the paper (S) and its kin in the authors' code: the first width, and the stages as block, expansion, stride,
# channels, blocks. All kernels are 3 × 3.
TABLES: dict[str, tuple[int, tuple[Row, ...]]] = {
    "s": (
        24,
        (
            ("fused", 1, 1, 24, 2),
            ("fused", 4, 2, 48, 4),
            ("fused", 4, 2, 64, 4),
            ("mbconv", 4, 2, 128, 6),
            ("mbconv", 6, 1, 160, 9),
            ("mbconv", 6, 2, 256, 15),
        ),
    ),
    "m": (
        24,
        (
            ("fused", 1, 1, 24, 3),
            ("fused", 4, 2, 48, 5),
            ("fused", 4, 2, 80, 5),
            ("mbconv", 4, 2, 160, 7),
            ("mbconv", 6, 1, 176, 14),
            ("mbconv", 6, 2, 304, 18),
            ("mbconv", 6, 1, 512, 5),
        ),
    ),
    "l": (
        32,
        (
            ("fused", 1, 1, 32, 4),
            ("fused", 4, 2, 64, 7),
            ("fused", 4, 2, 96, 7),
            ("mbconv", 4, 2, 192, 10),
            ("mbconv", 6, 1, 224, 19),
            ("mbconv", 6, 2, 384, 25),
            ("mbconv", 6, 1, 640, 7),
        ),
    ),
    "b": (
        32,
        (
            ("fused", 1, 1, 16, 1),
            ("fused", 4, 2, 32, 2),
            ("fused", 4, 2, 48, 2),
            ("mbconv", 4, 2, 96, 3),
            ("mbconv", 6, 1, 112, 5),
            ("mbconv", 6, 2, 192, 8),
        ),
    ),
}


def efficientnet_v2(
    w: Any = "w",
    d: Any = "d",
    *,
    table: str = "s",
    preprocessing: bool = False,
    padding: str = "symmetric",
    statistics: str = "buffers",
    classes: Any = 1000,
    resolution: Any = 384,
) -> Network:
    """An EfficientNetV2 for images of H × W, the table's widths multiplied by w and its depths by d.

    >>> efficientnet_v2(1, 1).derive(H=384, W=384).params
    21458488
    """
    make = Convolutions(padding, statistics)
    wide, deep = multiplier(w), multiplier(d)
    first, rows = TABLES[table]

    def width(channels: int) -> Value:
        return rounded(channels * wide)

    def blocks(x: Tensor, number: int, taken: Value, kind: str, t: int, s: int, c: Value, n: int) -> Tensor:
        def fused(x: Tensor, taken: Value, s: int) -> Tensor:
            return make.fused(x, taken, t * taken, c, 3, s, activation="silu")

        def mbconv(x: Tensor, taken: Value, s: int) -> Tensor:
            squeezed = floor_div(taken, 4)
            gate = ("silu", "sigmoid")
            return make.inverted(x, taken, t * taken, c, 3, s, activation="silu", squeezed=squeezed, gate=gate)

        block = {"fused": fused, "mbconv": mbconv}[kind]
        return stage(x, f"stage{number}", times(n, deep), taken, c, s, block)

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    taken = width(first)
    x = Rescaling()(image) if preprocessing else image
    if preprocessing and table == "b":
        x = Normalization(mean=(3,), variance=(3,))(x)
    x = make.plain(x, taken, 3, 2, "silu")
    for number, (kind, t, s, channels, n) in enumerate(rows, 1):
        c = width(channels)
        x = blocks(x, number, taken, kind, t, s, c, n)
        taken = c
    x = make.plain(x, width(1280), activation="silu")
    return Network(image, Dense(classes)(GlobalAveragePooling2D()(x)))


_KERAS = {"preprocessing": True, "padding": "same", "statistics": "weights"}
_MEMBERS = {
    "efficientnet_v2_s": {"w": 1, "d": 1, "table": "s", "resolution": 384},
    "efficientnet_v2_m": {"w": 1, "d": 1, "table": "m", "resolution": 480},
    "efficientnet_v2_l": {"w": 1, "d": 1, "table": "l", "resolution": 480},
}
_SCALED = {
    "efficientnet_v2_b0": {"w": 1, "d": 1, "table": "b", "resolution": 224},
    "efficientnet_v2_b1": {"w": 1, "d": "1.1", "table": "b", "resolution": 240},
    "efficientnet_v2_b2": {"w": "1.1", "d": "1.2", "table": "b", "resolution": 260},
    "efficientnet_v2_b3": {"w": "1.2", "d": "1.4", "table": "b", "resolution": 300},
}

FAMILY = Family(
    name="efficientnet_v2",
    title="EfficientNetV2",
    source=TAN,
    build=efficientnet_v2,
    knobs={
        "w": "width multiplier: channels are rounded to multiples of 8 after it",
        "d": "depth multiplier: the blocks of a stage are rounded up after it",
        "table": {
            "s": "the stages of S (table 4 of the paper)",
            "m": "the stages of M",
            "l": "the stages of L",
            "b": "the stages of B0",
        },
        "preprocessing": {
            False: "images come normalized (torchvision)",
            True: "images are rescaled inside, by fixed numbers (Keras)",
        },
        "padding": PADDING,
        "statistics": STATISTICS,
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={**_MEMBERS, **{f"{name}_keras": {**knobs, **_KERAS} for name, knobs in {**_MEMBERS, **_SCALED}.items()}},
)
