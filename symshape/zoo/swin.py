"""Swin transformers: attention within windows of a map, which every other layer shifts, and four stages like a ResNet's.

A shift is cyclic: it moves numbers and costs nothing, so that both kinds of layers have the same sizes and costs. Version
2 normalizes after each part instead of before, compares queries and keys by their cosine, and computes the bias of
relative positions by a small network instead of keeping a table.
"""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source, as_value
from symshape.layers.attention_heads import AttentionHeads
from symshape.layers.constants import Parameter
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.merge import Add
from symshape.layers.norm import LayerNormalization
from symshape.layers.patches import JoinWindows, PatchEmbedding, Windows
from symshape.layers.pool import GlobalAveragePooling2D
from symshape.layers.reshape import Flatten
from symshape.layers.tensor_parts import Split, Take
from symshape.layers.tensor_shape import Transpose, View
from symshape.network import Input, Network, Tensor, given
from symshape.repeat import repeated
from symshape.zoo.family import Family

__all__ = ["FAMILY", "swin"]

LIU = Source(
    "liu2021",
    "Z. Liu et al., Swin transformer: hierarchical vision transformer using shifted windows, 2021 (arXiv:2103.14030)",
    "https://arxiv.org/abs/2103.14030",
)


def swin(
    n1: Any = "n1",
    n2: Any = "n2",
    n3: Any = "n3",
    n4: Any = "n4",
    w: Any = "w",
    h: Any = "h",
    M: Any = "M",
    *,
    version: int = 1,
    padding: str = "padded",
    mlp_ratio: Any = 4,
    classes: Any = 1000,
    resolution: Any = 224,
) -> Network:
    """A Swin transformer with n1 … n4 layers in its stages, of w, 2w, 4w and 8w features, for images of H × W.

    >>> swin(2, 2, 6, 2, 96, 3, 7).derive(H=224, W=224).params
    28288354
    """
    M = as_value(M)
    whole = padding == "whole"
    ways = 2 * M - 1  # how far apart two positions of a window can be along an axis, in either direction

    def bias(heads: Any) -> Tensor:
        """What is added to the scores of every pair of a window's positions."""
        if version == 1:
            table = given(Parameter((ways * ways, heads), weight="relative_position_bias_table", name="positions"))
        else:
            table = given(
                Parameter((1, ways, ways, 2), weight="relative_coords_table", buffer=True, name="coordinates")
            )
            table = Dense(heads, bias=False, name="positions_down")(
                Dense(512, activation="relu", name="positions_up")(table)
            )
            table = View((ways * ways, heads))(table)
        pairs = given(Parameter((M**4,), weight="relative_position_index", buffer=True, name="pairs"))
        return Transpose((2, 0, 1))(View((M * M, M * M, heads))(Take(0)(table, pairs)))

    def attention(x: Tensor, width: Any, heads: Any) -> Tensor:
        windows = Windows(M, whole=whole, name="windows")(x)
        q, k, v = Split(3, axis=-1, name="split")(Dense(3 * width, name="qkv")(windows))
        products = AttentionHeads(heads, scaled=version == 2, name="products")
        answers = Dense(width, name="output")(products(q, k, v, bias(heads)))
        return JoinWindows(("H", "W"), M, name="joined")(answers)

    def mlp(x: Tensor, width: Any) -> Tensor:
        return Dense(width, name="down")(Dense(as_value(mlp_ratio) * width, activation="gelu", name="up")(x))

    def layer(x: Tensor, width: Any, heads: Any) -> Tensor:
        for part in (
            Network.of(lambda x: attention(x, width, heads), "H", "W", "C", name="attention"),
            Network.of(lambda x: mlp(x, width), "H", "W", "C", name="mlp"),
        ):
            y = part(LayerNormalization()(x)) if version == 1 else LayerNormalization()(part(x))
            x = Add()([x, y])
        return x

    def merging(x: Tensor, width: Any) -> Tensor:
        """Each square of 2 × 2 positions becomes one, of twice as many features as one of them."""
        x = Flatten(3, 4)(Windows(2, whole=whole)(x))
        reduction = Dense(width, bias=False, name="reduction")
        return reduction(LayerNormalization()(x)) if version == 1 else LayerNormalization()(reduction(x))

    def stage(x: Tensor, number: int, layers: Any) -> Tensor:
        width, heads = (2 ** (number - 1) * as_value(size) for size in (w, h))
        if number > 1:
            x = Network.of(lambda x: merging(x, width), "H", "W", "C", name=f"merging{number}")(x)
        return repeated(lambda x: layer(x, width, heads), layers, "H", "W", "C", name=f"stage{number}")(x)

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    patches = PatchEmbedding(w, 4, name="patches") if whole else Conv2D(w, 4, stride=4, name="patches")
    x = LayerNormalization(name="patches_norm")(patches(image))
    for number, layers in enumerate((n1, n2, n3, n4), 1):
        x = stage(x, number, layers)
    return Network(image, Dense(classes, name="head")(GlobalAveragePooling2D()(LayerNormalization(name="norm")(x))))


_T, _S, _B = (
    {"n1": 2, "n2": 2, "n3": n3, "n4": 2, "w": w, "h": h} for n3, w, h in ((6, 96, 3), (18, 96, 3), (18, 128, 4))
)

FAMILY = Family(
    name="swin",
    title="Swin Transformer",
    source=LIU,
    build=swin,
    knobs={
        **{f"n{stage}": f"number of layers in stage {stage}" for stage in (1, 2, 3, 4)},
        "w": "features of the first stage, doubled in each later one",
        "h": "heads of the first stage, doubled in each later one",
        "M": "height and width of a window",
        "version": {
            1: "normalization before each part, a table of relative positions (version 1)",
            2: "normalization after each part, cosine attention, relative positions through a small network (version 2)",
        },
        "padding": {
            "padded": "maps are padded to whole windows and to even sizes for merging (torchvision)",
            "whole": "maps are made of whole windows, nothing is padded (the paper)",
        },
        "mlp_ratio": "features inside a layer's two dense layers, as a multiple of its features",
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={
        "swin_t": {**_T, "M": 7},
        "swin_s": {**_S, "M": 7},
        "swin_b": {**_B, "M": 7},
        "swin_v2_t": {**_T, "M": 8, "version": 2, "resolution": 256},
        "swin_v2_s": {**_S, "M": 8, "version": 2, "resolution": 256},
        "swin_v2_b": {**_B, "M": 8, "version": 2, "resolution": 256},
    },
    parts={
        "patches": ("patches",),
        "attention, linear": tuple(f"stage{s}/attention/{part}" for s in (1, 2, 3, 4) for part in ("qkv", "output")),
        "attention, products": tuple(f"stage{stage}/attention/products" for stage in (1, 2, 3, 4)),
        "feed-forward": tuple(f"stage{stage}/mlp" for stage in (1, 2, 3, 4)),
        "merging": tuple(f"merging{stage}" for stage in (2, 3, 4)),
        "classifier": ("head",),
    },
)
