"""Reading what the command line gives: SYMBOL=VALUE and its like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from symshape.errors import UsageError

__all__ = ["bindings", "pair"]

_NEXT = re.compile(r",(?=\s*\w+\s*=[^=])")  # a comma before the next NAME=


def pair(text: str, option: str, form: str) -> tuple[str, str]:
    """The two sides of the first equals sign; `form` is what the error says is wanted."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise UsageError(f"{option} {text}: {form} is wanted")
    return name.strip(), value.strip()


def bindings(sets: Sequence[str]) -> dict[str, Any]:
    """{"H": 32, "W": "H"} from H=32 and W=H, or H=32,W=H; expressions go through the whitelisting parser."""
    from symshape.algebra.parse import parse
    from symshape.algebra.poly import Poly
    from symshape.declaration import as_value

    bound: dict[str, Any] = {}
    for text in (part for given in sets for part in _NEXT.split(given)):
        name, expression = pair(text, "--set", "SYMBOL=VALUE")
        value = as_value(parse(expression))
        if not isinstance(value, Poly) and value <= 0:
            raise UsageError(f"--set {text}: a size is a positive integer, a multiplier a positive number")
        if name in bound:
            raise UsageError(f"--set {text}: {name} is set twice")
        bound[name] = value
    return bound
