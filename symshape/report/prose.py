"""Rich text without a format: sentences, formulas, tables and lists of lines that each format inks in its own way.

A sentence is a tuple of pieces: text, formulas, emphasis, references to layers and to sources. Text is only ever text:
whatever a layer is called, each format makes it harmless when it inks the piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from symshape.notation import Line, text
from symshape.notation.layout import DOT, MINUS
from symshape.report.view import Cite, Ref
from symshape.written import Add, By, Div, Mul, Neg, Written

__all__ = [
    "Cell",
    "Column",
    "Emphasis",
    "Entry",
    "Link",
    "Piece",
    "Rich",
    "Steps",
    "Strong",
    "Table",
    "folded",
    "linear",
    "listed",
    "pieces",
    "stacked",
]


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


@dataclass(frozen=True)
class Entry:
    """A derivation with its label, reason and source, and its lines."""

    label: Rich
    said: Rich
    steps: Steps

    @property
    def told(self) -> Rich:
        """Label and text as one sentence."""
        return (Strong(self.label), *self.said)


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
Measure = Callable[[Written], int]


def linear(tree: Written) -> int:
    """The width of a formula on one line of text."""
    return len(text(tree))


def stacked(tree: Written) -> int:
    """The width of a formula whose fractions have a bar, about, in letters of text.

    >>> from symshape.written import symbols
    >>> H, = symbols("H")
    >>> linear((H - 43) // 32), stacked((H - 43) // 32)
    (13, 8)
    """
    return len(text(_without_bars(tree)))


def _without_bars(tree: Written) -> Written:
    parts = tuple(map(_without_bars, tree.parts()))
    if isinstance(tree, Div):
        return max(parts, key=linear)
    return tree.rebuilt(parts) if parts else tree


def folded(lines: Iterable[Line], width: int, measure: Measure = linear) -> list[Line]:
    """The lines with long right-hand sides broken before a plus, a minus or a dot, and long notes on their own.

    >>> from symshape.written import symbols
    >>> a, beta, gamma = symbols("a beta_layer gamma_layer")
    >>> [(line.sign, line.right) for line in folded([Line(a, "=", a + beta - gamma)], 24)]
    [('=', a + beta_layer), ('−', gamma_layer)]
    """
    lines = list(lines)
    margin = max((measure(line.left) for line in lines if line.left is not None), default=0) + 3
    rights = max((measure(line.right) for line in lines if line.right is not None), default=0)
    notes = max((_noted(line.remarks, measure) + 3 for line in lines if line.note is not None), default=0)
    if margin + rights + notes <= width:
        return lines
    room = max(width - margin, 20)
    return [piece for line in lines for apart in _apart(line) for piece in _folded(apart, room, measure)]


def pieces(tree: Written, width: int, measure: Measure = linear) -> list[tuple[str, Written]]:
    """A formula for running text in pieces between which a line may be broken, each with the sign before it.

    >>> from symshape.written import symbols
    >>> H, W, C = symbols("height width channels")
    >>> pieces(By((H, W, C)), 14)
    [('', height x width), ('×', channels)]
    """
    return list(_broken("", tree, width, measure))


def _apart(line: Line) -> Iterable[Line]:
    """A line, and its note's number as a line of its own: "= 28   at H = 32" for "at H = 32: 28"."""
    *where, colon, value = line.remarks or ("", "", "")
    if colon != ": " or not isinstance(value, Written):
        return [line]
    return [line._replace(note=None), Line(None, "=", value, tuple(where), near=True)]


def _folded(line: Line, width: int, measure: Measure) -> Iterable[Line]:
    if line.right is None or line.near:
        return [line]
    rows = list(_broken(line.sign, line.right, width, measure))
    made = [Line(line.left if place == 0 else None, sign, right) for place, (sign, right) in enumerate(rows)]
    made[0] = made[0]._replace(relation=line.relation)
    made[-1] = made[-1]._replace(note=line.note)
    return made


def _noted(remarks: Iterable[Written | str], measure: Measure) -> int:
    return sum(len(part) if isinstance(part, str) else measure(part) for part in remarks)


def _broken(sign: str, tree: Written, width: int, measure: Measure) -> Iterator[tuple[str, Written]]:
    """The formula in pieces of at most `width` where it can be broken: (sign before it, piece)."""
    if measure(tree) > width and isinstance(tree, Add):
        groups = _even(tree.args, width, measure)
        if len(groups) == 1:  # it fits, but for the brackets of a sum within
            yield sign, tree
            return
        for place, group in enumerate(groups):
            head = group[0]
            lead, first = (MINUS, head.arg) if place and isinstance(head, Neg) else ("+", head)
            whole = Add((first, *group[1:])) if len(group) > 1 else first
            yield from _broken(lead if place else sign, whole, width, measure)
    elif measure(tree) > width and isinstance(tree, Mul):
        for place, group in enumerate(_even(tree.args, width, measure)):
            yield (DOT if place else sign), Mul(tuple(group))
    elif measure(tree) > width and isinstance(tree, By):
        for place, group in enumerate(_even(tree.args, width, measure)):
            yield ("×" if place else sign), By(tuple(group))
    else:
        yield sign, tree


def _even(parts: Sequence[Written], width: int, measure: Measure) -> list[list[Written]]:
    """The parts in as few lines as the width allows, the lines about equally long."""
    sizes = [measure(part) + 3 for part in parts]

    def starts(limit: int) -> list[int]:
        begun, room = [0], limit
        for place, size in enumerate(sizes):
            if place and size > room:
                begun.append(place)
                room = limit
            room -= size
        return begun

    best = starts(width + 3)
    for limit in range(width + 2, max(sizes) - 1, -1):
        tried = starts(limit)
        if len(tried) > len(best):
            break
        best = tried
    return [list(parts[a:b]) for a, b in zip(best, [*best[1:], len(parts)], strict=True)]
