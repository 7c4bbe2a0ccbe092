"""Integers as JSON holds them."""

from __future__ import annotations

__all__ = ["json_integer"]

_SAFE = 2**53  # JavaScript and others read larger numbers as rounded ones


def json_integer(value: int) -> int | str:
    """The integer, from 2⁵³ on as text.

    >>> json_integer(3), json_integer(-(2**53))
    (3, '-9007199254740992')
    """
    return str(value) if abs(value) >= _SAFE else value
