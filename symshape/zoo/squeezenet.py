"""SqueezeNet: fire modules, a 1×1 convolution that squeezes the channels before 1×1 and 3×3 convolutions expand them."""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source, as_value
from symshape.layers.activation import Dropout
from symshape.layers.pool import GlobalAveragePooling2D, MaxPooling2D
from symshape.network import Input, Network, Tensor
from symshape.zoo.blocks.inception import Convolutions, Step, beside, block, chain
from symshape.zoo.family import Family

__all__ = ["FAMILY", "squeezenet"]

IANDOLA = Source(
    "iandola2016",
    "F. N. Iandola, S. Han, M. W. Moskewicz, K. Ashraf, W. J. Dally and K. Keutzer, SqueezeNet: AlexNet-level accuracy "
    "with 50x fewer parameters and <0.5MB model size, 2016 (arXiv:1602.07360), table 1",
    "https://arxiv.org/abs/1602.07360",
)


# The first convolution's filters and kernel, and the fire modules that have a pooling before them.
VERSIONS = {"1.0": (96, 7, (2, 5, 9)), "1.1": (64, 3, (2, 4, 6))}


def squeezenet(w: Any = "w", *, version: str = "1.0", classes: Any = 1000, resolution: Any = 224) -> Network:
    """SqueezeNet whose first two fire modules squeeze to w channels, for images of H × W.

    >>> squeezenet(16).derive(H=224, W=224).params
    1248424
    """
    conv = Convolutions(normalized=False)
    filters, kernel, pooled = VERSIONS[version]

    def pool(x: Tensor) -> Tensor:
        return MaxPooling2D(3, stride=2, ceil_mode=True)(x)

    def fire(number: int) -> Step:
        squeezed = number // 2 * as_value(w)
        expanded = beside(conv(4 * squeezed, 1), conv(4 * squeezed, 3))
        module = block(f"fire{number}", chain(conv(squeezed, 1), expanded))
        return chain(pool, module) if number in pooled else module

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = conv(filters, kernel, 2, padded=False)(image)
    x = chain(*map(fire, range(2, 10)))(x)
    return Network(image, GlobalAveragePooling2D()(conv(classes, 1)(Dropout()(x))))


FAMILY = Family(
    name="squeezenet",
    title="SqueezeNet",
    source=IANDOLA,
    build=squeezenet,
    knobs={
        "w": "channels that the first two fire modules squeeze to; w more in each later pair",
        "version": {
            "1.0": "a first convolution of 7 × 7, as in the paper",
            "1.1": "a first convolution of 3 × 3 and earlier pooling, as in the authors' later release",
        },
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={"squeezenet1_0": {"w": 16}, "squeezenet1_1": {"w": 16, "version": "1.1"}},
)
