"""Floating-point operations, by the convention of PyTorch: two for each multiply–accumulate."""

from __future__ import annotations

from symshape.algebra.poly import Value
from symshape.declaration import PYTORCH, Application
from symshape.declaration.metric import Metric
from symshape.errors import MissingRule

__all__ = ["METRIC"]


def flops(call: Application) -> Value:
    """Twice the layer's multiply–accumulates; raises `MissingRule` where it declares no rule for them."""
    counts = call.counts("macs")
    if counts is None:
        raise MissingRule(f"{call.label}: the layer declares no rule for the metric flops (it is twice the macs)")
    total: Value = 0
    for _, _, value in counts:
        total = total + 2 * value
    return total


METRIC = Metric(
    "flops",
    "operations",
    "two for each multiply–accumulate, one product and one sum (the convention of PyTorch's FlopCounterMode); "
    "bias additions, normalization, activations and pooling are not counted",
    flops,
    PYTORCH("torch.utils.flop_counter"),
)
