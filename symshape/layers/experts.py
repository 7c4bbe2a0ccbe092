"""Mixtures of experts: several feed-forward networks, of which each position uses a few."""

from __future__ import annotations

from symshape.declaration import FEATURES, Condition, Count, Dim, Kind, Layer, Source, Weight, Work, dim, own
from symshape.layers.operations import ADD, FUNCTIONS, MULTIPLY
from symshape.symbols import C, E_k, E_n, L, N, d_ff

__all__ = ["GatedExperts"]

SHAZEER_GLU = Source(
    "shazeer2020",
    "N. Shazeer, GLU variants improve transformer, 2020 (arXiv:2002.05202)",
    "https://arxiv.org/abs/2002.05202",
)
JIANG = Source(
    "jiang2024",
    "A. Q. Jiang et al., Mixtral of experts, 2024 (arXiv:2401.04088)",
    "https://arxiv.org/abs/2401.04088",
)


CHOICE = Kind("choice", "element-wise", "the greatest of several scores: as many comparisons as the data want", None)


class GatedExperts(Layer):
    """E_n gated feed-forward networks of d_ff features, of which each position is sent to E_k.

    Inputs are the sequence and, at each position, a score for every expert; those with the best scores are used. Work is
    that of the experts used, however positions are spread over them.

    >>> from symshape.network import Input, Network
    >>> x, scores = Input("L", "d"), Input("L", 8)
    >>> d = Network((x, scores), GatedExperts(8, 2, "f")(x, scores)).derive()
    >>> d.params, d.metric("active"), d.macs
    (24*d*f, 6*d*f, 6*L*d*f)
    """

    experts: Dim = dim(E_n)
    active: Dim = dim(E_k)
    feedforward: Dim = dim(d_ff)

    takes = ((N, L, C), (N, L, E_n))
    gives = ((N, L, C),)
    weights = (
        Weight("gate_up_proj", (E_n, 2 * d_ff, C), used=E_k / E_n),
        Weight("down_proj", (E_n, C, d_ff), used=E_k / E_n),
    )
    where = (Condition(E_k <= E_n, "a position is sent to different experts", JIANG("section 2.1")),)
    macs = (
        Count(
            N * L * E_k * C * (2 * d_ff),
            "gate and features, in each expert used: 2·d_ff dot products over the C features",
            SHAZEER_GLU("equation 5"),
        ),
        Count(
            N * L * E_k * d_ff * C,
            "output, of each expert used: C dot products over its d_ff features",
            SHAZEER_GLU("equation 6"),
        ),
    )
    work = (
        Work(CHOICE, N * L * E_n, "the best scores", JIANG("section 2.1")),
        Work(FUNCTIONS["softmax"], N * L * E_k, "their shares", JIANG("section 2.1")),
        Work(FUNCTIONS["silu"], N * L * E_k * d_ff, "each gate", SHAZEER_GLU("equation 5")),
        Work(MULTIPLY, N * L * E_k * d_ff, "each feature by its gate", SHAZEER_GLU("equation 5")),
        Work(MULTIPLY, N * L * E_k * C, "each expert's output by its share", JIANG("section 2.1")),
        Work(ADD, N * L * (E_k - 1) * C, "the outputs of the experts used", JIANG("section 2.1")),
    )
    keeps = (
        own(N * L * E_n, "each expert's share before the best are chosen", source=JIANG("section 2.1")),
        own(N * L * E_k, "which experts are used", width=8),
        own(N * L * E_k, "their shares before they are made to add up to 1"),
        own(N * L, "the sum of these"),
        own(
            2 * (N * L * E_k),
            "for each expert used, which positions it is sent, and as which of their choices",
            width=8,
        ),
        own(N * L * E_k * C, "a copy of what each expert used is sent"),
        own(N * L * E_k * (2 * d_ff), "gates and features"),
        own(N * L * E_k * d_ff, "gates after their function"),
        own(N * L * E_k * d_ff, "features times gates"),
        own(N * L * E_k * C, "the output of each expert used"),
        own(N * L * E_k, "the share that each output is multiplied by"),
        own(N * L * E_k * C, "each output times its share, which are added up"),
    )
    window = FEATURES
    example = staticmethod(lambda: (GatedExperts(8, 2, 1024), ("N", "L", 512), ("N", "L", 8)))
