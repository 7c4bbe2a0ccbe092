"""What transformers share: projections around heads of attention, feed-forward networks, estimates that go by one formula.

Functions take and give tensors. Those that make a nested network name its sizes as the network around it does, so that a
symbol means the same inside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symshape.algebra.poly import Value, divide
from symshape.declaration import Source, as_value
from symshape.layers.attention_heads import AttentionHeads, RotaryEmbedding
from symshape.layers.dense import Dense
from symshape.layers.embedding import Embedding
from symshape.layers.merge import Add, Multiply, Subtract
from symshape.layers.norm import LayerNormalization
from symshape.layers.slicing import Select
from symshape.layers.tensor_extent import Expand
from symshape.layers.tensor_parts import Take
from symshape.layers.tensor_products import Affine
from symshape.network import Estimate, Network, Tensor
from symshape.zoo.family import Knob

__all__ = [
    "KAPLAN",
    "PARAMETERS",
    "POOLER",
    "STEP",
    "attended",
    "encoder_layer",
    "feed_forward",
    "for_each_example",
    "gated_feed_forward",
    "head_size",
    "looked_up",
    "normalized_after",
    "normalized_before",
    "place_on_page",
    "pooled",
    "scores",
]

KAPLAN = Source(
    "kaplan2020",
    "J. Kaplan et al., Scaling laws for neural language models, 2020 (arXiv:2001.08361)",
    "https://arxiv.org/abs/2001.08361",
)

PARAMETERS = Estimate(
    "Parameters, 12·n·d²",
    exact="params",
    approximate="12*n*d**2",
    reason="4·d² weights of attention and 8·d² of the feed-forward network in each layer; embeddings, biases and "
    "normalization are left out",
    source=KAPLAN("table 1"),
)
STEP = Estimate(
    "FLOPs of training on one sequence, 6·N·D",
    exact="6*macs",
    approximate="6*params*L",
    reason="two FLOPs for each MAC forward and four backward; the approximation lets every parameter meet every token once, "
    "embeddings too, and leaves out the products of attention",
    source=KAPLAN("section 2.1"),
)

POOLER: Knob = {
    True: "with the pooler, a dense layer over the first token's features",
    False: "without the pooler",
}


# -- attention ---------------------------------------------------------------------------------------------------------
def head_size(d: Any, h: Any, given: Any = None) -> Value:
    """The features of one head: those given, or an equal share of d."""
    return divide(as_value(d), as_value(h)) if given is None else as_value(given)


def attended(
    x: Tensor,
    d: Any,
    h: Any,
    *,
    memory: Tensor | None = None,
    bias_of_scores: Tensor | None = None,
    h_kv: Any = None,
    d_k: Any = None,
    bias: bool = True,
    rotary: bool = False,
) -> Tensor:
    """What h heads of queries from x find in the memory, or in x itself, brought back to d features."""
    heads, size = as_value(h), head_size(d, h, d_k)
    kv_heads = heads if h_kv is None else as_value(h_kv)
    source = x if memory is None else memory
    query = Dense(heads * size, bias=bias, name="query")(x)
    key = Dense(kv_heads * size, bias=bias, name="key")(source)
    value = Dense(kv_heads * size, bias=bias, name="value")(source)
    if rotary:
        query, key = RotaryEmbedding(heads)(query), RotaryEmbedding(kv_heads)(key)
    added = () if bias_of_scores is None else (bias_of_scores,)
    found = AttentionHeads(heads, h_kv, name="heads")(query, key, value, *added)
    return Dense(d, bias=bias, name="output")(found)


# -- feed-forward networks ---------------------------------------------------------------------------------------------
def feed_forward(x: Tensor, d: Any, d_ff: Any, activation: str = "gelu", bias: bool = True) -> Tensor:
    """Two dense layers, d_ff wide between them."""
    return Dense(d, bias=bias, name="output")(Dense(d_ff, bias=bias, activation=activation, name="hidden")(x))


def gated_feed_forward(x: Tensor, d: Any, d_ff: Any, activation: str = "silu") -> Tensor:
    """As many gates as hidden features, without biases: SwiGLU and its kin."""
    gate = Dense(d_ff, bias=False, activation=activation, name="gate")(x)
    return Dense(d, bias=False, name="output")(Multiply()([gate, Dense(d_ff, bias=False, name="hidden")(x)]))


# -- residual parts ----------------------------------------------------------------------------------------------------
def normalized_after(x: Tensor, d: Any, name: str, compute: Callable[[Tensor], Tensor]) -> Tensor:
    """A part whose sum with what it takes is normalized: the transformer of 2017, and BERT."""
    return Network.of(lambda x: LayerNormalization()(Add()([x, compute(x)])), "L", d, name=name)(x)


def normalized_before(
    x: Tensor, d: Any, name: str, compute: Callable[[Tensor], Tensor], norm: Callable[[], Any] = LayerNormalization
) -> Tensor:
    """A part that normalizes what it takes, and adds what it makes of that: GPT-2 and later ones."""
    return Network.of(lambda x: Add()([x, compute(norm()(x))]), "L", d, name=name)(x)


# -- BERT and its kin --------------------------------------------------------------------------------------------------
def encoder_layer(x: Tensor, d: Any, h: Any, d_ff: Any) -> Tensor:
    """Attention of every position to all others, then a feed-forward network; each with its sum normalized."""
    x = normalized_after(x, d, "attention", lambda x: attended(x, d, h))
    return normalized_after(x, d, "feed_forward", lambda x: feed_forward(x, d, d_ff))


def pooled(x: Tensor, d: Any) -> Tensor:
    """A dense layer over the features of the first token."""
    pool = Network.of(lambda x: Dense(d, activation="tanh")(Select(1, 0, name="first_token")(x)), "L", d, name="pooler")
    return pool(x)


# -- boxes on a page ---------------------------------------------------------------------------------------------------
def place_on_page(places: Any, coordinate: Any, extent: Any) -> Callable[[Tensor], list[Tensor]]:
    """What embeds each box's left, upper, right and lower side, its height and its width.

    Left and right share a table, upper and lower too; used again, it uses the same tables again.
    """
    sides = [Select(2, place, name=name) for place, name in enumerate(("left", "upper", "right", "lower"))]
    across, down = (Embedding(places, coordinate, name=name) for name in ("x", "y"))
    tall, wide = (Embedding(places, extent, name=f"{name}_of") for name in ("height", "width"))
    height, width = (Subtract(name=name) for name in ("height", "width"))

    def placed(boxes: Tensor) -> list[Tensor]:
        left, upper, right, lower = (side(boxes) for side in sides)
        ends = [across(left), down(upper), across(right), down(lower)]
        return [*ends, tall(height([lower, upper])), wide(width([right, left]))]

    return placed


# -- one table for tokens on both sides --------------------------------------------------------------------------------
def for_each_example(array: Tensor, rest: int, name: str) -> Tensor:
    """An array that all examples share, for each of them; `rest` axes follow the first."""
    return Expand(("N", *[-1] * rest), name=name)(array)


def looked_up(tokens: Tensor, table: Tensor, name: str | None = None) -> Tensor:
    """Each token's row of the table."""
    return Take(0, name=name)(table, tokens)


def scores(x: Tensor, table: Tensor) -> Tensor:
    """A score for every token of the vocabulary, by the rows of the table in which tokens are looked up."""
    return Affine(name="scores")(x, table)
