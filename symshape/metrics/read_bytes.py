"""Bytes that layers read: their inputs and their weights, each once."""

from __future__ import annotations

from symshape.algebra.poly import Value, added
from symshape.declaration import DERIVED, Application
from symshape.declaration.metric import Metric
from symshape.metrics.activations import elements
from symshape.metrics.widths import DTYPES, bytes_of

__all__ = ["METRIC", "read_bytes"]


def read_bytes(call: Application, dtype: str) -> Value:
    """Inputs and weights; of a table in which rows are looked up, those rows. Views read nothing."""
    if call.layer.view or call.layer.passes:
        return 0
    looked_up = call.counts("looks_up")
    kept = (
        [numbers for _, _, numbers in looked_up] if looked_up is not None else [weight.count for weight in call.weights]
    )
    return added(bytes_of(numbers, dtype) for numbers in (elements(call.inputs), *kept))


METRIC = Metric(
    "read_bytes",
    "bytes",
    "inputs and weights of every layer, each read once at each application, all of one type: the least that must be "
    "moved where nothing is kept close by between layers",
    read_bytes,
    DERIVED("the elements of what enters and of what is kept, at the bytes of their type"),
    options={"dtype": DTYPES},
)
