"""Parameters: the numbers a layer keeps."""

from __future__ import annotations

from symshape.algebra.poly import Value, added
from symshape.declaration import DERIVED, Application
from symshape.declaration.metric import Metric

__all__ = ["METRIC"]


def params(call: Application) -> Value:
    """The sum over the layer's weights of the product of each weight's dimensions."""
    return added(weight.count for weight in call.weights if not weight.buffer)


METRIC = Metric(
    "params",
    "numbers",
    "every number the network keeps, learned or not; weights shared by several applications counted once",
    params,
    DERIVED("the product of each weight's dimensions"),
    per_layer=True,
)
