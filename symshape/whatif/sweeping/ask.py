"""The two ways to ask: into memory, and onto disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from os import PathLike
from typing import Any

from symshape.derivation import Derivation
from symshape.errors import ConditionError, FormatError, UsageError
from symshape.whatif.sweeping import cluster
from symshape.whatif.sweeping.dataset import Dataset, Job
from symshape.whatif.sweeping.extras import needed
from symshape.whatif.sweeping.files import TEXTS, format_of, write
from symshape.whatif.sweeping.plan import Plan, plan
from symshape.whatif.sweeping.progress import Progress
from symshape.whatif.sweeping.space import Blocks
from symshape.whatif.sweeping.table import Row, Table

__all__ = ["sweep", "sweep_text", "sweep_to"]

ROWS = 2**20  # of a block that is written at once
_PIECE = 2**14  # rows of text

_Over = Mapping[str, Any]


def sweep(
    derivation: Derivation,
    metrics: str | Sequence[str] = ("params", "macs"),
    *,
    points: _Over | None = None,
    over: _Over | None = None,
    **axes: Any,
) -> Table:
    """The values of metrics at every combination of settings, as exact integers.

    Each axis is a symbol with a range or a list of sizes; a number or an expression ties a symbol: W="H". `points` are
    lists of equal length that go side by side (arrays of 64-bit integers are not copied); `over` is for symbols whose
    names are no keywords. A metric is one of the network ("macs"), of a layer ("conv1.macs"), or a size of an output
    ("output[1]").

    Settings outside the network's domain are marked: `valid` is false, there is no value, and `reason` says why.

    Raises `UnknownName` for a symbol or metric that there is not, `UsageError` for what cannot be swept.

    >>> from symshape.zoo import named
    >>> sweep(named("lenet5").derive(), ["macs", "output[-1]"], H=[8, 32, 64], W="H")
     H   W     macs  output[-1]  valid
     8   8                       False
    32  32   849320          10   True
    64  64  4658600          10   True
    [3 rows]
    """
    asked = _plan(derivation, metrics, points, over, axes)
    with Progress(len(asked.space)) as progress:
        return asked.table(progress, partial(_refusal, derivation, {**(over or {}), **axes}))


def _refusal(derivation: Derivation, over: _Over, row: Row) -> str:
    """Why a setting has no values."""
    setting = {name: size for name, size in row.items() if name in derivation.symbols or name == "N"}
    for name, size in setting.items():
        if size is None or size < 1:
            return f"{name} = {over[name]} is not a positive integer there"
    try:
        derivation.at(**setting)
    except ConditionError as error:
        return str(error)
    return "what is asked is not an integer there"


def sweep_to(
    derivation: Derivation,
    path: str | PathLike[str],
    metrics: str | Sequence[str] = ("params", "macs"),
    *,
    points: _Over | None = None,
    over: _Over | None = None,
    scheduler: Any = None,
    rows: int = ROWS,
    **axes: Any,
) -> Dataset | None:
    """The same table written to disk block by block, so that memory does not grow with the number of settings.

    A path that ends in .csv, .json or .parquet becomes one file. Any other becomes a folder of Parquet files of at most `rows`
    rows; a run that was stopped goes on there when it is begun again. With a `scheduler` (the address of a Dask
    scheduler, "local" for a cluster of this machine's cores, or a Dask client) the path is always such a folder, which
    all workers must see.

    Returns the data set of a folder. Raises what `sweep` raises, and `UsageError` for a folder that holds something else.
    """
    asked = _plan(derivation, metrics, points, over, axes)
    form = format_of(path) if scheduler is None else None
    if form is not None:
        with Progress(len(asked.space)) as progress:
            write(path, form, asked.columns, asked.ranges, _tables(asked, rows, progress))
        return None
    job = Job(asked, path, rows)
    places = job.begin()
    done = len(asked.space) - sum(map(job.size, places))
    with Progress(len(asked.space), done) as progress:
        if scheduler is not None:
            cluster.run(job, places, scheduler, progress)
        else:
            for place in places:
                job.write(place)
                progress.add(job.size(place))
    return job.end()


def sweep_text(
    derivation: Derivation, form: str, metrics: str | Sequence[str] = ("params", "macs"), *, over: _Over
) -> Iterator[str]:
    """The same as the text of a CSV or JSON file, piece by piece as it is computed."""
    asked = _plan(derivation, metrics, None, over, {})
    if form not in TEXTS:
        raise FormatError(f"there is no text format {form} for sweeps: there are {' and '.join(TEXTS)}")

    def pieces() -> Iterator[str]:
        with Progress(len(asked.space)) as progress:
            yield from TEXTS[form](asked.columns, _tables(asked, _PIECE, progress))

    return pieces()


def _tables(asked: Plan, rows: int, progress: Progress) -> Iterator[Table]:
    for part in Blocks(asked.space, rows):
        yield asked.block(part)
        progress.add(len(part))


def _plan(
    derivation: Derivation, metrics: str | Sequence[str], points: _Over | None, over: _Over | None, axes: _Over
) -> Plan:
    needed("numpy", "sweep", "a sweep")
    if twice := sorted({*(over or {})} & {*axes}):
        raise UsageError(f"{twice[0]} is given twice")
    return plan(derivation, metrics, {**(over or {}), **axes}, points)
