"""The most bytes of activations in memory at a time, where the network is used: `peak_activations` by type."""

from __future__ import annotations

from symshape.algebra.poly import Value
from symshape.declaration import DERIVED
from symshape.declaration.metric import Folded
from symshape.declaration.schedule import Schedule
from symshape.metrics.peak_activations import peak_activations
from symshape.metrics.widths import bytes_of

__all__ = ["METRIC"]


def peak_bytes(schedule: Schedule, dtype: str) -> Value:
    """The greatest over the steps of the bytes of what is live."""
    return bytes_of(peak_activations(schedule), dtype)


METRIC = Folded(
    "peak_bytes",
    "bytes",
    "the most activations in memory at a time when the network is used, all of one type; views have no memory of their "
    "own, no layer works in place, and what a layer needs for itself while it runs is not counted",
    peak_bytes,
    DERIVED("the greatest over the steps of the sum of the live tensors"),
    options={"dtype": ("fp32", "fp16", "bf16", "int8")},
)
