"""Multiply–accumulates: one for each product in a convolution, dense layer, recurrence or attention."""

from __future__ import annotations

from symshape.algebra.poly import Value
from symshape.declaration import DERIVED, Application
from symshape.declaration.metric import Metric
from symshape.metrics.weighing import products

__all__ = ["METRIC"]


def macs(call: Application) -> Value:
    """The layer's declared count; raises `MissingRule` where it declares none."""
    return products(call, METRIC.name)


METRIC = Metric(
    "macs",
    "multiply–accumulates",
    "one per multiply–accumulate in contractions (convolution, linear, matrix, recurrent and attention products); "
    "bias additions, normalization, activations and pooling are not counted",
    macs,
    DERIVED("one dot product per output element"),
)
