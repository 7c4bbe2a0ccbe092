"""Bytes of an optimizer's state: the numbers it remembers for each trainable parameter from step to step."""

from __future__ import annotations

from collections.abc import Mapping

from symshape.algebra.poly import Value, added
from symshape.declaration import Application
from symshape.declaration.metric import Metric
from symshape.declaration.source import Source
from symshape.metrics.widths import bytes_of

__all__ = ["METRIC", "REMEMBERS"]

ADAM = Source(
    "kingma2014",
    "D. P. Kingma and J. Ba, Adam: a method for stochastic optimization, 2014 (arXiv:1412.6980)",
    "https://arxiv.org/abs/1412.6980",
)

# Adam and AdamW: means of gradients and of their squares; momentum: a mean of gradients. Counts of steps are left out.
REMEMBERS: Mapping[str, int] = {"adam": 2, "adamw": 2, "momentum": 1, "sgd": 0}


def optimizer_bytes(call: Application, optimizer: str, dtype: str) -> Value:
    """The bytes that the optimizer remembers for the layer's trainable weights."""
    learned = (weight for weight in call.weights if weight.trainable and not weight.buffer)
    return added(REMEMBERS[optimizer] * bytes_of(weight.count, dtype) for weight in learned)


METRIC = Metric(
    "optimizer_bytes",
    "bytes",
    "what the optimizer remembers: 2 numbers for each trainable parameter with Adam and AdamW, 1 with momentum, "
    "none with plain gradient descent",
    optimizer_bytes,
    ADAM("algorithm 1"),
    per_layer=True,
    options={"optimizer": tuple(REMEMBERS), "dtype": ("fp32", "fp16", "bf16")},
)
