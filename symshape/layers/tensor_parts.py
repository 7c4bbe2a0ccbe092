"""General tensor operations that take arrays apart, pick from them and lay them on one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symshape.declaration import (
    ELSEWHERE,
    FOLLOWING,
    KEEPS_NOTHING,
    NOTHING,
    Condition,
    Dialect,
    Dim,
    Layer,
    Reading,
    Template,
    dims,
    inputs,
    own,
)
from symshape.errors import GraphError, UnsupportedLayer, UsageError
from symshape.layers.axes import ATEN, KERAS_OPS, MOVES_DATA, NUMPY, broadcast, one_input, place_of, sizes_of
from symshape.symbols import T, numbered
from symshape.written import Number, Written, ceiling, divides, equal, product

__all__ = ["Chunk", "GatherElements", "Split", "Stack", "Take", "TakeAlongAxis", "Unstack"]


# -- apart ---------------------------------------------------------------------------------------------------------------
def _lengths(given: Any) -> tuple[int, ...]:
    """Lengths of the parts from the positions between them, of which the last part has what is left."""
    listed = tuple(given) if isinstance(given, (list, tuple)) else given
    if isinstance(listed, int):
        raise UnsupportedLayer("is no list of positions")
    if any(low >= high for low, high in zip((0, *listed), listed, strict=False)):
        raise UnsupportedLayer("are not positions one after the other, counted from the front: a part would be empty")
    return (*(high - low for low, high in zip((0, *listed), listed, strict=False)), -1)


def _number_or_positions(given: Any) -> Any:
    return (given, ()) if isinstance(given, int) else (None, _lengths(given))


class Split(Layer):
    """An axis taken apart: into `parts` equal parts, or into parts of the lengths `sizes`, one of them −1, what is left.

    >>> from symshape.network import Input, Network
    >>> x = Input("L", "3*d")
    >>> Network(x, Split(3, axis=-1)(x)).derive().output_shape
    [(N, L, d), (N, L, d), (N, L, d)]
    """

    parts: Any = None
    sizes: tuple[Dim, ...] = dims(T, ())
    axis: int = 0

    example = staticmethod(lambda: (Split(3, axis=-1), ("N", "L", "3*d")))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = FOLLOWING
    operations = (
        Dialect(
            "Split",
            {"indices_or_sections": Reading(("parts", "sizes"), _number_or_positions), "axis": "axis"},
            module=KERAS_OPS,
            arguments=("x",),
        ),
        Dialect("split_with_sizes", {"split_sizes": "sizes", "dim": "axis"}, module=ATEN),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.parts is None) == (not self.sizes):
            raise UsageError(f"{self.label}: either the number of equal parts or their sizes are given")
        if self.parts is not None and (not isinstance(self.parts, int) or self.parts < 1):
            raise UsageError(f"{self.label}: {self.parts!r} is no number of parts")
        if self.sizes.count(-1) > 1 or 0 in self.sizes:
            raise UsageError(
                f"{self.label}: {list(self.sizes)} are no sizes of parts: at most one is -1, and none is 0"
            )

    @property
    def output_count(self) -> int:
        return self.parts or len(self.sizes)

    def template(self, ranks: Sequence[int]) -> Template:
        taken = sizes_of(one_input(self, ranks))
        place = place_of(self, self.axis, len(taken))
        size = taken[place]
        lengths: list[Written]
        where: tuple[Condition, ...] = ()
        if self.parts is not None:
            lengths = [size / self.parts] * self.parts
            where = (Condition(divides(Number(self.parts), size), "the parts are equal", NUMPY("split")),)
        else:
            lengths = [numbered(T, number) for number in range(1, len(self.sizes) + 1)]
            known: Written | None = None
            for length, given in zip(lengths, self.sizes, strict=True):
                if given != -1:
                    known = length if known is None else known + length
            if -1 in self.sizes:
                lengths[self.sizes.index(-1)] = size if known is None else size - known
            else:
                assert known is not None
                where = (Condition(equal(size, known), "the parts make up the axis", NUMPY("split")),)
        return Template(
            takes=(taken,),
            gives=tuple((*taken[:place], length, *taken[place + 1 :]) for length in lengths),
            where=where,
            counts=self.declared_counts(),
        )


class Chunk(Layer):
    """An axis taken apart into `parts` parts, all as long as they need be but for the last, which has what is left."""

    parts: int
    axis: int = 0

    example = staticmethod(lambda: (Chunk(2, 1), ("N", "L", 64)))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = FOLLOWING
    operations = (Dialect("chunk", {"chunks": "parts", "dim": "axis"}, module=ATEN),)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.parts < 1:
            raise UsageError(f"{self.label}: {self.parts} is no number of parts")

    @property
    def output_count(self) -> int:
        return self.parts

    def template(self, ranks: Sequence[int]) -> Template:
        taken = sizes_of(one_input(self, ranks))
        place = place_of(self, self.axis, len(taken))
        length = ceiling(taken[place] / self.parts)
        last = taken[place] if self.parts == 1 else taken[place] - (self.parts - 1) * length
        return Template(
            takes=(taken,),
            gives=tuple((*taken[:place], part, *taken[place + 1 :]) for part in (*[length] * (self.parts - 1), last)),
            where=(Condition(last >= 1, "with fewer positions there would be fewer parts"),),
            counts=self.declared_counts(),
        )


class Unstack(Layer):
    """The positions of an axis as arrays of their own: `count` of them, which is the size of the axis."""

    count: int
    axis: int = 0

    example = staticmethod(lambda: (Unstack(3, 2), ("N", "L", 3, 64)))
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = FOLLOWING
    operations = (Dialect("Unstack", {"num": "count", "axis": "axis"}, module=KERAS_OPS, arguments=("x",)),)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.count < 1:
            raise UsageError(f"{self.label}: {self.count} is no number of positions")

    @property
    def output_count(self) -> int:
        return self.count

    def template(self, ranks: Sequence[int]) -> Template:
        taken = sizes_of(one_input(self, ranks))
        place = place_of(self, self.axis, len(taken))
        return Template(
            takes=(taken,),
            gives=((*taken[:place], *taken[place + 1 :]),) * self.count,
            where=(Condition(equal(taken[place], Number(self.count)), "there is one output for each position"),),
            counts=self.declared_counts(),
        )


class Stack(Layer):
    """Arrays of one shape on one another, along a new axis, which is the output's axis `axis`."""

    axis: int = 0

    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = FOLLOWING
    operations = (
        Dialect("Stack", {"axis": "axis"}, module=KERAS_OPS, arguments=("x",)),
        Dialect("stack", {"dim": "axis"}, module=ATEN),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        if len(set(ranks)) != 1:
            raise GraphError(f"{self.label} takes inputs of one number of dimensions, not {list(ranks)}")
        taken = sizes_of(ranks[0])
        place = place_of(self, self.axis, len(taken) + 1)
        return Template(
            takes=(taken,) * len(ranks),
            gives=((*taken[:place], Number(len(ranks)), *taken[place:]),),
            counts=self.declared_counts(),
        )


# -- picking -------------------------------------------------------------------------------------------------------------
def _shape_of(given: Any) -> tuple[int, ...]:
    """The shape of an array that stands as nested lists in a file."""
    if not isinstance(given, (list, tuple)):
        if not isinstance(given, int) or isinstance(given, bool):
            raise UnsupportedLayer("is no array of indices")
        return ()
    shapes = {_shape_of(part) for part in given}
    if len(shapes) != 1:
        raise UnsupportedLayer("is no array of indices")
    return (len(given), *shapes.pop())


class Take(Layer):
    """The positions of an axis that an array of indices names: the axis is replaced by the shape of the array.

    The indices are the second input, or fixed ones of the shape `indices`. Without an axis positions are counted through
    the whole array.

    >>> from symshape.network import Input, Network
    >>> x, i = Input("L", 64), Input("K", batch=3)
    >>> Network((x, i), Take(1)(x, i)).derive().output_shape
    (N, 3, K, 64)
    """

    axis: Any = None
    indices: Any = dims(T, None)

    example = staticmethod(lambda: (Take(1), ("N", "L", 64), (3, "K")))
    macs = MOVES_DATA
    work = NOTHING
    window = ELSEWHERE
    operations = (
        Dialect(
            "Take",
            {"axis": "axis", "indices": Reading("indices", _shape_of)},
            module=KERAS_OPS,
            arguments=("x", "indices"),
        ),
        Dialect("index_select", {"dim": "axis"}, module=ATEN),
        Dialect("embedding", dict.fromkeys(("padding_idx", "scale_grad_by_freq", "sparse")), {"axis": 0}, module=ATEN),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        if len(ranks) != (2 if self.indices is None else 1):
            raise GraphError(
                f"{self.label} takes an array, and the indices where they are not fixed: {len(ranks)} inputs are connected"
            )
        several = len(ranks) == 2
        taken = sizes_of(ranks[0], 1 if several else None)
        picked: tuple[Written, ...]
        if self.indices is None:
            picked = sizes_of(ranks[1], 2)
        else:
            picked = tuple(numbered(T, number) for number in range(1, len(self.indices) + 1))
        if self.axis is None:
            made: tuple[Written, ...] = picked
        else:
            place = place_of(self, self.axis, ranks[0])
            made = (*taken[:place], *picked, *taken[place + 1 :])
        indices = own(product(picked), "the indices", width=8)
        kept = inputs(1, width=8, reason="the indices") if several else indices
        counts = {**self.declared_counts(), "keeps": (kept,)}
        return Template((taken, picked)[: len(ranks)], (made,), counts=counts)


class TakeAlongAxis(Layer):
    """For each line along an axis, the positions that the same line of the second input names; as NumPy, other axes of
    either input that have size 1 are repeated."""

    axis: int

    example = staticmethod(lambda: (TakeAlongAxis(1), ("N", "L", 64), ("N", "K", 1)))
    macs = MOVES_DATA
    work = NOTHING
    window = ELSEWHERE
    operations = (Dialect("TakeAlongAxis", {"axis": "axis"}, module=KERAS_OPS, arguments=("x", "indices")),)

    def template(self, ranks: Sequence[int]) -> Template:
        _two_of_one_rank(self, ranks)
        place = place_of(self, self.axis, ranks[0])
        values, indices = sizes_of(ranks[0], 1), sizes_of(ranks[1], 2)
        lines = tuple(indices[place] if axis == place else size for axis, size in enumerate(values))
        made, where = broadcast((lines, indices))
        return Template((values, indices), (made,), where=where, counts=self.declared_counts())


class GatherElements(Layer):
    """For each index of the second input, the number at its place, but for axis `axis`, where the index says it. As in
    PyTorch and ONNX the indices may be fewer than the numbers along every other axis."""

    axis: int

    example = staticmethod(lambda: (GatherElements(1), ("N", "L", 64), ("N", "K", 8)))
    macs = MOVES_DATA
    work = NOTHING
    keeps = (inputs(0, reason="the numbers"), inputs(1, width=8, reason="the indices"))
    window = ELSEWHERE
    operations = (Dialect("gather", {"dim": "axis", "sparse_grad": None}, module=ATEN),)

    def template(self, ranks: Sequence[int]) -> Template:
        _two_of_one_rank(self, ranks)
        place = place_of(self, self.axis, ranks[0])
        values, indices = sizes_of(ranks[0], 1), sizes_of(ranks[1], 2)
        where = tuple(
            Condition(few <= many, "there are numbers wherever there are indices")
            for axis, (few, many) in enumerate(zip(indices, values, strict=True))
            if axis != place
        )
        return Template((values, indices), (indices,), where=where, counts=self.declared_counts())


def _two_of_one_rank(layer: Layer, ranks: Sequence[int]) -> None:
    if len(ranks) != 2 or ranks[0] != ranks[1]:
        raise GraphError(f"{layer.label} takes 2 inputs of one number of dimensions, not {list(ranks)}")
