"""Tables for terminals: columns as wide as they need, long cells folded where the page is too narrow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from unicodedata import combining, east_asian_width

__all__ = ["BOX", "LINES", "NO_BREAK", "Style", "breakable", "drawn", "wide", "wrapped"]

_GAP = re.compile(r" +")
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Style:
    """The lines of a table: left end, filler, joint and right end of a rule, left, middle and right of a row."""

    top: tuple[str, str, str, str] | None
    head: tuple[str, str, str, str]
    between: tuple[str, str, str, str] | None
    foot: tuple[str, str, str, str]
    bottom: tuple[str, str, str, str] | None
    head_row: tuple[str, str, str]
    row: tuple[str, str, str]


LINES = Style(None, ("", "─", "  ", ""), None, ("", "─", "  ", ""), None, ("", "  ", ""), ("", "  ", ""))
BOX = Style(
    top=("┏━", "━", "━┳━", "━┓"),
    head=("┡━", "━", "━╇━", "━┩"),
    between=("├─", "─", "─┼─", "─┤"),
    foot=("├─", "─", "─┼─", "─┤"),
    bottom=("└─", "─", "─┴─", "─┘"),
    head_row=("┃ ", " ┃ ", " ┃"),
    row=("│ ", " │ ", " │"),
)


def wide(text: str) -> int:
    """How many columns of a terminal the text takes.

    >>> wide("⌊H/2⌋"), wide("層"), wide("e\N{COMBINING ACUTE ACCENT}")
    (5, 2, 1)
    """
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """The text in lines of at most `width` columns, broken at spaces; words that are longer stay whole."""
    lines: list[str] = []
    line, empty = first, True
    for word in _GAP.split(text.strip(" ")):
        if not empty and wide(line) + 1 + wide(word) > width:
            lines.append(line)
            line, empty = rest, True
        line += word if empty else f" {word}"
        empty = False
    return [*lines, line]


def breakable(formula: str) -> str:
    """A formula that may be broken before a plus, a minus or a times outside all brackets, and nowhere else.

    >>> breakable("(a + b)(c + d) + e").replace(NO_BREAK, "_")
    '(a_+_b)(c_+_d) +_e'
    """
    depth = 0
    made = []
    for here, after in pairwise(formula + " "):
        depth += (here in "(⌊⌈") - (here in ")⌋⌉")
        made.append(NO_BREAK if here == " " and not (depth == 0 and after in "+−×") else here)
    return "".join(made)


def drawn(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    foot: Sequence[str] = (),
    *,
    numbers: Sequence[bool],
    width: int,
    style: Style = LINES,
) -> str:
    """A table of at most `width` columns where folding allows; `numbers` says which columns stand on the right.

    >>> print(drawn(["n", "layer"], [["1", "conv2d"], ["10", "dense"]], numbers=[True, False], width=30))
     n  layer
    ──  ──────
     1  conv2d
    10  dense
    """
    table = [list(head), *(list(row) for row in rows), *([list(foot)] if foot else [])]
    available = width - len(style.row[0] + style.row[1] * (len(head) - 1) + style.row[2])
    widths = _fitted(table, available)
    if sum(widths) > available:  # better formulas broken anywhere than lines broken by the terminal
        table = [[cell.replace(NO_BREAK, " ") for cell in row] for row in table]
        widths = _fitted(table, available)
    first = "\n".join(_row(table[0], widths, numbers, style.head_row))
    body = ["\n".join(_row(row, widths, numbers, style.row)) for row in table[1:]]
    last = body.pop() if foot else None
    lines = [_rule(style.top, widths), first, _rule(style.head, widths)]
    for place, row in enumerate(body):
        lines += [_rule(style.between, widths) if place else None, row]
    lines += [_rule(style.foot, widths), last] if last is not None else []
    lines.append(_rule(style.bottom, widths))
    return "\n".join(line for line in lines if line is not None).replace(NO_BREAK, " ")


def _rule(parts: tuple[str, str, str, str] | None, widths: Sequence[int]) -> str | None:
    if parts is None:
        return None
    left, fill, joint, right = parts
    return left + joint.join(fill * size for size in widths) + right


def _row(row: Sequence[str], widths: Sequence[int], numbers: Sequence[bool], parts: tuple[str, str, str]) -> list[str]:
    """The lines of one row: each cell folded to its column's width."""
    left, middle, right = parts
    cells = [wrapped(cell, size) for cell, size in zip(row, widths, strict=True)]
    lines = []
    for pieces in zip_longest(*cells, fillvalue=""):
        set_ = (_aligned(piece, size, number) for piece, size, number in zip(pieces, widths, numbers, strict=True))
        lines.append((left + middle.join(set_) + right).rstrip())
    return lines


def _aligned(cell: str, size: int, right: bool) -> str:
    space = " " * max(size - wide(cell), 0)
    return space + cell if right else cell + space


def _fitted(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Column widths: natural ones, the widest made narrower until the table fits or no cell can be folded further."""
    natural = [max(wide(cell) for cell in column) for column in zip(*rows, strict=True)]
    least = [
        max(max((wide(word) for word in _GAP.split(cell)), default=0) for cell in column)
        for column in zip(*rows, strict=True)
    ]
    widths = list(natural)
    while sum(widths) > width:
        able = [place for place, size in enumerate(widths) if size > least[place]]
        if not able:
            break
        widest = max(able, key=lambda place: widths[place])
        widths[widest] -= 1
    return widths
