"""Inception v3: large convolutions factorized into small and asymmetric ones.

Three kinds of blocks, one for each size of the map (the paper's figures 5, 6 and 7), with a reduction between them.
"""

from __future__ import annotations

from typing import Any

from symshape.declaration import Layer, Source
from symshape.layers.activation import Dropout, ReLU
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.norm import BatchNormalization
from symshape.layers.pool import AveragePooling2D, GlobalAveragePooling2D
from symshape.layers.training_only import TrainingOnly
from symshape.network import Input, Network
from symshape.zoo.blocks.inception import Convolutions, Step, average, beside, block, chain, greatest
from symshape.zoo.family import STATISTICS, Family

__all__ = ["FAMILY", "inception_v3"]

SZEGEDY = Source(
    "szegedy2016",
    "C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, Rethinking the Inception architecture for computer "
    "vision, 2016 (arXiv:1512.00567), table 1",
    "https://arxiv.org/abs/1512.00567",
)


def inception_v3(
    *,
    auxiliary: str = "kept",
    scale: bool = True,
    statistics: str = "buffers",
    classes: Any = 1000,
    resolution: Any = 299,
) -> Network:
    """Inception v3 for images of H × W.

    >>> d = inception_v3().derive(H=299, W=299)
    >>> d.params, d.macs
    (27161264, 5713216096)
    """
    conv = Convolutions(statistics, scale)

    def mixed_5(pooled: Any) -> Step:
        return beside(
            conv(64, 1),
            chain(conv(48, 1), conv(64, 5)),
            chain(conv(64, 1), conv(96, 3), conv(96, 3)),
            chain(average, conv(pooled, 1)),
        )

    def mixed_6(c: Any) -> Step:
        return beside(
            conv(192, 1),
            chain(conv(c, 1), conv(c, (1, 7)), conv(192, (7, 1))),
            chain(conv(c, 1), conv(c, (7, 1)), conv(c, (1, 7)), conv(c, (7, 1)), conv(192, (1, 7))),
            chain(average, conv(192, 1)),
        )

    wide_and_high = beside(conv(384, (1, 3)), conv(384, (3, 1)))
    mixed_7 = beside(
        conv(320, 1),
        chain(conv(384, 1), wide_and_high),
        chain(conv(448, 1), conv(384, 3), wide_and_high),
        chain(average, conv(192, 1)),
    )
    stem = chain(
        conv(32, 3, 2, padded=False),
        conv(32, 3, padded=False),
        conv(64, 3),
        greatest,
        conv(80, 1),
        conv(192, 3, padded=False),
        greatest,
    )
    to_17 = beside(
        conv(384, 3, 2, padded=False),
        chain(conv(64, 1), conv(96, 3), conv(96, 3, 2, padded=False)),
        greatest,
    )
    to_8 = beside(
        chain(conv(192, 1), conv(320, 3, 2, padded=False)),
        chain(conv(192, 1), conv(192, (1, 7)), conv(192, (7, 1)), conv(192, 3, 2, padded=False)),
        greatest,
    )
    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = block("stem", stem)(image)
    for letter, pooled in zip("bcd", (32, 64, 64), strict=True):
        x = block(f"mixed_5{letter}", mixed_5(pooled))(x)
    x = block("mixed_6a", to_17)(x)
    for letter, c in zip("bcde", (128, 160, 160, 192), strict=True):
        x = block(f"mixed_6{letter}", mixed_6(c))(x)
    classifier = _classifier(classes, scale, statistics)
    second = [block("auxiliary", chain(*classifier))(x)] if auxiliary == "run" else []
    if auxiliary == "kept":
        x = TrainingOnly(classifier, name="auxiliary")(x)
    x = block("mixed_7a", to_8)(x)
    for letter in "bc":
        x = block(f"mixed_7{letter}", mixed_7)(x)
    return Network(image, [Dense(classes)(Dropout()(GlobalAveragePooling2D()(x))), *second])


def _classifier(classes: Any, scale: bool, statistics: str) -> tuple[Layer, ...]:
    """The auxiliary classifier, over the last map of 17 × 17."""

    def conv(entering: int, filters: int, kernel: int) -> tuple[Layer, ...]:
        return (
            Conv2D(filters, kernel, bias=False, in_channels=entering),
            BatchNormalization(scale=scale, statistics=statistics, in_channels=filters),
            ReLU(),
        )

    return (
        AveragePooling2D(5, stride=3),
        *conv(768, 128, 1),
        *conv(128, 768, 5),
        GlobalAveragePooling2D(),
        Dense(classes, in_features=768),
    )


FAMILY = Family(
    name="inception_v3",
    title="Inception v3",
    source=SZEGEDY,
    build=inception_v3,
    knobs={
        "auxiliary": {
            "kept": "the auxiliary classifier's weights are kept, only training runs it (torchvision)",
            "run": "the auxiliary classifier is run too, as in training",
            "none": "without auxiliary classifier (Keras)",
        },
        "scale": {True: "batch normalization scales (torchvision)", False: "batch normalization only shifts (Keras)"},
        "statistics": STATISTICS,
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        "inception_v3": {},
        "inception_v3_keras": {"auxiliary": "none", "scale": False, "statistics": "weights"},
    },
    parts={"auxiliary classifier": ("auxiliary",)},
)
