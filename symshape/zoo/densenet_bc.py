"""DenseNet-BC for small images (CIFAR, SVHN): three dense blocks, L layers deep in all."""

from __future__ import annotations

from typing import Any

from symshape.algebra.poly import Value, divide
from symshape.declaration import as_value
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.pool import GlobalAveragePooling2D
from symshape.network import Input, Network
from symshape.zoo.densenet import HUANG, DenseLayers
from symshape.zoo.family import STATISTICS, Family

__all__ = ["FAMILY", "densenet_bc"]


def densenet_bc(
    L: Any = "L",
    k: Any = "k",
    *,
    theta: Any = "0.5",
    statistics: str = "buffers",
    classes: Any = 10,
    resolution: Any = 32,
) -> Network:
    """A DenseNet-BC of depth L for images of H × W: its three blocks have (L − 4)/6 layers each.

    >>> densenet_bc(100, 12).derive(H=32, W=32).params
    769162
    """
    make = DenseLayers(k, theta, statistics)
    layers = divide(as_value(L) - 4, 6)  # two convolutions in each; four more in the stem, two transitions and the head
    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    channels: Value = 2 * make.k
    x = Conv2D(channels, 3, padding=1, bias=False)(image)
    for number in (1, 2, 3):
        if number > 1:
            x = make.transition(x, channels, f"transition{number - 1}")
            channels = make.kept(channels)
        x = make.block(x, layers, f"block{number}")
        channels = channels + layers * make.k
    return Network(image, Dense(classes)(GlobalAveragePooling2D()(make.active(x))))


FAMILY = Family(
    name="densenet_bc",
    title="DenseNet-BC for small images",
    source=HUANG,
    build=densenet_bc,
    knobs={
        "L": "depth: the layers with weights on the longest path, 4 more than a multiple of 6",
        "k": "growth rate: maps that each layer adds",
        "theta": "compression: the share of channels that a transition keeps",
        "statistics": STATISTICS,
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={f"densenet_bc_{L}_{k}": {"L": L, "k": k} for L, k in ((100, 12), (250, 24), (190, 40))},
)
