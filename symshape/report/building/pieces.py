"""Values as a view shows them."""

from __future__ import annotations

from collections.abc import Iterable

from symshape.algebra.poly import Value, canonical
from symshape.algebra.present import present
from symshape.report.view import Ref, Shape

__all__ = ["anchor", "ref_to", "shape", "whole"]


def whole(value: Value) -> int | None:
    """The value as a number; None where a symbol is left (the batch)."""
    value = canonical(value)
    return value if isinstance(value, int) else None


def shape(sizes: Iterable[Value]) -> Shape:
    """A shape, each size as a formula."""
    return tuple(map(present, sizes))


def anchor(number: str) -> str:
    """Where a layer's section can be found."""
    return f"layer-{number.replace('.', '-')}"


def ref_to(number: str, name: str) -> Ref:
    """A layer to point at."""
    return Ref(number, name, anchor(number))
