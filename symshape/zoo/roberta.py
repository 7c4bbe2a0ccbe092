"""RoBERTa: BERT trained longer, with other tokens; its positions are counted from the row behind the padding's."""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source
from symshape.network import Network
from symshape.zoo.bert import bert
from symshape.zoo.blocks.transformer import PARAMETERS, POOLER, STEP
from symshape.zoo.family import Family

__all__ = ["FAMILY", "roberta"]

LIU = Source(
    "liu2019",
    "Y. Liu et al., RoBERTa: a robustly optimized BERT pretraining approach, 2019 (arXiv:1907.11692)",
    "https://arxiv.org/abs/1907.11692",
)


def roberta(
    n: Any = "n",
    d: Any = "d",
    h: Any = "h",
    V: Any = "V",
    T: Any = "T",
    d_ff: Any = None,
    *,
    pooler: bool = True,
    head: str = "none",
    length: Any = 128,
) -> Network:
    """RoBERTa with n layers of d features and h heads, for L tokens out of V; two of the T rows are for no position.

    >>> roberta(12, 768, 12, 50265, 514).derive().params
    124645632
    """
    return bert(n, d, h, V, T, d_ff, segments=1, offset=2, pooler=pooler, head=head, length=length)


_BASE, _LARGE = ({"n": n, "d": d, "h": h, "T": 514} for n, d, h in ((12, 768, 12), (24, 1024, 16)))

FAMILY = Family(
    name="roberta",
    title="RoBERTa",
    source=LIU,
    build=roberta,
    knobs={
        "n": "number of encoder layers",
        "d": "features of each token",
        "h": "heads of attention in each layer",
        "V": "number of different tokens",
        "T": "rows of the table of positions, two of them for no position",
        "d_ff": "features between the two layers of a feed-forward network; 4·d if not given",
        "pooler": POOLER,
        "head": {
            "none": "without a head",
            "mlm": "with the head that scores every token of the vocabulary, by the table of the embedding",
        },
        "length": "number of tokens that costs are shown for",
    },
    presets={
        "roberta_base": {**_BASE, "V": 50265},
        "roberta_large": {**_LARGE, "V": 50265},
        "xlm_roberta_base": {**_BASE, "V": 250002},
        "xlm_roberta_large": {**_LARGE, "V": 250002},
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
