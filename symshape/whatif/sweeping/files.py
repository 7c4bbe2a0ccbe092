"""A sweep as one CSV or Parquet file, written table by table to a file beside it, which is renamed in the end."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from symshape.algebra.vector import Range
from symshape.errors import FormatError
from symshape.whatif.sweeping.extras import needed
from symshape.whatif.sweeping.table import Table, schema

__all__ = ["FORMATS", "format_of", "whole", "write"]

Take = Callable[[Table], None]
Ranges = Mapping[str, "Range | None"]


def write(
    path: str | os.PathLike[str], form: str, names: tuple[str, ...], ranges: Ranges, tables: Iterable[Table]
) -> None:
    """Write tables of the same columns, one after the other, into one file that is there whole or not at all."""
    with whole(Path(path)) as beside, FORMATS[form](beside, names, ranges) as take:
        for table in tables:
            take(table)


def format_of(path: str | os.PathLike[str]) -> str | None:
    """The format that the path's ending names; None where it has no ending."""
    ending = Path(path).suffix.removeprefix(".").lower()
    if ending and ending not in FORMATS:
        raise FormatError(
            f"{path}: a sweep is written as {' or '.join(FORMATS)}, or to a folder whose name has no ending"
        )
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


@contextmanager
def _csv(path: Path, names: tuple[str, ...], ranges: Ranges) -> Iterator[Take]:
    from csv import writer

    with open(path, "x", encoding="utf-8", newline="") as stream:
        rows = writer(stream, lineterminator="\n")
        rows.writerow(names)

        def take(table: Table) -> None:
            for part in table.parts():
                lists = part.lists()
                lists["valid"] = ["true" if valid else "false" for valid in lists["valid"]]
                rows.writerows(zip(*lists.values(), strict=True))

        yield take


@contextmanager
def _parquet(path: Path, names: tuple[str, ...], ranges: Ranges) -> Iterator[Take]:
    arrow = needed("pyarrow", "table", "a Parquet file")
    parquet = needed("pyarrow.parquet", "table", "a Parquet file")
    with parquet.ParquetWriter(path, arrow.schema(list(schema(names, ranges)))) as stream:
        yield lambda table: stream.write_table(table.to_arrow())


FORMATS: dict[str, Callable[[Path, tuple[str, ...], Any], AbstractContextManager[Take]]] = {
    "csv": _csv,
    "parquet": _parquet,
}
