"""The network as a picture: where each layer's box stands and which boxes arrows join.

Layers stand in rows, each below all that it reads; within a row they keep close to what they read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symshape.report.phrases import shape_said
from symshape.report.prose import Rich, listed
from symshape.report.view import Ref, View

__all__ = ["Box", "Picture", "pictured"]

WIDTH, HEIGHT, ACROSS, DOWN = 190, 46, 30, 26  # of a box, and between boxes


@dataclass(frozen=True)
class Box:
    """A layer's box, by its upper left corner."""

    ref: Ref
    said: Rich  # the shape it gives
    x: int
    y: int

    @property
    def middle(self) -> int:
        """The x where arrows enter and leave."""
        return self.x + WIDTH // 2

    @property
    def name_y(self) -> int:
        """The y of the name's line."""
        return self.y + 19

    @property
    def shape_y(self) -> int:
        """The y of the shape's line."""
        return self.y + 37


@dataclass(frozen=True)
class Picture:
    """Boxes and arrows; an arrow is a path of points from a box to one below."""

    boxes: tuple[Box, ...]
    edges: tuple[tuple[Box, Box], ...]
    arrows: tuple[str, ...]  # SVG path data
    width: int
    height: int
    box: tuple[int, int] = (WIDTH, HEIGHT)

    @property
    def chain(self) -> bool:
        """Whether every layer reads just the one before it."""
        return (
            all(second == after for (_, second), after in zip(self.edges, self.boxes[1:], strict=False))
            and len(self.edges) == len(self.boxes) - 1
        )


def pictured(view: View) -> Picture:
    """The picture of a view's layers."""
    numbers = [row.number for row in view.rows]
    reads = {number: [a for a, b in view.edges if b == number] for number in numbers}
    columns, rows = _places(numbers, reads)
    wide = max(columns.values()) + 1
    boxes = {
        row.number: Box(
            Ref(row.number, row.name, row.anchor),
            listed(shape_said(shape) for shape in row.shapes_at or row.shapes),
            int(columns[row.number] * (WIDTH + ACROSS)) + 4,
            rows[row.number] * (HEIGHT + DOWN) + 4,
        )
        for row in view.rows
    }
    return Picture(
        boxes=tuple(boxes.values()),
        edges=tuple((boxes[a], boxes[b]) for a, b in view.edges),
        arrows=tuple(_arrow(boxes[a], boxes[b]) for a, b in view.edges),
        width=int(wide * (WIDTH + ACROSS)) - ACROSS + 8,
        height=(max(rows.values()) + 1) * (HEIGHT + DOWN) - DOWN + 8,
    )


def _places(numbers: Sequence[str], reads: dict[str, list[str]]) -> tuple[dict[str, float], dict[str, int]]:
    """Column and row of each layer: rows by the longest way from an input, columns near what is read."""
    rows: dict[str, int] = {}
    for number in numbers:  # sources come first
        rows[number] = max((rows[source] + 1 for source in reads[number]), default=0)
    columns: dict[str, float] = {}
    for row in range(max(rows.values()) + 1):
        here = [number for number in numbers if rows[number] == row]
        here.sort(key=lambda number: _mean([columns[source] for source in reads[number]]))
        for place, number in enumerate(here):
            columns[number] = float(place)
    widest = max(columns.values())
    for row in range(max(rows.values()) + 1):  # centre each row
        here = [number for number in numbers if rows[number] == row]
        shift = (widest - (len(here) - 1)) / 2
        for number in here:
            columns[number] += shift
    return columns, rows


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _arrow(start: Box, end: Box) -> str:
    x1, y1, x2, y2 = start.middle, start.y + HEIGHT, end.middle, end.y - 1
    if y2 - y1 <= DOWN and x1 == x2:
        return f"M{x1} {y1}V{y2}"
    bend = (y2 - y1) // 2
    if y2 - y1 > DOWN and x1 == x2:  # past the boxes between
        side = x1 + WIDTH // 2 + ACROSS // 2
        out = f"C{x1} {y1 + DOWN} {side} {y1} {side} {y1 + DOWN}"
        return f"M{x1} {y1}{out}V{y2 - DOWN}C{side} {y2} {x2} {y2 - DOWN} {x2} {y2}"
    return f"M{x1} {y1}C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}"
