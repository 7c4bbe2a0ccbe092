"""Bytes of the parameters, by type."""

from __future__ import annotations

from symshape.algebra.poly import Value, added
from symshape.declaration import DERIVED, Application
from symshape.declaration.metric import Metric
from symshape.metrics.widths import DTYPES, bytes_of

__all__ = ["METRIC"]


def param_bytes(call: Application, dtype: str) -> Value:
    """The bytes of the layer's weights; scales and zero points of quantized types are not among them."""
    return added(bytes_of(weight.count, dtype) for weight in call.weights if not weight.buffer)


METRIC = Metric(
    "param_bytes",
    "bytes",
    "the numbers the network keeps, learned or not, all of one type",
    param_bytes,
    DERIVED("the product of each weight's dimensions, at the bytes of its type"),
    per_layer=True,
    options={"dtype": DTYPES},
)
