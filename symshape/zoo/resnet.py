"""ResNet and what grew from it: ResNeXt's groups, wide ResNets, squeeze-and-excitation.

A stage's first block brings the map to the stage's size and width, with a convolution on the shortcut; the others keep
both and add what they compute to what they take.
"""

from __future__ import annotations

from typing import Any

from symshape.algebra.floors import floor_div
from symshape.algebra.poly import divide
from symshape.declaration import Source, as_value
from symshape.layers.activation import Activation, ReLU
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.merge import Add, Multiply
from symshape.layers.norm import BatchNormalization
from symshape.layers.pool import GlobalAveragePooling2D, MaxPooling2D
from symshape.network import Input, Network, Tensor
from symshape.repeat import repeated
from symshape.zoo.family import STATISTICS, Family

__all__ = ["FAMILY", "resnet"]

HE = Source(
    "he2016",
    "K. He, X. Zhang, S. Ren and J. Sun, Deep residual learning for image recognition, 2016 (arXiv:1512.03385)",
    "https://arxiv.org/abs/1512.03385",
)


def resnet(
    n1: Any = "n1",
    n2: Any = "n2",
    n3: Any = "n3",
    n4: Any = "n4",
    w: Any = "w",
    *,
    block: str = "bottleneck",
    groups: Any = 1,
    group_width: Any = 64,
    stride_in: str = "3x3",
    conv_bias: bool = False,
    squeeze: Any = None,
    statistics: str = "buffers",
    classes: Any = 1000,
    resolution: Any = 224,
) -> Network:
    """A ResNet with n1 … n4 blocks in its stages, of w, 2w, 4w and 8w channels, for images of H × W.

    >>> resnet(3, 4, 6, 3, 64).derive(H=224, W=224).macs
    4089184256
    """

    def conv(x: Tensor, filters: Any, kernel: int, stride: int = 1, groups: Any = 1) -> Tensor:
        x = Conv2D(filters, kernel, stride=stride, padding=kernel // 2, groups=groups, bias=conv_bias)(x)
        return BatchNormalization(statistics=statistics)(x)

    def bottleneck(x: Tensor, width: Any, stride: int) -> Tensor:
        inner = floor_div(width * as_value(group_width), 64) * as_value(groups)
        x = ReLU()(conv(x, inner, 1, stride if stride_in == "1x1" else 1))
        x = ReLU()(conv(x, inner, 3, stride if stride_in == "3x3" else 1, groups))
        return conv(x, 4 * width, 1)

    def basic(x: Tensor, width: Any, stride: int) -> Tensor:
        return conv(ReLU()(conv(x, width, 3, stride)), width, 3)

    computed, growth = (bottleneck, 4) if block == "bottleneck" else (basic, 1)

    def gated(x: Tensor, channels: Any) -> Tensor:
        gate = GlobalAveragePooling2D(keepdims=True)(x)
        gate = ReLU()(Conv2D(divide(as_value(channels), as_value(squeeze)), 1)(gate))
        return Multiply()([x, Activation("sigmoid")(Conv2D(channels, 1)(gate))])

    def residual(x: Tensor, width: Any, stride: int = 1, projected: bool = False) -> Tensor:
        y = computed(x, width, stride)
        if squeeze is not None:
            y = gated(y, growth * width)
        return ReLU()(Add()([conv(x, growth * width, 1, stride) if projected else x, y]))

    def stage(x: Tensor, number: int, blocks: Any) -> Tensor:
        width, stride = 2 ** (number - 1) * as_value(w), 1 if number == 1 else 2
        projected = stride > 1 or growth > 1
        first = Network.of(lambda x: residual(x, width, stride, projected), "H", "W", "C", name=f"stage{number}_first")
        others = repeated(
            lambda x: residual(x, width), as_value(blocks) - 1, "H", "W", "C", name=f"stage{number}_others"
        )
        return others(first(x))

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = MaxPooling2D(3, stride=2, padding=1)(ReLU()(conv(image, w, 7, 2)))
    for number, blocks in enumerate((n1, n2, n3, n4), 1):
        x = stage(x, number, blocks)
    return Network(image, Dense(classes)(GlobalAveragePooling2D()(x)))


_50, _101, _152 = ({"n1": 3, "n2": n2, "n3": n3, "n4": 3, "w": 64} for n2, n3 in ((4, 6), (4, 23), (8, 36)))
_KERAS = {"stride_in": "1x1", "conv_bias": True, "statistics": "weights"}

FAMILY = Family(
    name="resnet",
    title="ResNet",
    source=HE,
    build=resnet,
    knobs={
        **{f"n{stage}": f"number of blocks in stage {stage}" for stage in (1, 2, 3, 4)},
        "w": "channels of the first stage, doubled in each later one",
        "block": {
            "bottleneck": "blocks of 1×1, 3×3 and 1×1 convolutions",
            "basic": "blocks of two 3×3 convolutions",
        },
        "groups": "groups of the 3×3 convolution (ResNeXt's cardinality)",
        "group_width": "channels of each group, in the stage that is 64 wide",
        "stride_in": {
            "3x3": "the block that halves the map strides in its 3×3 convolution (torchvision)",
            "1x1": "the block that halves the map strides in its first 1×1 convolution (the paper, Keras)",
        },
        "conv_bias": {False: "convolutions have no bias (torchvision)", True: "convolutions have a bias (Keras)"},
        "squeeze": "reduction of squeeze-and-excitation gates; None for none",
        "statistics": STATISTICS,
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        "resnet18": {"n1": 2, "n2": 2, "n3": 2, "n4": 2, "w": 64, "block": "basic"},
        "resnet34": {"n1": 3, "n2": 4, "n3": 6, "n4": 3, "w": 64, "block": "basic"},
        "resnet50": _50,
        "resnet101": _101,
        "resnet152": _152,
        "resnext50_32x4d": {**_50, "groups": 32, "group_width": 4},
        "resnext101_32x8d": {**_101, "groups": 32, "group_width": 8},
        "resnext101_64x4d": {**_101, "groups": 64, "group_width": 4},
        "wide_resnet50_2": {**_50, "group_width": 128},
        "wide_resnet101_2": {**_101, "group_width": 128},
        "seresnet50": {**_50, "squeeze": 16},
        "resnet50_keras": {**_50, **_KERAS},
        "resnet101_keras": {**_101, **_KERAS},
        "resnet152_keras": {**_152, **_KERAS},
    },
)
