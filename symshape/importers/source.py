"""What an importer is given, and how files are read safely: sizes are checked before anything is read."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symshape.errors import ImportRefused
from symshape.network import Network

__all__ = ["LARGEST_TEXT", "Importer", "Source", "archived_json", "file_json", "parsed_json"]

LARGEST_TEXT = 64 * 2**20  # bytes of JSON; the largest of the published models has about one million
MOST_MEMBERS = 10_000


@dataclass(frozen=True)
class Source:
    """A model to read: one of a path, parsed JSON data, or a live object; `label` names it in messages."""

    path: Path | None = None
    data: Any = None
    live: Any = None
    label: str = ""


@dataclass(frozen=True)
class Importer:
    """Reads one kind of foreign model; `reads` says which in a few words."""

    reads: str
    recognises: Callable[[Source], bool]
    read: Callable[..., Network]


def file_json(path: Path) -> Any:
    """The JSON in a text file."""
    size = path.stat().st_size
    if size > LARGEST_TEXT:
        raise ImportRefused(f"{path} has {size} bytes: a model's JSON of more than {LARGEST_TEXT} is not read")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ImportRefused(f"{path} is neither a readable archive nor UTF-8 text") from None
    return parsed_json(text, str(path))


def parsed_json(text: str, label: str) -> Any:
    """JSON text, refused with a reason where it is too large, malformed or nested beyond sense."""
    if len(text) > LARGEST_TEXT:
        raise ImportRefused(
            f"{label} has {len(text)} characters: a model's JSON of more than {LARGEST_TEXT} is not read"
        )
    try:
        return json.loads(text)
    except ValueError as error:
        raise ImportRefused(f"{label} is not valid JSON: {error}") from None
    except RecursionError:
        raise ImportRefused(f"{label} is JSON nested too deeply to be a model") from None


def archived_json(path: Path, member: str) -> Any:
    """The JSON of one member of a zip archive, read no further than the limit whatever the archive claims."""
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MOST_MEMBERS:
                raise ImportRefused(f"{path} has more than {MOST_MEMBERS} members: it is no model archive")
            try:
                info = archive.getinfo(member)
            except KeyError:
                raise ImportRefused(f"{path} is an archive without {member}: it is no Keras model") from None
            if info.file_size > LARGEST_TEXT:
                raise ImportRefused(
                    f"{path}: {member} unpacks to {info.file_size} bytes, more than the {LARGEST_TEXT} that are read"
                )
            with archive.open(info) as stream:
                data = stream.read(LARGEST_TEXT + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise ImportRefused(f"{path} is a damaged archive: {error}") from None
    except Exception as error:  # zlib.error and kin have no common base
        if isinstance(error, ImportRefused):
            raise
        raise ImportRefused(f"{path} is a damaged archive: {error}") from None
    try:
        return parsed_json(data.decode("utf-8"), f"{path}, {member}")
    except UnicodeDecodeError:
        raise ImportRefused(f"{path}: {member} is not UTF-8 text") from None
