"""The what-if commands: what they print, as text and as JSON, and how they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from symshape.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def data(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def said(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout.replace("\N{NARROW NO-BREAK SPACE}", "")


def test_solve() -> None:
    question = ("solve", "resnet50", "macs <= 4e9 and H == W", "--maximize", "H")
    assert said(*question).splitlines()[:2] == ["H = 216", "H ≤ 216 and W = H"]
    assert data(*question)["best"] == {"H": 216}
    kept = said(
        "solve",
        "lenet5",
        "conv2d.H_out == H",
        "--free",
        "conv2d.kernel=K",
        "--free",
        "conv2d.padding=P",
        "--every",
        "H",
        "--every",
        "W",
    )
    assert kept.startswith("2P + 1 = K")
    none = run("solve", "lenet5", "macs < 10 and W == H")
    assert (none.exit_code, none.stdout.splitlines()[0]) == (1, "no H and W = H")


def test_compare() -> None:
    edit = data("compare", "lenet5", "--set", "H=32,W=32", "--then-free", "conv2d.kernel=3")
    assert edit["total"]["differences"]["params"] == -384
    assert "3 of 9 layers are the same." in said("compare", "lenet5", "--then-free", "conv2d.kernel=3")
    sizes = data("compare", "resnet50", "--set", "H=224,W=224", "--then-set", "H=256,W=256", "--metric", "macs")
    assert sizes["total"]["differences"]["macs"] == 1_251_164_160
    assert "stage1_others" in said("compare", "resnet18", "resnet34", "--set", "H=224,W=224")


def test_sensitivity() -> None:
    answer = data("sensitivity", "resnet50")
    assert [knob["change"] for knob in answer["knobs"]] == [257_037_312, 257_037_312]
    text = said("sensitivity", "resnet50", "--of", "H")
    assert "MACs ≥ 81456HW + 2048000" in text
    assert "Where 32 divides H, exactly" in text
    refused = run("sensitivity", "resnet", "--metric", "params")
    assert (refused.exit_code, "--set n1=… is missing" in refused.stderr) == (2, True)


def test_roofline() -> None:
    answer = data("roofline", "lenet5", "--peak", "1e12", "--bandwidth", "100GB")
    assert answer["machine"]["ridge"] == "10"
    assert answer["layers"][1]["bound"] == "compute"
    assert "bound by" in said("roofline", "lenet5", "--peak", "1e12", "--bandwidth", "100GB")


def test_explain() -> None:
    assert said("explain", "lenet5", "--set", "H=15").endswith("nearest H that works: 16\n")
    chain = said("explain", "lenet5", "flatten", "--set", "H=32,W=32")
    assert " ".join(chain.split()).endswith("T_out = HWC = 5·5·16 = 400")
    assert data("explain", "lenet5", "--set", "H=15")["nearest"] == {"H": [None, 16]}


def test_search() -> None:
    question = ("search", "resnet50", "macs <= 4e9 and W == H and H % 32 == 0", "--pareto", "macs:max")
    found = data(*question)
    assert (found["count"], found["front"][0]["H"]) == (6, 192)
    assert "The Pareto front for large macs" in said(*question)
    assert "The first 2." in said(*question[:3], "--limit", "2", "--show", "macs")
    assert run("search", "lenet5", "macs <= 10 and W == H").exit_code == 1


def test_answers_within_a_report(tmp_path: Path) -> None:
    asks = (
        'solve "macs <= 1e6 and W == H" --maximize H',
        "compare --then-free conv2d.kernel=3",
        "sensitivity",
        "explain flatten",
        "roofline --peak 1e12 --bandwidth 100GB",
        'search "macs <= 1e6 and W == H"',
        "sweep --over H=20:40:4 --over W=H",
    )
    target = tmp_path / "lenet5.json"
    options = [word for ask in asks for word in ("--ask", ask)]
    assert run("report", "lenet5", "--set", "H=28,W=28", *options, "-o", str(target)).exit_code == 0
    report = json.loads(target.read_text(encoding="utf-8"))
    assert [answer["question"] for answer in report["answers"]] == [ask.split()[0] for ask in asks]
    assert report["point"] == report["answers"][2]["at"] == {"H": 28, "W": 28}
    assert report["answers"][0]["best"] == {"H": 34}  # the point is not put into a question about sizes
    assert "Solve: " in said("report", "lenet5", "--ask", asks[0])


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        ("summary", "summary is no question"),
        ("solve", "Missing argument 'QUESTION'"),
        ("solve 'macs", "no closing quotation"),
        ("", "a question is wanted"),
        ("sweep --over H=20:40 -o x.csv", "-o is for one of its own"),
        ("sweep --over H=20:40 --format json", "--format is for one of its own"),
    ],
)
def test_refused_within_a_report(ask: str, says: str) -> None:
    refused = run("report", "lenet5", "--ask", ask)
    assert (refused.exit_code, says in refused.stderr) == (2, True), refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("solve", "lenet5", "mac <= 3"), 2, "did you mean macs"),
        (("solve", "lenet5", "open('x')"), 2, "cannot read"),
        (("compare", "lenet5", "lenet6"), 2, "did you mean lenet"),
        (("roofline", "lenet5", "--peak", "0", "--bandwidth", "1"), 2, "positive integer"),
        (("explain", "lenet5", "dense7"), 2, "no layer dense7"),
    ],
)
def test_refusals(arguments: tuple[str, ...], code: int, says: str) -> None:
    refused = run(*arguments)
    assert refused.exit_code == code
    assert says in refused.stderr


def test_integers_that_javascript_would_round_are_text() -> None:
    large = data("search", "resnet50", "W == H and H == 2**24", "--show", "macs")
    assert large["settings"] == [{"H": 2**24, "macs": str(81456 * 2**48 + 2048000)}]
