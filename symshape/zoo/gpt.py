"""GPT-2: a stack of transformer decoder layers that predicts the next token by the table it looks tokens up in."""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source, as_value
from symshape.layers.attention_heads import AttentionHeads
from symshape.layers.constants import Parameter
from symshape.layers.dense import Dense
from symshape.layers.embedding import PositionEmbedding
from symshape.layers.merge import Add
from symshape.layers.norm import LayerNormalization
from symshape.layers.tensor_parts import Split
from symshape.network import Input, Network, Tensor, given
from symshape.repeat import repeated
from symshape.zoo.blocks.transformer import PARAMETERS, STEP, feed_forward, looked_up, normalized_before, scores
from symshape.zoo.family import Family

__all__ = ["FAMILY", "gpt"]

RADFORD = Source(
    "radford2019",
    "A. Radford et al., Language models are unsupervised multitask learners, 2019",
    "https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf",
)


def gpt(
    n: Any = "n",
    d: Any = "d",
    h: Any = "h",
    V: Any = "V",
    T: Any = "T",
    d_ff: Any = None,
    *,
    head: str = "tied",
    length: Any = 1024,
) -> Network:
    """GPT-2 with n layers of d features and h heads, for L tokens out of V.

    >>> gpt().derive().params
    d*n*(12*d + 13) + d*(T + V) + 2*d
    """
    d = as_value(d)
    hidden = 4 * d if d_ff is None else as_value(d_ff)

    def embedding(tokens: Tensor) -> tuple[Tensor, Tensor]:
        table = given(Parameter((V, d), name="token_table"))
        rows = looked_up(tokens, table, "token")
        return Add()([rows, PositionEmbedding(T, d, name="position")(tokens)]), table

    def attention(x: Tensor) -> Tensor:
        query, key, value = Split(3, axis=-1)(Dense(3 * d, name="query_key_value")(x))
        return Dense(d, name="output")(AttentionHeads(h, name="heads")(query, key, value))

    def layer(x: Tensor) -> Tensor:
        x = normalized_before(x, d, "attention", attention)
        return normalized_before(x, d, "feed_forward", lambda x: feed_forward(x, d, hidden))

    tokens, ids = Input("L", given=(length,), name="tokens"), Input("L")
    x, table = Network(ids, embedding(ids), "embedding")(tokens)
    x = LayerNormalization(name="norm")(repeated(layer, n, "L", d, name="decoder")(x))
    if head == "none":
        return Network(tokens, x)
    last, rows = Input("L", d), Input(d, batch=V)
    return Network(tokens, Network((last, rows), scores(last, rows), "head")(x, table))


_SIZES = {
    "gpt2": (12, 768, 12),
    "gpt2_medium": (24, 1024, 16),
    "gpt2_large": (36, 1280, 20),
    "gpt2_xl": (48, 1600, 25),
    "distilgpt2": (6, 768, 12),
}

FAMILY = Family(
    name="gpt",
    title="GPT-2",
    source=RADFORD,
    build=gpt,
    knobs={
        "n": "number of decoder layers",
        "d": "features of each token",
        "h": "heads of attention in each layer",
        "V": "number of different tokens",
        "T": "most positions that a text may have",
        "d_ff": "features between the two layers of a feed-forward network; 4·d if not given",
        "head": {
            "tied": "with the head that scores every token of the vocabulary, by the table of the embedding",
            "none": "without a head",
        },
        "length": "number of tokens that costs are shown for",
    },
    presets={name: {"n": n, "d": d, "h": h, "V": 50257, "T": 1024} for name, (n, d, h) in _SIZES.items()},
    parts={
        "embedding": ("embedding",),
        "attention": ("decoder/attention",),
        "feed-forward": ("decoder/feed_forward",),
        "last normalization": ("norm",),
        "head": ("head",),
    },
    estimates=(PARAMETERS, STEP),
)
