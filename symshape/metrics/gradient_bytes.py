"""Bytes of the gradients: one number for each trainable parameter."""

from __future__ import annotations

from symshape.algebra.poly import Value, added
from symshape.declaration import DERIVED, Application
from symshape.declaration.metric import Metric
from symshape.metrics.widths import bytes_of

__all__ = ["METRIC"]


def gradient_bytes(call: Application, dtype: str) -> Value:
    """The bytes of the gradients of the layer's trainable weights."""
    return added(bytes_of(weight.count, dtype) for weight in call.weights if weight.trainable and not weight.buffer)


METRIC = Metric(
    "gradient_bytes",
    "bytes",
    "one number for each trainable parameter, held from the backward pass to the update",
    gradient_bytes,
    DERIVED("the product of each trainable weight's dimensions, at the bytes of its type"),
    per_layer=True,
    options={"dtype": ("fp32", "fp16", "bf16")},
)
