"""GoogLeNet (Inception v1): nine blocks of convolutions of several sizes side by side, with two auxiliary classifiers."""

from __future__ import annotations

from typing import Any

from symshape.declaration import Layer, Source
from symshape.layers.activation import Dropout, ReLU
from symshape.layers.adaptive import AdaptiveAveragePooling2D
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.norm import BatchNormalization
from symshape.layers.norm_more import LocalResponseNormalization
from symshape.layers.pool import AveragePooling2D, GlobalAveragePooling2D, MaxPooling2D
from symshape.layers.reshape import Flatten
from symshape.layers.training_only import TrainingOnly
from symshape.network import Input, Network, Tensor
from symshape.zoo.blocks.inception import Convolutions, Step, beside, block, chain
from symshape.zoo.family import Family

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
    *, form: str = "normalized", auxiliary: str = "kept", classes: Any = 1000, resolution: Any = 224
) -> Network:
    """GoogLeNet for images of H × W.

    >>> googlenet().derive().params, googlenet(auxiliary="none").derive().params
    (13004888, 6624904)
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

    def classifier(entering: int) -> tuple[Layer, ...]:
        """An auxiliary classifier, made for the 14 × 14 maps of the fourth stage."""
        norm = (BatchNormalization(statistics="buffers", in_channels=128),) if normalized else ()
        return (
            AdaptiveAveragePooling2D((4, 4)) if normalized else AveragePooling2D(5, stride=3),
            *(Conv2D(128, 1, bias=not normalized, in_channels=entering), *norm, ReLU(), Flatten()),
            *(Dense(1024, in_features=4 * 4 * 128), ReLU(), Dropout(0.7), Dense(classes, in_features=1024)),
        )

    def with_classifier(x: Tensor, entering: int, name: str) -> tuple[Tensor, list[Tensor]]:
        if auxiliary == "kept":
            return TrainingOnly(classifier(entering), name=name)(x), []
        return x, [block(name, chain(*classifier(entering)))(x)] if auxiliary == "run" else []

    stem = chain(
        *(conv(64, 7, 2), pool(3), response_normalized),
        *(conv(64, 1), conv(192, 3), response_normalized, pool(3)),
    )
    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = chain(block("stem", stem), inception("3a"), inception("3b"), pool(3), inception("4a"))(image)
    x, first = with_classifier(x, 512, "auxiliary_1")
    x = chain(inception("4b"), inception("4c"), inception("4d"))(x)
    x, second = with_classifier(x, 528, "auxiliary_2")
    x = chain(inception("4e"), pool(2 if normalized else 3), inception("5a"), inception("5b"))(x)
    x = Dense(classes)(Dropout(0.4)(GlobalAveragePooling2D()(x)))
    return Network(image, [x, *second, *first])


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
            "kept": "the auxiliary classifiers' weights are kept, only training runs them (torchvision)",
            "run": "the auxiliary classifiers are run too, as in training",
            "none": "without auxiliary classifiers",
        },
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={"googlenet": {}, "googlenet_2015": {"form": "2015"}},
    parts={"auxiliary classifiers": ("auxiliary_1", "auxiliary_2")},
)
