"""Operations besides multiply–accumulates: what kind, and how often.

A layer declares facts: so many bias additions, so many numbers through a sigmoid. What one of them is worth is for the
conventions of `symshape.metrics` to say, each of which weighs kinds. `Kind.operations` are the elementary operations of
the kind's formula, and `Kind.family` is what conventions tell apart that do not look at formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Union

from symshape.declaration.formula import Count, When, always
from symshape.declaration.source import DERIVED, Source
from symshape.errors import DeclarationError
from symshape.written import Written

__all__ = ["FAMILIES", "NOTHING", "OPERATIONS", "Kind", "Work"]

# The elementary operations that formulas are made of. Changes of sign and choices between two numbers are none.
OPERATIONS = (
    "addition",  # and subtraction
    "multiplication",
    "division",
    "comparison",
    "exponential",
    "logarithm",
    "power",  # and roots
    "tanh",
    "erf",
)

# What kinds of work there are, as counting tools tell them apart.
FAMILIES = (
    "bias",
    "activation",
    "softmax",
    "element-wise",
    "pooling",
    "adaptive average pooling",
    "normalization by kept statistics",
    "normalization by own statistics",
    "other normalization",
    "scale of a normalization",
    "shift of a normalization",
    "repetition",
    "interpolation",
    "preparation",
)


@dataclass(frozen=True)
class Kind:
    """A kind of work, done once for each element: its formula, and the elementary operations of that.

    `operations` is None where their number depends on the numbers themselves.
    """

    name: str
    family: str
    formula: str
    operations: tuple[str, ...] | None

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise DeclarationError(f"the kind of work {self.name} is of no known family: {self.family}")
        for operation in self.operations or ():
            if operation not in OPERATIONS:
                raise DeclarationError(f"the kind of work {self.name} has an unknown operation: {operation}")


KindOf = Union[Kind, Callable[[Any], Kind]]  # noqa: UP007 - a value at run time, for Python 3.10


@dataclass(frozen=True, init=False)
class Work(Count):
    """How many elements of a kind of work a layer does; where an option decides the kind, a function of the layer.

    Only the operations that a layer does in use are declared, none that it does in training alone.
    """

    kind: KindOf = field(kw_only=True)

    def __init__(
        self, kind: KindOf, expression: Written, reason: str = "", source: Source = DERIVED, when: When = always
    ) -> None:
        for name, value in (
            ("kind", kind),
            ("expression", expression),
            ("reason", reason),
            ("source", source),
            ("when", when),
        ):
            object.__setattr__(self, name, value)

    def settled(self, layer: Any) -> Work:
        kind = self.kind if isinstance(self.kind, Kind) else self.kind(layer)
        return Work(kind, self.expression, self.reason, self.source, self.when)


NOTHING: tuple[Work, ...] = ()  # declared by layers that move, pass or look up numbers and compute none
