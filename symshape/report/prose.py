"""Rich text without a format: sentences, formulas, tables and lists of lines that each format inks in its own way.

A sentence is a tuple of pieces: text, formulas, emphasis, references to layers and to sources. Text is only ever text:
whatever a layer is called, each format makes it harmless when it inks the piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from symshape.notation import Line, text
from symshape.notation.layout import DOT, MINUS
from symshape.report.view import Cite, Ref
from symshape.written import Add, Mul, Neg, Written, product

__all__ = ["Cell", "Column", "Emphasis", "Link", "Piece", "Rich", "Steps", "Strong", "Table", "folded", "listed"]


@dataclass(frozen=True)
class Strong:
    """Pieces in bold."""

    pieces: Rich


@dataclass(frozen=True)
class Emphasis:
    """Pieces in italics."""

    pieces: Rich


@dataclass(frozen=True)
class Link:
    """A layer's name alone, leading to its section; a `Ref` as a piece shows its number too."""

    ref: Ref


Piece: TypeAlias = str | Written | Strong | Emphasis | Link | Ref | Cite
Rich: TypeAlias = tuple[Piece, ...]


@dataclass(frozen=True)
class Steps:
    """Lines of a derivation, their relations under each other."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table: what heads it, and whether it holds numbers."""

    title: Rich
    numbers: bool = False


@dataclass(frozen=True)
class Cell:
    """What a cell says, and the percentage of its column's total where that is telling."""

    said: Rich = ()
    share: int | None = None


@dataclass(frozen=True)
class Table:
    """Rows under headed columns, perhaps with a row of totals."""

    caption: Rich
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    foot: tuple[Cell, ...] = field(default=())


def listed(items: Iterable[Rich], last: str = " and ") -> Rich:
    """Items as in running text.

    >>> listed([("a",), ("b",), ("c",)])
    ('a', ', ', 'b', ' and ', 'c')
    """
    rows = list(items)
    said: list[Piece] = []
    for place, item in enumerate(rows):
        if place:
            said.append(last if place == len(rows) - 1 else ", ")
        said.extend(item)
    return tuple(said)


# -- long lines -------------------------------------------------------------------------------------------------------
def folded(lines: Iterable[Line], width: int) -> list[Line]:
    """The lines with long right-hand sides broken before a plus, a minus or a dot, and long notes on their own.

    >>> from symshape.written import symbols
    >>> a, b, c = symbols("aaaa bbbb cccc")
    >>> [(line.sign, line.right) for line in folded([Line(a, "=", a + b - c)], 18)]
    [('=', aaaa + bbbb), ('−', cccc)]
    """
    lines = list(lines)
    margin = max((len(text(line.left)) for line in lines if line.left is not None), default=0) + 3
    rights = max((len(text(line.right)) for line in lines if line.right is not None), default=0)
    notes = max((len(_noted(line.remarks)) + 3 for line in lines if line.note is not None), default=0)
    if margin + rights + notes <= width:
        return lines
    return [piece for line in lines for apart in _apart(line) for piece in _folded(apart, max(width - margin, 20))]


def _apart(line: Line) -> Iterable[Line]:
    """A line, and its note's number as a line of its own: "= 28   at H = 32" for "at H = 32: 28"."""
    *where, colon, value = line.remarks or ("", "", "")
    if colon != ": " or not isinstance(value, Written):
        return [line]
    return [line._replace(note=None), Line(None, "=", value, tuple(where), near=True)]


def _folded(line: Line, width: int) -> Iterable[Line]:
    if line.right is None or line.near:
        return [line]
    rows = list(_broken(line.sign, line.right, width))
    made = [Line(line.left if place == 0 else None, sign, right) for place, (sign, right) in enumerate(rows)]
    made[0] = made[0]._replace(relation=line.relation)
    made[-1] = made[-1]._replace(note=line.note)
    return made


def _noted(remarks: Iterable[Written | str]) -> str:
    return "".join(part if isinstance(part, str) else text(part) for part in remarks)


def _broken(sign: str, tree: Written, width: int) -> Iterable[tuple[str, Written]]:
    """The formula in pieces of at most `width` characters where it can be broken: (sign before it, piece)."""
    if len(text(tree)) <= width:
        return [(sign, tree)]
    if isinstance(tree, Add):
        return _broken_sum(sign, tree.args, width)
    if isinstance(tree, Mul) and len(tree.args) > 1:
        return _broken_product(sign, tree.args, width)
    return [(sign, tree)]


def _broken_sum(sign: str, terms: Sequence[Written], width: int) -> Iterable[tuple[str, Written]]:
    rows: list[tuple[str, Written]] = []
    gathered: list[Written] = []

    def flush() -> None:
        if gathered:
            head = gathered[0]
            lead = sign if not rows else "+"
            if rows and isinstance(head, Neg):
                lead, gathered[0] = MINUS, head.arg
            whole = gathered[0] if len(gathered) == 1 else Add(tuple(gathered))
            rows.extend(_broken(lead, whole, width) if len(gathered) == 1 else [(lead, whole)])
            gathered.clear()

    for term in terms:
        if gathered and len(text(Add((*gathered, term)))) > width:
            flush()
        gathered.append(term)
    flush()
    return rows


def _broken_product(sign: str, factors: Sequence[Written], width: int) -> Iterable[tuple[str, Written]]:
    rows: list[tuple[str, Written]] = []
    gathered: list[Written] = []
    for factor in factors:
        if gathered and len(text(product([*gathered, factor]))) > width:
            rows.append((DOT if rows else sign, product(gathered)))
            gathered = []
        gathered.append(factor)
    rows.append((DOT if rows else sign, product(gathered)))
    return rows
