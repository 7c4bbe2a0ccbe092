"""The most activation elements in memory at a time, where the network is run layer by layer and nothing is kept.

A tensor lives from the step that makes it to the last step that reads it; inputs are there from the beginning, outputs
stay to the end. A layer's input and output are both in memory while it runs: no layer works in place. A view (a
flattened map, what a dropout passes on in use) has no memory of its own. What a layer needs for itself while it runs is
not counted.
"""

from __future__ import annotations

from symshape.algebra.dominance import greatest
from symshape.algebra.poly import Value
from symshape.declaration import DERIVED
from symshape.declaration.metric import Folded
from symshape.declaration.schedule import Schedule

__all__ = ["METRIC"]


def peak_activations(schedule: Schedule) -> Value:
    """The greatest over the steps of what is live."""
    return greatest((schedule.elements(tensors) for tensors in widest(schedule)), schedule.least)


def widest(schedule: Schedule) -> list[frozenset[int]]:
    """The sets of tensors that are live at once, but for those within a neighbour: sizes are never negative."""
    live = [frozenset[int](), *schedule.live(), frozenset[int]()]
    return [
        here
        for before, here, after in zip(live, live[1:], live[2:], strict=False)
        if not (here < before or here < after)
    ]


METRIC = Folded(
    "peak_activations",
    "elements",
    "the most numbers in memory at a time when the network is used: at each layer, its inputs, its outputs and what "
    "later layers still read; views have no memory of their own, and no layer works in place",
    peak_activations,
    DERIVED("the greatest over the steps of the sum of the live tensors"),
)
