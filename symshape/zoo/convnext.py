"""ConvNeXt: a residual network modernized step by step towards a vision transformer."""

from __future__ import annotations

from typing import Any

from symshape.algebra.poly import Value
from symshape.declaration import Source, as_value
from symshape.layers.activation import Activation
from symshape.layers.constants import Parameter
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.merge import Add
from symshape.layers.norm import LayerNormalization, Normalization
from symshape.layers.pool import GlobalAveragePooling2D
from symshape.layers.tensor_arithmetic import Arithmetic
from symshape.layers.tensor_shape import Squeeze
from symshape.network import Input, Network, Tensor, given
from symshape.repeat import repeated
from symshape.zoo.family import Family

__all__ = ["FAMILY", "convnext"]

LIU = Source(
    "liu2022",
    "Z. Liu, H. Mao, C.-Y. Wu, C. Feichtenhofer, T. Darrell and S. Xie, A ConvNet for the 2020s, 2022 "
    "(arXiv:2201.03545)",
    "https://arxiv.org/abs/2201.03545",
)


def convnext(
    n1: Any = "n1",
    n2: Any = "n2",
    n3: Any = "n3",
    n4: Any = "n4",
    w: Any = "w",
    *,
    layer_scale: str = "Cx1x1",
    preprocessing: bool = False,
    classes: Any = 1000,
    resolution: Any = 224,
) -> Network:
    """A ConvNeXt with n1 … n4 blocks in its stages, of w, 2w, 4w and 8w channels, for images of H × W.

    >>> convnext(3, 3, 9, 3, 96).derive(H=224, W=224).params
    28589128
    """

    def scale(channels: Value) -> Tensor:
        if layer_scale == "C":
            return given(Parameter((channels,)))
        return Squeeze((1, 2))(given(Parameter((channels, 1, 1))))

    def block(x: Tensor, channels: Value) -> Tensor:
        y = Conv2D(channels, 7, padding=3, groups=channels)(x)
        y = Dense(4 * channels)(LayerNormalization()(y))
        y = Dense(channels)(Activation("gelu")(y))
        return Add()([x, Arithmetic("multiply")(y, scale(channels))])

    def stage(x: Tensor, number: int, blocks: Any) -> Tensor:
        channels = 2 ** (number - 1) * as_value(w)
        if number > 1:
            x = Conv2D(channels, 2, stride=2)(LayerNormalization()(x))
        return repeated(lambda x: block(x, channels), blocks, "H", "W", "C", name=f"stage{number}")(x)

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = Normalization(mean=(3,), variance=(3,))(image) if preprocessing else image
    x = LayerNormalization()(Conv2D(w, 4, stride=4)(x))
    for number, blocks in enumerate((n1, n2, n3, n4), 1):
        x = stage(x, number, blocks)
    return Network(image, Dense(classes)(LayerNormalization()(GlobalAveragePooling2D()(x))))


_DEPTHS, _KERAS = ("n1", "n2", "n3", "n4"), {"layer_scale": "C", "preprocessing": True}
_SIZES = {"tiny": (3, 3, 9, 3, 96), "small": (3, 3, 27, 3, 96), "base": (3, 3, 27, 3, 128), "large": (3, 3, 27, 3, 192)}
_KERAS_SIZES = {**_SIZES, "xlarge": (3, 3, 27, 3, 256)}


def _knobs(sizes: tuple[int, ...]) -> dict[str, Any]:
    return dict(zip((*_DEPTHS, "w"), sizes, strict=True))


FAMILY = Family(
    name="convnext",
    title="ConvNeXt",
    source=LIU,
    build=convnext,
    knobs={
        **{f"n{stage}": f"number of blocks in stage {stage}" for stage in (1, 2, 3, 4)},
        "w": "channels of the first stage, doubled in each later one",
        "layer_scale": {
            "Cx1x1": "a block's scale of C channels is kept as C×1×1 (torchvision)",
            "C": "a block's scale of C channels is kept as C (the authors' code, Keras)",
        },
        "preprocessing": {
            False: "images come normalized (torchvision)",
            True: "images are normalized inside, by fixed numbers (Keras)",
        },
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        **{f"convnext_{size}": _knobs(sizes) for size, sizes in _SIZES.items()},
        **{f"convnext_{size}_keras": {**_knobs(sizes), **_KERAS} for size, sizes in _KERAS_SIZES.items()},
    },
)
