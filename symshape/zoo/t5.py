"""T5: an encoder and a decoder that attends to it, both told by learned biases how far apart positions are."""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source
from symshape.layers.attention_heads import RelativePositionBias
from symshape.layers.constants import Parameter
from symshape.layers.dense import Dense
from symshape.layers.merge import Add
from symshape.layers.norm_more import RMSNormalization
from symshape.network import Estimate, Input, Network, Tensor, given
from symshape.repeat import Repeat
from symshape.zoo.blocks.transformer import (
    KAPLAN,
    attended,
    feed_forward,
    gated_feed_forward,
    head_size,
    looked_up,
    scores,
)
from symshape.zoo.family import Family

__all__ = ["FAMILY", "t5"]

RAFFEL = Source(
    "raffel2020",
    "C. Raffel et al., Exploring the limits of transfer learning with a unified text-to-text transformer, 2020 "
    "(arXiv:1910.10683)",
    "https://arxiv.org/abs/1910.10683",
)


def t5(
    n_enc: Any = "n_enc",
    n_dec: Any = "n_dec",
    d: Any = "d",
    h: Any = "h",
    V: Any = "V",
    d_ff: Any = "d_ff",
    d_k: Any = "d_k",
    *,
    buckets: Any = 32,
    gated: bool = False,
    head: str = "tied",
    length: Any = 512,
    target_length: Any = 512,
) -> Network:
    """T5 with n_enc and n_dec layers of d features and h heads, from L to L_dec tokens out of V.

    >>> t5(6, 6, 512, 8, 32128, 2048, 64).derive().params
    60506624
    """
    size = head_size(d, h, d_k)

    def attention(name: str, length: str, memory: str, bias: bool) -> Network:
        """Attention from one text to another, or to itself; with a bias for each pair of positions."""
        x, source, added = Input(length, d), Input(memory, d), Input(h, length, memory)
        own = length == memory
        normed = RMSNormalization()(x)
        made = attended(
            normed,
            d,
            h,
            memory=None if own else source,
            bias_of_scores=added if bias else None,
            d_k=size,
            bias=False,
        )
        inputs = (x, *(() if own else (source,)), *((added,) if bias else ()))
        return Network(inputs, Add()([x, made]), name)

    def transformed(x: Tensor) -> Tensor:
        if gated:
            return gated_feed_forward(x, d, d_ff, "gelu")
        return feed_forward(x, d, d_ff, "relu", bias=False)

    def wide(length: str) -> Network:
        return Network.of(lambda x: Add()([x, transformed(RMSNormalization()(x))]), length, d, name="feed_forward")

    def encoder_layer() -> Network:
        x, bias = Input("L", d), Input(h, "L", "L")
        return Network((x, bias), wide("L")(attention("attention", "L", "L", True)(x, bias)), "encoder")

    def decoder_layer() -> Network:
        x, memory, bias = Input("L_dec", d), Input("L", d), Input(h, "L_dec", "L_dec")
        y = attention("attention", "L_dec", "L_dec", True)(x, bias)
        y = attention("cross_attention", "L_dec", "L", False)(y, memory)
        return Network((x, memory, bias), wide("L_dec")(y), "decoder")

    source, target = Input("L", given=(length,), name="source"), Input("L_dec", given=(target_length,), name="target")
    table = given(Parameter((V, d), name="token_table"))
    x = looked_up(source, table, "source_tokens")
    bias = RelativePositionBias(h, buckets, name="encoder_positions")(x)
    memory = RMSNormalization(name="encoder_norm")(Repeat(encoder_layer(), n_enc)(x, bias))
    y = looked_up(target, table, "target_tokens")
    bias = RelativePositionBias(h, buckets, name="decoder_positions")(y)
    y = RMSNormalization(name="decoder_norm")(Repeat(decoder_layer(), n_dec)(y, memory, bias))
    if head == "own":
        return Network((source, target), Network.of(Dense(V, bias=False), "L_dec", d, name="head")(y))
    last, rows = Input("L_dec", d), Input(d, batch=V)
    return Network((source, target), Network((last, rows), scores(last, rows), "head")(y, table))


def _preset(n: int, d: int, h: int, d_ff: int, d_k: int = 64, **more: Any) -> dict[str, Any]:
    return {"n_enc": n, "n_dec": n, "d": d, "h": h, "V": 32128, "d_ff": d_ff, "d_k": d_k, **more}


_V1_1: dict[str, Any] = {"gated": True, "head": "own"}

FAMILY = Family(
    name="t5",
    title="T5",
    source=RAFFEL,
    build=t5,
    knobs={
        "n_enc": "number of encoder layers",
        "n_dec": "number of decoder layers",
        "d": "features of each token",
        "h": "heads of attention in each layer",
        "V": "number of different tokens",
        "d_ff": "features between the two layers of a feed-forward network",
        "d_k": "features of a head; None for d/h",
        "buckets": "buckets that distances between positions are sorted into",
        "gated": {
            False: "feed-forward networks of two dense layers (the paper)",
            True: "feed-forward networks with gates (version 1.1)",
        },
        "head": {
            "tied": "the head scores tokens by the table of the embedding (the paper)",
            "own": "the head scores tokens by weights of its own (version 1.1)",
        },
        "length": "number of tokens read that costs are shown for",
        "target_length": "number of tokens written that costs are shown for",
    },
    presets={
        "t5_small": _preset(6, 512, 8, 2048),
        "t5_base": _preset(12, 768, 12, 3072),
        "t5_large": _preset(24, 1024, 16, 4096),
        "t5_3b": _preset(24, 1024, 32, 16384, 128),
        "t5_11b": _preset(24, 1024, 128, 65536, 128),
        "t5_v1_1_small": _preset(8, 512, 6, 1024, **_V1_1),
        "t5_v1_1_base": _preset(12, 768, 12, 2048, **_V1_1),
        "t5_v1_1_large": _preset(24, 1024, 16, 2816, **_V1_1),
        "t5_v1_1_xl": _preset(24, 2048, 32, 5120, **_V1_1),
        "t5_v1_1_xxl": _preset(24, 4096, 64, 10240, **_V1_1),
    },
    parts={
        "embedding": ("token_table",),
        "positions": ("encoder_positions", "decoder_positions"),
        "attention of the encoder": ("encoder/attention",),
        "feed-forward of the encoder": ("encoder/feed_forward",),
        "attention of the decoder": ("decoder/attention",),
        "attention to the encoder": ("decoder/cross_attention",),
        "feed-forward of the decoder": ("decoder/feed_forward",),
        "last normalizations": ("encoder_norm", "decoder_norm"),
        "head": ("head",),
    },
    estimates=(
        Estimate(
            "FLOPs of training on one pair of texts, 6·N·D over the tokens of both",
            exact="6*macs",
            approximate="3*params*(L + L_dec)",
            reason="two FLOPs for each MAC forward and four backward; the approximation lets half of the parameters meet the "
            "tokens read and half those written, and leaves out the products of attention",
            source=KAPLAN("section 2.1"),
        ),
    ),
)
