"""Reading what the command line gives: SYMBOL=VALUE and its like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any

from symshape.errors import UsageError

__all__ = ["LOGS", "apart", "axes", "bindings", "is_picture", "overruled", "pair"]

LOGS = ("x", "y", "xy", "none")  # which axes of a picture are logarithmic

_NEXT = re.compile(r",(?=\s*\w+\s*=[^=])")  # a comma before the next NAME=


def pair(text: str, option: str, form: str) -> tuple[str, str]:
    """The two sides of the first equals sign; `form` is what the error says is wanted."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise UsageError(f"{option} {text}: {form} is wanted")
    return name.strip(), value.strip()


def apart(sets: Iterable[str]) -> list[str]:
    """H=32,W=H as two: H=32 and W=H.

    >>> apart(["H=32,W=min(H, 8)"])
    ['H=32', 'W=min(H, 8)']
    """
    return [part for given in sets for part in _NEXT.split(given)]


def overruled(sets: Iterable[str], later: Iterable[str]) -> tuple[str, ...]:
    """All of them, but for those whose symbol comes again later.

    >>> overruled(["H=32,W=H"], ["W=64"])
    ('H=32', 'W=64')
    """
    later = apart(later)
    again = {text.partition("=")[0].strip() for text in later}
    return (*(text for text in apart(sets) if text.partition("=")[0].strip() not in again), *later)


def bindings(sets: Sequence[str]) -> dict[str, Any]:
    """{"H": 32, "W": "H"} from H=32 and W=H, or H=32,W=H; expressions go through the whitelisting parser."""
    from symshape.algebra.parse import parse
    from symshape.algebra.poly import Poly
    from symshape.declaration import as_value

    bound: dict[str, Any] = {}
    for text in apart(sets):
        name, expression = pair(text, "--set", "SYMBOL=VALUE")
        value = as_value(parse(expression))
        if not isinstance(value, Poly) and value <= 0:
            raise UsageError(f"--set {text}: a size is a positive integer, a multiplier a positive number")
        if name in bound:
            raise UsageError(f"--set {text}: {name} is set twice")
        bound[name] = value
    return bound


def axes(overs: Sequence[str]) -> dict[str, Any]:
    """{"H": range(32, 257, 32), "K": [3, 5], "W": …} from H=32:256:32 (the end included), K=3,5 and W=H, a tie."""
    from symshape.algebra.parse import parse
    from symshape.declaration import as_value

    given: dict[str, Any] = {}
    for text in overs:
        name, values = pair(text, "--over", "SYMBOL=VALUES")
        if name in given:
            raise UsageError(f"--over {text}: {name} is given twice")
        if ":" in values:
            first, last, step, *rest = [*_integers(values.split(":"), text), 1]
            if rest not in ([], [1]) or step < 1 or last < first:
                raise UsageError(f"--over {text}: START:STOP or START:STOP:STEP is wanted, STOP not before START")
            given[name] = range(first, last + 1, step)
        elif "," in values and "(" not in values:
            given[name] = _integers(values.split(","), text)
        else:
            given[name] = as_value(parse(values))
    return given


def is_picture(path: str) -> bool:
    """Whether a file's ending is that of a picture."""
    return PurePath(path).suffix.lower() == ".svg"


def _integers(texts: Sequence[str], whole: str) -> list[int]:
    from symshape.algebra.parse import parse
    from symshape.declaration import as_value

    values = [as_value(parse(text)) if text.strip() else None for text in texts]
    numbers = [value for value in values if isinstance(value, int)]
    if len(numbers) < len(values):
        raise UsageError(f"--over {whole}: integers are wanted")
    return numbers
