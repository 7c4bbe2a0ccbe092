"""Multiply–accumulates: one for each product in a convolution, dense layer, recurrence or attention."""

from __future__ import annotations

from symshape.algebra.poly import Value
from symshape.declaration import DERIVED, Application
from symshape.declaration.metric import Metric
from symshape.errors import MissingRule

__all__ = ["METRIC"]


def macs(call: Application) -> Value:
    """The layer's declared count; raises `MissingRule` where it declares none."""
    counts = call.counts("macs")
    if counts is None:
        raise MissingRule(f"{call.label}: the layer declares no rule for the metric macs")
    total: Value = 0
    for _, _, value in counts:
        total = total + value
    return total


METRIC = Metric(
    "macs",
    "multiply–accumulates",
    "one per multiply–accumulate in contractions (convolution, linear, matrix, recurrent and attention products); "
    "bias additions, normalization, activations and pooling are not counted",
    macs,
    DERIVED("one dot product per output element"),
)
