"""MobileNetV2: inverted residual blocks with linear bottlenecks."""

from __future__ import annotations

from typing import Any

from symshape.algebra.extrema import max_of
from symshape.algebra.floors import floor_div
from symshape.algebra.poly import Value
from symshape.declaration import Source
from symshape.layers.dense import Dense
from symshape.layers.pool import GlobalAveragePooling2D
from symshape.network import Input, Network, Tensor
from symshape.zoo.blocks.inverted import PADDING, Convolutions, stage
from symshape.zoo.blocks.scaling import make_divisible, multiplier
from symshape.zoo.family import STATISTICS, Family

__all__ = ["FAMILY", "mobilenetv2"]

SANDLER = Source(
    "sandler2018",
    "M. Sandler, A. Howard, M. Zhu, A. Zhmoginov and L.-C. Chen, MobileNetV2: inverted residuals and linear "
    "bottlenecks, 2018 (arXiv:1801.04381)",
    "https://arxiv.org/abs/1801.04381",
)

# Table 2 of the paper: expansion t, channels c, blocks n, stride s.
TABLE = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


def mobilenetv2(
    alpha: Any = "alpha",
    *,
    cut: bool = False,
    padding: str = "symmetric",
    statistics: str = "buffers",
    classes: Any = 1000,
    resolution: Any = 224,
) -> Network:
    """A MobileNetV2 for images of H × W, its widths multiplied by alpha.

    >>> mobilenetv2(1).derive(H=224, W=224).params
    3504872
    """
    make = Convolutions(padding, statistics)
    scale = multiplier(alpha)

    def bottlenecks(x: Tensor, number: int, taken: Value, t: int, c: Value, n: int, s: int) -> Tensor:
        def block(x: Tensor, taken: Value, s: int) -> Tensor:
            return make.inverted(x, taken, t * taken, c, 3, s, activation="relu6", expands=t != 1)

        return stage(x, f"stage{number}", n, taken, c, s, block)

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    taken = make_divisible(32 * scale)
    x = make.plain(image, taken, 3, 2, "relu6")
    for number, (t, channels, n, s) in enumerate(TABLE, 1):
        c = make_divisible(floor_div(channels * scale, 1) if cut else channels * scale)
        x = bottlenecks(x, number, taken, t, c, n, s)
        taken = c
    x = make.plain(x, max_of(1280, make_divisible(1280 * scale)), activation="relu6")
    return Network(image, Dense(classes)(GlobalAveragePooling2D()(x)))


_ALPHAS = ("0.35", "0.5", "0.75", "1", "1.3", "1.4")
_KERAS = {"cut": True, "padding": "same", "statistics": "weights"}


def _suffix(alpha: str) -> str:
    return "" if alpha == "1" else f"_{round(100 * float(alpha)):03}"


FAMILY = Family(
    name="mobilenetv2",
    title="MobileNetV2",
    source=SANDLER,
    build=mobilenetv2,
    knobs={
        "alpha": "width multiplier: channels are rounded to multiples of 8 after it",
        "cut": {
            False: "scaled channels are rounded as they come (torchvision)",
            True: "scaled channels of the blocks are cut to whole numbers first (Keras)",
        },
        "padding": PADDING,
        "statistics": STATISTICS,
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        **{f"mobilenet_v2{_suffix(alpha)}": {"alpha": alpha} for alpha in _ALPHAS},
        **{f"mobilenet_v2{_suffix(alpha)}_keras": {"alpha": alpha, **_KERAS} for alpha in _ALPHAS},
    },
)
