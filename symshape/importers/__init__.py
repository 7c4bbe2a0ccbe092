"""Foreign models → `Network`. One importer per file; each file's `IMPORTER` is found here without being named."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from stat import S_ISDIR, S_ISREG
from typing import Any

from symshape.declaration.dialect import shown
from symshape.errors import ImportRefused
from symshape.importers.source import Importer, Source, parsed_json
from symshape.network import Network

__all__ = ["load"]

IMPORTERS: tuple[Importer, ...] = tuple(
    entry
    for module in iter_modules(__path__)
    if isinstance(entry := getattr(import_module(f"{__name__}.{module.name}"), "IMPORTER", None), Importer)
)


def load(source: Any, **options: Any) -> Network:
    """A network from a model: a path (`.keras`, `.json`), the bytes or text in such a file, the dict, or a live model.

    The framework itself is not needed for files. Nothing in a file is ever executed. A live PyTorch module may be given
    the shape of one example, `input_shape=(3, "H", "W")`; without it, the input is what its first part expects.
    Raises `ImportRefused` for a file that is corrupt, foreign, too large or unsafe, `UnsupportedLayer` for a layer or
    option that no declaration covers, `GraphError` and `ConditionError` for a model that does not fit together.
    """
    if isinstance(source, Network):
        return source
    opened = _opened(source)
    for importer in IMPORTERS:
        if importer.recognises(opened):
            return importer.read(opened, **options)
    what = opened.label or type(source).__name__
    raise ImportRefused(f"{what} is not a model that can be read: {', '.join(i.reads for i in IMPORTERS)} can")


def _opened(source: Any) -> Source:
    if isinstance(source, Mapping):
        return Source(data=source, label="the given dict")
    if isinstance(source, str) and source.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return Source(data=parsed_json(source, "the given text"), label="the given text")
    if isinstance(source, (str, os.PathLike)):
        return _file(Path(source))
    if isinstance(source, (bytes, bytearray)):
        if source.startswith(b"PK"):
            return Source(archive=bytes(source), label="the given archive")
        return Source(data=parsed_json(bytes(source), "the given text"), label="the given text")
    return Source(live=source, label=type(source).__name__)


def _file(path: Path) -> Source:
    name = shown(str(path))
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        raise ImportRefused(f"there is no file {name}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ImportRefused(f"{name} is not the path of a file: {reason}") from None
    if S_ISDIR(kind):
        raise ImportRefused(f"{name} is a folder, not a model file")
    if not S_ISREG(kind):  # a device or a pipe has no size to check and may have no end
        raise ImportRefused(f"{name} is no regular file: give its text instead")
    return Source(path=path, label=str(path))
