"""What a metric is: a quantity of a network, and how its total comes about.

Most metrics add up: every layer has a share (`Metric`). Some do not: the most memory in use at a time is folded over the
schedule (`Folded`), and a ratio is the quotient of two totals (`Quotient`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Union

from symshape.algebra.poly import Value
from symshape.declaration.source import Source
from symshape.errors import UnknownName

__all__ = ["AnyMetric", "Folded", "Metric", "Quotient"]


@dataclass(frozen=True)
class _Quantity:
    """What both kinds share. `options` are what the rule asks for, each with its possible values, the default first."""

    name: str
    unit: str
    meaning: str
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)

    def chosen(self, options: Mapping[str, str]) -> dict[str, str]:
        """The options with their defaults; raises `UnknownName` for an option or a value that does not exist."""
        known = self.options
        for option, value in options.items():
            if option not in known:
                raise UnknownName(f"the metric {self.name} has no option {option}: it has {', '.join(known) or 'none'}")
            if value not in known[option]:
                raise UnknownName(
                    f"the metric {self.name}: {option} is one of {', '.join(known[option])}, not {value!r}"
                )
        return {option: options.get(option, values[0]) for option, values in known.items()}


@dataclass(frozen=True)
class Metric(_Quantity):
    """A quantity that adds up over a network.

    `of` gives one application's share. Weights belong to a layer however often it is applied (`per_layer`), work and
    memory to each application. `of` raises `MissingRule` where a layer declares nothing for it.
    """

    of: Callable[..., Value]
    source: Source
    per_layer: bool = False


@dataclass(frozen=True)
class Folded(_Quantity):
    """A quantity of a whole network, not a sum of its layers' shares: `fold` makes it from the schedule.

    `adds_up` says which one, where a block is repeated a symbolic number of times: that for sums, or that for what is
    there at a time.
    """

    fold: Callable[..., Value]
    source: Source
    adds_up: bool = False


@dataclass(frozen=True)
class Quotient(_Quantity):
    """One metric over another, of a layer as of a network; options go to those of the two that have them."""

    over: str
    under: str
    source: Source


AnyMetric = Union[Metric, Folded, Quotient]  # noqa: UP007 - a value at run time, for Python 3.10
