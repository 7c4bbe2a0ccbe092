"""The command: what it prints, where it writes, and how it refuses."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from symshape.cli import main

DATA = Path(__file__).parent / "data"
LENET = str(DATA / "lenet5.keras")


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False)


def summary(*arguments: str) -> Any:
    result = run("summary", LENET, *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


# -- the commands ----------------------------------------------------------------------------------------------------
def test_every_file_is_a_command_of_its_name_with_help() -> None:
    listed = run("--help").stdout.partition("Commands:")[2]
    names = main.list_commands(click.Context(main))
    assert {"report", "summary"} <= set(names)
    for name in names:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        assert command.name == name
        assert command.help is not None
        assert command.help[:40] in listed


# -- summary -----------------------------------------------------------------------------------------------------------
def test_summary_json_at_the_files_own_size() -> None:
    data = summary()
    assert list(data) == ["model", "bindings", "layers", "totals", "domain"]
    assert data["model"] == "lenet5"
    assert data["bindings"] == {"H": 32, "W": 32}
    assert [layer["output_shape"] for layer in data["layers"]] == [
        ["N", 28, 28, 8],
        ["N", 14, 14, 8],
        ["N", 10, 10, 16],
        ["N", 5, 5, 16],
        ["N", 400],
        ["N", 120],
        ["N", 84],
        ["N", 10],
    ]
    assert [layer["trainable"] for layer in data["layers"]] == [608, 0, 3216, 0, 0, 48120, 10164, 850]
    assert [layer["type"] for layer in data["layers"]][:3] == ["Conv2D", "MaxPooling2D", "Conv2D"]
    assert data["totals"] == {"params": 62958, "trainable": 62958, "non_trainable": 0, "macs": 849320}


def test_summary_json_symbolic() -> None:
    data = summary("--symbolic")
    assert data["bindings"] == {}
    assert [layer["output_shape"][1] for layer in data["layers"][:4]] == [
        "H - 4",
        "floor(H/2) - 2",
        "floor(H/2) - 6",
        "floor(H/4) - 3",
    ]
    assert data["totals"]["params"] == "1920*(floor(H/4) - 3)*(floor(W/4) - 3) + 14958"
    assert data["domain"] == "H >= 16 and W >= 16"


def test_summary_json_with_other_sizes() -> None:
    data = summary("--set", "H=64", "--set", "W=H")
    assert data["layers"][0]["output_shape"] == ["N", 60, 60, 8]


def test_trained_network_is_valid_where_its_weights_fit() -> None:
    assert summary("--symbolic", "--fixed-weights", "--set", "W=H")["domain"] == "32 <= H and H <= 35"


def test_functional_models_list_their_input_and_chains_do_not(tmp_path: Path) -> None:
    assert summary()["layers"][0]["name"] == "conv2d"
    shape = {"class_name": "__keras_tensor__", "config": {"shape": [None, 4], "keras_history": ["in", 0, 0]}}
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 4]}, "name": "in", "inbound_nodes": []},
        {
            "class_name": "Dense",
            "config": {"units": 2, "name": "out"},
            "name": "out",
            "inbound_nodes": [{"args": [shape], "kwargs": {}}],
        },
    ]
    config = {"name": "m", "layers": layers, "input_layers": ["in", 0, 0], "output_layers": ["out", 0, 0]}
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"class_name": "Functional", "config": config}))
    data = json.loads(run("summary", str(path), "--json").stdout)
    assert [layer["name"] for layer in data["layers"]] == ["in", "out"]


def test_summary_adds_metrics() -> None:
    totals = summary("--metric", "flops_full", "--metric", "param_bytes:dtype=fp16", "--metric", "peak_activations")[
        "totals"
    ]
    assert totals["param_bytes:dtype=fp16"] == 2 * 62958
    assert totals["peak_activations"] == 9344
    assert totals["flops_full"] > 2 * totals["macs"]
    text = run("summary", LENET, "--metric", "flops").stdout
    assert "flops: 1 698 640" in text.replace("\u202f", " ").replace("\xa0", " ")


def test_summary_text_shows_numbers_and_closed_forms() -> None:
    text = run("summary", LENET).stdout
    for expected in ("conv2d (Conv2D)", "28", "H − 4", "62 958", "849 320"):
        assert expected in text.replace("\u202f", " "), expected


# -- report ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ending", ["md", "tex", "html", "txt", "json"])
def test_report_writes_each_format(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"lenet5.{ending}"
    result = run("report", LENET, "--set", "H=32", "--set", "W=32", "-o", str(out))
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    text = out.read_text(encoding="utf-8")
    for space in ("\u202f", "\\,", "&#8239;", " "):
        text = text.replace(space, "")
    for number in ("608", "3216", "48120", "10164", "850", "62958"):
        assert number in text, number


def test_report_from_stdin_to_stdout() -> None:
    result = run("report", "-", "--format", "md", stdin=(DATA / "lenet5.json").read_bytes())
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("# ")


def test_free_hyper_parameters() -> None:
    result = run("report", "lenet5", "--free", "conv2d.kernel=K", "--format", "json")
    assert result.exit_code == 0, result.stderr
    assert "H - K + 1" in result.stdout


# -- refusals ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["report", "nothing.keras"], 1, "there is no file 'nothing.keras'"),
        (["report", "lenet6"], 2, "lenet5"),
        (["summary", LENET, "--set", "Q=3"], 2, "Q"),
        (["summary", LENET, "--set", "H"], 2, "SYMBOL=VALUE"),
        (["summary", LENET, "--metric", "flop"], 2, "there is no metric flop"),
        (["summary", LENET, "--metric", "param_bytes:dtype=fp8"], 2, "dtype is one of fp32"),
        (["summary", LENET, "--metric", "param_bytes:dtype"], 2, "OPTION=VALUE"),
        (["summary", LENET, "--set", "H=0"], 2, "positive integer"),
        (["summary", LENET, "--set", "H=1.5"], 2, "positive integer"),
        (["summary", LENET, "--set", "H=32", "--set", "H=33"], 2, "twice"),
        (["summary", LENET, "--set", "H=__import__('os')"], 2, "__import__"),
        (["summary", LENET, "--set", "H=12"], 1, "conv2d_1"),
        (["summary", LENET, "--fixed-weights", "--set", "H=64", "--set", "W=64"], 1, "400"),
        (["summary", LENET, "--free", "conv2d=K"], 2, "LAYER.OPTION=SYMBOL"),
        (["summary", LENET, "--free", "conv3d.kernel=K"], 2, "conv2d"),
        (["summary", LENET, "--free", "conv2d.colour=K"], 2, "colour"),
        (["report", LENET, "-o", "x.docx"], 2, "md"),
        (["report", LENET, "--format", "docx"], 2, "md"),
        (["frobnicate"], 2, "frobnicate"),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: list[str], code: int, says: str, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == code, (result.stdout, result.stderr)
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == [], "a refused request leaves no file"


def test_an_unwritable_place_is_refused(tmp_path: Path) -> None:
    result = run("report", "lenet5", "-o", str(tmp_path / "missing" / "x.md"))
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
    assert stat.S_ISDIR(tmp_path.stat().st_mode)


# -- built-in architectures --------------------------------------------------------------------------------------------
def test_the_zoo_is_listed() -> None:
    listed = run("zoo").stdout
    assert "resnet" in listed
    assert "lenet5" in listed
    described = run("zoo", "resnet50").stdout  # a member's family
    assert "stride_in" in described
    assert "n1=3, n2=4, n3=6, n4=3" in described
    data = json.loads(run("zoo", "resnet", "--json").stdout)
    assert data["knobs"]["n1"] == {"default": "n1", "meaning": "number of blocks in stage 1"}
    assert data["presets"]["resnet50_keras"]["stride_in"] == "1x1"
    assert "did you mean resnet50" in run("zoo", "resnet5").stderr


def test_knobs() -> None:
    def macs(*arguments: str) -> int:
        result = run("summary", *arguments, "--set", "H=224,W=224", "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)["totals"]["macs"]  # type: ignore[no-any-return]

    assert macs("resnet50") == 4_089_184_256
    assert macs("resnet50", "--knob", "stride_in=1x1", "--knob", "conv_bias=true") == 3_857_973_248
    assert macs("resnet50", "--knob", "w=32") < macs("resnet50")
    for arguments, said in (
        (("summary", "resnet50", "--knob", "stride=1x1"), "did you mean stride_in?"),
        (("summary", "resnet50", "--knob", "stride_in=2x2"), "stride_in is one of 3x3, 1x1"),
        (("summary", LENET, "--knob", "w=3"), "only built-in networks have knobs"),
        (("summary", "resnet51"), "did you mean resnet50 or"),
        (("summary", "nothing"), "symshape zoo lists"),
    ):
        refused = run(*arguments)
        assert (refused.exit_code, said in refused.stderr) == (2, True), refused.stderr
