"""A drawing as a template sees it: every line, mark and word with its place, as text."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Drawing", "Entry", "Mark", "Plot", "Stroke", "Tick", "Word"]


@dataclass(frozen=True)
class Tick:
    """A line across the plot and its label."""

    at: str
    label: str


@dataclass(frozen=True)
class Stroke:
    """A path in the style of a series; `dashed` where no marks tell it apart."""

    style: str
    path: str
    dashed: bool = False


@dataclass(frozen=True)
class Mark:
    """A mark, and what it says when it is pointed at."""

    style: str
    path: str
    told: str


@dataclass(frozen=True)
class Word:
    """Text at a place, perhaps with a line that leads to it."""

    x: str
    y: str
    said: str
    anchor: str = "start"
    style: str = ""
    leader: str = ""


@dataclass(frozen=True)
class Entry:
    """A line of the legend."""

    style: str
    line: str
    dashed: bool
    mark: str
    dots: str
    word: Word


@dataclass(frozen=True)
class Plot:
    """What one panel shows."""

    left: str
    right: str
    top: str
    bottom: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    label_x: str  # where the labels of the y axis end
    label_y: str  # the line on which those of the x axis stand
    words: tuple[Word, ...]  # the titles of the axes
    dots: tuple[Stroke, ...]
    strokes: tuple[Stroke, ...]
    marks: tuple[Mark, ...]
    names: tuple[Word, ...]


@dataclass(frozen=True)
class Drawing:
    """A chart in places and words. `key` begins its ids, so that several stand on a page."""

    key: str
    width: str
    height: str
    title: str
    description: str
    heading: tuple[Word, ...]
    legend: tuple[Entry, ...]
    plots: tuple[Plot, ...]
