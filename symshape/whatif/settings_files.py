"""All settings that a search found as a CSV or JSON file, written one by one to a file that is there whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from csv import writer
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symshape.errors import UsageError
from symshape.whatif.json_numbers import json_integer
from symshape.whatif.sweeping.files import whole

if TYPE_CHECKING:
    from symshape.whatif.searching import Found

__all__ = ["write_csv", "write_json"]

_MARK = "front"  # the column that says whether a setting is on the front


def write_csv(found: Found, path: str | PathLike[str]) -> None:
    """A line of names, then a line for each setting."""
    names = [*found.knobs, *found.terms]
    if found.goals and _MARK in names:
        raise UsageError(f"{_MARK} would be the name of two columns")
    best = {_knobs(found, row) for row in found.front} if found.goals else set()
    with whole(Path(path)) as beside, open(beside, "x", encoding="utf-8", newline="") as stream:
        lines = writer(stream, lineterminator="\n")
        lines.writerow([*names, _MARK] if found.goals else names)
        for row in found:
            mark = ["true" if _knobs(found, row) in best else "false"] if found.goals else []
            lines.writerow([*row.values(), *mark])


def _knobs(found: Found, row: dict[str, int]) -> tuple[int, ...]:
    return tuple(row[name] for name in found.knobs)


def write_json(found: Found, path: str | PathLike[str]) -> None:
    """The answer as an object with all settings, one on each line."""
    with whole(Path(path)) as beside, open(beside, "x", encoding="utf-8") as stream:
        stream.writelines(_object(found))


def _object(found: Found) -> Iterator[str]:
    before = "{"
    for name, value in replace(found, shown=0).data().items():  # the settings come one by one
        yield f"{before}\n  {json.dumps(name)}: "
        if name == "settings":
            yield from _rows(found)
        else:
            yield json.dumps(_safe(value), ensure_ascii=False)
        before = ","
    yield "\n}\n"


def _rows(found: Found) -> Iterator[str]:
    before = "["
    for row in found:
        yield f"{before}\n    {json.dumps(_safe(row), ensure_ascii=False)}"
        before = ","
    yield "[]" if before == "[" else "\n  ]"


def _safe(value: Any) -> Any:
    """The value with integers that JavaScript would round as strings."""
    if isinstance(value, dict):
        return {name: _safe(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_safe(each) for each in value]
    return json_integer(value) if isinstance(value, int) else value
