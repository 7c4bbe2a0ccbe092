"""Floating-point operations, all of them: two for each multiply–accumulate, one for every other elementary operation."""

from __future__ import annotations

from collections.abc import Mapping

from symshape.algebra.poly import Value
from symshape.declaration import DERIVED, Application, Kind
from symshape.declaration.metric import Metric
from symshape.metrics.weighing import products, weighed

__all__ = ["METRIC", "WEIGHTS", "weight"]

# Each elementary operation of a kind's formula; a hardware's own cost of an exponential is not what is counted.
WEIGHTS: Mapping[str, int] = {
    "addition": 1,
    "multiplication": 1,
    "division": 1,
    "comparison": 1,
    "exponential": 1,
    "logarithm": 1,
    "power": 1,
    "tanh": 1,
    "erf": 1,
}


def weight(kind: Kind) -> int | None:
    """What one element of the kind is worth; None where that depends on the numbers themselves."""
    return None if kind.operations is None else sum(WEIGHTS[operation] for operation in kind.operations)


def flops(call: Application) -> Value:
    """All of the layer's operations; raises `MissingRule` where it declares none, or some that cannot be counted."""
    return 2 * products(call, METRIC.name) + weighed(call, METRIC.name, weight)


METRIC = Metric(
    "flops_full",
    "operations",
    "two for each multiply–accumulate, and one for each elementary operation of bias additions, normalization, "
    "activation functions, softmax, pooling, interpolation and element-wise layers in use",
    flops,
    DERIVED("the formulas of docs/conventions.md, operation by operation"),
)
