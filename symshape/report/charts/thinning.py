"""Long lines thinned to what a screen can show: in each column of pixels the first, least, greatest and last point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from symshape.report.charts.chart import Exact, Point

__all__ = ["runs", "thinned"]

T = TypeVar("T")


def runs(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The points between gaps.

    >>> [[point.x for point in run] for run in runs([Point(1, 5), Point(2, None), Point(3, 7), Point(4, 7)])]
    [[1], [3, 4]]
    """
    for known, run in groupby(points, key=lambda point: point.y is not None):
        if known:
            yield list(run)


def thinned(items: Sequence[T], column: Callable[[T], int], height: Callable[[T], Exact]) -> list[T]:
    """The items that are seen: a line through them covers the same pixels as a line through all.

    >>> thinned([3, 9, 1, 4, 2, 5], column=lambda item: 0, height=lambda item: item)
    [3, 9, 1, 5]
    """
    kept: list[T] = []
    for _, group in groupby(items, key=column):
        here = list(group)
        places = range(len(here))
        least = min(places, key=lambda place: height(here[place]))
        greatest = max(places, key=lambda place: height(here[place]))
        kept += [here[place] for place in sorted({0, least, greatest, len(here) - 1})]
    return kept
