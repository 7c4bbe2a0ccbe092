"""An answer to a what-if question as a report tells it: sentences, formulas and tables without a format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symshape.algebra.poly import Value
from symshape.algebra.present import present
from symshape.notation.layout import MINUS
from symshape.report.prose import Cell, Entry, Rich, Table
from symshape.written import Add, Mul, Neg, Number, Written

__all__ = ["Finding", "Told", "cells", "change", "decimal", "formula"]


@dataclass(frozen=True)
class Finding:
    """What was asked, and the parts of what is said to it, in reading order; parts with nothing to say are empty."""

    heading: Rich
    said: tuple[Rich, ...] = ()  # paragraphs
    table: Table | None = None
    entries: tuple[Entry, ...] = ()  # formulas
    items: tuple[Rich, ...] = ()  # a list: reasons, steps on the way
    pictured: Any = None  # an answer that may make a picture


@dataclass(frozen=True)
class Told:
    """How answers of one kind are told: their class, what the question is called, and who tells them."""

    kind: type
    question: str
    tell: Callable[[Any], Finding]


# -- what several kinds say alike --------------------------------------------------------------------------------------
def formula(value: Value | Written) -> Written:
    """A value as a formula."""
    return value if isinstance(value, Written) else present(value)


def change(value: Value | Written) -> Rich:
    """A difference with its sign: +3, −3, 0."""
    tree = formula(value)
    lead = tree.args[0] if isinstance(tree, (Add, Mul)) else tree
    signed = tree == Number(0) or isinstance(lead, Neg) or (isinstance(lead, Number) and lead.value < 0)
    return (tree,) if signed else ("+", tree)


def decimal(value: Fraction) -> str:
    """A ratio to four digits; the exact one is in the answer's data."""
    return f"{float(value):.4g}".replace("-", MINUS)


def cells(*said: Rich) -> tuple[Cell, ...]:
    """A row of a table."""
    return tuple(map(Cell, said))
