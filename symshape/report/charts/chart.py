"""A chart as plain data: exact points under axes, and which belong together. Where they stand is `plot`'s to say."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

__all__ = ["Axis", "Chart", "Exact", "Join", "Panel", "Point", "Series"]

Exact: TypeAlias = int | Fraction
# How points are joined: by a line, by steps that keep a value until the next point or take it before it, or not at all.
Join: TypeAlias = Literal["line", "after", "before", ""]


@dataclass(frozen=True)
class Point:
    """An exact point; without a `y` it is a gap. `label` may be shown beside it, where there is room."""

    x: Exact
    y: Exact | None
    label: str = ""


@dataclass(frozen=True)
class Series:
    """Points that belong together, in the order of their x; the emphasised ones stand in front of the others."""

    label: str
    points: tuple[Point, ...]
    join: Join = "line"
    emphasised: bool = False


@dataclass(frozen=True)
class Axis:
    """An axis: what it is called, and how its values lie along it.

    `log` is left to the values where it is None. A `tight` axis ends with the data, another at a tick.
    """

    title: str
    log: bool | None = None
    tight: bool = False


@dataclass(frozen=True)
class Panel:
    """Series under a pair of axes."""

    x: Axis
    y: Axis
    series: tuple[Series, ...]


@dataclass(frozen=True)
class Chart:
    """Panels under one another, a title, and what is to be seen in words, for those who see no pictures."""

    title: str
    description: str
    panels: tuple[Panel, ...]
