"""Attention: every query is answered by a weighted mean of all values, weighted by how well their keys fit it.

Keras's multi-head attention and PyTorch's differ in more than names (weights for each head or packed, heads of free or
of given size, the order of the inputs) and are two layers. Each layer here also takes one input that is query, key and
value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from typing import Any, ClassVar

from symshape.declaration import (
    EVERYTHING,
    INPUTS,
    PYTORCH,
    Condition,
    Count,
    Dialect,
    Dim,
    Formula,
    Kept,
    Layer,
    Reading,
    Source,
    Template,
    Weight,
    Work,
    dim,
    dims,
    own,
)
from symshape.declaration.signature import Pattern
from symshape.errors import GraphError, UnsupportedLayer, UsageError
from symshape.layers.operations import ADD, BIAS, DIVIDE, FUNCTIONS, MULTIPLY, SUM
from symshape.symbols import C, C_k, C_v, L, L_k, L_q, L_s, N, T, d_k, d_v, h, h_kv, numbered
from symshape.written import Number, Symbol, Written, divides, product

__all__ = [
    "AdditiveAttention",
    "Attention",
    "GroupedQueryAttention",
    "MultiHeadAttention",
    "MultiheadAttention",
    "ScaledDotProductAttention",
]

VASWANI = Source(
    "vaswani2017",
    "A. Vaswani et al., Attention is all you need, 2017 (arXiv:1706.03762)",
    "https://arxiv.org/abs/1706.03762",
)
BAHDANAU = Source(
    "bahdanau2014",
    "D. Bahdanau, K. Cho and Y. Bengio, Neural machine translation by jointly learning to align and translate, 2014 "
    "(arXiv:1409.0473)",
    "https://arxiv.org/abs/1409.0473",
)
LUONG = Source(
    "luong2015",
    "M.-T. Luong, H. Pham and C. D. Manning, Effective approaches to attention-based neural machine translation, 2015 "
    "(arXiv:1508.04025)",
    "https://arxiv.org/abs/1508.04025",
)
AINSLIE = Source(
    "ainslie2023",
    "J. Ainslie et al., GQA: training generalized multi-query transformer models from multi-head checkpoints, 2023 "
    "(arXiv:2305.13245)",
    "https://arxiv.org/abs/2305.13245",
)

KORTHIKANTI = Source(
    "korthikanti2022",
    "V. Korthikanti et al., Reducing activation recomputation in large transformer models, 2022 (arXiv:2205.05198)",
    "https://arxiv.org/abs/2205.05198",
)

SCORES = "scores: each query is compared with each key"
MEANS = "answers: each query gets a weighted sum of all values"
SCALED = "queries by 1/√d_k"
WEIGHTS = "of each query's scores"


def _rate(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 <= given <= 1:
        raise UnsupportedLayer("is not a number from 0 to 1")
    return given


RATE = Reading("dropout", _rate)


class _Attention(Layer):
    """What all attention layers share: how many inputs they take, and the scores as a second output if asked for."""

    scores: bool = field(default=False, kw_only=True)
    dropout: float = field(default=0.0, kw_only=True)

    takes: ClassVar[tuple[Pattern, ...]] = ((N, L, C),)  # or several: see the templates
    window = EVERYTHING

    @property
    def output_count(self) -> int:
        return 2 if self.scores else 1

    def attending(self, met: Pattern) -> tuple[Kept, ...]:
        """What the gradients of the weights of so many queries and keys need, where all of them are written out."""
        numbers = product(met)
        kept = own(numbers, "each query's weights", source=KORTHIKANTI("section 4.1"))
        if not self.dropout:
            return (kept,)
        mask = own(numbers, "which weights are passed", width=1, source=KORTHIKANTI("section 4.1"))
        return kept, mask, own(numbers, "the weights that are passed", source=KORTHIKANTI("section 4.1"))

    def rank_of(self, ranks: Sequence[int], least: int = 3) -> int:
        """The inputs' common number of dimensions; raises `GraphError` where there is none."""
        if not 1 <= len(ranks) <= 3:
            raise GraphError(f"{self.label} takes queries, keys and values, {len(ranks)} inputs are connected")
        if len(set(ranks)) > 1 or ranks[0] < least:
            raise GraphError(
                f"{self.label} takes inputs of one number of dimensions, at least {least}, these have {list(ranks)}"
            )
        return ranks[0]


def _sequences(rank: int) -> tuple[Pattern, Pattern]:
    """The sizes of all axes but the last, of queries and of keys, where the last of them is attended along."""
    leading = (N, *(Symbol(f"A_{place}", "size of an axis", "positions") for place in range(1, rank - 2)))
    return (*leading, L_q), (*leading, L_k)


# -- without weights for the projections -------------------------------------------------------------------------------
class _Scored(_Attention):
    def template(self, ranks: Sequence[int]) -> Template:
        queries, keys = _sequences(self.rank_of(ranks))
        if len(ranks) == 1:
            keys = queries
        features = C_v if len(ranks) == 3 else C
        answers = product((*queries, keys[-1], features))
        return Template(
            takes=((*queries, C), (*keys, features), (*keys, C))[: len(ranks)],
            gives=((*queries, features), (*queries, keys[-1]))[: self.output_count],
            weights=self.scales(),
            counts={
                "macs": (self.scoring(product((*queries, keys[-1], C))), Count(answers, MEANS, LUONG("section 3.1"))),
                "work": (
                    *self.comparing(product((*queries, keys[-1])), C),
                    Work(FUNCTIONS["softmax"], product((*queries, keys[-1])), WEIGHTS),
                ),
            },
        )

    def comparing(self, pairs: Written, features: Symbol) -> Iterable[Work]:
        """What the scores of so many pairs of a query and a key take besides products."""
        raise NotImplementedError

    def scales(self) -> tuple[Weight, ...]:
        """The numbers that scale the scores."""
        raise NotImplementedError

    def scoring(self, comparisons: Written) -> Count:
        """What the scores cost, where every feature of every query meets every key's `comparisons` times."""
        raise NotImplementedError


def _added_up(pairs: Written, features: Symbol) -> Iterable[Work]:
    yield Work(ADD, product((pairs, features)), "scores: each query and each key")
    yield Work(FUNCTIONS["tanh"], product((pairs, features)), "scores: of each sum")


class Attention(_Scored):
    """Luong's attention: scores are dot products of queries and keys, or (mode "concat") sums of tanh(query + key).

    Inputs in Keras's order: query, value, and key where it is not the value.

    >>> from symshape.network import Input, Network
    >>> q, v = Input("T", 16), Input("S", 16)
    >>> Network((q, v), Attention()(q, v)).derive().macs
    32*S*T
    """

    use_scale: bool = False
    score_mode: str = "dot"

    keras = (
        Dialect("Attention", {"use_scale": "use_scale", "score_mode": "score_mode", "dropout": RATE, "seed": None}),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.score_mode not in ("dot", "concat"):
            raise UsageError(f'{self.label}: the score mode is "dot" or "concat", not {self.score_mode!r}')

    def scales(self) -> tuple[Weight, ...]:
        names = (*["scale"] * self.use_scale, *["concat_score_weight"] * (self.score_mode == "concat"))
        return tuple(Weight(name, ()) for name in names)

    def comparing(self, pairs: Written, features: Symbol) -> Iterable[Work]:
        concat = self.score_mode == "concat"
        if self.use_scale:
            scaled = product((pairs, features)) if concat else pairs
            yield Work(MULTIPLY, scaled, "scores: by the learned scale", LUONG("equation 8"))
        if concat:
            yield from _added_up(pairs, features)
            yield Work(SUM, product((pairs, features)), "scores: over the features", LUONG("equation 8"))
            yield Work(MULTIPLY, pairs, "scores: by the learned weight", LUONG("equation 8"))

    def scoring(self, comparisons: Written) -> Count:
        if self.score_mode == "concat":
            return Count(Number(0), "scores: sums of tanh(query + key), no products", LUONG("equation 8"))
        return Count(comparisons, f"{SCORES} by a dot product over C features", LUONG("equation 8"))


class AdditiveAttention(_Scored):
    """Bahdanau's attention: scores are sums of tanh(query + key) over the features, weighted if `use_scale`.

    Inputs in Keras's order: query, value, and key where it is not the value.
    """

    use_scale: bool = True

    keras = (Dialect("AdditiveAttention", {"use_scale": "use_scale", "dropout": RATE, "seed": None}),)

    def scales(self) -> tuple[Weight, ...]:
        return (Weight("scale", (C,)),) if self.use_scale else ()

    def comparing(self, pairs: Written, features: Symbol) -> Iterable[Work]:
        yield from _added_up(pairs, features)
        if not self.use_scale:
            yield Work(SUM, product((pairs, features)), "scores: over the features")

    def scoring(self, comparisons: Written) -> Count:
        if not self.use_scale:
            return Count(Number(0), "scores: sums of tanh(query + key), no products", BAHDANAU("appendix A.1.2"))
        reason = f"{SCORES} by a dot product of the scale with tanh(query + key)"
        return Count(comparisons, reason, BAHDANAU("appendix A.1.2"))


class ScaledDotProductAttention(_Attention):
    """softmax(Q·Kᵀ/√d_k)·V and nothing else, over queries, keys and values, in this order.

    With `grouped`, the third axis from the end counts heads, and several heads of queries share one of keys and values.
    """

    grouped: bool = False

    takes = ((N, L, C), (N, L, C), (N, L, C))

    def template(self, ranks: Sequence[int]) -> Template:
        queries, keys = _sequences(self.rank_of(ranks, 4 if self.grouped else 3))
        if self.grouped:
            queries, keys = (*queries[:-2], h, queries[-1]), (*keys[:-2], h_kv, keys[-1])
        if len(ranks) == 1:
            keys = queries
        features = d_v if len(ranks) == 3 else d_k
        return Template(
            takes=((*queries, d_k), (*keys, d_k), (*keys, features))[: len(ranks)],
            gives=((*queries, features), (*queries, keys[-1]))[: self.output_count],
            where=(_SHARED_HEADS,) if self.grouped and len(ranks) > 1 else (),
            counts={
                "macs": (
                    Count(product((*queries, keys[-1], d_k)), SCORES, VASWANI("equation 1")),
                    Count(product((*queries, keys[-1], features)), MEANS, VASWANI("equation 1")),
                ),
                "work": (
                    Work(MULTIPLY, product((*queries, d_k)), SCALED, VASWANI("equation 1")),
                    Work(FUNCTIONS["softmax"], product((*queries, keys[-1])), WEIGHTS, VASWANI("equation 1")),
                ),
                "keeps": (INPUTS, *self.attending((*queries, keys[-1]))),
            },
        )


_SHARED_HEADS = Condition(
    divides(h_kv, h),
    "each head of keys and values serves an equal share of the heads of queries",
    AINSLIE("section 2.2"),
)


# -- Keras's multi-head attention: weights for each head ---------------------------------------------------------------
_HEADS = VASWANI("section 3.2.2")


class _Headed(_Attention):
    """Every head sees projections of its own of queries, keys and values; another one joins the heads' answers."""

    bias: bool = field(default=True, kw_only=True)
    gate: bool = field(default=False, kw_only=True)

    def headed(
        self,
        shared: Pattern,
        attended: tuple[Pattern, Pattern],
        features: tuple[Symbol, Symbol],
        kv_heads: Symbol,
        value_size: Symbol,
        out: tuple[Written, ...],
    ) -> Template:
        """Weights, counts and scores, from the axes not attended along and those that are, of queries and of keys."""
        along, against = attended
        key_features, value_features = features
        queries, keys, met = product((*shared, *along)), product((*shared, *against)), (*shared, h, *along, *against)
        projections = (
            ("query", queries, C, h, d_k),
            ("key", keys, key_features, kv_heads, d_k),
            *((("gate", queries, C, h, value_size),) if self.gate else ()),
            ("value", keys, value_features, kv_heads, value_size),
        )
        weights: list[Weight] = []
        macs: list[Count] = []
        work: list[Work] = []
        for name, positions, size, heads, head in projections:
            weights.append(Weight(f"{name}/kernel", (size, heads, head)))
            weights.extend((Weight(f"{name}/bias", (heads, head)),) if self.bias else ())
            reason = f"{name} of every head: {head} dot products over the {size} features at each position"
            macs.append(Count(product((positions, size, heads, head)), reason, _HEADS))
            work.extend((Work(BIAS, product((positions, heads, head)), name, _HEADS),) if self.bias else ())
        weights.append(Weight("attention_output/kernel", (h, value_size, *out)))
        weights.extend((Weight("attention_output/bias", out),) if self.bias else ())
        macs.extend(
            (
                Count(product((*met, d_k)), f"{SCORES}, in every head", VASWANI("equation 1")),
                Count(product((*met, value_size)), f"{MEANS}, in every head", VASWANI("equation 1")),
                Count(product((queries, h, value_size, *out)), "output: dot products over all heads' answers", _HEADS),
            )
        )
        work.extend(
            (
                Work(MULTIPLY, product((queries, h, d_k)), SCALED, VASWANI("equation 1")),
                Work(FUNCTIONS["softmax"], product(met), WEIGHTS, VASWANI("equation 1")),
            )
        )
        if self.gate:
            answers = product((queries, h, value_size))
            work.extend((Work(FUNCTIONS["sigmoid"], answers, "gates"), Work(MULTIPLY, answers, "answers by gates")))
        work.extend((Work(BIAS, product((queries, *out)), "output", _HEADS),) if self.bias else ())
        keeps = (
            INPUTS,
            *(
                own(product((positions, heads, head)), f"{name} of every head", source=KORTHIKANTI("section 4.1"))
                for name, positions, _, heads, head in projections
            ),
            *self.attending(met),
            own(product((queries, h, value_size)), "all heads' answers", source=KORTHIKANTI("section 4.1")),
            *((own(product((queries, h, value_size)), "answers by gates"),) if self.gate else ()),
        )
        counts = {"macs": tuple(macs), "work": tuple(work), "keeps": keeps}
        return Template(takes=(), gives=(met,), weights=tuple(weights), counts=counts)


class MultiHeadAttention(_Headed):
    """h heads of attention, each over projections of queries and keys to d_k features and of values to d_v.

    As in Keras: inputs are query, value, and key where it is not the value; d_v is d_k if not given; the output has
    the query's features, or `output_shape`; attention runs along `attention_axes`, by default all but the first and
    the last.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L", 512), MultiHeadAttention(8, 64)).derive()
    >>> d.params, d.macs
    (1050624, 1024*L*(L + 1024))
    """

    heads: Dim = dim(h)
    key_dim: Dim = dim(d_k)
    value_dim: Dim = dim(d_v, None)
    output_shape: tuple[Dim, ...] = dims(T, (), least=1)
    attention_axes: tuple[int, ...] = ()

    keras = (
        Dialect(
            "MultiHeadAttention",
            {
                "num_heads": "heads",
                "key_dim": "key_dim",
                "value_dim": "value_dim",
                "use_bias": "bias",
                "use_gate": "gate",
                "output_shape": Reading("output_shape", lambda shape: shape or ()),
                "attention_axes": Reading("attention_axes", lambda axes: () if axes is None else axes),
                "dropout": RATE,
                "sliding_window": None,
                "flash_attention": None,
                "seed": None,
                "query_shape": None,  # Keras 2 writes the shapes it was built for
                "key_shape": None,
                "value_shape": None,
            },
        ),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        rank = self.rank_of(ranks)
        axes = [axis + rank if axis < 0 else axis for axis in self.attention_axes] or list(range(1, rank - 1))
        if len(set(axes)) < len(axes) or not all(0 < axis < rank - 1 for axis in axes):
            raise GraphError(
                f"{self.label} attends along axes from 1 to {rank - 2} of inputs with {rank} dimensions, "
                f"not along {list(self.attention_axes)}"
            )
        queries, keys = (
            tuple(
                Symbol(f"A_{axis}", "size of an axis", "positions")
                if axis not in axes
                else length
                if len(axes) == 1
                else numbered(length, axis)
                for axis in range(1, rank - 1)
            )
            for length in (L_q, L_k)
        )
        if len(ranks) == 1:
            keys = queries
        value_features = C_v if len(ranks) > 1 else C
        key_features = C_k if len(ranks) > 2 else value_features
        out = tuple(numbered(T, place) for place in range(1, len(self.output_shape) + 1)) or (C,)
        template = self.headed(
            (N, *(size for axis, size in enumerate(queries, 1) if axis not in axes)),
            (tuple(queries[axis - 1] for axis in axes), tuple(keys[axis - 1] for axis in axes)),
            (key_features, value_features),
            h,
            d_k if self.value_dim is None else d_v,
            out,
        )
        return replace(
            template,
            takes=((N, *queries, C), (N, *keys, value_features), (N, *keys, key_features))[: len(ranks)],
            gives=((N, *queries, *out), *template.gives)[: self.output_count],
        )


class GroupedQueryAttention(_Headed):
    """Multi-head attention in which several of the h heads of queries share one of the h_kv heads of keys and values.

    As in Keras: inputs are query, value (with as many features), and key where it is not the value.
    """

    heads: Dim = dim(h)
    kv_heads: Dim = dim(h_kv)
    head_dim: Dim = dim(d_k)

    keras = tuple(
        Dialect(
            name,
            {
                "num_query_heads": "heads",
                "num_key_value_heads": "kv_heads",
                "head_dim": "head_dim",
                "use_bias": "bias",
                "use_gate": "gate",
                "dropout": RATE,
                "sliding_window": None,
                "flash_attention": None,
                "seed": None,
            },
        )
        for name in ("GroupedQueryAttention", "GroupQueryAttention")
    )

    def template(self, ranks: Sequence[int]) -> Template:
        if self.rank_of(ranks) != 3:
            raise GraphError(f"{self.label} takes inputs of 3 dimensions, these have {ranks[0]}")
        keys = L_q if len(ranks) == 1 else L_k
        key_features = C_k if len(ranks) > 2 else C
        template = self.headed((N,), ((L_q,), (keys,)), (key_features, C), h_kv, d_k, (C,))
        takes = ((N, L_q, C), (N, keys, C), (N, keys, key_features))[: len(ranks)]
        gives = ((N, L_q, C), *template.gives)[: self.output_count]
        return replace(template, takes=takes, gives=gives, where=(_SHARED_HEADS,))


# -- PyTorch's multi-head attention: packed weights --------------------------------------------------------------------
class MultiheadAttention(_Attention):
    """PyTorch's multi-head attention: h heads share the features evenly; inputs are query, key, value, in this order.

    Keys and values may have `kdim` and `vdim` features of their own. `bias_kv` adds a learned key and value to each
    sequence, `zero_attention` one of zeros. With `scores` the second output is their mean over the heads, or (if not
    `mean_scores`) every head's. PyTorch puts the batch second unless told otherwise; here it is first.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L", 512), MultiheadAttention(8)).derive()
    >>> d.params, d.macs
    (1050624, 1024*L*(L + 1024))
    """

    heads: Dim = dim(h)
    features: Dim = dim(C, None)
    bias: bool = True
    bias_kv: bool = False
    zero_attention: bool = False
    kdim: Dim = dim(C_k, None)
    vdim: Dim = dim(C_v, None)
    batch_first: bool = True
    mean_scores: bool = True

    torch = (
        Dialect(
            "MultiheadAttention",
            {
                "embed_dim": "features",
                "num_heads": "heads",
                "dropout": RATE,
                "bias": Reading("bias", bool, kept="in_proj_bias"),
                "add_bias_kv": Reading("bias_kv", bool, kept="bias_k"),
                "add_zero_attn": "zero_attention",
                "kdim": "kdim",
                "vdim": "vdim",
                "batch_first": "batch_first",
            },
            {"batch_first": False},
        ),
    )

    @property
    def packed(self) -> bool:
        """Whether the three projections are rows of one weight: all inputs have the same number of features."""
        return all(size is None or size == self.features for size in (self.kdim, self.vdim))

    def template(self, ranks: Sequence[int]) -> Template:
        if self.rank_of(ranks) != 3:
            raise GraphError(f"{self.label} takes inputs of 3 dimensions, these have {ranks[0]}")
        keys = L_q if len(ranks) == 1 else L_k
        key_features = C if self.packed or self.kdim is None else C_k
        value_features = C if self.packed or self.vdim is None else C_v
        against = L_s if self.bias_kv or self.zero_attention else keys
        added: Written = keys
        for extra in (self.bias_kv, self.zero_attention):
            added = added + 1 if extra else added
        weights = (
            (("in_proj_weight", (3 * C, C)),)
            if self.packed
            else (
                ("q_proj_weight", (C, C)),
                ("k_proj_weight", (C, key_features)),
                ("v_proj_weight", (C, value_features)),
            )
        )
        biases = (("in_proj_bias", (3 * C,)),) if self.bias else ()
        learned = (("bias_k", (Number(1), Number(1), C)), ("bias_v", (Number(1), Number(1), C))) if self.bias_kv else ()
        last = (("out_proj.weight", (C, C)), *((("out_proj.bias", (C,)),) if self.bias else ()))
        meeting = f"{MEANS}, in every head"
        macs = (
            Count(N * L_q * C * C, "queries: C dot products over the C features", _HEADS),
            Count(N * keys * key_features * C, "keys: C dot products over a key's features", _HEADS),
            Count(N * keys * value_features * C, "values: C dot products over a value's features", _HEADS),
            Count(N * h * L_q * against * (C / h), f"{SCORES}, in every head", VASWANI("equation 1")),
            Count(N * h * L_q * against * (C / h), meeting, VASWANI("equation 1")),
            Count(N * L_q * C * C, "output: C dot products over all heads' answers", _HEADS),
        )
        scores = (N, L_q, against) if self.mean_scores else (N, h, L_q, against)
        keeps = (
            INPUTS,
            own(N * L_q * C, "queries", source=KORTHIKANTI("section 4.1")),
            own(N * against * C, "keys", source=KORTHIKANTI("section 4.1")),
            own(N * against * C, "values", source=KORTHIKANTI("section 4.1")),
            *self.attending((N, h, L_q, against)),
            own(N * L_q * C, "all heads' answers", source=KORTHIKANTI("section 4.1")),
        )
        averaged = self.scores and self.mean_scores
        work = (
            *(
                Work(BIAS, N * length * C, name)
                for name, length in (("queries", L_q), ("keys", keys), ("values", keys), ("output", L_q))
                if self.bias
            ),
            Work(MULTIPLY, N * L_q * C, SCALED, VASWANI("equation 1")),
            Work(FUNCTIONS["softmax"], N * h * L_q * against, WEIGHTS, VASWANI("equation 1")),
            *((Work(ADD, N * h * L_q * against, "scores: over the heads"),) if averaged else ()),
            *((Work(DIVIDE, N * L_q * against, "scores: by the number of heads"),) if averaged else ()),
        )
        return Template(
            takes=tuple(
                self.ordered((N, *sizes))
                for sizes in ((L_q, C), (keys, key_features), (keys, value_features))[: len(ranks)]
            ),
            gives=(self.ordered((N, L_q, C)), scores)[: self.output_count],
            rules=(
                (Formula(L_s, added, PYTORCH("MultiheadAttention"), reason="one more for each learned or zero key"),)
                if against is L_s
                else ()
            ),
            weights=tuple(Weight(name, shape) for name, shape in (*weights, *biases, *learned, *last)),
            where=(Condition(divides(h, C), "each head takes an equal share of the features", _HEADS),),
            counts={"macs": macs, "work": work, "keeps": keeps},
        )

    def ordered(self, sizes: Pattern) -> Pattern:
        """Batch first, or second."""
        return sizes if self.batch_first else (sizes[1], sizes[0], *sizes[2:])
