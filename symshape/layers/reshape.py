"""Layers that rearrange numbers: the same elements under another shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symshape.declaration import (
    DERIVED,
    ELSEWHERE,
    EVERYTHING,
    Condition,
    Count,
    Dialect,
    Dim,
    Formula,
    Layer,
    Reading,
    Template,
    Window,
    dim,
    dims,
)
from symshape.declaration.signature import names_of_axes
from symshape.errors import UsageError
from symshape.symbols import C, N, R, T, numbered
from symshape.written import Number, Symbol, divides, equal, product

__all__ = ["Flatten", "Permute", "RepeatVector", "Reshape"]

MOVES_DATA = Count(Number(0), "moves numbers, multiplies none")
REST = Symbol("T_out", "what is left for the open axis")


def _axes(rank: int) -> tuple[Symbol, ...]:
    return tuple(Symbol(name) for name in ((*names_of_axes(rank - 1), "C") if rank > 1 else ("N",)))


class Flatten(Layer):
    """All of an example's numbers in one row."""

    macs = MOVES_DATA
    window = EVERYTHING
    keras = (Dialect("Flatten", {"data_format": None}),)

    def template(self, ranks: Sequence[int]) -> Template:
        sizes = _axes(ranks[0])
        return Template(
            takes=(sizes,),
            gives=((N, REST),),
            rules=(
                Formula(REST, product(sizes[1:]), DERIVED("flattening"), reason="every number of the map, in a row"),
            ),
            counts={"macs": (MOVES_DATA,)},
        )


class Reshape(Layer):
    """The same numbers under the shape `target` (the batch axis left out); one entry may be −1, what is left."""

    target: tuple[Any, ...] = dims(T)

    macs = MOVES_DATA
    window = ELSEWHERE
    keras = (Dialect("Reshape", {"target_shape": "target"}),)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.target.count(-1) > 1 or 0 in self.target:
            raise UsageError(
                f"{self.label}: {list(self.target)} is no shape: sizes are positive, and at most one is -1"
            )

    def template(self, ranks: Sequence[int]) -> Template:
        sizes = _axes(ranks[0])
        numbers = product(sizes[1:])
        open_axis = self.target.index(-1) if -1 in self.target else None
        target = [numbered(T, place) for place in range(1, len(self.target) + 1)]
        known = product(size for place, size in enumerate(target) if place != open_axis)
        if open_axis is None:
            rules: tuple[Formula, ...] = ()
            where = Condition(equal(numbers, known), "both shapes must have the same number of elements")
        else:
            target[open_axis] = REST
            rules = (Formula(REST, numbers / known, DERIVED("reshaping"), reason="the open axis takes what is left"),)
            where = Condition(divides(known, numbers), "the sizes given must divide the number of elements")
        return Template((sizes,), ((N, *target),), rules, where=(where,), counts={"macs": (MOVES_DATA,)})


class Permute(Layer):
    """The axes in another order: output axis i is input axis `order[i]` (axes count from 1; the batch stays first)."""

    order: tuple[int, ...]

    macs = MOVES_DATA
    window = ELSEWHERE
    keras = (Dialect("Permute", {"dims": Reading("order", tuple)}),)

    def __post_init__(self) -> None:
        if sorted(self.order) != list(range(1, len(self.order) + 1)):
            raise UsageError(f"{self.label}: {list(self.order)} is not an order of the axes 1 to {len(self.order)}")
        super().__post_init__()

    def template(self, ranks: Sequence[int]) -> Template:
        sizes = _axes(len(self.order) + 1)
        return Template((sizes,), ((N, *(sizes[axis] for axis in self.order)),), counts={"macs": (MOVES_DATA,)})


class RepeatVector(Layer):
    """A row of features repeated R times, as a sequence."""

    times: Dim = dim(R)

    takes = ((N, C),)
    gives = ((N, R, C),)
    macs = MOVES_DATA
    window = Window(whole=True)
    keras = (Dialect("RepeatVector", {"n": "times"}),)
