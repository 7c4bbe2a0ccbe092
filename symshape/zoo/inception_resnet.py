"""Inception-ResNet v2: three stages of residual blocks whose branches are brought together by a 1×1 convolution."""

from __future__ import annotations

from typing import Any

from symshape.declaration import as_value
from symshape.layers.activation import ReLU, Rescaling
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.merge import Add
from symshape.layers.pool import GlobalAveragePooling2D
from symshape.network import Input, Network, Tensor
from symshape.repeat import repeated
from symshape.zoo.blocks.inception import Convolutions, Step, average, beside, block, chain, greatest
from symshape.zoo.family import STATISTICS, Family
from symshape.zoo.inception_v4 import SZEGEDY

__all__ = ["FAMILY", "inception_resnet"]


def inception_resnet(
    n1: Any = "n1",
    n2: Any = "n2",
    n3: Any = "n3",
    *,
    scale: bool = True,
    statistics: str = "buffers",
    classes: Any = 1000,
    resolution: Any = 299,
) -> Network:
    """Inception-ResNet v2 with n1 blocks A, n2 blocks B and n3 blocks C, for images of H × W.

    >>> inception_resnet(10, 20, 10).derive(H=299, W=299).params
    55843464
    """
    conv = Convolutions(statistics, scale)

    def residual(branches: Step, channels: int) -> Step:
        scaled = chain(branches, Conv2D(channels, 1), Rescaling())
        return lambda x: Add()([x, scaled(x)])

    stem = chain(
        *(conv(32, 3, 2, padded=False), conv(32, 3, padded=False), conv(64, 3), greatest),
        *(conv(80, 1), conv(192, 3, padded=False), greatest),
    )
    mixed_5b = beside(
        conv(96, 1),
        chain(conv(48, 1), conv(64, 5)),
        chain(conv(64, 1), conv(96, 3), conv(96, 3)),
        chain(average, conv(64, 1)),
    )
    block_a = beside(
        conv(32, 1),
        chain(conv(32, 1), conv(32, 3)),
        chain(conv(32, 1), conv(48, 3), conv(64, 3)),
    )
    reduction_a = beside(
        conv(384, 3, 2, padded=False),
        chain(conv(256, 1), conv(256, 3), conv(384, 3, 2, padded=False)),
        greatest,
    )
    block_b = beside(
        conv(192, 1),
        chain(conv(128, 1), conv(160, (1, 7)), conv(192, (7, 1))),
    )
    reduction_b = beside(
        chain(conv(256, 1), conv(384, 3, 2, padded=False)),
        chain(conv(256, 1), conv(288, 3, 2, padded=False)),
        chain(conv(256, 1), conv(288, 3), conv(320, 3, 2, padded=False)),
        greatest,
    )
    block_c = beside(
        conv(192, 1),
        chain(conv(192, 1), conv(224, (1, 3)), conv(256, (3, 1))),
    )

    def stage(name: str, branches: Step, channels: int, blocks: Any) -> Step:
        def rectified(x: Tensor) -> Tensor:
            return ReLU()(residual(branches, channels)(x))

        return repeated(rectified, as_value(blocks), "H", "W", "C", name=name)

    body = chain(
        block("stem", stem),
        block("mixed_5b", mixed_5b),
        stage("blocks_a", block_a, 320, n1),
        block("reduction_a", reduction_a),
        stage("blocks_b", block_b, 1088, n2),
        block("reduction_b", reduction_b),
        stage("blocks_c", block_c, 2080, as_value(n3) - 1),
        block("last_block_c", residual(block_c, 2080)),
        *(conv(1536, 1), GlobalAveragePooling2D(), Dense(classes)),
    )
    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    return Network(image, body(image))


FAMILY = Family(
    name="inception_resnet",
    title="Inception-ResNet v2",
    source=SZEGEDY,
    build=inception_resnet,
    knobs={
        "n1": "number of blocks A, at about an eighth of the image's size",
        "n2": "number of blocks B, at about a sixteenth",
        "n3": "number of blocks C, at about a thirty-second; the last one without ReLU",
        "scale": {True: "batch normalization scales (timm)", False: "batch normalization only shifts (Keras)"},
        "statistics": STATISTICS,
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        "inception_resnet_v2": {"n1": 10, "n2": 20, "n3": 10},
        "inception_resnet_v2_keras": {"n1": 10, "n2": 20, "n3": 10, "scale": False, "statistics": "weights"},
    },
    parts={"blocks A": ("blocks_a",), "blocks B": ("blocks_b",), "blocks C": ("blocks_c", "last_block_c")},
)
