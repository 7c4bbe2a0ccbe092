"""LayoutLM: BERT whose tokens also know their boxes on the page."""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source, as_value
from symshape.layers.embedding import Embedding, PositionEmbedding
from symshape.layers.merge import Add
from symshape.layers.norm import LayerNormalization
from symshape.network import Input, Network, Tensor
from symshape.repeat import repeated
from symshape.zoo.blocks.transformer import PARAMETERS, POOLER, STEP, encoder_layer, place_on_page, pooled
from symshape.zoo.family import Family

__all__ = ["FAMILY", "layoutlm"]

XU = Source(
    "xu2020",
    "Y. Xu et al., LayoutLM: pre-training of text and layout for document image understanding, 2020 (arXiv:1912.13318)",
    "https://arxiv.org/abs/1912.13318",
)


def layoutlm(
    n: Any = "n",
    d: Any = "d",
    h: Any = "h",
    V: Any = "V",
    T: Any = "T",
    R: Any = "R",
    d_ff: Any = None,
    *,
    segments: Any = 2,
    pooler: bool = True,
    length: Any = 512,
) -> Network:
    """LayoutLM with n layers of d features and h heads, for L tokens out of V with boxes in R places.

    >>> layoutlm(12, 768, 12, 30522, 512, 1024).derive().params
    112627968
    """
    hidden = 4 * as_value(d) if d_ff is None else as_value(d_ff)

    def embedding(tokens: Tensor, boxes: Tensor, types: Tensor) -> Tensor:
        added = [
            Embedding(V, d, name="token")(tokens),
            PositionEmbedding(T, d, name="position")(tokens),
            *place_on_page(R, d, d)(boxes),
            Embedding(segments, d, name="segment")(types),
        ]
        return LayerNormalization()(Add()(added))

    given = {"tokens": ("L",), "boxes": ("L", 4), "segments": ("L",)}
    sizes = {("L",): (length,), ("L", 4): (length, None)}
    inputs = tuple(Input(*shape, given=sizes[shape], name=name) for name, shape in given.items())
    inner = tuple(Input(*shape) for shape in given.values())
    x = Network(inner, embedding(*inner), "embedding")(*inputs)
    x = repeated(lambda x: encoder_layer(x, d, h, hidden), n, "L", d, name="encoder")(x)
    return Network(inputs, [x, pooled(x, d)] if pooler else x)


FAMILY = Family(
    name="layoutlm",
    title="LayoutLM",
    source=XU,
    build=layoutlm,
    knobs={
        "n": "number of encoder layers",
        "d": "features of each token",
        "h": "heads of attention in each layer",
        "V": "number of different tokens",
        "T": "most positions that a text may have",
        "R": "places along each side of the page",
        "d_ff": "features between the two layers of a feed-forward network; 4·d if not given",
        "segments": "number of different segments",
        "pooler": POOLER,
        "length": "number of tokens that costs are shown for",
    },
    presets={
        "layoutlm_base": {"n": 12, "d": 768, "h": 12, "V": 30522, "T": 512, "R": 1024},
        "layoutlm_large": {"n": 24, "d": 1024, "h": 16, "V": 30522, "T": 512, "R": 1024},
    },
    parts={
        "embedding": ("embedding",),
        "attention": ("encoder/attention",),
        "feed-forward": ("encoder/feed_forward",),
        "pooler": ("pooler",),
    },
    estimates=(PARAMETERS, STEP),
)
