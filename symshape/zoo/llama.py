"""Llama: decoder layers with root-mean-square normalization, rotary positions, gated feed-forward networks and, from
Llama 2 on, heads of queries that share heads of keys and values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symshape.declaration import Source
from symshape.layers.constants import Parameter
from symshape.layers.dense import Dense
from symshape.layers.embedding import Embedding
from symshape.layers.norm_more import RMSNormalization
from symshape.network import Estimate, Input, Network, Tensor, given
from symshape.repeat import repeated
from symshape.zoo.blocks.transformer import (
    KAPLAN,
    STEP,
    attended,
    gated_feed_forward,
    looked_up,
    normalized_before,
    scores,
)
from symshape.zoo.family import Family, Knob

__all__ = ["FAMILY", "HEADS", "PARTS", "gated_decoder", "llama"]

TOUVRON = Source(
    "touvron2023",
    "H. Touvron et al., LLaMA: open and efficient foundation language models, 2023 (arXiv:2302.13971)",
    "https://arxiv.org/abs/2302.13971",
)

HEADS: Knob = {
    "own": "with the head that scores every token of the vocabulary, by weights of its own",
    "tied": "with the head that scores every token of the vocabulary, by the table of the embedding",
}
PARTS = {
    "embedding": ("embedding",),
    "attention": ("decoder/attention",),
    "feed-forward": ("decoder/feed_forward",),
    "last normalization": ("norm",),
    "head": ("head",),
}


def gated_decoder(
    n: Any,
    d: Any,
    h: Any,
    h_kv: Any,
    V: Any,
    d_k: Any,
    feed_forward: Callable[[Tensor], Tensor],
    head: str,
    length: Any,
) -> Network:
    """Llama's decoder around any feed-forward part."""

    def layer(x: Tensor) -> Tensor:
        def attention(x: Tensor) -> Tensor:
            return attended(x, d, h, h_kv=h_kv, d_k=d_k, bias=False, rotary=True)

        x = normalized_before(x, d, "attention", attention, RMSNormalization)
        return normalized_before(x, d, "feed_forward", feed_forward, RMSNormalization)

    def embedding(tokens: Tensor) -> tuple[Tensor, Tensor]:
        table = given(Parameter((V, d), name="token_table"))
        return looked_up(tokens, table, "token"), table

    tokens, ids = Input("L", given=(length,), name="tokens"), Input("L")
    if head == "own":
        x, table = Network(ids, Embedding(V, d, name="token")(ids), "embedding")(tokens), None
    else:
        x, table = Network(ids, embedding(ids), "embedding")(tokens)
    x = RMSNormalization(name="norm")(repeated(layer, n, "L", d, name="decoder")(x))
    if table is None:
        return Network(tokens, Network.of(Dense(V, bias=False), "L", d, name="head")(x))
    last, rows = Input("L", d), Input(d, batch=V)
    return Network(tokens, Network((last, rows), scores(last, rows), "head")(x, table))


def llama(
    n: Any = "n",
    d: Any = "d",
    h: Any = "h",
    h_kv: Any = "h_kv",
    V: Any = "V",
    d_ff: Any = "d_ff",
    d_k: Any = "d_k",
    *,
    head: str = "own",
    length: Any = 4096,
) -> Network:
    """Llama with n layers of d features, h heads of queries and h_kv of keys and values, for L tokens out of V.

    >>> llama(32, 4096, 32, 32, 32000, 11008, 128).derive().params
    6738415616
    """
    return gated_decoder(n, d, h, h_kv, V, d_k, lambda x: gated_feed_forward(x, d, d_ff), head, length)


def _preset(n: int, d: int, h: int, h_kv: int, V: int, d_ff: int, length: int, **more: Any) -> dict[str, Any]:
    return {"n": n, "d": d, "h": h, "h_kv": h_kv, "V": V, "d_ff": d_ff, "d_k": 128, "length": length, **more}


FAMILY = Family(
    name="llama",
    title="Llama",
    source=TOUVRON,
    build=llama,
    knobs={
        "n": "number of decoder layers",
        "d": "features of each token",
        "h": "heads of queries in each layer",
        "h_kv": "heads of keys and values in each layer; as many as of queries in the first Llama",
        "V": "number of different tokens",
        "d_ff": "features between the two layers of a feed-forward network",
        "d_k": "features of a head; None for d/h",
        "head": HEADS,
        "length": "number of tokens that costs are shown for",
    },
    presets={
        "llama_7b": _preset(32, 4096, 32, 32, 32000, 11008, 2048),
        "llama_13b": _preset(40, 5120, 40, 40, 32000, 13824, 2048),
        "llama_33b": _preset(60, 6656, 52, 52, 32000, 17920, 2048),
        "llama_65b": _preset(80, 8192, 64, 64, 32000, 22016, 2048),
        "llama_2_7b": _preset(32, 4096, 32, 32, 32000, 11008, 4096),
        "llama_2_13b": _preset(40, 5120, 40, 40, 32000, 13824, 4096),
        "llama_2_70b": _preset(80, 8192, 64, 8, 32000, 28672, 4096),
        "llama_3_8b": _preset(32, 4096, 32, 8, 128256, 14336, 8192),
        "llama_3_70b": _preset(80, 8192, 64, 8, 128256, 28672, 8192),
        "llama_3_1_405b": _preset(126, 16384, 128, 8, 128256, 53248, 8192),
        "llama_3_2_1b": _preset(16, 2048, 32, 8, 128256, 8192, 8192, d_k=64, head="tied"),
        "llama_3_2_3b": _preset(28, 3072, 24, 8, 128256, 8192, 8192, head="tied"),
    },
    parts=PARTS,
    estimates=(
        Estimate(
            "Parameters, 12·n·d²",
            exact="params",
            approximate="12*n*d**2",
            reason="made for h·d_k = d, heads that are not shared and d_ff = 8·d/3: 4·d² weights of attention and three "
            "times d·d_ff of the feed-forward network in each layer; embeddings, head and normalization are left out",
            source=KAPLAN("table 1"),
        ),
        STEP,
    ),
)
