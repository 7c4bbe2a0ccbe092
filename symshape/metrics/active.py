"""Active parameters: those that one position takes part in."""

from __future__ import annotations

from symshape.algebra.poly import Value, added
from symshape.declaration import DERIVED, Application
from symshape.declaration.metric import Metric

__all__ = ["METRIC"]


def active(call: Application) -> Value:
    """The parameters, of a mixture of experts only those of the experts used."""
    return added(weight.active for weight in call.weights if not weight.buffer)


METRIC = Metric(
    "active",
    "numbers",
    "the parameters that take part for one position: all of them, but of a mixture of experts only those of the experts used",
    active,
    DERIVED("each weight's share in the work for one position"),
    per_layer=True,
)
