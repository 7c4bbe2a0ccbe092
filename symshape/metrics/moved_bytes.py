"""Bytes that layers move: what they read and what they write."""

from __future__ import annotations

from symshape.algebra.poly import Value
from symshape.declaration import DERIVED, Application
from symshape.declaration.metric import Metric
from symshape.metrics.read_bytes import read_bytes
from symshape.metrics.widths import DTYPES
from symshape.metrics.written_bytes import written_bytes

__all__ = ["METRIC"]


def moved_bytes(call: Application, dtype: str) -> Value:
    """What is read and what is written, together."""
    return read_bytes(call, dtype) + written_bytes(call, dtype)


METRIC = Metric(
    "moved_bytes",
    "bytes",
    "what every layer reads and writes, each array once",
    moved_bytes,
    DERIVED("the sum of read_bytes and written_bytes"),
    options={"dtype": DTYPES},
)
