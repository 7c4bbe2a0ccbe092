"""Floating-point operations as many papers state them: the multiply–accumulates, each called one operation."""

from __future__ import annotations

from symshape.algebra.poly import Value
from symshape.declaration import Application
from symshape.declaration.metric import Metric
from symshape.declaration.source import Source
from symshape.metrics.weighing import products

__all__ = ["METRIC"]

HE = Source(
    "he2015",
    "K. He et al., Deep residual learning for image recognition, 2015 (arXiv:1512.03385): FLOPs (multiply-adds)",
    "https://arxiv.org/abs/1512.03385",
)


def flops(call: Application) -> Value:
    """The layer's multiply–accumulates; raises `MissingRule` where it declares none."""
    return products(call, METRIC.name)


METRIC = Metric(
    "flops_paper",
    "operations",
    "one for each multiply–accumulate, which many papers call a FLOP: the same number as macs",
    flops,
    HE("table 1"),
)
