"""LayoutLMv2: one encoder over the tokens of a page and a small map of its image.

What the image's backbone makes of the image (ResNeXt-101 with a feature pyramid, pooled) enters here: the backbone itself
is no part of this family.
"""

from __future__ import annotations

from typing import Any

from symshape.algebra.poly import divide
from symshape.declaration import Source, as_value
from symshape.layers.attention_heads import AttentionHeads, RelativePositionBias
from symshape.layers.constants import Constant, Parameter
from symshape.layers.dense import Dense
from symshape.layers.embedding import Embedding, PositionEmbedding
from symshape.layers.merge import Add, Concatenate
from symshape.layers.norm import LayerNormalization
from symshape.layers.reshape import Flatten
from symshape.layers.slicing import Select
from symshape.layers.tensor_arithmetic import Arithmetic
from symshape.layers.tensor_parts import Split
from symshape.network import Input, Network, Tensor, given
from symshape.repeat import Repeat
from symshape.zoo.blocks.transformer import (
    STEP,
    feed_forward,
    for_each_example,
    normalized_after,
    place_on_page,
    pooled,
)
from symshape.zoo.family import Family

__all__ = ["FAMILY", "layoutlmv2"]

XU = Source(
    "xu2021",
    "Y. Xu et al., LayoutLMv2: multi-modal pre-training for visually-rich document understanding, 2021 (arXiv:2012.14740)",
    "https://arxiv.org/abs/2012.14740",
)


def layoutlmv2(
    n: Any = "n",
    d: Any = "d",
    h: Any = "h",
    V: Any = "V",
    T: Any = "T",
    R: Any = "R",
    d_xy: Any = "d_xy",
    d_ff: Any = None,
    *,
    side: Any = 7,
    channels: Any = 256,
    segments: Any = 2,
    buckets: Any = 32,
    buckets_on_page: Any = 64,
    length: Any = 512,
) -> Network:
    """LayoutLMv2 behind its image backbone: n layers of d features and h heads, for L tokens out of V and a map."""
    hidden = 4 * as_value(d) if d_ff is None else as_value(d_ff)
    extent = divide(as_value(d) - 4 * as_value(d_xy), 2)
    cells = as_value(side) * as_value(side)

    def embedding(tokens: Tensor, boxes: Tensor, types: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens and cells of the map in one row, and the boxes of all; both use the same tables of places."""
        position, placed = PositionEmbedding(T, d, name="position"), place_on_page(R, d_xy, extent)
        page = Concatenate(name="page")
        text = [Embedding(V, d, name="token")(tokens), position(tokens), page(placed(boxes))]
        text.append(Embedding(segments, d, name="segment")(types))
        numbers = for_each_example(given(Constant((1, cells), name="cell_numbers")), 1, "every_cell_number")
        frames = for_each_example(given(Constant((1, cells, 4), name="cell_boxes")), 2, "every_cell_box")
        seen = Dense(d, name="projection")(Flatten(1, 2, name="in_a_row")(features))
        image = [seen, position(numbers), page(placed(frames))]
        row = [LayerNormalization(name="norm")(Add()(text)), LayerNormalization(name="image_norm")(Add()(image))]
        return Concatenate(1, name="joined")(row), Concatenate(1, name="boxes_joined")([boxes, frames])

    def biases(x: Tensor, boxes: Tensor) -> Tensor:
        """What each pair of positions adds to the scores: their distance in reading order, across and down the page."""
        across, down = (Select(2, place, name=name)(boxes) for place, name in ((0, "left"), (3, "lower")))
        return Add()(
            [
                RelativePositionBias(h, buckets, rows="heads", name="reading")(x),
                RelativePositionBias(h, buckets_on_page, rows="heads", name="across")(across),
                RelativePositionBias(h, buckets_on_page, rows="heads", name="down")(down),
            ]
        )

    def attention() -> Network:
        """Keys have no bias: it would change no weight of attention."""
        x, bias = Input("L", d), Input(h, "L", "L")
        query, key, value = Split(3, axis=-1)(Dense(3 * as_value(d), bias=False, name="query_key_value")(x))
        query, value = (
            Arithmetic("add", name=f"{name}_shifted")(
                array, given(Parameter((1, 1, d), weight="bias", name=f"{name}_bias"))
            )
            for name, array in (("query", query), ("value", value))
        )
        made = Dense(d, name="output")(AttentionHeads(h, name="heads")(query, key, value, bias))
        return Network((x, bias), LayerNormalization()(Add()([x, made])), "attention")

    def layer() -> Network:
        x, bias = Input("L", d), Input(h, "L", "L")
        y = normalized_after(attention()(x, bias), d, "feed_forward", lambda x: feed_forward(x, d, hidden))
        return Network((x, bias), y, "encoder")

    shapes: dict[str, tuple[Any, ...]] = {
        "tokens": ("L",),
        "boxes": ("L", 4),
        "segments": ("L",),
        "features": (side, side, channels),
    }
    known = {"features": ()}
    inputs = tuple(
        Input(*shape, given=known.get(name, (length, None)[: len(shape)]), name=name) for name, shape in shapes.items()
    )
    inner = tuple(Input(*shape) for shape in shapes.values())
    x, boxes = Network(inner, embedding(*inner), "embedding")(*inputs)
    row, frames = Input("L", d), Input("L", 4)
    bias = Network((row, frames), biases(row, frames), "position_biases")(x, boxes)
    x = Repeat(layer(), n)(x, bias)
    return Network(inputs, [x, pooled(x, d)])


FAMILY = Family(
    name="layoutlmv2",
    title="LayoutLMv2 without its image backbone",
    source=XU,
    build=layoutlmv2,
    knobs={
        "n": "number of encoder layers",
        "d": "features of each token and of each cell of the map",
        "h": "heads of attention in each layer",
        "V": "number of different tokens",
        "T": "most positions that a text may have",
        "R": "places along each side of the page",
        "d_xy": "features of each of a box's four sides; its height and width share what is left of d",
        "d_ff": "features between the two layers of a feed-forward network; 4·d if not given",
        "side": "height and width of the map that the image's backbone gives",
        "channels": "channels of that map",
        "segments": "number of different segments",
        "buckets": "buckets that distances in reading order are sorted into",
        "buckets_on_page": "buckets that distances across and down the page are sorted into",
        "length": "number of tokens that costs are shown for",
    },
    presets={
        "layoutlmv2_base_encoder": {"n": 12, "d": 768, "h": 12, "V": 30522, "T": 512, "R": 1024, "d_xy": 128},
        "layoutlmv2_large_encoder": {"n": 24, "d": 1024, "h": 16, "V": 30522, "T": 512, "R": 1024, "d_xy": 171},
    },
    parts={
        "embedding": ("embedding",),
        "position biases": ("position_biases",),
        "attention": ("encoder/attention",),
        "feed-forward": ("encoder/feed_forward",),
        "pooler": ("pooler",),
    },
    estimates=(STEP,),
)
