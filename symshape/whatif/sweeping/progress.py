"""How far a sweep is, in one line that is written over, on standard error and only where that is a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

__all__ = ["Progress"]

_WIDTH = 30
_EVERY = 0.1  # seconds
_PATIENCE = 0.5  # what takes less needs no bar


class Progress:
    """A bar for so many points: `with Progress(10**6) as bar: bar.add(1000)`."""

    def __init__(self, points: int, done: int = 0, stream: TextIO | None = None) -> None:
        self.points = points
        self.done = done
        self.stream = sys.stderr if stream is None else stream
        self._shown = False
        self._next = time.monotonic() + _PATIENCE

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown:
            self.stream.write("\r" + " " * (_WIDTH + 50) + "\r")
            self.stream.flush()

    def add(self, points: int) -> None:
        """So many points more are done."""
        self.done += points
        now = time.monotonic()
        if now >= self._next and self.stream.isatty():
            self._next = now + _EVERY
            self._shown = True
            full = _WIDTH * self.done // self.points
            bar = "#" * full + "." * (_WIDTH - full)
            share = 100 * self.done // self.points
            self.stream.write(f"\rsweep [{bar}] {share:3d} %  {self.done:,} of {self.points:,}".replace(",", " "))
            self.stream.flush()
