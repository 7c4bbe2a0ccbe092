"""What an importer is given, and how files are read safely: sizes are checked before anything is read."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from symshape.errors import ImportRefused
from symshape.network import Network

__all__ = ["LARGEST_TEXT", "Importer", "Source", "archived_json", "file_json", "parsed_json"]

LARGEST_TEXT = 16 * 2**20  # bytes of JSON; the largest of the published models has about one million
MOST_MEMBERS = 10_000

# What a file that is no text says of itself in its first bytes.
_FOREIGN: Mapping[bytes, str] = {
    b"PK": "is a damaged or truncated archive",
    b"\x89HDF": "is an HDF5 file, which holds no text: save the model as .keras, or its to_json() as text",
    b"\x89PNG": "is a picture",
    b"\xff\xd8\xff": "is a picture",
    b"%PDF": "is a PDF document",
    b"\x1f\x8b": "is compressed by gzip: unpack it first",
}


@dataclass(frozen=True)
class Source:
    """A model to read: a path, an archive's bytes, parsed JSON data, or a live object; `label` names it in messages."""

    path: Path | None = None
    archive: bytes | None = None
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
    """The JSON in a text file, refused unread where it is too large or says that it is something else."""
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
            for beginning, what in _FOREIGN.items():
                if head.startswith(beginning):
                    raise ImportRefused(f"{path} {what}")
            size = path.stat().st_size
            if size > LARGEST_TEXT:
                raise ImportRefused(f"{path} has {size} bytes: a model's JSON of more than {LARGEST_TEXT} is not read")
            return parsed_json(head + stream.read(LARGEST_TEXT + 1), str(path))
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror or error}") from None


def parsed_json(text: str | bytes, label: str) -> Any:
    """JSON text, refused with a reason where it is too large, malformed or nested beyond sense."""
    if len(text) > LARGEST_TEXT:
        raise ImportRefused(f"{label} has {len(text)} bytes: a model's JSON of more than {LARGEST_TEXT} is not read")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError:
            raise ImportRefused(f"{label} is neither a readable archive nor UTF-8 text") from None
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except ValueError as error:
        raise ImportRefused(f"{label} is not valid JSON: {error}") from None
    except RecursionError:
        raise ImportRefused(f"{label} is JSON nested too deeply to be a model") from None


def archived_json(file: Path | bytes, member: str, label: str) -> Any:
    """The JSON of one member of a zip archive, read no further than the limit whatever the archive claims."""
    try:
        data = _member(file, member, label)
    except ImportRefused:
        raise
    except Exception as error:  # a damaged archive fails in many ways: zlib.error and kin have no common base
        raise ImportRefused(f"{label} is a damaged archive: {error}") from None
    return parsed_json(data, f"{label}, {member}")


def _member(file: Path | bytes, member: str, label: str) -> bytes:
    with zipfile.ZipFile(BytesIO(file) if isinstance(file, bytes) else file) as archive:
        if len(archive.infolist()) > MOST_MEMBERS:
            raise ImportRefused(f"{label} has more than {MOST_MEMBERS} members: it is no model archive")
        if member not in archive.namelist():
            raise ImportRefused(f"{label} is an archive without {member}: it is no Keras model")
        claimed = archive.getinfo(member).file_size
        if claimed > LARGEST_TEXT:
            raise ImportRefused(
                f"{label}: {member} unpacks to {claimed} bytes, more than the {LARGEST_TEXT} that are read"
            )
        with archive.open(member) as stream:
            return stream.read(LARGEST_TEXT + 1)
