"""Buffers: numbers that PyTorch keeps beside its parameters, such as running statistics."""

from __future__ import annotations

from symshape.algebra.poly import Value, added
from symshape.declaration import DERIVED, Application
from symshape.declaration.metric import Metric

__all__ = ["METRIC"]


def buffers(call: Application) -> Value:
    """The entries of arrays that are kept but are no parameters."""
    return added(weight.count for weight in call.weights if weight.buffer)


METRIC = Metric(
    "buffers",
    "numbers",
    "numbers kept beside the parameters: PyTorch's running statistics and counters",
    buffers,
    DERIVED("the product of each buffer's dimensions"),
    per_layer=True,
)
