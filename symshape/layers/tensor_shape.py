"""General tensor operations that keep every number and change the shape: other orders of axes, axes of size 1, merged
and split axes.

Axes count from 0, the batch being axis 0 where there is one, and may be negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symshape.declaration import (
    DERIVED,
    ELSEWHERE,
    FOLLOWING,
    KEEPS_NOTHING,
    NOTHING,
    Condition,
    Dialect,
    Formula,
    Layer,
    Reading,
    Template,
    dims,
)
from symshape.errors import GraphError, UnsupportedLayer, UsageError
from symshape.layers.axes import ATEN, AXES, KERAS_OPS, MOVES_DATA, ONNX, one_input, place_of, places_of, sizes_of
from symshape.symbols import T, numbered
from symshape.written import Number, Symbol, Written, divides, equal, product

__all__ = ["MoveAxes", "Squeeze", "SwapAxes", "Transpose", "Unsqueeze", "View"]

ONE = Number(1)
REST = Symbol("T_out", "what is left for the open axis")


def _named(order: Any) -> tuple[int, ...]:
    if not order:
        raise UnsupportedLayer("names no axis")
    return tuple(order)


class Transpose(Layer):
    """The axes in another order, the batch like any other: output axis i is input axis `order[i]`; reversed without one.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("L", 8, 64), Transpose((0, 2, 1, 3))).derive().output_shape
    (N, 8, L, 64)
    """

    order: tuple[int, ...] = ()

    example = staticmethod(lambda: (Transpose((0, 2, 1, 3)), ("N", "L", 8, 64)))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = FOLLOWING
    operations = (
        Dialect("Transpose", {"axes": Reading("order", AXES.read)}, module=KERAS_OPS, arguments=("x",)),
        Dialect("permute", {"dims": Reading("order", _named)}, module=ATEN),
        Dialect("t", module=ATEN, fixed={"order": (-1, 0)}),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        rank = one_input(self, ranks)
        places = places_of(self, self.order or range(rank - 1, -1, -1), rank)
        if len(places) != rank:
            raise GraphError(f"{self.label}: {list(self.order)} is not an order of the axes of {rank} dimensions")
        sizes = sizes_of(rank)
        return Template((sizes,), (tuple(sizes[place] for place in places),), counts=self.declared_counts())


class SwapAxes(Layer):
    """Two axes in each other's place."""

    first: int
    second: int

    example = staticmethod(lambda: (SwapAxes(1, 2), ("N", "L", "h", 64)))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = FOLLOWING
    operations = (
        Dialect("Swapaxes", {"axis1": "first", "axis2": "second"}, module=KERAS_OPS, arguments=("x",)),
        Dialect("transpose", {"dim0": "first", "dim1": "second"}, module=ATEN),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        rank = one_input(self, ranks)
        first, second = place_of(self, self.first, rank), place_of(self, self.second, rank)
        sizes = sizes_of(rank)
        made = list(sizes)
        made[first], made[second] = sizes[second], sizes[first]
        return Template((sizes,), (tuple(made),), counts=self.declared_counts())


class MoveAxes(Layer):
    """Some axes brought to other places, `axes[i]` to place `to[i]`; the others keep their order."""

    axes: tuple[int, ...]
    to: tuple[int, ...]

    example = staticmethod(lambda: (MoveAxes((1,), (-1,)), ("N", "C", "H", "W")))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = FOLLOWING
    operations = (
        Dialect("Moveaxis", {"source": "axes", "destination": "to"}, module=KERAS_OPS, arguments=("x",)),
        Dialect("movedim", {"source": "axes", "destination": "to"}, module=ATEN),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        rank = one_input(self, ranks)
        moved, targets = places_of(self, self.axes, rank), places_of(self, self.to, rank)
        if len(moved) != len(targets):
            raise GraphError(f"{self.label}: {len(moved)} axes cannot be brought to {len(targets)} places")
        sizes = sizes_of(rank)
        stay = iter([place for place in range(rank) if place not in moved])
        sent = dict(zip(targets, moved, strict=True))
        made = tuple(sizes[sent[place] if place in sent else next(stay)] for place in range(rank))
        return Template((sizes,), (made,), counts=self.declared_counts())


# -- axes of size 1 ----------------------------------------------------------------------------------------------------
def _said(given: Any) -> tuple[int, ...]:
    if given is None:
        raise UnsupportedLayer("leaves out whatever axes have size 1 when it runs: say which")
    return AXES.read(given)  # type: ignore[no-any-return]


class Squeeze(Layer):
    """Axes of size 1 left out. Which ones must be said: a symbolic size may happen to be 1."""

    axes: tuple[int, ...]

    example = staticmethod(lambda: (Squeeze((-1,)), ("N", "L", 1)))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    view = True
    window = FOLLOWING
    operations = (Dialect("Squeeze", {"axis": Reading("axes", _said)}, module=KERAS_OPS, arguments=("x",)),)

    def template(self, ranks: Sequence[int]) -> Template:
        rank = one_input(self, ranks)
        left_out = places_of(self, self.axes, rank)
        sizes = sizes_of(rank)
        return Template(
            takes=(sizes,),
            gives=(tuple(size for place, size in enumerate(sizes) if place not in left_out),),
            where=tuple(
                Condition(equal(sizes[place], ONE), "an axis that is left out has size 1", ONNX("Squeeze"))
                for place in left_out
            ),
            counts=self.declared_counts(),
        )


class Unsqueeze(Layer):
    """New axes of size 1 at the places `axes` of the output.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("L"), Unsqueeze((1, -1))).derive().output_shape
    (N, 1, L, 1)
    """

    axes: tuple[int, ...]

    example = staticmethod(lambda: Unsqueeze((1,)))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    view = True
    window = FOLLOWING
    operations = (
        Dialect("ExpandDims", {"axis": AXES}, module=KERAS_OPS, arguments=("x",)),
        Dialect("unsqueeze", {"dim": AXES}, module=ATEN),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        rank = one_input(self, ranks)
        new = places_of(self, self.axes, rank + len(self.axes))
        sizes = sizes_of(rank)
        rest = iter(sizes)
        made = tuple(ONE if place in new else next(rest) for place in range(rank + len(new)))
        return Template((sizes,), (made,), counts=self.declared_counts())


# -- any shape of as many numbers --------------------------------------------------------------------------------------
def _sizes(shape: Any) -> tuple[int, ...]:
    """A framework's target shape: there 0 is a size like any other, and no array of ours has it."""
    listed = tuple(shape) if isinstance(shape, (list, tuple)) else (shape,)
    if 0 in listed:
        raise UnsupportedLayer("has an axis of size 0")
    return tuple(-1 if size is None else size for size in listed)


TARGET = Reading("target", _sizes)


class View(Layer):
    """The same numbers under the shape `target`, the batch included. One entry may be −1, what is left.

    An entry 0 keeps the input's size at this place. Entries may be formulas, so that axes are split and merged exactly:

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("L", "h*d"), View((0, 0, "h", -1))).derive().output_shape
    (N, L, h, d)
    """

    target: tuple[Any, ...] = dims(T)

    example = staticmethod(lambda: (View((0, 0, "h", -1)), ("N", "L", "h*d")))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    view = True
    window = ELSEWHERE
    operations = (
        Dialect("Reshape", {"newshape": TARGET}, module=KERAS_OPS, arguments=("x",)),
        Dialect("Ravel", fixed={"target": (-1,)}, module=KERAS_OPS, arguments=("x",)),
        Dialect("reshape", {"shape": TARGET}, module=ATEN),
        Dialect("view", {"size": TARGET}, module=ATEN),
        Dialect("_unsafe_view", {"size": TARGET}, module=ATEN),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.target.count(-1) > 1:
            raise UsageError(f"{self.label}: {list(self.target)} is no shape: at most one size is -1")

    def template(self, ranks: Sequence[int]) -> Template:
        rank = one_input(self, ranks)
        sizes = sizes_of(rank)
        kept = [place for place, size in enumerate(self.target) if size == 0]
        if kept and kept[-1] >= rank:
            raise GraphError(
                f"{self.label}: entry {kept[-1]} keeps the input's size there, which has {rank} dimensions only"
            )
        made: list[Written] = [
            sizes[place] if place in kept else numbered(T, place + 1) for place in range(len(self.target))
        ]
        # Sizes that are kept stand on both sides.
        numbers = product(size for place, size in enumerate(sizes) if place not in kept)
        known = product(size for place, size in enumerate(made) if place not in kept and self.target[place] != -1)
        rules: tuple[Formula, ...] = ()
        if -1 in self.target:
            made[self.target.index(-1)] = REST
            left = numbers if known == ONE else numbers / known
            rules = (Formula(REST, left, DERIVED("reshaping"), reason="the open axis takes what is left"),)
            fits = Condition(divides(known, numbers), "the sizes given must divide the number of elements")
        else:
            fits = Condition(equal(numbers, known), "both shapes must have the same number of elements")
        where = () if known == ONE and rules else (fits,)
        return Template((sizes,), (tuple(made),), rules, where=where, counts=self.declared_counts())
