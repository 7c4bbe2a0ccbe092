"""Sweeps on disk and in other libraries' tables: the same exact rows in every form."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
from decimal import Decimal
from itertools import product

import pytest

import symshape
from symshape.errors import FormatError, UsageError
from symshape.whatif import Dataset, Table, sweep_to
from symshape.whatif.sweeping import dataset
from symshape.whatif.sweeping.progress import Progress
from symshape.whatif.sweeping.space import Blocks, Space

LENET = symshape.zoo.lenet5().derive()
RESNET = symshape.zoo.resnet50().derive()
GRID = {"H": range(10, 60), "W": range(12, 42)}
SIDES = [224, 2**24 + 1, 2**50, 2**200]  # whose MACs need 64 bits, 38 digits, 76 digits, and more


def rows_of(path):
    """A CSV file as rows of exact integers."""
    with open(path, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    truth = {"true": True, "false": False, "": None}
    return [{name: truth[cell] if cell in truth else int(cell) for name, cell in row.items()} for row in rows]


# -- blocks ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("most", [1, 2, 7, 30, 31, 100, 10_000])
@pytest.mark.parametrize("shape", [(50,), (5, 30), (3, 4, 5), (1, 7, 1), (4, 1)])
def test_blocks_follow_one_another(shape, most):
    names = "HWK"
    space = Space.of({name: range(1, length + 1) for name, length in zip(names, shape, strict=False)}, {})
    points = []
    for part in Blocks(space, most):
        assert 1 <= len(part) <= most
        points += product(*(part.columns[name].values for name in part.columns))
    assert points == list(product(*(range(1, length + 1) for length in shape)))


# -- CSV ---------------------------------------------------------------------------------------------------------------
def test_csv_has_the_rows_of_the_table(tmp_path, monkeypatch):
    path = tmp_path / "out.csv"
    table = LENET.sweep(**GRID)
    table.to_csv(path)
    assert rows_of(path) == list(table)
    monkeypatch.setattr("symshape.whatif.sweeping.table._PART", 64)
    assert LENET.sweep_to(tmp_path / "streamed.csv", **GRID) is None
    assert (tmp_path / "streamed.csv").read_bytes() == path.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out.csv", "streamed.csv"]


def test_csv_is_exact_at_any_size(tmp_path):
    RESNET.sweep("macs", H=SIDES, W="H").to_csv(tmp_path / "x.csv")
    assert [row["macs"] for row in rows_of(tmp_path / "x.csv")] == [RESNET.at(H=size, W=size).macs for size in SIDES]


def test_a_file_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "out.csv"
    path.write_text("before")

    def broken(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Table, "lists", broken)
    with pytest.raises(KeyboardInterrupt):
        LENET.sweep_to(path, **GRID)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_places_that_cannot_be_written_are_refused(tmp_path):
    with pytest.raises(FormatError, match="csv, json, parquet"):
        LENET.sweep_to(tmp_path / "out.docx", **GRID)
    with pytest.raises(FileNotFoundError):
        LENET.sweep_to(tmp_path / "missing" / "out.csv", **GRID)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        LENET.sweep_to(tmp_path / "folder.csv", **GRID)


# -- progress ----------------------------------------------------------------------------------------------------------
class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_progress_shows_on_a_terminal_only(stream, monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with Progress(1000, 100, stream) as bar:
        bar.add(400)
    if stream.isatty():
        assert " 50 %  500 of 1 000" in stream.getvalue()
        assert stream.getvalue().endswith("\r")
    else:
        assert stream.getvalue() == ""


# -- pandas, Arrow, Parquet --------------------------------------------------------------------------------------------
@pytest.mark.tables
def test_pandas_has_the_rows_of_the_table():
    import pandas as pd

    frame = LENET.sweep(**GRID).to_pandas()
    table = LENET.sweep(**GRID)
    assert frame.dtypes.astype(str).to_dict() == {
        "H": "int64",
        "W": "int64",
        "params": "Int64",
        "macs": "Int64",
        "valid": "bool",
    }
    rows = [
        {name: None if pd.isna(value) else int(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
    assert rows == list(table)
    assert LENET.sweep("macs", H=[32], W=[32]).to_pandas()["macs"].dtype == "int64"
    wide = RESNET.sweep("macs", H=SIDES, W="H").to_pandas()["macs"].tolist()
    assert wide == [RESNET.at(H=size, W=size).macs for size in SIDES]
    narrow = LENET.sweep("macs", H=[8, 2**40], W="H").to_pandas()["macs"].tolist()
    assert narrow == [None, LENET.at(H=2**40, W=2**40).macs]


@pytest.mark.tables
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_arrow_and_parquet_are_exact_at_any_size(tmp_path, count):
    import pyarrow.parquet as pq

    table = RESNET.sweep("macs", H=SIDES[:count], W="H")
    kinds = ["int64", "decimal128(38, 0)", "decimal128(38, 0)", "string"]
    assert str(table.to_arrow().schema.field("macs").type) == kinds[count - 1]
    table.to_parquet(tmp_path / "x.parquet")
    for form in (table.to_arrow(), pq.read_table(tmp_path / "x.parquet")):
        assert [int(value) for value in form["macs"].to_pylist()] == table["macs"].tolist()
        assert isinstance(form["macs"].to_pylist()[0], (int, Decimal, str))


@pytest.mark.tables
def test_the_widest_decimals():
    (row,) = RESNET.sweep("macs", H=[10**30], W="H").to_arrow().to_pylist()
    assert row["macs"] == Decimal(RESNET.at(H=10**30, W=10**30).macs)


@pytest.mark.tables
def test_parquet_has_the_rows_of_the_table(tmp_path):
    import pyarrow.parquet as pq

    LENET.sweep(**GRID).to_parquet(tmp_path / "a.parquet")
    assert sweep_to(LENET, tmp_path / "b.parquet", rows=100, **GRID) is None
    for name in ("a", "b"):
        assert pq.read_table(tmp_path / f"{name}.parquet").to_pylist() == list(LENET.sweep(**GRID))


# -- data sets ---------------------------------------------------------------------------------------------------------
@pytest.mark.tables
def test_a_data_set_has_the_rows_of_the_table(tmp_path):
    import pandas as pd

    data = sweep_to(LENET, tmp_path / "data", rows=170, **GRID)
    assert list(data) == list(LENET.sweep(**GRID))
    assert len(data) == 1500
    assert len(data.files) == 10
    assert len(pd.read_parquet(tmp_path / "data")) == 1500
    assert list(Dataset(tmp_path / "data")) == list(data)
    assert json.loads((tmp_path / "data" / "_manifest.json").read_text())["points"] == 1500


@pytest.mark.tables
def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    whole = dataset.Job.write
    written = []

    def write(job, place):
        if len(written) == 4:
            written.append(None)
            raise KeyboardInterrupt
        written.append(place)
        return whole(job, place)

    monkeypatch.setattr(dataset.Job, "write", write)
    with pytest.raises(KeyboardInterrupt):
        sweep_to(LENET, tmp_path / "data", rows=170, **GRID)
    assert len(list((tmp_path / "data").glob("*.parquet"))) == 4
    data = sweep_to(LENET, tmp_path / "data", rows=170, **GRID)
    assert written == [0, 1, 2, 3, None, 4, 5, 6, 7, 8, 9], "nothing is lost, and nothing done twice"
    assert list(data) == list(LENET.sweep(**GRID))
    sweep_to(LENET, tmp_path / "data", rows=170, **GRID)
    assert len(written) == 11


KILLED = """
import sys
import symshape
from symshape.whatif import sweep_to

sweep_to(symshape.zoo.lenet5().derive(), sys.argv[1], ("params", "macs"), H=range(10, 1010), W=range(12, 812), rows=4000)
"""


@pytest.mark.tables
@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_stopped(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "data")])
    while len(list((tmp_path / "data").glob("*.parquet"))) < 5:
        assert process.poll() is None
    process.kill()
    process.wait()
    there = {path: path.stat().st_mtime_ns for path in (tmp_path / "data").glob("*.parquet")}
    assert 5 <= len(there) < 200
    over = {"H": range(10, 1010), "W": range(12, 812)}
    data = sweep_to(LENET, tmp_path / "data", rows=4000, **over)
    assert len(data.files) == 200
    assert {path: path.stat().st_mtime_ns for path in there} == there
    assert data.to_arrow().to_table() == LENET.sweep(**over).to_arrow()
    assert not list((tmp_path / "data").glob(".*"))


@pytest.mark.tables
@pytest.mark.parametrize(
    "other",
    [
        {"H": range(10, 61)},
        {"W": range(12, 84, 2)},
        {"rows": 171},
        {"metrics": ("macs",)},
        {"H": [*range(10, 59), 61]},
    ],
)
def test_another_sweep_into_the_same_folder_is_refused(tmp_path, other):
    sweep_to(LENET, tmp_path / "data", **{"rows": 170, **GRID})
    with pytest.raises(UsageError, match="holds another sweep"):
        sweep_to(LENET, tmp_path / "data", **{"rows": 170, **GRID, **other})
    with pytest.raises(UsageError, match="holds another sweep"):
        sweep_to(RESNET, tmp_path / "data", **{"rows": 170, **GRID})


@pytest.mark.tables
def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear reader")
    with pytest.raises(UsageError, match="is not empty"):
        sweep_to(LENET, tmp_path, **GRID)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(UsageError, match="no folder of a sweep"):
        Dataset(tmp_path)
