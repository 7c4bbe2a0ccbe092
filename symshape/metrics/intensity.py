"""Arithmetic intensity: multiply–accumulates for each byte moved, to be held against a machine's own ratio."""

from __future__ import annotations

from symshape.declaration.metric import Quotient
from symshape.declaration.source import Source
from symshape.metrics.widths import DTYPES

__all__ = ["METRIC"]

WILLIAMS = Source(
    "williams2009",
    "S. Williams, A. Waterman and D. Patterson, Roofline: an insightful visual performance model for multicore "
    "architectures, Communications of the ACM 52(4), 2009",
    "https://doi.org/10.1145/1498765.1498785",
)

METRIC = Quotient(
    "intensity",
    "multiply–accumulates per byte",
    "multiply–accumulates over the bytes read and written; of a network, of both totals",
    "macs",
    "moved_bytes",
    WILLIAMS,
    options={"dtype": DTYPES},
)
