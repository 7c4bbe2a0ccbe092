"""BERT: a stack of transformer encoder layers over tokens, their positions and their segments."""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source, as_value
from symshape.errors import UsageError
from symshape.layers.constants import Parameter
from symshape.layers.dense import Dense
from symshape.layers.embedding import Embedding, PositionEmbedding
from symshape.layers.merge import Add
from symshape.layers.norm import LayerNormalization
from symshape.layers.tensor_arithmetic import Arithmetic
from symshape.network import Input, Network, Tensor, given
from symshape.repeat import repeated
from symshape.zoo.blocks.transformer import PARAMETERS, POOLER, STEP, encoder_layer, looked_up, pooled, scores
from symshape.zoo.family import Family

__all__ = ["FAMILY", "bert"]

DEVLIN = Source(
    "devlin2019",
    "J. Devlin, M.-W. Chang, K. Lee and K. Toutanova, BERT: pre-training of deep bidirectional transformers for language "
    "understanding, 2019 (arXiv:1810.04805)",
    "https://arxiv.org/abs/1810.04805",
)


def bert(
    n: Any = "n",
    d: Any = "d",
    h: Any = "h",
    V: Any = "V",
    T: Any = "T",
    d_ff: Any = None,
    *,
    segments: Any = 2,
    offset: Any = 0,
    pooler: bool = True,
    head: str = "none",
    classes: Any = 2,
    length: Any = 128,
) -> Network:
    """BERT with n layers of d features and h heads, for L tokens out of V.

    >>> bert(12, 768, 12, 30522, 512).derive().params
    109482240
    """
    hidden = 4 * as_value(d) if d_ff is None else as_value(d_ff)
    if head == "classes" and not pooler:
        raise UsageError("bert: the classes are told from what the pooler gives: head='classes' needs pooler=True")

    def embedding(tokens: Tensor, types: Tensor) -> tuple[Tensor, Tensor]:
        table = given(Parameter((V, d), name="token_table"))
        rows = looked_up(tokens, table, "token")
        added = [
            rows,
            PositionEmbedding(T, d, offset, name="position")(tokens),
            Embedding(segments, d, name="segment")(types),
        ]
        return LayerNormalization()(Add()(added)), table

    def scored(x: Tensor, table: Tensor) -> Tensor:
        x = LayerNormalization()(Dense(d, activation="gelu")(x))
        bias = given(Parameter((V,), weight="bias", name="bias"))
        return Arithmetic("add")(scores(x, table), bias)

    tokens, types = (Input("L", given=(length,), name=name) for name in ("tokens", "segments"))
    ids, kinds = Input("L"), Input("L")
    x, table = Network((ids, kinds), embedding(ids, kinds), "embedding")(tokens, types)
    x = repeated(lambda x: encoder_layer(x, d, h, hidden), n, "L", d, name="encoder")(x)
    outputs = [x, pooled(x, d)] if pooler else [x]
    if head == "mlm":
        last, rows = Input("L", d), Input(d, batch=V)
        outputs[0] = Network((last, rows), scored(last, rows), "head")(x, table)
    elif head == "classes":
        outputs = [Network.of(Dense(classes), d, name="head")(outputs[1])]
    return Network((tokens, types), outputs)


_SIZES = {
    "bert_tiny": (2, 128, 2),
    "bert_mini": (4, 256, 4),
    "bert_small": (4, 512, 8),
    "bert_medium": (8, 512, 8),
    "bert_base": (12, 768, 12),
    "bert_large": (24, 1024, 16),
}

FAMILY = Family(
    name="bert",
    title="BERT",
    source=DEVLIN,
    build=bert,
    knobs={
        "n": "number of encoder layers",
        "d": "features of each token",
        "h": "heads of attention in each layer",
        "V": "number of different tokens",
        "T": "most positions that a text may have",
        "d_ff": "features between the two layers of a feed-forward network; 4·d if not given",
        "segments": "number of different segments",
        "offset": "row of the table of positions that is the first token's",
        "pooler": POOLER,
        "head": {
            "none": "without a head",
            "mlm": "with the head that scores every token of the vocabulary, by the table of the embedding",
            "classes": "with a dense layer that scores classes",
        },
        "classes": "number of classes that the head tells apart",
        "length": "number of tokens that costs are shown for",
    },
    presets={
        **{name: {"n": n, "d": d, "h": h, "V": 30522, "T": 512} for name, (n, d, h) in _SIZES.items()},
        "bert_base_cased": {"n": 12, "d": 768, "h": 12, "V": 28996, "T": 512},
        "bert_large_cased": {"n": 24, "d": 1024, "h": 16, "V": 28996, "T": 512},
        "bert_base_multilingual_cased": {"n": 12, "d": 768, "h": 12, "V": 119547, "T": 512},
    },
    parts={
        "embedding": ("embedding",),
        "attention": ("encoder/attention",),
        "feed-forward": ("encoder/feed_forward",),
        "pooler": ("pooler",),
        "head": ("head",),
    },
    estimates=(PARAMETERS, STEP),
)
