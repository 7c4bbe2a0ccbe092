"""The framework's table and its JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from symshape.importers import load
from symshape.layers import Conv2D, Dense
from symshape.network import Input, Network, Sequential
from symshape.report.summary import summary_json, summary_text
from symshape.report.tables import wide


def table(network: Network, **bound: Any) -> Any:
    return json.loads(summary_json(network.derive(**bound), network.name, bound))


def test_a_chain_without_its_input(lenet: Network) -> None:
    data = table(lenet, H=32, W=32)
    assert list(data) == ["model", "bindings", "layers", "totals", "domain"]
    assert list(data["layers"][0]) == ["name", "type", "output_shape", "trainable", "non_trainable", "macs"]
    assert data["layers"][0] == {
        "name": "conv2d",
        "type": "Conv2D",
        "output_shape": ["N", 28, 28, 8],
        "trainable": 608,
        "non_trainable": 0,
        "macs": 470400,
    }
    assert data["bindings"] == {"H": 32, "W": 32}
    assert data["totals"] == {"params": 62958, "trainable": 62958, "non_trainable": 0, "macs": 849320}
    assert data["domain"] == "every size"


def test_closed_forms_are_text(lenet: Network) -> None:
    data = table(lenet)
    assert data["layers"][1]["output_shape"] == ["N", "floor(H/2) - 2", "floor(W/2) - 2", 8]
    assert data["layers"][0]["macs"] == "600*(H - 4)*(W - 4)"
    assert data["domain"] == "H >= 16 and W >= 16"


def test_a_graph_with_its_input(residual: Network) -> None:
    assert [layer["type"] for layer in table(residual)["layers"]][:2] == ["InputLayer", "Conv2D"]


def test_several_shapes_of_one_layer_are_a_list(siamese: Network) -> None:
    stem = next(layer for layer in table(siamese)["layers"] if layer["name"] == "stem")
    assert stem["output_shape"] == [
        ["N", "ceiling(H/2) - 1", "ceiling(W/2) - 1", 4],
        ["N", "ceiling(H_r/2) - 1", "ceiling(W_r/2) - 1", 4],
    ]


def test_nested_networks_are_one_row(nested: Network) -> None:
    block = next(layer for layer in table(nested)["layers"] if layer["name"] == "block")
    assert block["type"] == "Sequential"
    assert (block["trainable"], block["non_trainable"]) == (1200, 32)


def test_large_integers_are_text() -> None:
    huge = Sequential(Input("C"), Dense(2**30), name="huge")
    assert table(huge, C=2**40)["layers"][0]["macs"] == str(2**70)


def test_one_last_map_of_resnet50(published: Callable[[str], Network]) -> None:
    data = table(published("ResNet50"))
    shapes = {layer["name"]: layer["output_shape"] for layer in data["layers"]}
    assert shapes["conv5_block3_out"] == ["N", "ceiling(H/32)", "ceiling(W/32)", 2048]
    assert data["domain"] == "every size"
    assert data["totals"]["params"] == 25636712


# -- text --------------------------------------------------------------------------------------------------------------
def test_numbers_with_closed_forms_beside(lenet: Network) -> None:
    general = lenet.derive()
    text = summary_text(general, general.at(H=32, W=32), 100).replace("\u202f", " ")
    lines = text.split("\n")
    assert lines[0] == 'Model: "lenet5"'
    assert (
        "│ conv2d (Conv2D)                │ (N, 28, 28, 8)  │ (H − 4) × (W − 4)         │     608 │ 470 400 │" in text
    )
    assert " Total params: 62 958 = 1920(⌊H/4⌋ − 3)(⌊W/4⌋ − 3) + 14 958" in lines
    assert lines[-1] == " Valid for H ≥ 16 and W ≥ 16"


@pytest.mark.parametrize("width", [80, 100, 140])
def test_it_fits_the_terminal(everything: list[Network], width: int) -> None:
    for network in everything:
        for line in summary_text(network.derive(), width=width).split("\n"):
            assert wide(line) <= width, line


def test_hostile_names(hostile: Network) -> None:
    assert "\x1b" not in summary_text(hostile.derive())
    names = [layer["name"] for layer in table(hostile)["layers"]]
    assert names == list(hostile.layers)[1:]


def test_a_functional_chain_keeps_its_input() -> None:
    image = Input("H", "W", 3, name="image")
    assert [layer["name"] for layer in table(Network(image, Conv2D(2, 1)(image)))["layers"]] == ["image", "conv2d"]


def test_a_model_from_a_file() -> None:
    from pathlib import Path

    network = load(Path(__file__).parents[1] / "data" / "lenet5.keras")
    assert table(network)["layers"][0]["name"] == "conv2d"
