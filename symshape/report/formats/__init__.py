"""The formats of reports, one per file; each file's `FORMAT` is found here without being named anywhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import PurePath
from pkgutil import iter_modules

from symshape.errors import FormatError
from symshape.report.format import Format

__all__ = ["FORMATS", "chosen"]

FORMATS: tuple[Format, ...] = tuple(
    entry
    for module in iter_modules(__path__)
    if isinstance(entry := getattr(import_module(f"{__name__}.{module.name}"), "FORMAT", None), Format)
)

_BY_NAME: Mapping[str, Format] = {name: entry for entry in FORMATS for name in entry.names}
_BY_ENDING: Mapping[str, Format] = {ending: entry for entry in FORMATS for ending in entry.endings}


def chosen(path: str | os.PathLike[str] | None, name: str | None) -> Format:
    """The format by its name, else by the path's ending; text where neither is given.

    Raises `FormatError` listing the formats.
    """
    if name is not None:
        found = _BY_NAME.get(name.lower().lstrip("."))
        if found is None:
            raise FormatError(f"there is no format {name}: there are {_listed()}")
        return found
    if path is None:
        return _BY_NAME["txt"]
    ending = PurePath(path).suffix.lower()
    found = _BY_ENDING.get(ending)
    if found is None:
        what = f"the ending {ending} of {path}" if ending else f"{path}, which has no ending,"
        raise FormatError(f"{what} names no format: there are {_listed()}")
    return found


def _listed() -> str:
    return ", ".join(sorted(entry.names[0] for entry in FORMATS))
