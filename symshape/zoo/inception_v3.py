"""Inception v3: large convolutions factorized into small and asymmetric ones.

Three kinds of blocks, one for each size of the map (the paper's figures 5, 6 and 7), with a reduction between them.
"""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source
from symshape.layers.activation import Dropout
from symshape.layers.dense import Dense
from symshape.layers.pool import AveragePooling2D, GlobalAveragePooling2D
from symshape.network import Input, Network
from symshape.zoo.family import STATISTICS, Family
from symshape.zoo.inception_blocks import Convolutions, Step, average, beside, block, chain, greatest

__all__ = ["FAMILY", "inception_v3"]

SZEGEDY = Source(
    "szegedy2016",
    "C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, Rethinking the Inception architecture for computer "
    "vision, 2016 (arXiv:1512.00567), table 1",
    "https://arxiv.org/abs/1512.00567",
)


def inception_v3(
    *,
    auxiliary: bool = True,
    scale: bool = True,
    statistics: str = "buffers",
    classes: Any = 1000,
    resolution: Any = 299,
) -> Network:
    """Inception v3 for images of H × W.

    >>> inception_v3(auxiliary=False).derive(H=299, W=299).macs
    5713216096
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
    classifier = chain(
        AveragePooling2D(5, stride=3),
        conv(128, 1),
        conv(768, 5, padded=False),
        GlobalAveragePooling2D(),
        Dense(classes),
    )

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = block("stem", stem)(image)
    for letter, pooled in zip("bcd", (32, 64, 64), strict=True):
        x = block(f"mixed_5{letter}", mixed_5(pooled))(x)
    x = block("mixed_6a", to_17)(x)
    for letter, c in zip("bcde", (128, 160, 160, 192), strict=True):
        x = block(f"mixed_6{letter}", mixed_6(c))(x)
    beside_it = [block("auxiliary", classifier)(x)] if auxiliary else []
    x = block("mixed_7a", to_8)(x)
    for letter in "bc":
        x = block(f"mixed_7{letter}", mixed_7)(x)
    return Network(image, [Dense(classes)(Dropout()(GlobalAveragePooling2D()(x))), *beside_it])


FAMILY = Family(
    name="inception_v3",
    title="Inception v3",
    source=SZEGEDY,
    build=inception_v3,
    knobs={
        "auxiliary": {
            True: "with the auxiliary classifier (torchvision)",
            False: "without auxiliary classifier (Keras)",
        },
        "scale": {True: "batch normalization scales (torchvision)", False: "batch normalization only shifts (Keras)"},
        "statistics": STATISTICS,
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        "inception_v3": {},
        "inception_v3_keras": {"auxiliary": False, "scale": False, "statistics": "weights"},
    },
)
