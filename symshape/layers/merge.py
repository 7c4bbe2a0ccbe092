"""Layers that join several inputs: element by element, with broadcasting, or side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from symshape.declaration import (
    DERIVED,
    INPUTS,
    KEEPS_NOTHING,
    NOTHING,
    POINTWISE,
    Condition,
    Count,
    Dialect,
    Formula,
    Kept,
    Kind,
    Layer,
    Template,
    Window,
    Work,
    own,
)
from symshape.declaration.signature import names_of_sizes
from symshape.errors import GraphError
from symshape.layers.axes import ATEN, KERAS_OPS
from symshape.layers.operations import ADD, COMPARE, DIVIDE, MULTIPLY
from symshape.symbols import N
from symshape.written import Number, Symbol, Written, any_of, equal, product, widest

__all__ = ["Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract"]

ELEMENTWISE = Count(Number(0), "one number at a time; by convention not counted")
MOVES_DATA = Count(Number(0), "moves numbers, multiplies none")


class _Elementwise(Layer):
    """Shapes are aligned at their ends; along an axis all sizes are equal, or 1 and then repeated."""

    macs = ELEMENTWISE
    window = POINTWISE
    kind: ClassVar[Kind]

    def template(self, ranks: Sequence[int]) -> Template:
        if not ranks:
            raise GraphError(f"{self.label} joins at least 1 input, none is connected")
        takes = tuple(
            (N, *(Symbol(f"{name}_{number}") for name in names_of_sizes(rank)[1:]))
            for number, rank in enumerate(ranks, 1)
        )
        gives: list[Written] = []
        where: list[Condition] = []
        for place in range(max(ranks) - 1, 0, -1):
            column = [sizes[-place] for sizes in takes if len(sizes) > place]
            joined = widest(*column) if len(column) > 1 else column[0]
            gives.append(joined)
            if len(column) > 1:
                where.extend(Condition(any_of(equal(size, joined), equal(size, 1)), _FIT) for size in column)
        numbers = product((N, *gives))
        return Template(
            takes,
            ((N, *gives),),
            where=tuple(where),
            counts={
                "macs": (ELEMENTWISE,),
                "work": tuple(self.joining(len(ranks), numbers)),
                "keeps": tuple(self.keeping(len(ranks), numbers)),
            },
        )

    def keeping(self, inputs: int, numbers: Written) -> Iterable[Kept]:
        """What the gradient needs: of sums nothing, of other joins what enters and every join but the last."""
        if self.kind is not ADD:
            yield INPUTS
            yield own((inputs - 2) * numbers, "every join but the last", when=lambda layer: inputs > 2)

    def joining(self, inputs: int, numbers: Written) -> Iterable[Work]:
        """The operations that make `numbers` of so many inputs."""
        if inputs > 1:
            times = (Number(inputs - 1),) if inputs > 2 else ()
            yield Work(self.kind, product((*times, numbers)), "one fewer than inputs, for each output element")


_FIT = "joined shapes must be equal along every axis, or 1 where one is repeated"


class Add(_Elementwise):
    """The sum of the inputs, element by element."""

    kind = ADD
    keras = (Dialect("Add"),)


class Subtract(_Elementwise):
    """The first input minus the second, element by element."""

    kind = ADD
    keras = (Dialect("Subtract"),)

    def template(self, ranks: Sequence[int]) -> Template:
        if len(ranks) != 2:
            raise GraphError(f"{self.label} joins exactly 2 inputs, {len(ranks)} are connected")
        return super().template(ranks)


class Multiply(_Elementwise):
    """The product of the inputs, element by element."""

    kind = MULTIPLY
    keras = (Dialect("Multiply"),)


class Average(_Elementwise):
    """The mean of the inputs, element by element."""

    kind = ADD
    keras = (Dialect("Average"),)

    def joining(self, inputs: int, numbers: Written) -> Iterable[Work]:
        yield from super().joining(inputs, numbers)
        yield Work(DIVIDE, numbers, "of each sum by the number of inputs")


class Maximum(_Elementwise):
    """The greatest of the inputs, element by element."""

    kind = COMPARE
    keras = (Dialect("Maximum"),)


class Minimum(_Elementwise):
    """The least of the inputs, element by element."""

    kind = COMPARE
    keras = (Dialect("Minimum"),)


class Concatenate(Layer):
    """The inputs side by side along `axis`; every other axis is equal."""

    axis: int = -1

    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = POINTWISE
    keras = (Dialect("Concatenate", {"axis": "axis"}),)
    operations = (
        Dialect("Concatenate", {"axis": "axis"}, module=KERAS_OPS, arguments=("xs",)),
        Dialect("cat", {"dim": "axis"}, module=ATEN),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "window", Window(mixes=(self.axis,)))

    def template(self, ranks: Sequence[int]) -> Template:
        if not ranks:
            raise GraphError(f"{self.label} joins at least 1 input, none is connected")
        rank = ranks[0]
        if any(other != rank for other in ranks):
            raise GraphError(f"{self.label} joins inputs of one number of dimensions, not of {sorted(set(ranks))}")
        along = self.axis + rank if self.axis < 0 else self.axis
        if not 0 <= along < rank:
            raise GraphError(f"{self.label}: axis {self.axis} is not an axis of inputs with {rank} dimensions")
        names = names_of_sizes(rank)
        parts = [Symbol(f"{names[along]}_{number}") for number in range(1, len(ranks) + 1)]
        out = Symbol(f"{names[along]}_out")

        def shape(size: Symbol) -> tuple[Symbol, ...]:
            return tuple(size if place == along else Symbol(name) for place, name in enumerate(names))

        total: Written = parts[0]
        for part in parts[1:]:
            total = total + part
        return Template(
            takes=tuple(map(shape, parts)),
            gives=(shape(out),),
            rules=(Formula(out, total, DERIVED("joining"), reason="the inputs lie side by side"),),
            counts=self.declared_counts(),
        )
