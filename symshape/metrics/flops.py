"""Floating-point operations, by the convention of PyTorch: two for each multiply–accumulate."""

from __future__ import annotations

from symshape.algebra.poly import Value
from symshape.declaration import PYTORCH, Application
from symshape.declaration.metric import Metric
from symshape.metrics.weighing import products

__all__ = ["METRIC"]


def flops(call: Application) -> Value:
    """Twice the layer's multiply–accumulates; raises `MissingRule` where it declares no rule for them."""
    return 2 * products(call, METRIC.name)


METRIC = Metric(
    "flops",
    "operations",
    "two for each multiply–accumulate, one product and one sum (the convention of PyTorch's FlopCounterMode); "
    "bias additions, normalization, activations and pooling are not counted",
    flops,
    PYTORCH("torch.utils.flop_counter"),
)
