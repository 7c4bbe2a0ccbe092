"""The view as data."""

from __future__ import annotations

import json
from typing import Any

from symshape.algebra.parse import parse
from symshape.layers import Dense
from symshape.network import Input, Network, Sequential
from symshape.report import report


def data(network: Network, **bound: Any) -> Any:
    return json.loads(report(network.derive(**bound), format="json"))


def test_everything_is_there(lenet: Network) -> None:
    read = data(lenet)
    assert list(read)[:4] == ["format_version", "title", "version", "free"]
    assert read["point"] == {"H": 32, "W": 32}
    assert read["domain"] == "H >= 16 and W >= 16"
    assert read["rows"][1]["shapes"] == [["N", "H - 4", "W - 4", "8"]]
    assert read["rows"][1]["params_at"] == 608
    totals = {total["name"]: total for total in read["totals"]}
    assert totals["params"]["form"] == "1920*(floor(H/4) - 3)*(floor(W/4) - 3) + 14958"
    assert totals["params"]["at"] == 62958
    step = read["layers"][1]["sizes"][0]
    assert step["written"] == "floor((H + 2*P - K)/S) + 1"
    assert step["reason"] == ["a window of ", "K", " fits where its last tap is still inside"]
    assert step["source"] == {"number": 1, "place": "relation 6"}
    assert read["edges"][0] == ["0", "1"]


def test_formulas_can_be_read_back(everything: list[Network]) -> None:
    for network in everything:
        for total in data(network)["totals"]:
            assert parse(total["form"]) is not None


def test_large_integers_are_text() -> None:
    huge = Sequential(Input("C", given=(2**40,)), Dense(2**30), name="huge")
    totals = {total["name"]: total for total in data(huge)["totals"]}
    assert totals["macs"]["at"] == str(2**70)
    assert totals["activations"]["at"] == 2**40 + 2**30


def test_the_order_of_keys_is_stable(everything: list[Network]) -> None:
    def keys(read: Any) -> Any:
        return [list(read), list(read["layers"][0]), list(read["rows"][0]), list(read["totals"][0])]

    first, *others = [keys(data(network)) for network in everything]
    assert all(other == first for other in others)


def test_hostile_names_survive(hostile: Network) -> None:
    read = data(hostile)
    assert [row["name"] for row in read["rows"]] == list(hostile.layers)
    report(hostile.derive(), format="json").encode("utf-8")


def test_a_title_of_ones_own(lenet: Network) -> None:
    assert json.loads(report(lenet.derive(), format="json", title="Mine"))["title"] == "Mine"
