"""What the general tensor operations share: axes counted from either end, names for sizes, broadcasting.

Such an operation knows no batch, no map and no channels: the first axis is called N and the others as in a map, because
that is what they mostly are, but each may be any axis.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from symshape.declaration import Condition, Count, Reading, Source
from symshape.declaration.signature import Pattern, names_of_sizes
from symshape.errors import GraphError, UnsupportedLayer
from symshape.written import Number, Symbol, Written, any_of, equal, widest

__all__ = [
    "ATEN",
    "AXES",
    "KERAS_OPS",
    "MOVES_DATA",
    "NUMBER",
    "NUMPY",
    "ONE_BY_ONE",
    "ONNX",
    "broadcast",
    "one_input",
    "place_of",
    "places_of",
    "sizes_of",
]

# Where the functions live that the dialects of operations speak of.
KERAS_OPS = "keras.ops"
ATEN = "aten"

NUMPY = Source("numpy", "NumPy reference", "https://numpy.org/doc/stable/reference/")
ONNX = Source("onnx", "ONNX operator schemas", "https://onnx.ai/onnx/operators/")

MOVES_DATA = Count(Number(0), "moves numbers, multiplies none")
ONE_BY_ONE = Count(Number(0), "one number at a time; by convention not counted")

_FIT = "shapes aligned at their ends must be equal along every axis, or 1 where one is repeated"


def sizes_of(rank: int, number: int | None = None) -> tuple[Symbol, ...]:
    """Names for the sizes of an input; of several inputs, `number` says which.

    >>> sizes_of(3), sizes_of(2, 1)
    ((N, L, C), (N_1, C_1))
    """
    names = names_of_sizes(rank)
    return tuple(Symbol(name if number is None else f"{name}_{number}") for name in names)


def one_input(layer: Any, ranks: Sequence[int]) -> int:
    """The rank of the only input."""
    if len(ranks) != 1:
        raise GraphError(f"{layer.label} takes 1 input, {len(ranks)} are connected")
    return ranks[0]


def place_of(layer: Any, axis: int, rank: int) -> int:
    """The axis counted from the front."""
    if not -rank <= axis < rank:
        raise GraphError(f"{layer.label}: axis {axis} is not an axis of an input with {rank} dimensions")
    return axis % rank


def places_of(layer: Any, axes: Iterable[int], rank: int) -> tuple[int, ...]:
    """The axes counted from the front, each of them once."""
    places = tuple(place_of(layer, axis, rank) for axis in axes)
    if len(set(places)) < len(places):
        raise GraphError(f"{layer.label}: the axes {list(axes)} name one axis of {rank} dimensions twice")
    return places


def broadcast(shapes: Sequence[Pattern]) -> tuple[Pattern, tuple[Condition, ...]]:
    """The shape that all of `shapes`, aligned at their ends, are repeated to, and when they fit.

    >>> broadcast([sizes_of(2, 1), sizes_of(1, 2)])[0]
    (N_1, max(C_1, N_2))
    """
    joined: list[Written] = []
    where: list[Condition] = []
    for place in range(max(map(len, shapes), default=0), 0, -1):
        column = tuple(dict.fromkeys(sizes[-place] for sizes in shapes if len(sizes) >= place))
        size = widest(*column) if len(column) > 1 else column[0]
        joined.append(size)
        if len(column) > 1:
            where += [Condition(any_of(equal(own, size), equal(own, 1)), _FIT, NUMPY("Broadcasting")) for own in column]
    return tuple(joined), tuple(where)


# -- options of the frameworks' functions ------------------------------------------------------------------------------
def _number(given: Any) -> None:
    if given is not None and not isinstance(given, (bool, int, float)):
        raise UnsupportedLayer("is no number: an array in its place has a shape of its own, give it as a constant")


def _axes(given: Any) -> tuple[int, ...]:
    listed = () if given is None else tuple(given) if isinstance(given, (list, tuple)) else (given,)
    if not all(isinstance(axis, int) and not isinstance(axis, bool) for axis in listed):
        raise UnsupportedLayer("is not one axis or several")
    return listed


NUMBER = Reading("", _number)  # an operand that is a plain number
AXES = Reading("axes", _axes)
