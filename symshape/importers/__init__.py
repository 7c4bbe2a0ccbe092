"""Foreign models → `Network`. One importer per file; each file's `IMPORTER` is found here without being named anywhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from symshape.errors import ImportRefused
from symshape.importers.source import LARGEST_TEXT, Importer, Source, parsed_json
from symshape.network import Network

__all__ = ["load"]

IMPORTERS: tuple[Importer, ...] = tuple(
    entry
    for module in iter_modules(__path__)
    if isinstance(entry := getattr(import_module(f"{__name__}.{module.name}"), "IMPORTER", None), Importer)
)


def load(source: Any, **options: Any) -> Network:
    """A network from a model: a path (`.keras`, `.json`), JSON text, the parsed dict, or a live model object.

    The framework itself is not needed for files. Nothing in a file is ever executed.
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
    if isinstance(source, str) and source.lstrip().startswith(("{", "[")):
        return Source(data=parsed_json(source, "the given text"), label="the given text")
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        if not path.exists():
            raise ImportRefused(f"there is no file {path}")
        if path.is_dir():
            raise ImportRefused(f"{path} is a folder, not a model file")
        return Source(path=path, label=str(path))
    if isinstance(source, (bytes, bytearray)):
        if len(source) > LARGEST_TEXT:
            raise ImportRefused(f"a model text of {len(source)} bytes is refused: at most {LARGEST_TEXT} are read")
        try:
            text = bytes(source).decode("utf-8")
        except UnicodeDecodeError:
            raise ImportRefused("the given bytes are not UTF-8 text: give a path for archives") from None
        return Source(data=parsed_json(text, "the given text"), label="the given text")
    return Source(live=source, label=type(source).__name__)
