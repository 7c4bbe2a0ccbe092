"""Vision transformers: an image as a sequence of patches, with a token that gathers what is told about the class.

DeiT is the same network; with a distillation token it has a second token, which learns from a teacher, and a second
classifier over it, and answers with the mean of both.
"""

from __future__ import annotations

from typing import Any

from symshape.algebra.floors import floor_div
from symshape.declaration import Source, as_value
from symshape.layers.attention_heads import AttentionHeads
from symshape.layers.constants import Parameter
from symshape.layers.dense import Dense
from symshape.layers.merge import Add, Average, Concatenate
from symshape.layers.norm import LayerNormalization
from symshape.layers.patches import PatchEmbedding
from symshape.layers.preprocessing import Resizing
from symshape.layers.reshape import Flatten
from symshape.layers.slicing import Select
from symshape.layers.tensor_arithmetic import Arithmetic
from symshape.layers.tensor_extent import Expand
from symshape.layers.tensor_parts import Split
from symshape.layers.tensor_shape import View
from symshape.network import Input, Network, Tensor, given
from symshape.repeat import repeated
from symshape.zoo.family import Family

__all__ = ["FAMILY", "vit"]

DOSOVITSKIY = Source(
    "dosovitskiy2021",
    "A. Dosovitskiy et al., An image is worth 16x16 words: transformers for image recognition at scale, 2021 "
    "(arXiv:2010.11929)",
    "https://arxiv.org/abs/2010.11929",
)


def vit(
    n: Any = "n",
    d: Any = "d",
    h: Any = "h",
    P: Any = "P",
    *,
    mlp_ratio: Any = 4,
    distilled: bool = False,
    positions: str = "native",
    classes: Any = 1000,
    resolution: Any = 224,
) -> Network:
    """A ViT of n layers with d features and h heads, over patches of P × P of images of H × W.

    >>> vit(12, 768, 12, 16).derive(H=224, W=224).macs
    17563828224
    """
    d, P = as_value(d), as_value(P)
    tokens = 2 if distilled else 1

    def attention(x: Tensor) -> Tensor:
        q, k, v = Split(3, axis=-1, name="split")(Dense(3 * d, name="qkv")(x))
        answers = AttentionHeads(h, name="products")(q, k, v)
        return Dense(d, name="output")(answers)

    def mlp(x: Tensor) -> Tensor:
        return Dense(d, name="down")(Dense(as_value(mlp_ratio) * d, activation="gelu", name="up")(x))

    def layer(x: Tensor) -> Tensor:
        x = Add()([x, Network.of(attention, "L", "d", name="attention")(LayerNormalization()(x))])
        return Add()([x, Network.of(mlp, "L", "d", name="mlp")(LayerNormalization()(x))])

    def learned(rows: Any, name: str) -> Tensor:
        return given(Parameter((1, rows, d), name=name))

    def positions_of() -> Tensor:
        """The learned position of every token of the map of patches."""
        if positions == "native":
            return learned(as_value("H*W") + tokens, "positions")
        side = floor_div(as_value(resolution), P)
        own, over = Split(sizes=(tokens, side * side), axis=1)(learned(side * side + tokens, "positions"))
        over = Resizing("H", "W", name="interpolated")(View((0, side, side, d))(over))
        return Concatenate(axis=1)([own, Flatten(1, 2)(over)])

    def embedding(x: Tensor) -> Tensor:
        names = ("class_token", "distillation_token")[:tokens]
        own = [Expand(("N", -1, -1))(learned(1, name)) for name in names]
        return Arithmetic("add")(Concatenate(axis=1)([*own, Flatten(1, 2)(x)]), positions_of())

    def classifier(x: Tensor) -> Tensor:
        names = ("head", "distillation_head")[:tokens]
        answers = [Dense(classes, name=name)(Select(1, place)(x)) for place, name in enumerate(names)]
        return Average()(answers) if distilled else answers[0]

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = PatchEmbedding(d, P, name="patches")(image)
    x = Network.of(embedding, "H", "W", "d", name="embedding")(x)
    x = LayerNormalization(name="norm")(repeated(layer, n, "L", "d", name="encoder")(x))
    return Network(image, Network.of(classifier, "L", "d", name="classifier")(x))


_B, _L, _H = (
    {"n": 12, "d": 768, "h": 12},
    {"n": 24, "d": 1024, "h": 16},
    {"n": 32, "d": 1280, "h": 16},
)
_DEIT = {
    "deit_tiny": {"n": 12, "d": 192, "h": 3, "P": 16},
    "deit_small": {"n": 12, "d": 384, "h": 6, "P": 16},
    "deit_base": {**_B, "P": 16},
}

FAMILY = Family(
    name="vit",
    title="Vision Transformer",
    source=DOSOVITSKIY,
    build=vit,
    knobs={
        "n": "number of layers",
        "d": "features of a token",
        "h": "number of heads",
        "P": "height and width of a patch",
        "mlp_ratio": "features inside a layer's two dense layers, as a multiple of d",
        "distilled": {
            False: "a class token and one classifier",
            True: "a class token and a distillation token, each with a classifier, whose answers are averaged (DeiT)",
        },
        "positions": {
            "native": "one learned position for each token of an H × W image (a trained network's table fixes the size)",
            "interpolated": "positions learned at the native resolution, interpolated to the patches of an H × W image",
        },
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        "vit_b_16": {**_B, "P": 16},
        "vit_b_32": {**_B, "P": 32},
        "vit_l_16": {**_L, "P": 16},
        "vit_l_32": {**_L, "P": 32},
        "vit_h_14": {**_H, "P": 14},
        **_DEIT,
        **{f"{name}_distilled": {**knobs, "distilled": True} for name, knobs in _DEIT.items()},
    },
    parts={
        "patches": ("patches",),
        "tokens and positions": ("embedding",),
        "attention, linear": ("encoder/attention/qkv", "encoder/attention/output"),
        "attention, products": ("encoder/attention/products",),
        "feed-forward": ("encoder/mlp",),
        "classifier": ("classifier",),
    },
)
