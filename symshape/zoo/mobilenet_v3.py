"""MobileNetV3: inverted residuals found by search, with gates and hard swishes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from symshape.algebra.extrema import max_of
from symshape.algebra.floors import floor_div
from symshape.algebra.poly import Value
from symshape.declaration import Source
from symshape.layers.activation import Activation, Rescaling
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.pool import GlobalAveragePooling2D
from symshape.layers.reshape import Flatten
from symshape.network import Input, Network, Tensor
from symshape.zoo.blocks.inverted import PADDING, Convolutions
from symshape.zoo.blocks.scaling import make_divisible, multiplier
from symshape.zoo.family import STATISTICS, Family

__all__ = ["FAMILY", "mobilenet_v3"]

HOWARD = Source(
    "howard2019",
    "A. Howard et al., Searching for MobileNetV3, 2019 (arXiv:1905.02244)",
    "https://arxiv.org/abs/1905.02244",
)

_RE, _HS = "relu", "hard_swish"

# Tables 1 and 2 of the paper: kernel, expanded channels, channels, gate, activation, stride; then the last layer's width.
TABLES: dict[str, tuple[tuple[tuple[int, int, int, bool, str, int], ...], int]] = {
    "large": (
        (
            (3, 16, 16, False, _RE, 1),
            (3, 64, 24, False, _RE, 2),
            (3, 72, 24, False, _RE, 1),
            (5, 72, 40, True, _RE, 2),
            (5, 120, 40, True, _RE, 1),
            (5, 120, 40, True, _RE, 1),
            (3, 240, 80, False, _HS, 2),
            (3, 200, 80, False, _HS, 1),
            (3, 184, 80, False, _HS, 1),
            (3, 184, 80, False, _HS, 1),
            (3, 480, 112, True, _HS, 1),
            (3, 672, 112, True, _HS, 1),
            (5, 672, 160, True, _HS, 2),
            (5, 960, 160, True, _HS, 1),
            (5, 960, 160, True, _HS, 1),
        ),
        1280,
    ),
    "small": (
        (
            (3, 16, 16, True, _RE, 2),
            (3, 72, 24, False, _RE, 2),
            (3, 88, 24, False, _RE, 1),
            (5, 96, 40, True, _HS, 2),
            (5, 240, 40, True, _HS, 1),
            (5, 240, 40, True, _HS, 1),
            (5, 120, 48, True, _HS, 1),
            (5, 144, 48, True, _HS, 1),
            (5, 288, 96, True, _HS, 2),
            (5, 576, 96, True, _HS, 1),
            (5, 576, 96, True, _HS, 1),
        ),
        1024,
    ),
}


def mobilenet_v3(
    alpha: Any = "alpha",
    *,
    table: str = "large",
    scaling: str = "each",
    padding: str = "symmetric",
    statistics: str = "buffers",
    classes: Any = 1000,
    resolution: Any = 224,
) -> Network:
    """A MobileNetV3 for images of H × W, its widths multiplied by alpha.

    Below alpha = 1/8, where different widths of the table round to one, torchvision leaves expansions out; here they stay.

    >>> mobilenet_v3(1).derive(H=224, W=224).params
    5483032
    """
    make = Convolutions(padding, statistics)
    scale = multiplier(alpha)
    rows, last = TABLES[table]

    def width(channels: int) -> Value:
        return make_divisible(channels * scale)

    def block(x: Tensor, c: int, k: int, e: int, f: int, se: bool, activation: str, s: int) -> Tensor:
        taken = width(c) if x is not entering else stem
        expanded = width(e) if scaling == "each" else make_divisible(taken * Fraction(e, c))
        squeezed = make_divisible(floor_div(expanded, 4)) if se else 0
        gate = ("relu", "hard_sigmoid")
        return make.inverted(
            x, taken, expanded, width(f), k, s, activation=activation, squeezed=squeezed, gate=gate, expands=e != c
        )

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = Rescaling()(image) if scaling == "chained" else image
    stem: Value = width(16) if scaling == "each" else 16
    x = entering = make.plain(x, stem, 3, 2, _HS)
    c = 16
    for k, e, f, se, activation, s in rows:
        x = block(x, c, k, e, f, se, activation, s)
        c = f
    x = make.plain(x, 6 * width(c), activation=_HS)
    if scaling == "each":
        x = Dense(width(last), activation=_HS)(GlobalAveragePooling2D()(x))
        return Network(image, Dense(classes)(x))
    x = Conv2D(max_of(last, width(last)), 1)(GlobalAveragePooling2D(keepdims=True)(x))
    return Network(image, Flatten()(Conv2D(classes, 1)(Activation(_HS)(x))))


_KERAS = {"scaling": "chained", "padding": "same", "statistics": "weights"}
_MEMBERS = {
    f"mobilenet_v3_{table}{suffix}": {"alpha": alpha, "table": table}
    for table in TABLES
    for alpha, suffix in (("1", ""), ("0.75", "_075"))
}

FAMILY = Family(
    name="mobilenet_v3",
    title="MobileNetV3",
    source=HOWARD,
    build=mobilenet_v3,
    knobs={
        "alpha": "width multiplier: channels are rounded to multiples of 8 after it",
        "table": {"large": "the paper's table 1 (large)", "small": "the paper's table 2 (small)"},
        "scaling": {
            "each": "every width of the table is scaled, the last layer's too (torchvision)",
            "chained": "an expansion is a factor of the scaled width before it; the first width is 16, and the last "
            "layer is widened only; values are rescaled inside (Keras)",
        },
        "padding": PADDING,
        "statistics": STATISTICS,
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={**_MEMBERS, **{f"{name}_keras": {**knobs, **_KERAS} for name, knobs in _MEMBERS.items()}},
)
