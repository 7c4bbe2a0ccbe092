"""Mixtral: Llama's decoder, with a mixture of experts in place of each feed-forward network."""

from __future__ import annotations

from typing import Any

from symshape.declaration import Source
from symshape.layers.dense import Dense
from symshape.layers.experts import GatedExperts
from symshape.network import Estimate, Network, Tensor
from symshape.zoo.blocks.transformer import KAPLAN
from symshape.zoo.family import Family
from symshape.zoo.llama import HEADS, PARTS, gated_decoder

__all__ = ["FAMILY", "mixtral"]

JIANG = Source(
    "jiang2024",
    "A. Q. Jiang et al., Mixtral of experts, 2024 (arXiv:2401.04088)",
    "https://arxiv.org/abs/2401.04088",
)


def mixtral(
    n: Any = "n",
    d: Any = "d",
    h: Any = "h",
    h_kv: Any = "h_kv",
    V: Any = "V",
    d_ff: Any = "d_ff",
    E: Any = "E",
    k: Any = "K",
    d_k: Any = "d_k",
    *,
    head: str = "own",
    length: Any = 4096,
) -> Network:
    """Mixtral with n layers of d features and E experts, of which every token goes to K, for L tokens out of V.

    >>> d = mixtral(32, 4096, 32, 8, 32000, 14336, 8, 2, 128).derive()
    >>> d.params, d.metric("active")
    (46702792704, 12879925248)
    """

    def experts(x: Tensor) -> Tensor:
        return GatedExperts(E, k, d_ff, name="experts")(x, Dense(E, bias=False, name="router")(x))

    return gated_decoder(n, d, h, h_kv, V, d_k, experts, head, length)


FAMILY = Family(
    name="mixtral",
    title="Mixtral",
    source=JIANG,
    build=mixtral,
    knobs={
        "n": "number of decoder layers",
        "d": "features of each token",
        "h": "heads of queries in each layer",
        "h_kv": "heads of keys and values in each layer",
        "V": "number of different tokens",
        "d_ff": "features between the two layers of an expert",
        "E": "experts in each layer",
        "k": "experts that each token goes to",
        "d_k": "features of a head; None for d/h",
        "head": HEADS,
        "length": "number of tokens that costs are shown for",
    },
    presets={
        "mixtral_8x7b": {"n": 32, "d": 4096, "h": 32, "h_kv": 8, "V": 32000, "d_ff": 14336, "E": 8, "k": 2, "d_k": 128},
        "mixtral_8x22b": {
            "n": 56,
            "d": 6144,
            "h": 48,
            "h_kv": 8,
            "V": 32000,
            "d_ff": 16384,
            "E": 8,
            "k": 2,
            "d_k": 128,
        },
    },
    parts=PARTS,
    estimates=(
        Estimate(
            "FLOPs of training on one sequence, 6·N·D with the active parameters",
            exact="6*macs",
            approximate="6*active*L",
            reason="two FLOPs for each MAC forward and four backward; the approximation lets every active parameter meet "
            "every token once, the embedding too, and leaves out the products of attention",
            source=KAPLAN("section 2.1"),
        ),
    ),
)
