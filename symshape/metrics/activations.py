"""Activation elements: the numbers in each layer's output."""

from __future__ import annotations

from collections.abc import Iterable

from symshape.algebra.poly import Value, added, multiplied
from symshape.declaration import DERIVED, Application
from symshape.declaration.layer import Shape
from symshape.declaration.metric import Metric

__all__ = ["METRIC", "elements"]


def activations(call: Application) -> Value:
    """The product of the output's sizes, summed over outputs; or what the layer declares, where it makes nothing new."""
    declared = call.counts("activations")
    if declared is None:
        return elements(call.outputs)
    return added(value for _, _, value in declared)


def elements(shapes: Iterable[Shape]) -> Value:
    """The numbers in several tensors."""
    return added(multiplied(shape) for shape in shapes)


METRIC = Metric(
    "activations",
    "elements",
    "the numbers in every layer's output, whether or not it has memory of its own",
    activations,
    DERIVED("the product of the output's sizes"),
)
