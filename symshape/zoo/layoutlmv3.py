"""LayoutLMv3: one encoder over the tokens of a page and the patches of its image, both told where they are."""

from __future__ import annotations

from typing import Any

from symshape.algebra.floors import floor_div
from symshape.algebra.poly import divide
from symshape.declaration import Source, as_value
from symshape.layers.attention_heads import RelativePositionBias
from symshape.layers.constants import Constant, Parameter
from symshape.layers.conv import Conv2D
from symshape.layers.embedding import Embedding, PositionEmbedding
from symshape.layers.merge import Add, Concatenate
from symshape.layers.norm import LayerNormalization
from symshape.layers.reshape import Flatten
from symshape.layers.slicing import Select
from symshape.layers.tensor_arithmetic import Arithmetic
from symshape.network import Input, Network, Tensor, given
from symshape.repeat import Repeat
from symshape.zoo.blocks.transformer import (
    STEP,
    attended,
    feed_forward,
    for_each_example,
    normalized_after,
    place_on_page,
)
from symshape.zoo.family import Family

__all__ = ["FAMILY", "layoutlmv3"]

HUANG = Source(
    "huang2022",
    "Y. Huang et al., LayoutLMv3: pre-training for document AI with unified text and image masking, 2022 "
    "(arXiv:2204.08387)",
    "https://arxiv.org/abs/2204.08387",
)


def layoutlmv3(
    n: Any = "n",
    d: Any = "d",
    h: Any = "h",
    V: Any = "V",
    T: Any = "T",
    R: Any = "R",
    d_xy: Any = "d_xy",
    d_ff: Any = None,
    *,
    segments: Any = 2,
    patch: Any = 16,
    image: Any = 224,
    buckets: Any = 32,
    buckets_on_page: Any = 64,
    length: Any = 510,
) -> Network:
    """LayoutLMv3 with n layers of d features and h heads, for L tokens out of V with boxes in R places, and an image.

    >>> layoutlmv3(12, 768, 12, 50265, 512, 1024, 128).derive().params
    125326208
    """
    hidden = 4 * as_value(d) if d_ff is None else as_value(d_ff)
    extent = divide(as_value(d) - 4 * as_value(d_xy), 2)
    side = floor_div(as_value(image), as_value(patch))
    visual = side * side + 1

    def text(tokens: Tensor, boxes: Tensor) -> Tensor:
        page = Concatenate(name="page")(place_on_page(R, d_xy, extent)(boxes))
        first = for_each_example(given(Constant((1, "L"), name="first_segment")), 1, "segments")
        added = [
            Embedding(V, d, name="token")(tokens),
            Embedding(segments, d, name="segment")(first),
            PositionEmbedding(T, d, offset=2, name="position")(tokens),
            page,
        ]
        return LayerNormalization()(Add()(added))

    def patches(pixels: Tensor) -> Tensor:
        x = Flatten(1, 2, name="in_a_row")(Conv2D(d, patch, stride=patch, name="patch")(pixels))
        token = for_each_example(given(Parameter((1, 1, d), name="class_token")), 2, "every_class_token")
        x = Concatenate(1, name="tokens")([token, x])
        x = Arithmetic("add", name="placed")(x, given(Parameter((1, visual, d), name="position")))
        return LayerNormalization()(x)

    def biases(x: Tensor, boxes: Tensor) -> Tensor:
        """What each pair of positions adds to the scores: their distance in reading order, across and down the page."""
        cells = for_each_example(given(Constant((1, visual, 4), name="patch_boxes")), 2, "every_patch_box")
        everywhere = Concatenate(1, name="boxes_joined")([boxes, cells])
        across, down = (Select(2, place, name=name)(everywhere) for place, name in ((0, "left"), (3, "lower")))
        return Add()(
            [
                RelativePositionBias(h, buckets, rows="heads", name="reading")(x),
                RelativePositionBias(h, buckets_on_page, rows="heads", name="across")(across),
                RelativePositionBias(h, buckets_on_page, rows="heads", name="down")(down),
            ]
        )

    def layer() -> Network:
        x, bias = Input("L", d), Input(h, "L", "L")
        y = Network(
            (x, bias),
            LayerNormalization()(Add()([x, attended(x, d, h, bias_of_scores=bias)])),
            "attention",
        )
        x, bias = Input("L", d), Input(h, "L", "L")
        z = normalized_after(y(x, bias), d, "feed_forward", lambda x: feed_forward(x, d, hidden))
        return Network((x, bias), z, "encoder")

    tokens = Input("L", given=(length,), name="tokens")
    boxes = Input("L", 4, given=(length, None), name="boxes")
    pixels = Input(image, image, 3, name="image")
    words, places = Input("L"), Input("L", 4)
    seen = Network.of(patches, image, image, 3, name="patch_embedding")(pixels)
    x = Network((words, places), text(words, places), "embedding")(tokens, boxes)
    x = LayerNormalization(name="norm")(Concatenate(1, name="joined")([x, seen]))
    inner, places = Input("S", d), Input("L", 4)
    bias = Network((inner, places), biases(inner, places), "position_biases")(x, boxes)
    return Network((tokens, boxes, pixels), Repeat(layer(), n)(x, bias))


def _preset(n: int, d: int, h: int, d_xy: int) -> dict[str, Any]:
    return {"n": n, "d": d, "h": h, "V": 50265, "T": 512, "R": 1024, "d_xy": d_xy}


FAMILY = Family(
    name="layoutlmv3",
    title="LayoutLMv3",
    source=HUANG,
    build=layoutlmv3,
    knobs={
        "n": "number of encoder layers",
        "d": "features of each token and of each patch",
        "h": "heads of attention in each layer",
        "V": "number of different tokens",
        "T": "rows of the table of positions, two of them for no position",
        "R": "places along each side of the page",
        "d_xy": "features of each of a box's four sides; its height and width share what is left of d",
        "d_ff": "features between the two layers of a feed-forward network; 4·d if not given",
        "segments": "rows of the table of segments, of which the first one is used",
        "patch": "height and width of a patch",
        "image": "height and width of the image",
        "buckets": "buckets that distances in reading order are sorted into",
        "buckets_on_page": "buckets that distances across and down the page are sorted into",
        "length": "number of tokens that costs are shown for",
    },
    presets={
        "layoutlmv3_base": _preset(12, 768, 12, 128),
        "layoutlmv3_large": _preset(24, 1024, 16, 171),
    },
    parts={
        "embedding of the text": ("embedding",),
        "embedding of the patches": ("patch_embedding",),
        "position biases": ("position_biases",),
        "attention": ("encoder/attention",),
        "feed-forward": ("encoder/feed_forward",),
        "normalization between": ("norm",),
    },
    estimates=(STEP,),
)
