"""Layers that rearrange numbers: the same elements under another shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symshape.declaration import (
    DERIVED,
    ELSEWHERE,
    EVERYTHING,
    FOLLOWING,
    KEEPS_NOTHING,
    NOTHING,
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
from symshape.declaration.signature import names_of_sizes
from symshape.errors import GraphError, UsageError
from symshape.layers.axes import ATEN
from symshape.symbols import C, N, R, T, numbered
from symshape.written import Number, Symbol, divides, equal, product

__all__ = ["Flatten", "Permute", "RepeatVector", "Reshape"]

MOVES_DATA = Count(Number(0), "moves numbers, multiplies none")
REST = Symbol("T_out", "what is left for the open axis")


def _axes(rank: int) -> tuple[Symbol, ...]:
    return tuple(map(Symbol, names_of_sizes(rank)))


class Flatten(Layer):
    """All of an example's numbers in one row; or those of the axes from `start` to `end`, the batch being axis 0."""

    start: int = 1
    end: int = -1

    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    view = True
    window = EVERYTHING
    keras = (Dialect("Flatten", {"data_format": None}),)
    torch = (Dialect("Flatten", {"start_dim": "start", "end_dim": "end"}),)
    operations = (Dialect("flatten", {"start_dim": "start", "end_dim": "end"}, {"start": 0}, ATEN),)

    def template(self, ranks: Sequence[int]) -> Template:
        sizes = _axes(ranks[0])
        first, last = self.places(len(sizes))
        flat = product(sizes[first : last + 1])
        return Template(
            takes=(sizes,),
            gives=((*sizes[:first], REST, *sizes[last + 1 :]),),
            rules=(Formula(REST, flat, DERIVED("flattening"), reason="every number of the map, in a row"),),
            counts=self.declared_counts(),
        )

    def places(self, rank: int) -> tuple[int, int]:
        """The first and the last of the axes that become one, counted from the front."""
        if rank == 1 and (self.start, self.end) == (1, -1):  # Keras: a row of one number for each example
            return 1, 0
        for axis in (self.start, self.end):
            if not -rank <= axis < rank:
                raise GraphError(f"{self.label}: axis {axis} is not an axis of an input with {rank} dimensions")
        first, last = self.start % rank, self.end % rank
        if first > last:
            raise GraphError(f"{self.label}: axis {self.start} comes after axis {self.end} in {rank} dimensions")
        return first, last


def _none_is_open(target: Any) -> Any:
    return [-1 if size is None else size for size in target] if isinstance(target, (list, tuple)) else target


class Reshape(Layer):
    """The same numbers under the shape `target` (the batch axis left out); one entry may be −1, what is left."""

    target: tuple[Any, ...] = dims(T)

    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    view = True
    window = ELSEWHERE
    keras = (Dialect("Reshape", {"target_shape": Reading("target", _none_is_open)}),)

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
        return Template((sizes,), ((N, *target),), rules, where=(where,), counts=self.declared_counts())


class Permute(Layer):
    """The axes in another order: output axis i is input axis `order[i]` (axes count from 1; the batch stays first)."""

    order: tuple[int, ...]

    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = FOLLOWING
    keras = (Dialect("Permute", {"dims": "order"}),)

    def __post_init__(self) -> None:
        super().__post_init__()
        if sorted(self.order) != list(range(1, len(self.order) + 1)):
            raise UsageError(f"{self.label}: {list(self.order)} is not an order of the axes 1 to {len(self.order)}")

    def template(self, ranks: Sequence[int]) -> Template:
        sizes = _axes(len(self.order) + 1)
        return Template((sizes,), ((N, *(sizes[axis] for axis in self.order)),), counts=self.declared_counts())


class RepeatVector(Layer):
    """A row of features repeated R times, as a sequence."""

    times: Dim = dim(R)

    takes = ((N, C),)
    gives = ((N, R, C),)
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = Window(whole=True)
    keras = (Dialect("RepeatVector", {"n": "times"}),)
