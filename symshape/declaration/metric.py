"""What a metric is: a number for each layer, and how a network's total comes from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symshape.algebra.poly import Value
from symshape.declaration.application import Application
from symshape.declaration.source import Source

__all__ = ["Metric"]


@dataclass(frozen=True)
class Metric:
    """A quantity that adds up over a network.

    `of` gives one application's share. Weights belong to a layer however often it is applied (`per_layer`), work and
    memory to each application. `of` raises `MissingRule` where a layer declares nothing for it.
    """

    name: str
    unit: str
    meaning: str
    of: Callable[[Application], Value]
    source: Source
    per_layer: bool = False
