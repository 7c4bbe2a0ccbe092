"""The what-if commands: what they print, as text and as JSON, and how they refuse."""

from __future__ import annotations

import json
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
    assert "Never below 81456HW + 2048000" in text
    refused = run("sensitivity", "resnet", "--metric", "params")
    assert (refused.exit_code, "--set n1=… is missing" in refused.stderr) == (2, True)


def test_roofline() -> None:
    answer = data("roofline", "lenet5", "--peak", "1e12", "--bandwidth", "100GB")
    assert answer["machine"]["ridge"] == "10"
    assert answer["layers"][1]["bound"] == "compute"
    assert "bound by" in said("roofline", "lenet5", "--peak", "1e12", "--bandwidth", "100GB")


def test_explain() -> None:
    assert said("explain", "lenet5", "--set", "H=15").endswith("nearest H that works: 16\n")
    assert "T_out = HWC = 5·5·16 = 400" in said("explain", "lenet5", "flatten", "--set", "H=32,W=32")
    assert data("explain", "lenet5", "--set", "H=15")["nearest"] == {"H": [None, 16]}


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
