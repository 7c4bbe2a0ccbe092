"""Embeddings: a learned row of numbers for each token of a vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from symshape.declaration import (
    DERIVED,
    EVERYTHING,
    INPUTS,
    KEEPS_NOTHING,
    NOTHING,
    POINTWISE,
    PYTORCH,
    Condition,
    Count,
    Dialect,
    Dim,
    Formula,
    Layer,
    Only,
    Source,
    Template,
    Weight,
    Work,
    dim,
    inputs,
)
from symshape.errors import GraphError, UsageError
from symshape.layers.operations import GREATEST, MEAN, SUM
from symshape.symbols import A, L, N, T_max, U, V, i_pad, o
from symshape.written import Number, Symbol, Written, each, product

__all__ = ["Embedding", "EmbeddingBag", "PositionEmbedding", "ReversibleEmbedding"]

PRESS_WOLF = Source(
    "press2016",
    "O. Press and L. Wolf, Using the output embedding to improve language models, 2016 (arXiv:1608.05859)",
    "https://arxiv.org/abs/1608.05859",
)

LOOKS_UP = Count(Number(0), "looks rows up, multiplies none")
TABLE = Weight("embeddings", (V, U), torch=("weight", (V, U)))


def _padded(layer: Any) -> bool:
    return layer.padding_index is not None


GEHRING = Source(
    "gehring2017",
    "J. Gehring et al., Convolutional sequence to sequence learning, 2017 (arXiv:1705.03122)",
    "https://arxiv.org/abs/1705.03122",
)

WITHIN = tuple(
    Condition(relation, "the padding's index lies within the vocabulary", PYTORCH("Embedding"), _padded)
    for relation in (i_pad < V, i_pad + V >= 0)
)


class Embedding(Layer):
    """A row of U numbers for each token, looked up in a table of V rows.

    `padding_index` is the row that stands for padding and is not learned; it counts from the end where negative.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L"), Embedding("V", 768)).derive()
    >>> d.output_shape, d.params
    ((N, L, 768), 768*V)
    """

    vocabulary: Dim = dim(V)
    units: Dim = dim(U)
    padding_index: Dim = dim(i_pad, None, least=-(2**63))

    takes = ((each(A),),)
    gives = ((each(A), U),)
    weights = (TABLE,)
    where = WITHIN
    macs = LOOKS_UP
    work = NOTHING
    keeps = inputs(0, width=8, reason="the tokens")
    looks_up = Count(each(A) * U, "a row for each token")
    window = POINTWISE
    keras = (
        Dialect(
            "Embedding",
            {
                "input_dim": "vocabulary",
                "output_dim": "units",
                "mask_zero": None,
                "weights": None,
                "input_length": None,  # Keras 2 writes it
                "lora_rank": Only(None),
                "lora_alpha": None,
                "quantization_config": Only(None),
            },
        ),
    )
    torch = (
        Dialect(
            "Embedding",
            {
                "num_embeddings": "vocabulary",
                "embedding_dim": "units",
                "padding_idx": "padding_index",
                "max_norm": None,
                "norm_type": None,
                "scale_grad_by_freq": None,
                "sparse": None,
                "_weight": None,
                "_freeze": None,
            },
        ),
    )


class PositionEmbedding(Layer):
    """A learned row of U numbers for each position of a sequence of tokens, in a table of T_max rows.

    The first position has the row with the number `offset`: rows before it stand for something else (RoBERTa: 2).

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L"), PositionEmbedding("T", "d")).derive()
    >>> d.output_shape, d.params, str(d.domain)
    ((N, L, d), T*d, 'L <= T')
    """

    positions: Dim = dim(T_max)
    units: Dim = dim(U)
    offset: Dim = dim(o, 0, least=0)

    takes = ((N, L),)
    gives = ((N, L, U),)
    weights = (Weight("embeddings", (T_max, U), torch=("weight", (T_max, U))),)
    where = (Condition(L + o <= T_max, "every position has a row", GEHRING("section 3.1")),)
    macs = LOOKS_UP
    work = NOTHING
    keeps = KEEPS_NOTHING
    looks_up = Count(N * L * U, "a row for each position")
    window = POINTWISE


class EmbeddingBag(Layer):
    """The sum, mean or maximum of the rows of each bag of tokens.

    Bags are the rows of one input, or stretches of a first input that begin where the second one says; with
    `last_offset`, that one also says where the last bag ends (as in PyTorch it means nothing where bags are rows).
    """

    vocabulary: Dim = dim(V)
    units: Dim = dim(U)
    mode: str = "mean"
    last_offset: bool = False
    padding_index: Dim = dim(i_pad, None, least=-(2**63))

    takes = ((N, L),)  # or two rows
    macs = LOOKS_UP
    window = EVERYTHING
    torch = (
        Dialect(
            "EmbeddingBag",
            {
                "num_embeddings": "vocabulary",
                "embedding_dim": "units",
                "mode": "mode",
                "include_last_offset": "last_offset",
                "padding_idx": "padding_index",
                "max_norm": None,
                "norm_type": None,
                "scale_grad_by_freq": None,
                "sparse": None,
                "_weight": None,
            },
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mode not in ("sum", "mean", "max"):
            raise UsageError(f"{self.label}: the mode is sum, mean or max, not {self.mode!r}")

    def template(self, ranks: Sequence[int]) -> Template:
        if tuple(ranks) not in ((2,), (1, 1)):
            raise GraphError(
                f"{self.label} takes bags as the rows of one input with 2 dimensions, or as stretches of a first input "
                f"and where they begin, each with 1 dimension; {list(ranks)} are connected"
            )
        bags = Symbol("N_out", "number of bags", "bags")
        ends = Formula(bags, N - 1, PYTORCH("EmbeddingBag: include_last_offset"), reason="the last offset is an end")
        tokens = (N, L, U) if len(ranks) == 1 else (L, U)
        begins = Formula(bags, N, DERIVED, reason="one bag for each row, or for each offset")
        return Template(
            takes=((N, L),) if len(ranks) == 1 else ((L,), (N,)),
            gives=((bags, U),),
            rules=(ends if self.last_offset and len(ranks) == 2 else begins,),
            weights=(TABLE,),
            where=WITHIN,
            counts={
                "macs": (LOOKS_UP,),
                "work": tuple(self.gathering(product(tokens), product((bags, U)))),
                "looks_up": (Count(product(tokens), "a row for each token"),),
            },
        )

    def gathering(self, numbers: Written, gathered: Written) -> Iterable[Work]:
        """What it takes to make the rows of bags of the rows of their tokens."""
        yield Work(GREATEST if self.mode == "max" else SUM, numbers, "of each number in each row")
        if self.mode == "mean":
            yield Work(MEAN, gathered, "of each bag's sums by the number of its tokens")


class ReversibleEmbedding(Layer):
    """An embedding that also works backwards (`reverse`): from U features to a score for each of the V tokens.

    Backwards it uses the same table, or (`tied=False`) a table of its own.
    """

    vocabulary: Dim = dim(V)
    units: Dim = dim(U)
    tied: bool = True
    reverse: bool = False

    takes = ((each(A),),)
    window = POINTWISE
    keras = (
        Dialect(
            "ReversibleEmbedding",
            {
                "input_dim": "vocabulary",
                "output_dim": "units",
                "tie_weights": "tied",
                "mask_zero": None,
                "weights": None,
                "reverse_dtype": None,
                "logit_soft_cap": None,
                "lora_rank": Only(None),
                "lora_alpha": None,
                "quantization_config": Only(None),
            },
        ),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        scoring = Count(
            each(A) * U * V, "each token's score is one dot product over U features", PRESS_WOLF("section 2")
        )
        apart = () if self.tied else (Weight("reverse_embeddings", (U, V)),)
        looked_up = Count(U * V, "one table") if self.reverse else Count(each(A) * U, "a row for each token")
        kept = INPUTS if self.reverse else inputs(0, width=8, reason="the tokens")
        return Template(
            takes=((each(A), U) if self.reverse else (each(A),),),
            gives=((each(A), V if self.reverse else U),),
            weights=(TABLE, *apart),
            counts={
                "macs": (scoring if self.reverse else LOOKS_UP,),
                "work": NOTHING,
                "keeps": (kept,),
                "looks_up": (looked_up,),
            },
        )
