"""What a layer keeps from the forward pass because its gradient needs it.

A layer keeps what enters, what leaves, or numbers of its own. What enters or leaves is a tensor of the network, which
memory holds once however many layers keep it; numbers of a layer's own come on top.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Union

from symshape.declaration.formula import Count, When, always
from symshape.declaration.source import Source
from symshape.written import Number, Written

__all__ = ["AUTOGRAD", "INPUTS", "KEEPS_NOTHING", "OUTPUTS", "Kept", "What", "inputs", "outputs", "own"]

# "unknown": nobody declared it; a metric that needs it is an error.
What = Literal["inputs", "outputs", "own", "nothing", "unknown"]
WhatOf = Union[What, Callable[[Any], What]]  # noqa: UP007 - a value at run time, for Python 3.10

AUTOGRAD = Source(
    "autograd",
    "PyTorch, tools/autograd/derivatives.yaml: the tensors that each backward formula uses",
    "https://github.com/pytorch/pytorch/blob/main/tools/autograd/derivatives.yaml",
)


NONE = Number(0)


@dataclass(frozen=True, init=False)
class Kept(Count):
    """Numbers kept: the layer's inputs, its outputs, or `expression` numbers of its own.

    `width` is the bytes of one, where the type of the activations does not say it (a mask 1, an index 8, statistics 4).
    `places` are those of the inputs or outputs that are kept, where not all are. `once` names numbers that are made once
    for the whole network, however many layers use them. `needs` are sizes, by name, without which training cannot run the
    layer, where use does not run it.
    """

    what: WhatOf = field(kw_only=True)
    width: int | None = field(kw_only=True)
    places: tuple[int, ...] | None = field(kw_only=True)
    once: str = field(kw_only=True)
    needs: tuple[str, ...] = field(kw_only=True)

    def __init__(
        self,
        what: WhatOf,
        expression: Written = NONE,
        reason: str = "",
        source: Source = AUTOGRAD,
        when: When = always,
        width: int | None = None,
        places: tuple[int, ...] | None = None,
        once: str = "",
        needs: tuple[str, ...] = (),
    ) -> None:
        given = {"what": what, "expression": expression, "reason": reason, "source": source, "when": when}
        for name, value in {**given, "width": width, "places": places, "once": once, "needs": needs}.items():
            object.__setattr__(self, name, value)

    def settled(self, layer: Any) -> Kept:
        return replace(self, what=self.what(layer)) if callable(self.what) else self

    def among(self, tensors: Sequence[Any]) -> Sequence[Any]:
        """Of the layer's inputs or outputs, those that are kept."""
        return tensors if self.places is None else [tensors[place] for place in self.places]


def own(
    numbers: Written,
    reason: str,
    *,
    width: int | None = None,
    source: Source = AUTOGRAD,
    when: When = always,
    once: str = "",
) -> Kept:
    """Numbers that the layer keeps besides the network's tensors."""
    return Kept("own", numbers, reason, source, when, width, once=once)


def inputs(*places: int, width: int | None = None, reason: str = "those that are needed") -> Kept:
    """Some of the inputs, and how many bytes one of their numbers has."""
    return Kept("inputs", reason=reason, width=width, places=places)


def outputs(*places: int, width: int | None = None, reason: str = "those that are needed") -> Kept:
    """Some of the outputs, and how many bytes one of their numbers has."""
    return Kept("outputs", reason=reason, width=width, places=places)


INPUTS = Kept("inputs", reason="what enters")
OUTPUTS = Kept("outputs", reason="what leaves")
KEEPS_NOTHING: tuple[Kept, ...] = ()  # declared by layers whose gradient needs shapes and weights alone
