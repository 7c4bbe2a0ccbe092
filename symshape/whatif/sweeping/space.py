"""The settings of a sweep: every combination of the axes, an axis being the values of one symbol or of several.

Axes are in the order in which they were given; the last one runs fastest. Ranges stay ranges, so a space takes no more
room than its lists do, however many settings it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from math import prod
from typing import Any

from symshape.algebra.vector import Range
from symshape.algebra.vector_numpy import Box, fits
from symshape.declaration import as_value
from symshape.errors import UsageError

__all__ = ["Blocks", "Column", "Space"]

Array = Any


@dataclass(frozen=True)
class Column:
    """The values of a symbol along its axis: a range, or an array of 64-bit or of Python integers."""

    values: Any

    @classmethod
    def of(cls, name: str, given: Any) -> Column:
        """From a range, a sequence of integers or an array of them; raises `UsageError` for anything but sizes.

        An array of 64-bit integers is not copied.
        """
        import numpy as np

        if isinstance(given, range):
            values: Any = given
        elif isinstance(given, np.ndarray) and given.dtype.kind in "iu" and given.ndim == 1:
            wide = given.dtype == np.uint64 and given.size and int(given.max()) >= 2**63
            values = given.astype(object if wide else np.int64, copy=False)
        elif isinstance(given, (Sequence, np.ndarray)) and not isinstance(given, (str, bytes)):
            sizes = [_size(name, value) for value in given]
            values = np.array(sizes, dtype=np.int64 if all(fits((size, size)) for size in sizes) else object)
        else:
            raise UsageError(f"{name}: {given!r} is neither a range nor a list of sizes")
        if not len(values):
            raise UsageError(f"{name}: {given!r} has no values: there is nothing to sweep")
        column = cls(values)
        if column.ends[0] < 1:
            raise UsageError(f"{name}: a size is a positive integer, not {column.ends[0]}")
        return column

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def ends(self) -> Range:
        """The least and the greatest value."""
        if isinstance(self.values, range):
            return min(self.values[0], self.values[-1]), max(self.values[0], self.values[-1])
        return int(self.values.min()), int(self.values.max())

    def part(self, side: slice) -> Array:
        """The values in a slice, as an array."""
        import numpy as np

        if isinstance(self.values, range):
            part = self.values[side]
            if fits((part.start, part.start)) and fits((part.stop, part.stop)) and fits((part.step, part.step)):
                return np.arange(part.start, part.stop, part.step, dtype=np.int64)
            return np.array(part, dtype=object)
        return self.values[side]

    def described(self) -> Any:
        """What tells this column from others."""
        if isinstance(self.values, range):
            return [self.values.start, self.values.stop, self.values.step]
        text = ",".join(map(str, self.values.tolist())) if len(self.values) <= 64 else ""
        if text:
            return text
        digest = sha256()
        for start in range(0, len(self.values), 65536):
            digest.update(",".join(map(str, self.values[start : start + 65536].tolist())).encode() + b",")
        return f"{len(self.values)} values, sha256 {digest.hexdigest()}"


def _size(name: str, given: Any) -> int:
    value = as_value(given)
    if not isinstance(value, int):
        raise UsageError(f"{name}: {given!r} is not a positive integer")
    return value


@dataclass(frozen=True)
class Space:
    """Axes of columns: those of one axis move together."""

    axes: tuple[Mapping[str, Column], ...]

    @classmethod
    def of(cls, over: Mapping[str, Any], points: Mapping[str, Any]) -> Space:
        """The columns of `points` side by side, and every combination of them with the values in `over`."""
        axes: list[Mapping[str, Column]] = []
        if points:
            columns = {name: Column.of(name, given) for name, given in points.items()}
            lengths = {name: len(column) for name, column in columns.items()}
            if len(set(lengths.values())) > 1:
                told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
                raise UsageError(f"points have as many values for one symbol as for another: {told}")
            axes.append(columns)
        axes += [{name: Column.of(name, given)} for name, given in over.items()]
        return cls(tuple(axes))

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Every symbol's values along its axis."""
        return {name: column for axis in self.axes for name, column in axis.items()}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Every symbol's axis."""
        return {name: place for place, axis in enumerate(self.axes) for name in axis}

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The number of values on every axis."""
        return tuple(len(next(iter(axis.values()))) for axis in self.axes)

    def __len__(self) -> int:
        return prod(self.shape)

    def part(self, box: Box) -> Space:
        """The settings in a box."""
        return Space(
            tuple(
                {name: Column(column.values[side]) for name, column in axis.items()}
                for axis, side in zip(self.axes, box, strict=True)
            )
        )

    def arrays(self) -> dict[str, Array]:
        """Every symbol's values, as an array that lies along its axis."""
        ones = [1] * len(self.axes)
        return {
            name: column.part(slice(None)).reshape((*ones[:place], -1, *ones[place + 1 :]))
            for place, axis in enumerate(self.axes)
            for name, column in axis.items()
        }

    def described(self) -> Any:
        """What tells this space from others."""
        return [{name: column.described() for name, column in axis.items()} for axis in self.axes]


class Blocks:
    """A space cut into boxes of at most so many settings, which follow one another in the order of the settings.

    >>> [len(box) for box in Blocks(Space.of({"H": range(1, 4), "W": range(1, 11)}, {}), 20)]
    [20, 10]
    """

    def __init__(self, space: Space, most: int) -> None:
        if most < 1:
            raise UsageError(f"a block has at least one row, not {most}")
        self.space = space
        self.most = most
        shape = space.shape
        self._axis = 0  # the one that is cut; those before it go value by value
        while self._axis < len(shape) - 1 and prod(shape[self._axis + 1 :]) > most:
            self._axis += 1
        length = shape[self._axis]
        rows = max(1, most // prod(shape[self._axis + 1 :]))
        self._cuts = -(-length // rows)
        self._side = -(-length // self._cuts)
        self._cuts = -(-length // self._side)

    def __len__(self) -> int:
        return prod(self.space.shape[: self._axis]) * self._cuts

    def box(self, place: int) -> Box:
        """The box of a block."""
        rest, cut = divmod(place, self._cuts)
        sides = [slice(cut * self._side, min((cut + 1) * self._side, self.space.shape[self._axis]))]
        for length in reversed(self.space.shape[: self._axis]):
            rest, at = divmod(rest, length)
            sides.insert(0, slice(at, at + 1))
        return (*sides, *(slice(0, length) for length in self.space.shape[self._axis + 1 :]))

    def __iter__(self) -> Iterator[Space]:
        return (self.space.part(self.box(place)) for place in range(len(self)))
