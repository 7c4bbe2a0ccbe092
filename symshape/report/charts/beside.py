"""Words beside lines and points: how wide they are, about, and where there is room for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import combining, east_asian_width

__all__ = ["Room", "end_labels", "width_of"]

_LINE = 15  # between the feet of two lines of small text
_CELL = 2


def width_of(text: str, size: int) -> int:
    """About how wide text is; no font is asked, so it errs on the wide side."""
    wide = sum(0 if combining(char) else 10 if east_asian_width(char) in "WF" else 6 for char in text)
    return wide * size // 10 + 1


def end_labels(wanted: Sequence[float], top: float, bottom: float) -> list[float]:
    """Heights near the wanted ones, in the same order, so far apart that words do not run into each other.

    >>> end_labels([50, 10, 52], 0, 100)
    [50, 10, 65]
    """
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    at = [wanted[place] for place in order]
    for place in range(1, len(at)):
        at[place] = max(at[place], at[place - 1] + _LINE)
    limit = max(bottom, top + _LINE * (len(at) - 1))
    for place in reversed(range(len(at))):
        at[place] = min(at[place], limit)
        limit = at[place] - _LINE
    found = dict(zip(order, at, strict=True))
    return [found[place] for place in range(len(wanted))]


class Room:
    """What of a plot is taken already, in small cells."""

    def __init__(self, left: float, right: float, top: float, bottom: float) -> None:
        self.left, self.right, self.top, self.bottom = left, right, top, bottom
        self._taken: set[tuple[int, int]] = set()
        self._strewn: set[tuple[int, int]] = set()

    def take(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """A rectangle, given by any two opposite corners, is taken."""
        self._taken.update(_cells(x1, y1, x2, y2))

    def strew(self, x: float, y: float) -> None:
        """A dot is there, over which only a word that matters may be written."""
        self._strewn.update(_cells(x - 2, y - 2, x + 2, y + 2))

    def beside(
        self, x: float, y: float, width: float, side: tuple[int, int], matters: bool = False
    ) -> tuple[float, float, str] | None:
        """A free place for a word beside a point, the given side first: (x, y, anchor); None where there is none.

        The place is taken then. A word that `matters` is rather written over dots than left out.
        """
        free = self._search(x, y, width, side, self._taken | self._strewn)
        return free or (self._search(x, y, width, side, self._taken) if matters else None)

    def _search(
        self, x: float, y: float, width: float, side: tuple[int, int], taken: set[tuple[int, int]]
    ) -> tuple[float, float, str] | None:
        across, down = side
        for to_x, to_y in (side, (across, 0), (0, down), (-across, down), (across, -down), (-across, 0)):
            near = 7 if to_y == 0 else 4 if to_x else 0
            x1 = x + near if to_x > 0 else x - near - width if to_x < 0 else x - width / 2
            middle = y + to_y * (13 if to_x else 15)
            box = (x1, middle - 7, x1 + width, middle + 6)
            inside = self.left < x1 and x1 + width <= self.right and self.top - 8 <= box[1] and box[3] < self.bottom
            if inside and taken.isdisjoint(_cells(*box)):
                self.take(x1 - 6, box[1] - 3, x1 + width + 6, box[3] + 3)
                anchor = "start" if to_x > 0 else "end" if to_x < 0 else "middle"
                return (x + near * to_x, middle + 4, anchor)
        return None


def _cells(x1: float, y1: float, x2: float, y2: float) -> Iterator[tuple[int, int]]:
    for across in range(int(min(x1, x2)) // _CELL, int(max(x1, x2)) // _CELL + 1):
        for down in range(int(min(y1, y2)) // _CELL, int(max(y1, y2)) // _CELL + 1):
            yield across, down
