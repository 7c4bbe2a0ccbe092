"""Pictures and files from the command line: `symshape sweep -o curve.svg` and `symshape search -o front.svg`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from symshape.cli import main

SWEEP = ("sweep", "lenet5", "--over", "H=16:64")
SEARCH = ("search", "lenet5", "macs <= 2e6", "--over", "H=16:64:4", "--over", "W=16:64:4")
GOALS = ("--pareto", "macs:min", "--pareto", "params:max")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)), catch_exceptions=False)


def test_a_sweep_as_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "curve.svg"
    result = run(*SWEEP, "--over", "W=32,48", "-o", path)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert str(path) in result.stderr
    words = [element.text for element in ElementTree.parse(path).iter() if element.tag.endswith("text")]
    assert {"lenet5: params and macs over H", "W = 32", "W = 48", "params", "macs"} <= set(words)


def test_axes_of_a_picture(tmp_path: Path) -> None:
    assert run(*SWEEP, "--over", "W=H", "--log", "xy", "-o", tmp_path / "curve.svg").exit_code == 0
    result = run(*SWEEP, "--over", "W=H", "--log", "xy")
    assert result.exit_code == 2
    assert "--log is for pictures" in result.stderr


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--over", "W=16:64"), "at most 8"),
        (("--over", "W=H", "--dask"), "not to a picture"),
        (("--over", "W=H", "--format", "csv"), "that of its ending"),
    ],
)
def test_sweeps_that_are_no_picture(more: tuple[str, ...], says: str, tmp_path: Path) -> None:
    result = run(*SWEEP, *more, "-o", tmp_path / "curve.svg")
    assert result.exit_code == 2
    assert says in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_search_as_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "front.svg"
    result = run(*SEARCH, *GOALS, "-o", path)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    text = path.read_text(encoding="utf-8")
    ElementTree.fromstring(text)
    assert "Pareto front" in text


def test_a_search_as_csv_and_json_has_every_setting(tmp_path: Path) -> None:
    for name in ("all.csv", "all.json"):
        assert run(*SEARCH, *GOALS, "--limit", "1", "-o", tmp_path / name).exit_code == 0
    with open(tmp_path / "all.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    answer = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert answer["count"] == len(answer["settings"]) == len(rows) > 50
    assert [row["macs"] for row in rows] == [str(row["macs"]) for row in answer["settings"]]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ((*GOALS, "-o", "x.png"), "the ending .png of x.png names no format"),
        ((*GOALS, "-o", "front"), "front, which has no ending, names no format"),
        (("-o", "x.svg"), "a picture needs two goals"),
        ((*GOALS, "-o", "x.csv", "--json"), "--json is for printing"),
        ((*GOALS, "-o", "x.csv", "--log", "y"), "--log is for pictures"),
    ],
)
def test_searches_that_are_no_file(
    more: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*SEARCH, *more)
    assert result.exit_code == 2
    assert says in result.stderr
    assert not list(tmp_path.iterdir())


def test_nothing_found_is_no_picture(tmp_path: Path) -> None:
    result = run("search", "lenet5", "macs <= 5", *SEARCH[3:], *GOALS, "-o", tmp_path / "x.svg")
    assert result.exit_code == 1
    assert "nothing to draw" in result.stderr
    assert not list(tmp_path.iterdir())
