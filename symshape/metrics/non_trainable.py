"""Non-trainable parameters: numbers kept but not learned, such as running statistics and frozen weights."""

from __future__ import annotations

from symshape.algebra.poly import Value, added
from symshape.declaration import DERIVED, Application
from symshape.declaration.metric import Metric

__all__ = ["METRIC"]


def non_trainable(call: Application) -> Value:
    """The parameters in weights that training leaves alone."""
    return added(weight.count for weight in call.weights if not weight.trainable and not weight.buffer)


METRIC = Metric(
    "non_trainable",
    "numbers",
    "numbers kept but not learned: running statistics, frozen weights",
    non_trainable,
    DERIVED("the product of each non-trainable weight's dimensions"),
    per_layer=True,
)
