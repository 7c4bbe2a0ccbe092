"""Trainable parameters: the numbers that training updates."""

from __future__ import annotations

from symshape.algebra.poly import Value, added
from symshape.declaration import DERIVED, Application
from symshape.declaration.metric import Metric

__all__ = ["METRIC"]


def trainable(call: Application) -> Value:
    """The parameters in weights that training updates."""
    return added(weight.count for weight in call.weights if weight.trainable and not weight.buffer)


METRIC = Metric(
    "trainable",
    "numbers",
    "the numbers that each training step updates",
    trainable,
    DERIVED("the product of each trainable weight's dimensions"),
    per_layer=True,
)
