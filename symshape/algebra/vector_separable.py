"""Sums of products of a column and a row: Σ A_k(H)·B_k(W), which is what costs are on a grid, as a product of matrices.

The product is taken in 64-bit floating point, which is exact as long as no partial sum can exceed 2⁵³. That is proved
from the ranges of the factors first; where it does not hold, the sum is not taken this way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from symshape.algebra.vector import Program, Range

__all__ = ["Factors", "separated", "write_product"]

Array = Any
Factors = tuple[Array, Array]  # points of the leading axes × terms, terms × points of the other axes
Leaf = tuple[int, tuple[int, ...]]  # the sign, and the steps multiplied

_EXACT = 2**53  # every integer up to it is a 64-bit floating-point number
_LARGEST = 2**21  # numbers in one matrix
_TERMS = 256  # with more, the steps themselves are not slower
_TILE = 32_768  # points that are multiplied at a time: they stay in the cache


def separated(
    program: Program, step: int, known: Mapping[int, Any], ranges: Sequence[Range], shape: Sequence[int]
) -> Factors | None:
    """The step's matrices, of the arrays and numbers in `known`; None where it is no such sum, or not surely exact."""
    found = _leaves(program, step, known)
    if found is None or sum(_most(factors, ranges) for _, factors in found) > _EXACT:
        return None
    for split in range(1, len(shape)):
        if max(prod(shape[:split]), prod(shape[split:])) * len(found) <= _LARGEST:
            sides = [_sides(factors, known, split) for _, factors in found]
            if None not in sides:
                return _matrices(found, [side for side in sides if side is not None], known, shape, split)
    return None


def _leaves(program: Program, step: int, known: Mapping[int, Any]) -> list[Leaf] | None:
    """The terms of a sum as products of what is known; None where there is another kind of term, or very many."""
    found: list[Leaf] = []
    stack = [(step, 1)]
    while stack:
        place, sign = stack.pop()
        operation, left, right = program.steps[place]
        if place in known:
            found.append((sign, (place,)))
        elif operation in ("+", "-"):
            stack += [(right, sign if operation == "+" else -sign), (left, sign)]
        elif operation == "*" and left in known and right in known:
            found.append((sign, (left, right)))
        else:
            return None
        if len(found) > _TERMS:
            return None
    return found


def _most(factors: Sequence[int], ranges: Sequence[Range]) -> int:
    return prod(max(-ranges[factor][0], ranges[factor][1]) for factor in factors)


def _sides(
    factors: Sequence[int], known: Mapping[int, Any], split: int
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The factors that depend on leading axes only, and those that depend on the others only."""
    leading, others = [], []
    for factor in factors:
        shape = () if isinstance(known[factor], int) else known[factor].shape
        if prod(shape[split:]) == 1:
            leading.append(factor)
        elif prod(shape[:split]) == 1:
            others.append(factor)
        else:
            return None
    return tuple(leading), tuple(others)


def _matrices(
    leaves: Sequence[Leaf],
    sides: Sequence[tuple[tuple[int, ...], tuple[int, ...]]],
    known: Mapping[int, Any],
    shape: Sequence[int],
    split: int,
) -> Factors:
    import numpy as np

    rows, columns = prod(shape[:split]), prod(shape[split:])
    ahead: tuple[int, ...] = (*shape[:split], *(1 for _ in shape[split:]))
    behind: tuple[int, ...] = (*(1 for _ in shape[:split]), *shape[split:])
    left, right = np.empty((rows, len(leaves))), np.empty((len(leaves), columns))
    for place, ((sign, _), (leading, others)) in enumerate(zip(leaves, sides, strict=True)):
        left[:, place] = sign
        right[place, :] = 1
        for factor in leading:
            left[:, place] *= np.broadcast_to(known[factor], ahead).reshape(rows)
        for factor in others:
            right[place, :] *= np.broadcast_to(known[factor], behind).reshape(columns)
    return left, right


def write_product(factors: Factors, out: Array) -> None:
    """The product of the two matrices into an array of 64-bit integers that lies in one piece."""
    import numpy as np

    left, right = factors
    wide = min(right.shape[1], _TILE)
    high = max(1, _TILE // wide)
    table = out.reshape(len(left), right.shape[1])
    buffer = np.empty((high, wide))
    for row in range(0, len(left), high):
        for column in range(0, right.shape[1], wide):
            place = table[row : row + high, column : column + wide]
            part = buffer[: place.shape[0], : place.shape[1]]
            np.matmul(left[row : row + high], right[:, column : column + wide], out=part)
            np.copyto(place, part, casting="unsafe")
