"""A sweep as a folder of Parquet files, one for each block of settings, which can be stopped and begun again.

A block's file is written beside its place and renamed, so it is there whole or not at all, and blocks that are there
are not computed again. `_manifest.json` tells what is swept, with a fingerprint: another sweep into the same folder is
refused. Names that begin with a dot or an underscore are no part of the data for those who read such folders.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import Any

from symshape.errors import UsageError
from symshape.whatif.sweeping.extras import needed
from symshape.whatif.sweeping.files import whole, write
from symshape.whatif.sweeping.plan import Plan
from symshape.whatif.sweeping.space import Blocks

__all__ = ["Dataset", "Job"]

_MANIFEST = "_manifest.json"
_VERSION = 1  # of this layout


class Job:
    """A plan, the folder that its blocks go to, and how many rows a block has at most."""

    def __init__(self, plan: Plan, folder: str | os.PathLike[str], rows: int) -> None:
        self.plan = plan
        self.folder = Path(os.path.abspath(folder))
        self.blocks = Blocks(plan.space, rows)

    def begin(self) -> list[int]:
        """Make the folder and its manifest, or see that it is this sweep's; the blocks that are still to be done."""
        needed("pyarrow", "table", "a Parquet data set")
        self.folder.mkdir(parents=True, exist_ok=True)
        manifest = self.folder / _MANIFEST
        if not manifest.exists():
            if any(not path.name.startswith(".") for path in self.folder.iterdir()):
                raise UsageError(f"{self.folder} is not empty, and no sweep was begun there: name another folder")
            with whole(manifest) as beside:
                beside.write_text(json.dumps(self._manifest(), indent=1) + "\n", encoding="utf-8")
        told = json.loads(manifest.read_text(encoding="utf-8"))
        if told.get("fingerprint") != self._manifest()["fingerprint"]:
            raise UsageError(
                f"{self.folder} holds another sweep ({told.get('points')} settings of {', '.join(told.get('columns', []))}): "
                "name another folder, or remove that one"
            )
        return [place for place in range(len(self.blocks)) if not self.done(place)]

    def _manifest(self) -> dict[str, Any]:
        question = {"version": _VERSION, "rows": self.blocks.most, **self.plan.described()}
        text = json.dumps(question, sort_keys=True)
        return {
            "fingerprint": sha256(text.encode()).hexdigest(),
            "points": len(self.plan.space),
            "blocks": len(self.blocks),
            "columns": list(self.plan.columns),
            "question": question,
        }

    def path(self, place: int) -> Path:
        """The file of a block."""
        return self.folder / f"block-{place:08d}.parquet"

    def done(self, place: int) -> bool:
        """Whether a block is there."""
        return self.path(place).exists()

    def size(self, place: int) -> int:
        """The number of rows of a block."""
        return prod(side.stop - side.start for side in self.blocks.box(place))

    def write(self, place: int) -> int:
        """Compute a block and write its file, unless it is there; its place again."""
        if not self.done(place):
            table = self.plan.block(self.plan.space.part(self.blocks.box(place)))
            write(self.path(place), "parquet", self.plan.columns, self.plan.ranges, [table])
        return place

    def end(self) -> Dataset:
        """Remove what workers that were killed have left, now that every block is there."""
        for left in self.folder.glob(".*.part"):
            left.unlink(missing_ok=True)
        return Dataset(self.folder)


class Dataset:
    """A finished sweep on disk, one Parquet file for each block, in the order of the settings."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        manifest = self.folder / _MANIFEST
        if not manifest.exists():
            raise UsageError(f"{folder} is no folder of a sweep: it has no {_MANIFEST}")
        self._manifest = json.loads(manifest.read_text(encoding="utf-8"))

    def __len__(self) -> int:
        return int(self._manifest["points"])

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self._manifest["columns"])

    @property
    def files(self) -> list[Path]:
        """The files of the blocks, in order."""
        return [self.folder / f"block-{place:08d}.parquet" for place in range(self._manifest["blocks"])]

    def to_arrow(self) -> Any:
        """The rows as an Arrow data set, which is read as it is used."""
        dataset = needed("pyarrow.dataset", "table", "an Arrow data set")
        return dataset.dataset([str(path) for path in self.files], format="parquet")

    def __iter__(self) -> Iterator[dict[str, int | None]]:
        for batch in self.to_arrow().to_batches():
            for row in batch.to_pylist():
                yield {name: None if value is None else int(value) for name, value in row.items()}

    def __repr__(self) -> str:
        return f"<Dataset {self.folder}: {len(self)} rows of {', '.join(self.names)} in {len(self.files)} files>"
