"""A program run on a block of points with NumPy: in 64-bit integers where they are proved wide enough, else exactly.

Each axis of a block holds the values of one or more names, as an array that is broadcast against those of the other
axes. Steps that need few of the axes are done once for the block; the others go through it in tiles that stay in the
cache, into buffers that are made once.

Before a block is begun, the ranges of all its steps are bounded with Python's integers. Where one is beyond 64 bits,
the same steps run tile by tile, each tile on 64-bit integers if its own ranges allow, else on arrays of Python
integers. So nothing ever wraps or is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from symshape.algebra.vector import COMPARISONS, LOGIC, Program, Range
from symshape.algebra.vector_numba import compiled_loop
from symshape.algebra.vector_separable import Factors, separated, write_product

__all__ = ["Array", "Box", "Runner", "cut", "fits", "tiles"]

Array = Any  # numpy.ndarray; NumPy is imported when the first block runs
Box = tuple[slice, ...]

_TILE = 16_384  # points: some tens of buffers of so many numbers fit the second-level cache
_ROW = 4096  # points of a tile along the last axis where there are others, so that columns are used again
_SMALL = 131_072  # points of a step done at once for the block, which has
_TIMES = 8  # times as many or more


def fits(values: Range) -> bool:
    """Whether 64 bits are wide enough."""
    return values[0] >= -(2**63) and values[1] < 2**63


def cut(array: Array, box: Box) -> Array:
    """The part of an array that lies in the box; an axis of one place is everywhere."""
    return array[tuple(side if length > 1 else slice(None) for side, length in zip(box, array.shape, strict=True))]


def tiles(shape: Sequence[int], most: int) -> Iterator[Box]:
    """A block of this shape cut into boxes of at most so many points."""
    sides: list[int] = []
    left = most
    for place in range(len(shape) - 1, -1, -1):
        first = left == most and prod(shape[:place]) > 1
        sides.insert(0, max(1, min(shape[place], left, _ROW) if first else min(shape[place], left)))
        left //= sides[0]
    cuts = [range(0, length, side) for length, side in zip(shape, sides, strict=True)]
    for starts in product(*cuts):
        ends = (min(start + side, length) for start, side, length in zip(starts, sides, shape, strict=True))
        yield tuple(map(slice, starts, ends))


@dataclass(frozen=True)
class Runner:
    """A program and, by name, the axis along which the name's values lie; `long` sweeps are worth compiling for."""

    program: Program
    axes: Mapping[str, int]
    long: bool = False

    def needs(self, step: int) -> frozenset[int]:
        """The axes that a step depends on."""
        return frozenset(self.axes[self.program.names[name]] for name in self.program.needs[step])

    def run(
        self,
        columns: Mapping[str, Array],
        outs: Sequence[Array],
        valid: Array | None,
        within: Mapping[str, Range] | None = None,
    ) -> None:
        """Compute a block: the values into `outs`, and where they are valid into `valid`, if that can fail.

        Arrays have the block's number of axes: a column has 1 place on every axis but its own, an array to be filled on
        every axis that the step does not need. `within` are bounds of the columns, where some are known already; if they
        do not prove that 64 bits are wide enough, the columns' own bounds are found.
        """
        shape = [1] * len(next(iter(columns.values())).shape)
        for column in columns.values():
            shape = list(map(max, shape, column.shape))
        ranges = self._narrow(within) if within else None
        if ranges is None:
            ranges = self._narrow(
                {name: (int(columns[name].min()), int(columns[name].max())) for name in self.program.names}
            )
        if ranges is None and prod(shape) > _TILE:
            for box in tiles(shape, _TILE):
                inside = {name: cut(column, box) for name, column in columns.items()}
                self.run(inside, [cut(out, box) for out in outs], None if valid is None else cut(valid, box))
            return
        targets = [*zip(self.program.values, outs, strict=True)]
        if self.program.valid is not None:
            targets.append((self.program.valid, valid))
        if not self._looped(columns, targets, shape, ranges):
            _Block(self, shape, ranges).run(columns, targets)

    def _looped(
        self,
        columns: Mapping[str, Array],
        targets: Sequence[tuple[int, Array]],
        shape: Sequence[int],
        ranges: list[Range] | None,
    ) -> bool:
        """Compute the block by a compiled loop, if it is one row of points and numba is there."""
        if not self.long or ranges is None or max(shape) < prod(shape) or not self.program.names:
            return False
        arrays = [columns[name] for name in self.program.names] + [out for _, out in targets]
        if any(array.size < prod(shape) or array.dtype == object for array in arrays):
            return False
        loop = compiled_loop(self.program)
        if loop is None:
            return False
        loop(*(array.reshape(-1) for array in arrays))
        return True

    def _narrow(self, within: Mapping[str, Range]) -> list[Range] | None:
        """The ranges of all steps, if all fit into 64 bits."""
        ranges = self.program.ranges([within[name] for name in self.program.names])
        return ranges if ranges is not None and all(map(fits, ranges)) else None


class _Block:
    """The steps of one block of points; `ranges` are given where 64 bits are wide enough."""

    def __init__(self, runner: Runner, shape: Sequence[int], ranges: Sequence[Range] | None) -> None:
        import numpy as np

        self.program = runner.program
        self.shape = tuple(shape)
        self.ranges = ranges
        self.whole = np.dtype(np.int64 if ranges is not None else object)
        self.needs = [
            frozenset(axis for axis in runner.needs(step) if shape[axis] > 1) for step in range(len(self.program.steps))
        ]
        self.known: dict[int, Any] = {}  # the arrays and numbers that are there for the whole block

    def run(self, columns: Mapping[str, Array], targets: Sequence[tuple[int, Array]]) -> None:
        """Fill the targets: pairs of a step and an array."""
        left = self._small_ones(columns)
        waiting: dict[int, list[Array]] = {}
        for step, out in targets:
            if step in self.known:
                out[...] = self.known[step]
            elif (factors := self._separated(step, out)) is not None:
                write_product(factors, out)
            else:
                waiting.setdefault(step, []).append(out)
        if waiting:
            self._tiled(self._needed(left, waiting), waiting)

    def _separated(self, step: int, out: Array) -> Factors | None:
        if self.ranges is None or self._dtype(step) != self.whole or out.dtype != self.whole:
            return None
        if not out.flags.c_contiguous:
            return None
        return separated(self.program, step, self.known, self.ranges, out.shape)

    def _needed(self, left: Sequence[int], wanted: Iterable[int]) -> list[int]:
        """The steps that are left and that the wanted ones need."""
        needed = set(wanted)
        for step in reversed(left):
            if step in needed:
                needed.update(self.program.steps[step][1:])
        return [step for step in left if step in needed]

    def _small_ones(self, columns: Mapping[str, Array]) -> list[int]:
        """Do the steps that need few of the axes, for the whole block; the others are left."""
        points = prod(self.shape)
        left = []
        for step, (operation, a, b) in enumerate(self.program.steps):
            size = prod(self.shape[axis] for axis in self.needs[step])
            if operation == "name":
                self.known[step] = columns[self.program.names[a]].astype(self.whole, copy=False)
            elif operation == "number":
                self.known[step] = a
            elif a in self.known and b in self.known and (size == 1 or size <= min(_SMALL, points // _TIMES)):
                ufunc, right = self._call(step)
                self.known[step] = ufunc(self.known[a], self.known[b] if right is None else right)
            else:
                left.append(step)
        return left

    def _call(self, step: int) -> tuple[Any, int | None]:
        """The function of a step, and its second argument where that is another number than the step's."""
        operation, _, b = self.program.steps[step]
        divisor = self.known.get(b)
        if operation == "//" and isinstance(divisor, int) and divisor.bit_count() == 1:
            return _ufunc(">>"), divisor.bit_length() - 1  # the floor, of negative numbers too, and much faster
        return _ufunc(operation), None

    def _tiled(self, left: Sequence[int], waiting: Mapping[int, Sequence[Array]]) -> None:
        """Do the steps that are left tile by tile."""
        cells: dict[int, Any] = {}
        calls = []
        for step in left:
            ufunc, right = self._call(step)
            _, a, b = self.program.steps[step]
            if right is not None:
                b = -step - 1  # a cell for the number
                cells[b] = right
            calls.append((ufunc, a, b, step))
        used = {step for _, *both, _ in calls for step in both}
        arrays = {step: known for step, known in self.known.items() if step in used and not isinstance(known, int)}
        cells.update((step, known) for step, known in self.known.items() if isinstance(known, int))
        direct = {step: outs[0] for step, outs in waiting.items() if outs[0].dtype == self._dtype(step)}
        copied = [(step, out) for step, outs in waiting.items() for out in outs if out is not direct.get(step)]
        buffers = self._buffers([step for step in left if step not in direct], left)
        last: tuple[int, ...] = ()
        for box in tiles(self.shape, _TILE):
            for step, array in (*arrays.items(), *direct.items()):
                cells[step] = cut(array, box)
            sides = tuple(side.stop - side.start for side in box)
            if sides != last:
                last = sides
                for step, buffer in buffers.items():
                    part = [side if axis in self.needs[step] else 1 for axis, side in enumerate(sides)]
                    cells[step] = buffer[: prod(part)].reshape(part)
            for ufunc, a, b, out in calls:
                ufunc(cells[a], cells[b], out=cells[out])
            for step, array in copied:
                cut(array, box)[...] = cells[step]

    def _dtype(self, step: int) -> Any:
        import numpy as np

        return np.dtype(bool) if self.program.steps[step][0] in (*COMPARISONS, *LOGIC) else self.whole

    def _buffers(self, steps: Sequence[int], left: Sequence[int]) -> dict[int, Array]:
        """A buffer for each step's results; one whose results are no longer needed serves again."""
        import numpy as np

        last_use = {step: step for step in left}
        for step in left:
            for operand in self.program.steps[step][1:]:
                last_use[operand] = step
        kept = {*self.program.values, self.program.valid}
        free: dict[tuple[Any, frozenset[int]], list[Array]] = {}
        buffers: dict[int, Array] = {}
        for step in left:
            for operand in dict.fromkeys(self.program.steps[step][1:]):
                if operand in buffers and last_use[operand] == step and operand not in kept:
                    free.setdefault((self._dtype(operand), self.needs[operand]), []).append(buffers[operand])
            if step in steps:
                kind = self._dtype(step), self.needs[step]
                buffers[step] = free[kind].pop() if free.get(kind) else np.empty(_TILE, kind[0])
        return buffers


def _ufunc(operation: str) -> Any:
    import numpy as np

    return getattr(np, _UFUNCS[operation])


_UFUNCS = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "//": "floor_divide",
    ">>": "right_shift",
    "**": "power",
    "max": "maximum",
    "min": "minimum",
    "<=": "less_equal",
    ">=": "greater_equal",
    "<": "less",
    ">": "greater",
    "==": "equal",
    "!=": "not_equal",
    "and": "logical_and",
    "or": "logical_or",
}
