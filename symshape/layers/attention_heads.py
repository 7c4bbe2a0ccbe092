"""Heads of attention over features that are projected already, and what tells them where positions are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symshape.declaration import (
    EVERYTHING,
    FEATURES,
    NOTHING,
    Condition,
    Count,
    Dim,
    Kept,
    Layer,
    Source,
    Template,
    Weight,
    Work,
    dim,
    inputs,
    own,
)
from symshape.declaration.signature import Pattern, names_of_axes
from symshape.errors import GraphError
from symshape.layers.attention import AINSLIE, KORTHIKANTI, MEANS, SCALED, SCORES, VASWANI, WEIGHTS
from symshape.layers.operations import ADD, FUNCTIONS, MULTIPLY
from symshape.symbols import A, B, C, C_k, C_v, L_k, L_q, N, h, h_kv
from symshape.written import Number, Symbol, Written, divides, each, equal, product

__all__ = ["AttentionHeads", "RelativePositionBias", "RotaryEmbedding"]

RAFFEL = Source(
    "raffel2020",
    "C. Raffel et al., Exploring the limits of transfer learning with a unified text-to-text transformer, 2020 "
    "(arXiv:1910.10683)",
    "https://arxiv.org/abs/1910.10683",
)
SU = Source(
    "su2021",
    "J. Su et al., RoFormer: enhanced transformer with rotary position embedding, 2021 (arXiv:2104.09864)",
    "https://arxiv.org/abs/2104.09864",
)

EVEN_SHARE = "each head takes an equal share of the features"


class AttentionHeads(Layer):
    """softmax(Q·Kᵀ/√d)·V in h heads side by side, each over an equal share of the features.

    Inputs are queries, keys and values, projected already, and a bias for every head's scores where there is one: for each
    example, or the same for all. Axes before the last two are not attended along, such as those of a map's windows. With
    `kv_heads` several heads of queries share one of keys and values; with `scaled` each head multiplies its scores by a
    number that it learns, as for cosines. A causal mask changes nothing here: every query's products with all keys are
    counted.

    >>> from symshape.network import Input, Network
    >>> q, k, v = Input("L", 512), Input("S", 512), Input("S", 512)
    >>> d = Network((q, k, v), AttentionHeads(8)(q, k, v)).derive()
    >>> d.output_shape, d.macs
    ((N, L, 512), 1024*L*S)
    """

    heads: Dim = dim(h)
    kv_heads: Dim = dim(h_kv, None)
    scaled: bool = False

    window = EVERYTHING
    example = staticmethod(lambda: (AttentionHeads(8), *[("N", "L", 512)] * 3))

    def template(self, ranks: Sequence[int]) -> Template:
        if len(ranks) not in (3, 4):
            raise GraphError(
                f"{self.label} takes queries, keys, values, and a bias for the scores where there is one: "
                f"{len(ranks)} inputs are connected"
            )
        rank = ranks[0]
        if rank < 3 or set(ranks[:3]) != {rank} or not set(ranks[3:]) <= {3, rank + 1}:
            raise GraphError(
                f"{self.label} takes queries, keys and values of one number of dimensions, at least 3, and a bias of one "
                f"more or of 3, not inputs of {list(ranks)} dimensions"
            )
        leading = (N, *(Symbol(f"A_{place}", "size of an axis", "positions") for place in range(1, rank - 2)))
        pairs = product((*leading, h, L_q, L_k))
        grouped = self.kv_heads is not None
        values: Written = C_v * (h / h_kv) if grouped else C_v
        same = h * C_k, h_kv * C
        shared = (
            Condition(divides(h_kv, h), "as many heads of queries share each head of keys and values", AINSLIE("2.2")),
            Condition(equal(*same), "heads of keys are as wide as those of queries", AINSLIE("section 2.2")),
            Condition(divides(h_kv, C_v), "each head takes an equal share of the values", AINSLIE("section 2.2")),
        )
        alike = (
            Condition(equal(C_k, C), "keys have as many features as queries", VASWANI("equation 1")),
            Condition(divides(h, C_v), "each head takes an equal share of the values", VASWANI("section 3.2.2")),
        )
        biased = ((*(leading if ranks[3] > 3 else ()), h, L_q, L_k),) if len(ranks) > 3 else ()
        of_a_value = C_v / (h_kv if grouped else h)
        return Template(
            takes=((*leading, L_q, C), (*leading, L_k, C_k), (*leading, L_k, C_v), *biased),
            gives=((*leading, L_q, values),),
            weights=(Weight("scale", (h, Number(1), Number(1))),) if self.scaled else (),
            where=(Condition(divides(h, C), EVEN_SHARE, VASWANI("section 3.2.2")), *(shared if grouped else alike)),
            counts={
                "macs": (
                    Count(product((pairs, C / h)), f"{SCORES}, in every head", VASWANI("equation 1")),
                    Count(product((pairs, of_a_value)), f"{MEANS}, in every head", VASWANI("equation 1")),
                ),
                "work": (
                    Work(MULTIPLY, product((*leading, L_q, C)), SCALED, VASWANI("equation 1")),
                    *((Work(ADD, pairs, "the bias of each score"),) if biased else ()),
                    Work(FUNCTIONS["softmax"], pairs, WEIGHTS, VASWANI("equation 1")),
                ),
                "keeps": tuple(self.keeping(leading, pairs, values)),
            },
        )

    def keeping(self, leading: Pattern, pairs: Written, values: Written) -> Iterable[Kept]:
        """What the gradients need; a bias needs nothing.

        PyTorch multiplies matrices of one head, whose numbers must lie together: what it keeps of queries, keys and
        values are copies, one for each head of queries where several share one of keys and values.
        """
        heads, weighed = "a copy with each head's side by side", KORTHIKANTI("section 4.1")
        for name, length in (("queries", L_q), ("keys", L_k)):
            yield own(product((*leading, length, C)), f"{name}, {heads}", source=weighed)
        yield own(product((*leading, L_k, values)), f"values, {heads}", source=weighed)
        if self.scaled:
            yield inputs(0, 1, reason="queries and keys before they are brought to length 1")
            for name, length in (("queries", L_q), ("keys", L_k)):
                reason = f"lengths of {name}, and the same where they are not too small to divide by"
                yield own(product((Number(2), *leading, length, h)), reason)
            yield own(pairs, "the cosine of each query and key, which the scale multiplies")
            yield own(h, "the scales, which are learned as logarithms")
        yield own(pairs, "each query's weights", source=weighed)


class RelativePositionBias(Layer):
    """A learned number for each head and each pair of positions, looked up by how far apart they are, in B buckets.

    Inputs are the sequence of queries, and that of keys where it is another one; only their lengths matter, or, for
    positions given as numbers, the distances between these. `rows` says whether the table has one for each bucket or one
    for each head.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L", 512), RelativePositionBias(8, 32)).derive()
    >>> d.output_shape, d.params
    ((N, 8, L, L), 256)
    """

    heads: Dim = dim(h)
    buckets: Dim = dim(B)
    rows: str = "buckets"

    window = EVERYTHING
    example = staticmethod(lambda: (RelativePositionBias(8, 32), ("N", "L", 512)))

    def template(self, ranks: Sequence[int]) -> Template:
        if len(ranks) not in (1, 2) or any(rank not in (2, 3) for rank in ranks):
            raise GraphError(
                f"{self.label} takes one or two sequences, with or without features, not inputs of {list(ranks)} dimensions"
            )
        if self.rows not in ("buckets", "heads"):
            raise GraphError(f"{self.label}: rows are buckets or heads, not {self.rows!r}")
        keys = L_q if len(ranks) == 1 else L_k
        features = (C, C_k)
        placed = (N,) if set(ranks) == {2} else ()  # each example has positions of its own
        return Template(
            takes=tuple(
                (N, length, *((features[place],) if rank == 3 else ()))
                for place, (length, rank) in enumerate(zip((L_q, keys), ranks, strict=False))
            ),
            gives=((N, h, L_q, keys),),
            weights=(Weight("table", (B, h) if self.rows == "buckets" else (h, B)),),
            counts={
                "macs": (Count(Number(0), "looks numbers up, multiplies none", RAFFEL("section 2.1")),),
                "work": NOTHING,
                "keeps": (own(product((*placed, L_q, keys)), "the bucket of each pair of positions", width=8),),
            },
        )


class RotaryEmbedding(Layer):
    """Queries or keys of h heads, their features turned in pairs by angles that grow with the position; nothing is learned.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("L", 512), RotaryEmbedding(8)).derive().params
    0
    """

    heads: Dim = dim(h)

    takes = ((each(A), C),)
    window = FEATURES
    example = staticmethod(lambda: (RotaryEmbedding(8), ("N", "L", 512)))

    def template(self, ranks: Sequence[int]) -> Template:
        sizes = (*map(Symbol, names_of_axes(ranks[0] - 1)), C)
        positions = sizes[1:-1][-1:]  # those of the last axis but the features'; an example alone is one position
        angles = own(
            product((Number(2), *positions, C / h)), "cosines and sines of all angles", once="angles of positions"
        )
        return Template(
            takes=(sizes,),
            gives=(sizes,),
            where=(Condition(divides(2 * h, C), "each head's features are turned two at a time", SU("section 3.2.2")),),
            counts={
                "macs": (Count(Number(0), "turns numbers in pairs; by convention not counted", SU("equation 34")),),
                "work": (
                    Work(
                        MULTIPLY,
                        product((Number(2), *sizes)),
                        "each number and its partner, by cosine and sine",
                        SU("equation 34"),
                    ),
                    Work(ADD, product(sizes), "both products of each number", SU("equation 34")),
                ),
                "keeps": (angles,),
            },
        )
