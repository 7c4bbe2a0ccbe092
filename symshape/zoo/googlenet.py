"""GoogLeNet (Inception v1): nine blocks of convolutions of several sizes side by side, with two auxiliary classifiers."""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source
from symshape.layers.activation import Dropout, ReLU
from symshape.layers.adaptive import AdaptiveAveragePooling2D
from symshape.layers.dense import Dense
from symshape.layers.norm_more import LocalResponseNormalization
from symshape.layers.pool import AveragePooling2D, GlobalAveragePooling2D, MaxPooling2D
from symshape.layers.reshape import Flatten
from symshape.network import Input, Network, Tensor
from symshape.zoo.family import Family
from symshape.zoo.inception_blocks import Convolutions, Step, beside, block, chain

__all__ = ["FAMILY", "googlenet"]

SZEGEDY = Source(
    "szegedy2015",
    "C. Szegedy, W. Liu, Y. Jia, P. Sermanet, S. Reed, D. Anguelov, D. Erhan, V. Vanhoucke and A. Rabinovich, Going "
    "deeper with convolutions, 2015 (arXiv:1409.4842), table 1",
    "https://arxiv.org/abs/1409.4842",
)

# #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj
BLOCKS = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def googlenet(
    *, form: str = "normalized", auxiliary: bool = True, classes: Any = 1000, resolution: Any = 224
) -> Network:
    """GoogLeNet for images of H × W.

    >>> googlenet(auxiliary=False).derive(H=224, W=224).params
    6624904
    """
    normalized = form == "normalized"
    conv = Convolutions(normalized=normalized)
    large = 3 if normalized else 5

    def pool(size: int) -> Step:
        return lambda x: MaxPooling2D(size, stride=2, ceil_mode=True)(x)

    def response_normalized(x: Tensor) -> Tensor:
        return x if normalized else LocalResponseNormalization(5)(x)

    def greatest_around(x: Tensor) -> Tensor:
        return MaxPooling2D(3, stride=1, padding=1)(x)

    def inception(name: str) -> Step:
        alone, before_3, of_3, before_5, of_5, pooled = BLOCKS[name]
        branches = beside(
            conv(alone, 1),
            chain(conv(before_3, 1), conv(of_3, 3)),
            chain(conv(before_5, 1), conv(of_5, large)),
            chain(greatest_around, conv(pooled, 1)),
        )
        return block(f"inception_{name}", branches)

    def classifier(name: str) -> Step:
        pool = AdaptiveAveragePooling2D(4) if normalized else AveragePooling2D(5, stride=3)
        head = chain(pool, conv(128, 1), Flatten(), Dense(1024), ReLU(), Dropout(0.7), Dense(classes))
        return block(name, head)

    stem = chain(
        *(conv(64, 7, 2), pool(3), response_normalized),
        *(conv(64, 1), conv(192, 3), response_normalized, pool(3)),
    )
    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = chain(block("stem", stem), inception("3a"), inception("3b"), pool(3), inception("4a"))(image)
    first = classifier("auxiliary_1")(x)
    x = chain(inception("4b"), inception("4c"), inception("4d"))(x)
    second = classifier("auxiliary_2")(x)
    x = chain(inception("4e"), pool(2 if normalized else 3), inception("5a"), inception("5b"))(x)
    x = Dense(classes)(Dropout(0.4)(GlobalAveragePooling2D()(x)))
    return Network(image, [x, second, first] if auxiliary else x)


FAMILY = Family(
    name="googlenet",
    title="GoogLeNet (Inception v1)",
    source=SZEGEDY,
    build=googlenet,
    knobs={
        "form": {
            "normalized": "batch normalization after each convolution, 3 × 3 convolutions where the paper has 5 × 5, "
            "auxiliary classifiers on maps averaged to 4 × 4 (torchvision)",
            "2015": "the paper's form: convolutions with bias, response normalization in the stem, 5 × 5 convolutions",
        },
        "auxiliary": {
            True: "with both auxiliary classifiers",
            False: "without auxiliary classifiers",
        },
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={"googlenet": {}, "googlenet_2015": {"form": "2015"}},
)
