"""MaxViT: an inverted bottleneck, then attention within windows, then attention over a grid, in every layer.

A window's positions lie side by side, a grid's as far apart as there are windows: each position meets its neighbours, and
then some of the whole map, at a cost that grows with the map like a convolution's.
"""

from __future__ import annotations

from typing import Any

from symshape.algebra.floors import floor_div
from symshape.declaration import Source, as_value
from symshape.layers.activation import Activation
from symshape.layers.attention_heads import AttentionHeads
from symshape.layers.constants import Parameter
from symshape.layers.conv import Conv2D
from symshape.layers.dense import Dense
from symshape.layers.merge import Add, Multiply
from symshape.layers.norm import BatchNormalization, LayerNormalization
from symshape.layers.patches import JoinWindows, Windows
from symshape.layers.pool import AveragePooling2D, GlobalAveragePooling2D
from symshape.layers.tensor_parts import Split, Take
from symshape.layers.tensor_shape import Transpose, View
from symshape.network import Input, Network, Tensor, given
from symshape.repeat import repeated
from symshape.zoo.family import Family

__all__ = ["FAMILY", "maxvit"]

TU = Source(
    "tu2022",
    "Z. Tu et al., MaxViT: multi-axis vision transformer, 2022 (arXiv:2204.01697)",
    "https://arxiv.org/abs/2204.01697",
)


def maxvit(
    n1: Any = "n1",
    n2: Any = "n2",
    n3: Any = "n3",
    n4: Any = "n4",
    w: Any = "w",
    h: Any = "h",
    M: Any = 7,
    *,
    stem: Any = 64,
    classes: Any = 1000,
    resolution: Any = 224,
) -> Network:
    """A MaxViT with n1 … n4 layers in its stages, of w, 2w, 4w and 8w features, for images of H × W.

    >>> maxvit(2, 2, 5, 2, 64, 2, 7).derive(H=224, W=224).params
    30919624
    """
    M = as_value(M)

    def conv(x: Tensor, filters: Any, kernel: int, stride: int = 1, groups: Any = 1) -> Tensor:
        x = Conv2D(filters, kernel, stride=stride, padding=kernel // 2, groups=groups, bias=False)(x)
        return Activation("gelu")(BatchNormalization(statistics="buffers")(x))

    def gated(x: Tensor, channels: Any, width: Any) -> Tensor:
        gate = Conv2D(floor_div(width, 4), 1, activation="silu")(GlobalAveragePooling2D(keepdims=True)(x))
        return Multiply()([x, Conv2D(channels, 1, activation="sigmoid")(gate)])

    def bottleneck(x: Tensor, width: Any, stride: int, projected: bool) -> Tensor:
        wide = 4 * width
        y = conv(BatchNormalization(statistics="buffers")(x), wide, 1)
        y = gated(conv(y, wide, 3, stride, groups=wide), wide, width)
        if stride > 1:
            x = AveragePooling2D(3, stride=stride, padding=1)(x)
        return Add()([Conv2D(width, 1)(x) if projected else x, Conv2D(width, 1)(y)])

    def attention(x: Tensor, width: Any, heads: Any) -> Tensor:
        q, k, v = Split(3, axis=-1, name="split")(Dense(3 * width, name="qkv")(x))
        table = given(Parameter(((2 * M - 1) ** 2, heads), weight="relative_position_bias_table", name="positions"))
        pairs = given(Parameter((M * M, M * M), weight="relative_position_index", buffer=True, name="pairs"))
        bias = Transpose((2, 0, 1))(View((M * M, M * M, heads))(Take(0)(table, pairs)))
        answers = AttentionHeads(heads, name="products")(q, k, v, bias)
        return Dense(width, name="output")(answers)

    def mlp(x: Tensor, width: Any) -> Tensor:
        return Dense(width, name="down")(Dense(4 * width, activation="gelu", name="up")(x))

    def attending(x: Tensor, width: Any, heads: Any, spread: bool) -> Tensor:
        """A transformer's layer over the windows of a map, or over its grids."""
        y = Windows(M, whole=True, spread=spread, name="windows")(x)
        for part in (
            Network.of(lambda y: attention(y, width, heads), "H_M", "W_M", "L", "C", name="attention"),
            Network.of(lambda y: mlp(y, width), "H_M", "W_M", "L", "C", name="mlp"),
        ):
            y = Add()([y, part(LayerNormalization()(y))])
        return JoinWindows(("H", "W"), M, spread=spread, name="joined")(y)

    def layer(x: Tensor, width: Any, heads: Any, stride: int = 1, projected: bool = False) -> Tensor:
        x = Network.of(lambda x: bottleneck(x, width, stride, projected), "H", "W", "C", name="bottleneck")(x)
        for spread, name in ((False, "window"), (True, "grid")):
            part = Network.of(lambda x, spread=spread: attending(x, width, heads, spread), "H", "W", "C", name=name)
            x = part(x)
        return x

    def stage(x: Tensor, number: int, layers: Any) -> Tensor:
        width, heads = (2 ** (number - 1) * as_value(size) for size in (w, h))
        first = Network.of(lambda x: layer(x, width, heads, 2, True), "H", "W", "C", name=f"stage{number}_first")
        others = repeated(
            lambda x: layer(x, width, heads), as_value(layers) - 1, "H", "W", "C", name=f"stage{number}_others"
        )
        return others(first(x))

    image = Input("H", "W", 3, given=(resolution, resolution, 3))
    x = Conv2D(stem, 3, padding=1)(conv(image, stem, 3, 2))
    for number, layers in enumerate((n1, n2, n3, n4), 1):
        x = stage(x, number, layers)
    x = LayerNormalization()(GlobalAveragePooling2D()(x))
    x = Dense(8 * as_value(w), activation="tanh", name="before_head")(x)
    return Network(image, Dense(classes, bias=False, name="head")(x))


_STAGES = tuple(f"stage{stage}_{which}" for stage in (1, 2, 3, 4) for which in ("first", "others"))
_PARTITIONED = tuple(f"{stage}/{kind}" for stage in _STAGES for kind in ("window", "grid"))

FAMILY = Family(
    name="maxvit",
    title="MaxViT",
    source=TU,
    build=maxvit,
    knobs={
        **{f"n{stage}": f"number of layers in stage {stage}" for stage in (1, 2, 3, 4)},
        "w": "features of the first stage, doubled in each later one",
        "h": "heads of the first stage, doubled in each later one",
        "M": "height and width of a window, and of a grid",
        "stem": "channels of the two convolutions before the stages",
        "classes": "number of classes",
        "resolution": "height and width of the images it was made for",
    },
    presets={"maxvit_t": {"n1": 2, "n2": 2, "n3": 5, "n4": 2, "w": 64, "h": 2}},
    parts={
        "convolutions": tuple(f"{stage}/bottleneck" for stage in _STAGES),
        "attention, linear": tuple(f"{kind}/attention/{part}" for kind in _PARTITIONED for part in ("qkv", "output")),
        "attention, products": tuple(f"{kind}/attention/products" for kind in _PARTITIONED),
        "feed-forward": tuple(f"{kind}/mlp" for kind in _PARTITIONED),
    },
)
