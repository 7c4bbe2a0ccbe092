"""Feature pyramid networks: a ResNet's four maps, and a path back down that brings what the small ones know to the large.

Each map is projected to F features and gets the one above it, enlarged, added; a 3×3 convolution smooths the sum.
"""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source
from symshape.layers.conv import Conv2D
from symshape.layers.merge import Add
from symshape.layers.pool import MaxPooling2D
from symshape.layers.preprocessing import Resizing
from symshape.layers.resize import UpSampling2D
from symshape.network import Input, Network, Tensor
from symshape.zoo.family import STATISTICS, Family
from symshape.zoo.resnet import resnet

__all__ = ["FAMILY", "fpn"]

LIN = Source(
    "lin2017",
    "T.-Y. Lin, P. Dollár, R. Girshick, K. He, B. Hariharan and S. Belongie, Feature pyramid networks for object "
    "detection, 2017 (arXiv:1612.03144)",
    "https://arxiv.org/abs/1612.03144",
)


def fpn(
    n1: Any = "n1",
    n2: Any = "n2",
    n3: Any = "n3",
    n4: Any = "n4",
    w: Any = "w",
    F: Any = "F",
    *,
    block: str = "bottleneck",
    upsampling: str = "lateral",
    statistics: str = "frozen",
    resolution: Any = 800,
) -> Network:
    """A feature pyramid of F features over a ResNet with n1 … n4 blocks in its stages, for images of H × W.

    Its outputs are the pyramid's maps from the largest to the smallest, and the smallest one with a stride of 2.

    >>> fpn(3, 4, 6, 3, 64, 256).derive().params
    26799296
    """
    classifier = resnet(n1, n2, n3, n4, w, block=block, statistics=statistics, resolution=resolution)
    body = classifier.up_to(*(f"stage{stage}_others" for stage in (1, 2, 3, 4)))
    body.name = "body"

    def joined(above: Tensor, beside: Tensor, level: int) -> Tensor:
        """The map from above, enlarged, added to the one beside it; nothing is repeated to fit."""
        lateral = Input("H", "W", "F")
        if upsampling == "double":
            top = Input("H", "W", "F")
            above, larger = UpSampling2D(2, name=f"doubled{level}")(above), top
        else:
            top = Input("H_above", "W_above", "F")
            larger = Resizing("H", "W")(top)
        return Network((lateral, top), Add()([lateral, larger]), f"sum{level}")(beside, above)

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    maps = body(image)
    merged: Tensor | None = None
    pyramid: list[Tensor] = []
    for level in (5, 4, 3, 2):
        lateral = Conv2D(F, 1, name=f"lateral{level}")(maps[level - 2])
        merged = lateral if merged is None else joined(merged, lateral, level)
        pyramid.insert(0, Conv2D(F, 3, padding=1, name=f"smooth{level}")(merged))
    return Network(image, [*pyramid, MaxPooling2D(1, stride=2, name="smallest")(pyramid[-1])])


FAMILY = Family(
    name="fpn",
    title="Feature pyramid network on a ResNet",
    source=LIN,
    build=fpn,
    knobs={
        **{f"n{stage}": f"number of blocks in the ResNet's stage {stage}" for stage in (1, 2, 3, 4)},
        "w": "channels of the ResNet's first stage, doubled in each later one",
        "F": "features of the pyramid's maps",
        "block": {
            "bottleneck": "blocks of 1×1, 3×3 and 1×1 convolutions",
            "basic": "blocks of two 3×3 convolutions",
        },
        "upsampling": {
            "lateral": "maps are enlarged to the size of the one they are added to (torchvision)",
            "double": "maps are enlarged to twice their size (the paper)",
        },
        "statistics": {
            "frozen": "batch normalization is frozen: all its numbers are buffers (torchvision)",
            **STATISTICS,
        },
        "resolution": "height and width of the images it was made for",
    },
    presets={
        "resnet18_fpn": {"n1": 2, "n2": 2, "n3": 2, "n4": 2, "w": 64, "F": 256, "block": "basic"},
        "resnet50_fpn": {"n1": 3, "n2": 4, "n3": 6, "n4": 3, "w": 64, "F": 256},
        "resnet101_fpn": {"n1": 3, "n2": 4, "n3": 23, "n4": 3, "w": 64, "F": 256},
    },
    parts={
        "body": ("body",),
        "lateral connections": tuple(f"lateral{level}" for level in (2, 3, 4, 5)),
        "smoothing": tuple(f"smooth{level}" for level in (2, 3, 4, 5)),
    },
)
