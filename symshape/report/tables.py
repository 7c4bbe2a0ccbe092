"""Tables for terminals: columns as wide as they need, long cells folded where the page is too narrow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import combining, east_asian_width

__all__ = ["BOX", "LINES", "Style", "drawn", "wide", "wrapped"]

_GAP = re.compile(r" +")
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Style:
    """The lines of a table: each a left end, a filler, a joint and a right end; `row` separates cells."""

    top: str
    head: str
    between: str
    foot: str
    bottom: str
    row: str
    head_row: str


LINES = Style(top="", head=" ─  ", between="", foot=" ─  ", bottom="", row="    ", head_row="    ")
BOX = Style(top="┏━┳┓", head="┡━╇┩", between="├─┼┤", foot="├─┼┤", bottom="└─┴┘", row="│ ││", head_row="┃ ┃┃")


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
    body = [list(row) for row in rows]
    everything = [list(head), *body, *([list(foot)] if foot else [])]
    widths = _fitted(everything, width - _frame(style, len(head)))

    def ruled(line: str) -> list[str]:
        if not line:
            return []
        left, fill, joint, right = (part.strip() for part in line) if style is BOX else ("", line[1], "  ", "")
        pad = 2 if style is BOX else 0
        return [left + joint.join(fill * (size + pad) for size in widths) + right]

    def set_row(row: Sequence[str], line: str) -> list[str]:
        cells = [wrapped(cell, size) for cell, size in zip(row, widths, strict=True)]
        height = max(map(len, cells))
        made = []
        for at in range(height):
            parts = [
                _aligned(cell[at] if at < len(cell) else "", size, right)
                for cell, size, right in zip(cells, widths, numbers, strict=True)
            ]
            made.append(
                f"{line[0]} {f' {line[2]} '.join(parts)} {line[3]}" if style is BOX else "  ".join(parts).rstrip()
            )
        return made

    out = [*ruled(style.top), *set_row(head, style.head_row), *ruled(style.head)]
    for place, row in enumerate(body):
        out += ruled(style.between) if place else []
        out += set_row(row, style.row)
    if foot:
        out += [*ruled(style.foot), *set_row(foot, style.row)]
    return "\n".join([*out, *ruled(style.bottom)])


def _frame(style: Style, columns: int) -> int:
    return 3 * columns + 1 if style is BOX else 2 * (columns - 1)


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
