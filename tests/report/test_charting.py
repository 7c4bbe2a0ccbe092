"""Sweeps and searches as charts: what becomes a line, a panel and a label, what is said, and what is refused."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import symshape
from symshape import Input, Sequential, layers
from symshape.errors import FormatError, UsageError
from symshape.report.charts.amounts import in_full
from symshape.report.charts.answers import found_chart, table_chart
from symshape.report.charts.chart import Point
from symshape.report.charts.plot import drawn

LENET = symshape.zoo.lenet5().derive()
RESNET = symshape.zoo.resnet().derive(n1=3, n4=3, H=64, W=64)
GOALS = ("macs:min", "params:max")


def found(*asked: str, pareto=GOALS, **over):
    return RESNET.search(
        *asked or ("params <= 30e6",),
        over=over or {"w": range(32, 65, 8), "n2": range(2, 6)} | {"n3": [2]},
        pareto=pareto,
    )


# -- sweeps ------------------------------------------------------------------------------------------------------------
def test_a_panel_for_each_metric_and_a_line_for_each_width():
    table = LENET.sweep(["params", "macs"], H=range(16, 33), W=[32, 48, 64])
    chart = table_chart(table)
    assert chart.title == "lenet5: params and macs over H"
    assert [panel.y.title for panel in chart.panels] == ["params", "macs"]
    assert [series.label for series in chart.panels[0].series] == ["W = 32", "W = 48", "W = 64"]
    for panel in chart.panels:
        for series in panel.series:
            width = int(series.label.split()[-1])
            assert series.points == tuple(
                Point(height, LENET.at(H=height, W=width).value(panel.y.title)) for height in range(16, 33)
            )
    assert "a line for each of W = 32; W = 48; W = 64" in chart.description


def test_the_longest_axis_runs_across_whatever_the_order():
    table = LENET.sweep("macs", W=[32, 48], H=range(16, 33))
    (panel,) = table_chart(table).panels
    assert panel.x.title == "H"
    assert panel.series[1].points[0] == Point(16, LENET.at(H=16, W=48).macs)


def test_a_picture_needs_its_table(tmp_path: Path):
    with pytest.raises(FormatError, match="to_svg"):
        LENET.sweep_to(tmp_path / "x.svg", "macs", H=[32], W=[32])


def test_ties_and_single_values_are_told_once():
    chart = table_chart(LENET.sweep("macs", H=range(16, 33), W="H + 1"))
    assert chart.title == "lenet5: macs over H, with W = H + 1"
    assert len(chart.panels) == 1
    chart = table_chart(LENET.sweep("macs", H=range(16, 33), W=[40]))
    assert chart.title == "lenet5: macs over H, with W = 40"
    assert [series.label for series in chart.panels[0].series] == [""]


def test_points_side_by_side_are_one_axis():
    chart = table_chart(LENET.sweep("macs", points={"H": [48, 32, 40], "W": [20, 30, 40]}))
    assert chart.title == "lenet5: macs over H, with W beside H"
    assert [point.x for point in chart.panels[0].series[0].points] == [32, 40, 48]


def test_outside_the_domain_is_a_gap_and_is_counted():
    chart = table_chart(LENET.sweep("macs", H=range(12, 20), W=32))
    points = chart.panels[0].series[0].points
    assert [point.x for point in points if point.y is None] == [12, 13, 14, 15]
    assert "4 of 8 settings are outside the domain" in chart.description


def test_a_line_that_the_domain_excludes_is_told():
    chart = table_chart(LENET.sweep("macs", H=range(16, 20), W=[8, 20, 30]))
    assert "no line for W = 8, which the domain excludes" in chart.description
    (plot,) = drawn(chart).plots
    assert [word.said for word in plot.names] == ["W = 20", "W = 30"]


def test_exact_beyond_64_bits(tmp_path):
    wide = symshape.zoo.resnet50().derive()
    table = wide.sweep("macs", H=[2**70 + 32 * place for place in range(5)], W="H")
    (panel,) = table_chart(table).panels
    assert panel.series[0].points[4].y == wide.at(H=2**70 + 128, W=2**70 + 128).macs
    table.to_svg(tmp_path / "wide.svg")
    ElementTree.parse(tmp_path / "wide.svg")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"H": range(16, 64), "W": range(32, 48)}, r"16 values of W are 16 lines over H: .* at most 8 .* such as W=H"),
        ({"H": range(1, 12), "W": 32}, r"no setting is in the network's domain \(conv2d "),
        ({"H": range(16, 2_000_001), "W": 32}, "1,999,985 settings: at most 1,048,576"),
    ],
)
def test_pictures_that_nobody_could_read_are_refused(asked, says, tmp_path):
    with pytest.raises(UsageError, match=says):
        LENET.sweep("macs", **asked).to_svg(tmp_path / "x.svg")
    assert not list(tmp_path.iterdir())


def test_axes_can_be_chosen():
    table = LENET.sweep("macs", H=range(16, 33), W="H")
    (panel,) = table_chart(table, title="mine", log="xy").panels
    assert (panel.x.log, panel.y.log) == (True, True)
    (panel,) = table_chart(table, log="none").panels
    assert (panel.x.log, panel.y.log) == (False, False)
    with pytest.raises(UsageError, match="one of x, y, xy, none"):
        table_chart(table, log="z")
    flat = Sequential(Input("H"), layers.Dense(3), layers.ReLU()).derive().sweep("re_lu.params", H=range(1, 5))
    with pytest.raises(UsageError, match=r"re_lu\.params is not positive everywhere"):
        table_chart(flat, log="y")
    assert table_chart(flat).panels


def test_names_from_a_model_are_only_text(tmp_path):
    net = Sequential(Input("H"), layers.Dense(3, name="</svg><script>"), name='"><script>alert(1)</script>')
    net.derive().sweep("</svg><script>.macs", H=range(1, 9)).to_svg(tmp_path / "x.svg")
    root = ElementTree.parse(tmp_path / "x.svg").getroot()
    assert not [element for element in root.iter() if element.tag.endswith("script")]


def test_the_picture_in_the_documentation_is_the_one_that_is_drawn(tmp_path: Path):
    """`symshape sweep lenet5 --over H=16:64 --over W=32,48,64 -o docs/lenet5.svg` draws it anew."""
    LENET.sweep(H=range(16, 65), W=[32, 48, 64]).to_svg(tmp_path / "lenet5.svg")
    kept = Path(__file__).parents[2] / "docs" / "lenet5.svg"
    assert kept.read_text(encoding="utf-8") == (tmp_path / "lenet5.svg").read_text(encoding="utf-8")


# -- searches ----------------------------------------------------------------------------------------------------------
def test_the_front_stands_before_the_settings():
    answer = found()
    (panel,) = (chart := found_chart(answer)).panels
    cloud, front = panel.series
    assert (panel.x.title, panel.y.title) == ("macs", "params")
    assert [(point.x, point.y) for point in cloud.points] == [(row["macs"], row["params"]) for row in answer]
    assert {(point.x, point.y) for point in front.points} == {(row["macs"], row["params"]) for row in answer.front}
    assert front.emphasised
    assert front.join == "after"
    assert all(re.fullmatch(r"n2 = \d, w = \d+", point.label) for point in front.points)
    assert chart.title == "resnet: macs small and params large, over n2 and w, with n3 = 2"
    assert f"{answer.count} settings of n2, n3 and w were found among 20; all are shown" in chart.description


def test_of_many_settings_an_even_sample(tmp_path):
    answer = found(w=range(8, 72), n2=range(2, 12), n3=range(2, 12))
    chart = found_chart(answer)
    assert len(chart.panels[0].series[0].points) == 2000
    assert chart.panels[0].series[0].label == f"2000 of {in_full(answer.count)} settings"
    assert "an even sample of 2000 of them is shown" in chart.description
    answer.to_svg(tmp_path / "x.svg")
    assert (tmp_path / "x.svg").stat().st_size < 200_000


@pytest.mark.parametrize("most", [1, 7, 100, 319, 320, 321])
def test_a_sample_is_spread_over_all(most):
    answer = found("n2*n3 <= 70", w=range(8, 24, 2), n2=range(2, 12), n3=range(2, 6))
    rows = list(answer)
    sample = list(answer.sample(most))
    assert len(sample) == min(most, len(rows))
    keys = {tuple(row.values()) for row in sample}
    assert len(keys) == len(sample)
    assert keys <= {tuple(row.values()) for row in rows}
    if most == 100:
        for knob in ("w", "n2", "n3"):
            assert {row[knob] for row in sample} == {row[knob] for row in rows}


def test_three_goals_have_no_staircase():
    chart = found_chart(found(pareto=("macs:min", "params:max", "w:max")))
    assert chart.panels[0].series[1].join == ""


def test_more_of_x_is_better_on_the_other_side():
    assert found_chart(found(pareto=("params:max", "macs:min"))).panels[0].series[1].join == "before"


def test_settings_that_are_equal_in_both_goals_share_a_mark():
    net = Sequential(Input("H", "W", 3), layers.Conv2D(4, 3)).derive()
    answer = net.search(
        "H*W == 36", over={"H": range(3, 13), "W": range(3, 13)}, pareto=["params:min", "non_trainable:max"]
    )
    front = found_chart(answer).panels[0].series[1]
    assert [point.label for point in front.points] == ["H = 3, W = 12 and 4 more"]


def test_what_cannot_be_drawn_is_refused(tmp_path):
    with pytest.raises(UsageError, match="two goals"):
        found(pareto=("macs:min",)).to_svg(tmp_path / "x.svg")
    with pytest.raises(UsageError, match="no setting meets the constraints"):
        found("params <= 5").to_svg(tmp_path / "x.svg")


def test_files_hold_all_settings(tmp_path: Path):
    answer = found()
    answer.to_csv(tmp_path / "x.csv")
    answer.to_json(tmp_path / "x.json")
    with open(tmp_path / "x.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    fronts = [row.pop("front") for row in rows]
    assert [{name: int(value) for name, value in row.items()} for row in rows] == list(answer)
    assert fronts.count("true") == len(answer.front)
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == json.loads(json.dumps(answer.data()))
    none = found("params <= 5")
    none.to_json(tmp_path / "none.json")
    assert json.loads((tmp_path / "none.json").read_text(encoding="utf-8"))["settings"] == []


def test_large_integers_are_strings_in_json(tmp_path: Path):
    net = Sequential(Input("H"), layers.Dense(2**60)).derive()
    net.search("H <= 3", terms=["params"]).to_json(tmp_path / "x.json")
    rows = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))["settings"]
    assert rows[0] == {"H": 1, "params": str(2**61)}


def test_a_table_without_goals_has_no_column_for_the_front(tmp_path: Path):
    found(pareto=()).to_csv(tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text(encoding="utf-8").splitlines()[0] in ("n2,n3,w", "n3,n2,w")
