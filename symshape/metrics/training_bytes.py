"""Bytes that training takes: parameters, gradients, the optimizer's state, and what is kept for the backward pass."""

from __future__ import annotations

from symshape.algebra.poly import Value
from symshape.declaration import DERIVED
from symshape.declaration.metric import Folded
from symshape.declaration.schedule import Schedule, over_laps
from symshape.metrics.gradient_bytes import gradient_bytes
from symshape.metrics.kept_bytes import kept_bytes
from symshape.metrics.optimizer_bytes import REMEMBERS, optimizer_bytes
from symshape.metrics.param_bytes import param_bytes

__all__ = ["METRIC"]


def training_bytes(schedule: Schedule, optimizer: str, dtype: str) -> Value:
    """The sum of the four, everything of one type."""
    total = kept_bytes(schedule, dtype)
    for step in schedule.layers:
        call = step.call
        own = param_bytes(call, dtype) + gradient_bytes(call, dtype) + optimizer_bytes(call, optimizer, dtype)
        total = total + over_laps(own, step.laps)
    return total


METRIC = Folded(
    "training_bytes",
    "bytes",
    "parameters, gradients, the optimizer's state and what is kept for the backward pass, all added up, for one example "
    "unless the batch is given; buffers and working space are not counted",
    training_bytes,
    DERIVED("the sum of param_bytes, gradient_bytes, optimizer_bytes and kept_bytes"),
    adds_up=True,
    options={"optimizer": tuple(REMEMBERS), "dtype": ("fp32", "fp16", "bf16")},
)
