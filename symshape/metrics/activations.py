"""Activation elements: the numbers in each layer's output."""

from __future__ import annotations

from symshape.algebra.poly import Value
from symshape.declaration import DERIVED, Application
from symshape.declaration.metric import Metric

__all__ = ["METRIC"]


def activations(call: Application) -> Value:
    """The product of the output's sizes, summed over outputs; or what the layer declares, where it makes nothing new."""
    total: Value = 0
    declared = call.counts("activations")
    if declared is not None:
        for _, _, value in declared:
            total = total + value
        return total
    for shape in call.outputs:
        elements: Value = 1
        for size in shape:
            elements = elements * size
        total = total + elements
    return total


METRIC = Metric(
    "activations",
    "elements",
    "the numbers in every layer's output, all kept at once as for training",
    activations,
    DERIVED("the product of the output's sizes"),
)
