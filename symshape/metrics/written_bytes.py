"""Bytes that layers write: their outputs, each once."""

from __future__ import annotations

from symshape.algebra.poly import Value
from symshape.declaration import DERIVED, Application
from symshape.declaration.metric import Metric
from symshape.metrics.activations import elements
from symshape.metrics.widths import DTYPES, bytes_of

__all__ = ["METRIC", "written_bytes"]


def written_bytes(call: Application, dtype: str) -> Value:
    """The outputs; views write nothing."""
    return 0 if call.layer.view or call.layer.passes else bytes_of(elements(call.outputs), dtype)


METRIC = Metric(
    "written_bytes",
    "bytes",
    "outputs of every layer, each written once, all of one type; views are not written",
    written_bytes,
    DERIVED("the elements of what leaves, at the bytes of their type"),
    options={"dtype": DTYPES},
)
