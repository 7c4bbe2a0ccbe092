"""`symshape sweep`: how settings are given, what it prints, where it writes, and how it refuses."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import symshape
from symshape.cli import main
from symshape.cli.arguments import axes

LENET = symshape.zoo.lenet5().derive()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sweep", *arguments], catch_exceptions=False)


def test_settings_as_the_command_line_gives_them() -> None:
    given = axes(["H=32:96:32", "D=5:7", "K=3, 5,7", "S=2**3", "W=H"])
    assert given["H"] == range(32, 97, 32)
    assert list(given["H"])[-1] == 96
    assert list(given["D"]) == [5, 6, 7]
    assert given["K"] == [3, 5, 7]
    assert given["S"] == 8
    assert str(given["W"]) == "H"


def test_csv_on_stdout() -> None:
    result = run("lenet5", "--over", "H=8:40:8", "--over", "W=H", "--metric", "macs")
    assert result.exit_code == 0
    rows = list(csv.reader(io.StringIO(result.stdout)))
    assert rows[0] == ["H", "W", "macs", "valid"]
    assert rows[1] == ["8", "8", "", "false"]
    assert rows[4] == ["32", "32", "849320", "true"]
    assert result.stderr == ""


def test_json_keeps_large_integers_as_text() -> None:
    result = run("resnet50", "--over", "H=224,2**24+1", "--over", "W=H", "--metric", "macs", "--format", "json")
    assert json.loads(result.stdout) == [
        {"H": 224, "W": 224, "macs": 4089184256, "valid": True},
        {"H": 16777217, "W": 16777217, "macs": "22927864206276764864", "valid": True},
    ]


def test_a_hyper_parameter_that_was_freed() -> None:
    result = run("lenet5", "--free", "conv2d.kernel=K", "--set", "H=32", "--over", "W=32", "--over", "K=3:5:2")
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert {row["K"] for row in rows} == {"3", "5"}
    assert rows[1]["params"] == "62958"


def test_files(tmp_path: Path) -> None:
    for ending in ("csv", "json"):
        result = run("lenet5", "--over", "H=20:80", "--over", "W=32,40", "-o", str(tmp_path / f"x.{ending}"))
        assert result.exit_code == 0, result.stderr
        assert result.stdout == ""
    rows = list(LENET.sweep(H=range(20, 81), W=[32, 40]))
    assert json.loads((tmp_path / "x.json").read_text()) == rows
    assert len((tmp_path / "x.csv").read_text().splitlines()) == 1 + len(rows)


@pytest.mark.tables
def test_a_folder(tmp_path: Path) -> None:
    import pandas as pd

    for _ in range(2):
        result = run("lenet5", "--over", "H=20:80", "--over", "W=32,40", "-o", str(tmp_path / "x"))
        assert result.exit_code == 0, result.stderr
        assert "122 settings" in result.stderr
    assert len(pd.read_parquet(tmp_path / "x")) == 122
    refused = run("lenet5", "--over", "H=20:81", "--over", "W=32,40", "-o", str(tmp_path / "x"))
    assert refused.exit_code == 2
    assert "holds another sweep" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--over", "H=8:4", "--over", "W=H"], 2, "STOP not before START"),
        (["--over", "H=1:9:2:1", "--over", "W=H"], 2, "STOP not before START"),
        (["--over", "H=1:", "--over", "W=H"], 2, "integers are wanted"),
        (["--over", "H=a,3", "--over", "W=H"], 2, "integers are wanted"),
        (["--over", "H", "--over", "W=H"], 2, "SYMBOL=VALUES is wanted"),
        (["--over", "H=1:3", "--over", "H=4"], 2, "given twice"),
        (["--over", "H=1:3"], 2, "W is still free"),
        (["--over", "H=1:3", "--over", "W=__import__('os')"], 2, "__import__"),
        (["--over", "H=1:3", "--over", "W=H", "--metric", "speed"], 2, "speed"),
        (["--over", "H=1:3", "--over", "W=H", "--dask"], 2, "name one with -o"),
        (["--over", "H=1:3", "--over", "W=H", "-o", "x.csv", "--format", "csv"], 2, "that of its ending"),
        (["--over", "H=1:3", "--over", "W=H", "-o", "x.docx"], 2, "parquet"),
        (["--over", "H=3", "--over", "W=1:3"], 1, "conv2d"),
    ],
)
def test_refusals(arguments: list[str], code: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("lenet5", *arguments)
    assert result.exit_code == code, (result.stdout, result.stderr)
    assert says in result.stderr
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []
