"""The data of a declaration: formulas, weights, conditions and counts, each with its source and reason.

Everything here is written over the vocabulary of `symshape.symbols`. `when` says for which options of the layer an
entry holds; without it, always.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from symshape.declaration.source import DERIVED, Source
from symshape.written import Number, Symbol, Written

__all__ = ["Condition", "Count", "Formula", "Weight", "When", "always", "has", "never", "option"]

When = Callable[[Any], bool]


def always(layer: Any) -> bool:
    """The entry holds whatever the options."""
    return True


def has(field: str) -> When:
    """The entry holds where the layer's option `field` is set."""
    return lambda layer: bool(getattr(layer, field))


def option(field: str, *values: Any) -> When:
    """The entry holds where the layer's option `field` is one of `values`."""
    return lambda layer: getattr(layer, field) in values


@dataclass(frozen=True)
class Formula:
    """target = expression, e.g. the size of a map; on every axis when the target is axial.

    Of several formulas for one target the first whose `when` holds is used: they are the forms in which the literature
    writes the special cases.
    """

    target: Symbol
    expression: Written
    source: Source
    when: When = always
    reason: str = ""


@dataclass(frozen=True)
class Count:
    """A number of operations, with what is counted in words."""

    expression: Written
    reason: str
    source: Source = DERIVED
    when: When = always

    def settled(self, layer: Any) -> Count:
        """The entry for this layer's options, where they decide more than whether it holds."""
        return self


def never(layer: Any) -> bool:
    """The entry holds for no options."""
    return False


_ALL = Number(1)


@dataclass(frozen=True)
class Weight:
    """A named array of numbers that the layer keeps; `shape` is symbolic, `trainable` whether training updates it.

    Name, shape and order are Keras's where Keras has the layer. `torch` gives PyTorch's name and shape where they
    differ, and `buffer` says for which options the array is a PyTorch buffer: kept, but no parameter. `used` is the share
    of it that one position takes part in: all, but for experts of which only some are asked.
    """

    name: str
    shape: tuple[Written, ...]
    trainable: bool = True
    when: When = always
    torch: tuple[str, tuple[Written, ...]] | None = None
    buffer: When = never
    used: Written = _ALL

    @property
    def in_torch(self) -> Weight:
        """The weight under PyTorch's name and with PyTorch's shape."""
        return self if self.torch is None else replace(self, name=self.torch[0], shape=self.torch[1])


@dataclass(frozen=True)
class Condition:
    """A relation that must hold for the layer to be defined, and what it means when it fails."""

    relation: Written
    reason: str
    source: Source = DERIVED
    when: When = always
