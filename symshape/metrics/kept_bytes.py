"""Bytes that training keeps from the forward pass for the backward one.

Every layer declares what its gradient needs: what enters, what leaves, or numbers of its own. A tensor of the network is
in memory once however many layers keep it, and a view is its input's memory; what no gradient needs is let go. What the
declarations say is what PyTorch's automatic differentiation keeps, all layers trained; weights are not among it.
"""

from __future__ import annotations

from symshape.algebra.poly import Value
from symshape.declaration import Application, Kept
from symshape.declaration.kept import AUTOGRAD
from symshape.declaration.metric import Folded
from symshape.declaration.schedule import Schedule
from symshape.errors import MissingRule
from symshape.metrics.widths import bytes_of

__all__ = ["METRIC", "kept_bytes"]


def kept_bytes(schedule: Schedule, dtype: str) -> Value:
    """The network's tensors that some layer keeps, each once, and the numbers of the layers' own."""
    tensors: set[int] = set()
    total: Value = 0
    for step in schedule.steps:
        for kept, numbers in _rows(step.call):
            if kept.what == "inputs":
                tensors.update(schedule.homes_in_training[tensor] for tensor in step.reads)
            elif kept.what == "outputs":
                tensors.update(schedule.homes_in_training[tensor] for tensor in step.makes)
            else:
                total = total + (bytes_of(numbers, dtype) if kept.width is None else kept.width * numbers)
    for tensor in sorted(tensors):
        total = total + bytes_of(schedule.sizes[tensor], dtype)
    return total


def _rows(call: Application) -> list[tuple[Kept, Value]]:
    """What the layer keeps; raises `MissingRule` where it does not say, or not for the function it applies."""
    rows = call.counts("keeps")
    if rows is None:
        raise MissingRule(f"{call.label}: the layer declares no rule for the metric {METRIC.name}")
    kept: list[tuple[Kept, Value]] = []
    for row, _, numbers in rows:
        assert isinstance(row, Kept)
        if row.what == "unknown":
            raise MissingRule(f"{call.label}: the metric {METRIC.name} has no rule for {row.reason}")
        kept.append((row, numbers))
    return kept


METRIC = Folded(
    "kept_bytes",
    "bytes",
    "what training keeps from the forward pass for the backward one: the tensors that some gradient needs, each once, "
    "with masks of 1 byte, statistics of 4 and indices of 8",
    kept_bytes,
    AUTOGRAD,
    options={"dtype": ("fp32", "fp16", "bf16")},
)
