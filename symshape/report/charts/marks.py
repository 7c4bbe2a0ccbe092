"""The shapes of marks, as paths around a place: with them lines are told apart without their colours."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["dots", "mark"]

# Circle, square, triangle, diamond, triangle on its tip, cross, plus, star.
_SHAPES = (
    "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "m-3.5-3.5h7v7h-7z",
    "m0-4.6 4.4 7.9h-8.8z",
    "m0-5 4.6 5-4.6 5-4.6-5z",
    "m0 4.6 4.4-7.9h-8.8z",
    "m-2.6-4.4 2.6 2.6 2.6-2.6 1.8 1.8-2.6 2.6 2.6 2.6-1.8 1.8-2.6-2.6-2.6 2.6-1.8-1.8 2.6-2.6-2.6-2.6z",
    "m-1.3-4.6h2.6v3.3h3.3v2.6h-3.3v3.3h-2.6v-3.3h-3.3v-2.6h3.3z",
    "m0-5.4 1.5 3.6 3.9.3-3 2.5 1 3.8-3.4-2.1-3.4 2.1 1-3.8-3-2.5 3.9-.3z",
)


def mark(shape: int, x: float, y: float) -> str:
    """A mark as one closed path."""
    return f"M{x:.1f} {y:.1f}{_SHAPES[shape]}"


def dots(spots: Iterable[tuple[float, float]]) -> str:
    """Many small dots as one path: strokes of no length with round ends."""
    return "".join(f"M{x:.1f} {y:.1f}h0" for x, y in spots)
