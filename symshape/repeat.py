"""Repetition: a block applied over and over, as often as a number or a symbol says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from symshape.algebra.poly import Poly, Value, canonical, names_of
from symshape.declaration import as_value
from symshape.errors import GraphError, UsageError
from symshape.network import Network, Node

__all__ = ["Repeat", "repeated"]


class Repeat(Network):
    """A block applied `times` times in a row, each time with weights of its own; `times` may be a symbol, or 0.

    What the block gives, it takes the next time; inputs beyond its outputs are the same each time (an encoder's output
    for every decoder layer). `index` is the symbol by which the block's options speak of the place, 0 for the first.

    Raises `GraphError` for a block that gives more than it takes.

    >>> from symshape.layers import Conv2D
    >>> from symshape.network import Input
    >>> block = Network.of(Conv2D("C", 3, padding="same"), "H", "W", "C", name="block")
    >>> x = Input("H", "W", "C")
    >>> Network(x, Repeat(block, "n")(x)).derive().params
    C*n*(9*C + 1)
    """

    kind = "Repeat"
    block: Network
    times: Value
    index: str

    def __init__(self, block: Network, times: Any, index: str = "") -> None:
        self._fill(block.name, block.nodes, block.inputs, block.outputs)
        self.note, self.sequential = block.note, block.sequential
        self.block = block
        self.times = canonical(as_value(times))
        self.index = index
        if len(self.outputs) > len(self.inputs):
            raise GraphError(
                f"{self.name}: a block that is repeated takes what it gives: it has {len(self.outputs)} outputs "
                f"for {len(self.inputs)} inputs"
            )
        if not isinstance(self.times, Poly) and (self.times < 0 or self.times != int(self.times)):
            raise UsageError(f"{self.name}: the number of repetitions is {self.times}: it must be an integer ≥ 0")
        if index in self.inner_symbols:
            raise UsageError(f"{self.name}: the index {index} tells the places apart, it cannot say how many there are")

    @cached_property
    def inner_symbols(self) -> frozenset[str]:
        return (self.block.inner_symbols - {self.index}) | {name.text for name in names_of(self.times)}

    @cached_property
    def multipliers(self) -> frozenset[str]:
        rational = (name.text for name in names_of(self.times) if not name.integral)
        return self.block.multipliers | frozenset(rational)

    def with_nodes(self, nodes: Sequence[Node], note: str | None = None) -> Network:
        """The same repetition of a block with other operations in its nodes."""
        return Repeat(self.block.with_nodes(nodes, note), self.times, self.index)

    def replaced(self, **options: Any) -> Network:
        """The same block repeated another number of times."""
        if set(options) != {"times"}:
            raise UsageError(f"{self.name} is a repeated block: its only option is times, not {', '.join(options)}")
        return Repeat(self.block, options["times"], self.index)


def repeated(function: Callable[..., Any], times: Any, *sizes: Any, name: str, index: str = "") -> Repeat:
    """A function of a tensor as a block that is repeated; `sizes` name what it takes, as for `Input`.

    >>> from symshape.layers import Dense
    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("d"), repeated(Dense("d"), "n", "d", name="mlp")).derive().macs
    d**2*n
    """
    return Repeat(Network.of(function, *sizes, name=name), times, index)
