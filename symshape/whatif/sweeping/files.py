"""A sweep as one CSV, JSON or Parquet file, written table by table to a file beside it, which is renamed in the end."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from symshape.algebra.vector import Range
from symshape.errors import FormatError
from symshape.whatif.json_numbers import json_integer
from symshape.whatif.sweeping.extras import needed
from symshape.whatif.sweeping.table import Table, schema

__all__ = ["FORMATS", "TEXTS", "format_of", "whole", "write"]

Names = tuple[str, ...]
Ranges = Mapping[str, "Range | None"]


def write(path: str | os.PathLike[str], form: str, names: Names, ranges: Ranges, tables: Iterable[Table]) -> None:
    """Write tables of the same columns, one after the other, into one file that is there whole or not at all."""
    with whole(Path(path)) as beside:
        FORMATS[form](beside, names, ranges, tables)


def format_of(path: str | os.PathLike[str]) -> str | None:
    """The format that the path's ending names; None where it has no ending."""
    ending = Path(path).suffix.removeprefix(".").lower()
    if ending and ending not in FORMATS:
        known = ", ".join(FORMATS)
        if ending == "svg":
            raise FormatError(
                f"{path}: a picture is drawn from a table in memory, sweep(…).to_svg; to disk goes {known}"
            )
        raise FormatError(f"{path}: a sweep is written as {known}, or to a folder, whose name has no ending")
    return ending or None


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path beside the target to write to; it becomes the target when all went well, and goes when not."""
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(2, "there is no such folder", str(target.parent))
    if target.is_dir():
        raise IsADirectoryError(21, "it is a folder", str(path))
    beside = target.with_name(f".{target.name}.{uuid4().hex}.part")
    try:
        yield beside
        with open(beside, "rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


# -- text --------------------------------------------------------------------------------------------------------------
def _csv(names: Names, tables: Iterable[Table]) -> Iterator[str]:
    """A line of names, then a line for each row, empty where there is no value."""
    from csv import writer
    from io import StringIO

    def text(rows: Iterable[Iterable[Any]]) -> str:
        stream = StringIO()
        writer(stream, lineterminator="\n").writerows(rows)
        return stream.getvalue()

    yield text([names])
    for table in tables:
        for part in table.parts():
            lists = part.lists()
            lists["valid"] = ["true" if valid else "false" for valid in lists["valid"]]
            yield text(zip(*lists.values(), strict=True))


def _json(names: Names, tables: Iterable[Table]) -> Iterator[str]:
    """A list of objects, one on each line; integers from 2⁵³ on as strings."""
    import json

    def cell(value: int | None) -> int | str | None:
        return None if value is None else json_integer(value)

    before = "[\n"
    for table in tables:
        for row in table:
            yield before + json.dumps({name: cell(value) for name, value in row.items()}, ensure_ascii=False)
            before = ",\n"
    yield "\n]\n"


TEXTS: Mapping[str, Callable[[Names, Iterable[Table]], Iterator[str]]] = {"csv": _csv, "json": _json}


# -- files -------------------------------------------------------------------------------------------------------------
def _text(form: str) -> Callable[[Path, Names, Ranges, Iterable[Table]], None]:
    def to_file(path: Path, names: Names, ranges: Ranges, tables: Iterable[Table]) -> None:
        with open(path, "x", encoding="utf-8", newline="") as stream:
            stream.writelines(TEXTS[form](names, tables))

    return to_file


def _parquet(path: Path, names: Names, ranges: Ranges, tables: Iterable[Table]) -> None:
    arrow = needed("pyarrow", "table", "a Parquet file")
    parquet = needed("pyarrow.parquet", "table", "a Parquet file")
    with parquet.ParquetWriter(path, arrow.schema(list(schema(names, ranges)))) as stream:
        for table in tables:
            stream.write_table(table.to_arrow())


FORMATS: Mapping[str, Callable[[Path, Names, Ranges, Iterable[Table]], None]] = {
    **{form: _text(form) for form in TEXTS},
    "parquet": _parquet,
}
