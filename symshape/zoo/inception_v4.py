"""Inception v4: three stages of uniform blocks, A, B and C, with a reduction between them."""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source
from symshape.layers.dense import Dense
from symshape.layers.pool import GlobalAveragePooling2D
from symshape.network import Input, Network
from symshape.repeat import repeated
from symshape.zoo.blocks.inception import Convolutions, average, beside, block, chain, greatest
from symshape.zoo.family import STATISTICS, Family

__all__ = ["FAMILY", "SZEGEDY", "inception_v4"]

SZEGEDY = Source(
    "szegedy2017",
    "C. Szegedy, S. Ioffe, V. Vanhoucke and A. Alemi, Inception-v4, Inception-ResNet and the impact of residual "
    "connections on learning, 2017 (arXiv:1602.07261)",
    "https://arxiv.org/abs/1602.07261",
)


def inception_v4(
    n1: Any = "n1",
    n2: Any = "n2",
    n3: Any = "n3",
    *,
    statistics: str = "buffers",
    classes: Any = 1000,
    resolution: Any = 299,
) -> Network:
    """Inception v4 with n1 blocks A, n2 blocks B and n3 blocks C, for images of H × W.

    >>> inception_v4(4, 7, 3).derive(H=299, W=299).params
    42679816
    """
    conv = Convolutions(statistics)
    stem = chain(
        *(conv(32, 3, 2, padded=False), conv(32, 3, padded=False), conv(64, 3)),
        beside(greatest, conv(96, 3, 2, padded=False)),
        beside(
            chain(conv(64, 1), conv(96, 3, padded=False)),
            chain(conv(64, 1), conv(64, (1, 7)), conv(64, (7, 1)), conv(96, 3, padded=False)),
        ),
        beside(conv(192, 3, 2, padded=False), greatest),
    )
    block_a = beside(
        conv(96, 1),
        chain(conv(64, 1), conv(96, 3)),
        chain(conv(64, 1), conv(96, 3), conv(96, 3)),
        chain(average, conv(96, 1)),
    )
    reduction_a = beside(
        conv(384, 3, 2, padded=False),
        chain(conv(192, 1), conv(224, 3), conv(256, 3, 2, padded=False)),
        greatest,
    )
    block_b = beside(
        conv(384, 1),
        chain(conv(192, 1), conv(224, (1, 7)), conv(256, (7, 1))),
        chain(conv(192, 1), conv(192, (7, 1)), conv(224, (1, 7)), conv(224, (7, 1)), conv(256, (1, 7))),
        chain(average, conv(128, 1)),
    )
    reduction_b = beside(
        chain(conv(192, 1), conv(192, 3, 2, padded=False)),
        chain(conv(256, 1), conv(256, (1, 7)), conv(320, (7, 1)), conv(320, 3, 2, padded=False)),
        greatest,
    )
    wide_and_high = beside(conv(256, (1, 3)), conv(256, (3, 1)))
    block_c = beside(
        conv(256, 1),
        chain(conv(384, 1), wide_and_high),
        chain(conv(384, 1), conv(448, (3, 1)), conv(512, (1, 3)), wide_and_high),
        chain(average, conv(256, 1)),
    )
    body = chain(
        block("stem", stem),
        repeated(block_a, n1, "H", "W", "C", name="blocks_a"),
        block("reduction_a", reduction_a),
        repeated(block_b, n2, "H", "W", "C", name="blocks_b"),
        block("reduction_b", reduction_b),
        repeated(block_c, n3, "H", "W", "C", name="blocks_c"),
        *(GlobalAveragePooling2D(), Dense(classes)),
    )
    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    return Network(image, body(image))


FAMILY = Family(
    name="inception_v4_n",
    title="Inception v4",
    source=SZEGEDY,
    build=inception_v4,
    knobs={
        "n1": "number of blocks A, at about an eighth of the image's size",
        "n2": "number of blocks B, at about a sixteenth",
        "n3": "number of blocks C, at about a thirty-second",
        "statistics": STATISTICS,
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={"inception_v4": {"n1": 4, "n2": 7, "n3": 3}},
    parts={"blocks A": ("blocks_a",), "blocks B": ("blocks_b",), "blocks C": ("blocks_c",)},
)
