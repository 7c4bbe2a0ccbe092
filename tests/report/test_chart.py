"""The geometry of charts: scales, ticks, thinning, and every place within the picture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from math import dist, isclose
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.report.charts.amounts import exponent, in_full, tick_labels
from symshape.report.charts.beside import Room, end_labels
from symshape.report.charts.chart import Axis, Chart, Panel, Point, Series
from symshape.report.charts.plot import STYLES, drawn
from symshape.report.charts.scale import scaled
from symshape.report.charts.svg import chart_svg
from symshape.report.charts.thinning import runs, thinned
from symshape.report.templated import filled

SVG = "{http://www.w3.org/2000/svg}"
SIZES = (
    st.integers(1, 5000) | st.integers(2**53 - 5, 2**53 + 5) | st.integers(10**30, 10**30 + 9) | st.integers(1, 10**500)
)
ANY = SIZES | st.integers(-(10**400), 0) | st.fractions(-100, 100)


def chart(*series: Series, x: Axis | None = None, y: Axis | None = None) -> Chart:
    return Chart("title", "about", (Panel(x or Axis("H", tight=True), y or Axis("macs"), series),))


def line(values: list[int | None], label: str = "") -> Series:
    return Series(label, tuple(Point(place + 1, value) for place, value in enumerate(values)))


# -- scales ------------------------------------------------------------------------------------------------------------
@settings(deadline=None)
@given(st.lists(ANY, min_size=1, max_size=30), st.integers(3, 10), st.sampled_from([None, True, False]), st.booleans())
def test_ticks_and_ends_cover_the_data(values, most, log, tight):
    scale = scaled(Axis("x", log, tight), values, most)
    assert scale.low <= min(values)
    assert scale.high >= max(values)
    assert scale.low < scale.high
    assert list(scale.ticks) == sorted(set(scale.ticks))
    assert 1 <= len(scale.ticks) <= max(9, 3 * most + 2)
    assert all(scale.low <= tick <= scale.high for tick in scale.ticks)
    if not tight:
        assert scale.ticks[0] == scale.low
        assert scale.ticks[-1] == scale.high
    if all(isinstance(value, int) for value in values) and not scale.log:
        assert all(isinstance(tick, int) for tick in scale.ticks)


@settings(deadline=None)
@given(st.lists(ANY, min_size=2, max_size=20, unique=True), st.sampled_from([None, True, False]), st.booleans())
def test_places_keep_the_order(values, log, tight):
    scale = scaled(Axis("x", log, tight), values, 8)
    places = [scale.place(value) for value in sorted(values)]
    assert all(0 <= place <= 1 for place in places)
    assert all(before <= after + 1e-9 for before, after in pairwise(places))


@settings(deadline=None)
@given(st.integers(0, 10**500), st.integers(1, 100), st.integers(0, 100))
def test_neighbours_of_any_size_are_told_apart(start, span, inside):
    """Where a float would see one number only."""
    scale = scaled(Axis("x", False, tight=True), [start, start + span, start + min(span, inside)], 8)
    assert isclose(scale.place(start + min(span, inside)), min(span, inside) / span, abs_tol=1e-9)


@settings(deadline=None)
@given(st.lists(ANY, min_size=1, max_size=20), st.sampled_from([None, True, False]), st.booleans())
def test_labels_are_short_and_differ(values, log, tight):
    scale = scaled(Axis("x", log, tight), values, 8)
    assert len(scale.labels) == len(scale.ticks)
    if len(scale.ticks) > 9 or not tight:  # at a tick of its own a value may need many digits
        assert max(map(len, scale.labels)) <= 14
    assert len(set(scale.labels)) == len(scale.labels)


@pytest.mark.parametrize(
    ("values", "axis", "labels"),
    [
        (range(32, 513), Axis("H", tight=True), "100 200 300 400 500"),
        (range(32, 513, 32), Axis("H", tight=True), "64 128 192 256 320 384 448 512"),
        ([3, 5, 7], Axis("K", tight=True), "3 5 7"),
        ([32, 64, 128, 256, 512, 1024], Axis("H", tight=True), "32 64 128 256 512 1024"),
        ([849_320, 4_658_600], Axis("macs"), "0 1 M 2 M 3 M 4 M 5 M"),
        ([25_557_032] * 3, Axis("params"), "0 5 M 10 M 15 M 20 M 25 M 30 M"),
        ([1, 2, 3], Axis("n"), "1 2 3"),
        ([0], Axis("n"), "0 1"),
        ([10**20 + 1, 10**20 + 3], Axis("n"), "+0 +1 +2"),
        ([10, 10**3, 10**5, 10**8], Axis("n"), "10¹ 10² 10³ 10⁴ 10⁵ 10⁶ 10⁷ 10⁸"),
        ([20, 100, 300], Axis("n", log=True), "20 50 100 200 500"),
        ([10**1000, 10**1004], Axis("n", log=True), "10¹⁰⁰⁰ 10¹⁰⁰¹ 10¹⁰⁰² 10¹⁰⁰³ 10¹⁰⁰⁴"),
        ([0, 10**1000], Axis("n"), "0 2·10⁹⁹⁹ 4·10⁹⁹⁹ 6·10⁹⁹⁹ 8·10⁹⁹⁹ 10¹⁰⁰⁰"),
        ([Fraction(1, 4), Fraction(3, 2)], Axis("r"), "0 0.2 0.4 0.6 0.8 1 1.2 1.4 1.6"),
        ([-3, 3], Axis("n"), "−3 −2 −1 0 1 2 3"),
    ],
)
def test_ticks_as_people_write_them(values, axis, labels):
    scale = scaled(axis, list(values), 8)
    assert " ".join(scale.labels).replace("\N{NO-BREAK SPACE}", " ") == labels


def test_parabolas_stay_linear_and_what_grows_by_factors_does_not():
    heights = range(32, 2049)
    assert not scaled(Axis("H", tight=True), list(heights), 8).log
    assert not scaled(Axis("macs"), [height**2 for height in heights], 8).log
    assert scaled(Axis("H", tight=True), [2**n for n in range(12)], 8).log
    assert scaled(Axis("macs"), [2**n for n in range(12)], 8).log


@settings(deadline=None)
@given(st.integers(1, 10**2000) | st.fractions(Fraction(1, 10**400), 10**6).filter(lambda value: value > 0))
def test_exponents(value):
    power = exponent(value)
    assert Fraction(10) ** power <= value < Fraction(10) ** (power + 1)


@settings(deadline=None)
@given(st.integers(-(10**2000), 10**2000))
def test_every_number_can_be_said(value):
    said = in_full(value)
    assert len(said) < 60
    if "≈" not in said:
        assert int(re.sub(r"\s", "", said.replace("−", "-"))) == value


def test_labels_of_no_ticks():
    assert tick_labels([]) == ((), "")


# -- thinning ----------------------------------------------------------------------------------------------------------
@settings(deadline=None)
@given(st.lists(st.integers(0, 10**400), min_size=1, max_size=300), st.integers(1, 12))
def test_thinning_keeps_extremes_ends_and_order(heights, wide):
    items = list(enumerate(heights))
    kept = thinned(items, lambda item: item[0] * wide // len(items), lambda item: item[1])
    assert kept == sorted(kept)
    assert set(kept) <= set(items)
    assert len(kept) <= 4 * wide
    assert kept[0] == items[0]
    assert kept[-1] == items[-1]
    for column in range(wide):
        here = [item[1] for item in items if item[0] * wide // len(items) == column]
        seen = [item[1] for item in kept if item[0] * wide // len(items) == column]
        assert not here or (min(seen), max(seen)) == (min(here), max(here))


@settings(deadline=None)
@given(st.lists(st.none() | st.integers(0, 9), max_size=30))
def test_runs_are_what_lies_between_gaps(values):
    found = list(runs(line(values).points))
    assert [point.y for run in found for point in run] == [value for value in values if value is not None]
    assert len(found) == len(re.findall("x+", "".join(" " if value is None else "x" for value in values)))


def test_a_spike_of_a_long_line_is_drawn():
    values: list[int | None] = [5] * 100_000
    values[54_321] = 10**400
    (plot,) = drawn(chart(line(values))).plots
    (stroke,) = plot.strokes
    assert len(stroke.path) < 40_000
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", stroke.path)]
    assert min(heights) == float(plot.top)
    assert max(heights) == float(plot.bottom)


# -- pictures ----------------------------------------------------------------------------------------------------------
def places(path: str) -> list[tuple[float, float]]:
    """The points of a path of ours, whose letters M, L, H and V are followed by absolute places."""
    x = y = 0.0
    found = []
    for letter, numbers in re.findall(r"([MLHV])([\d. -]+)", path):
        values = [float(number) for number in numbers.split()]
        x, y = values if letter in "ML" else (values[0], y) if letter == "H" else (x, values[0])
        found.append((x, y))
    return found


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.none() | ANY, min_size=5, max_size=5), min_size=1, max_size=STYLES),
    st.lists(SIZES, min_size=5, max_size=5, unique=True).map(sorted),
    st.sampled_from(["line", "after", "before", ""]),
    st.booleans(),
)
def test_every_point_is_inside_its_plot_and_in_order(rows, xs, join, emphasised):
    series = [
        Series(f"W = {place}", tuple(map(Point, xs, row)), join, emphasised and place == 1)
        for place, row in enumerate(rows)
    ]
    (plot,) = drawn(chart(*series)).plots
    left, right, top, bottom = map(float, (plot.left, plot.right, plot.top, plot.bottom))
    assert 0 < left < right < 760
    for path in [*(stroke.path for stroke in (*plot.strokes, *plot.dots)), *(mark.path for mark in plot.marks)]:
        start = re.split("[a-z]", path)[0] if path in {mark.path for mark in plot.marks} else path
        for x, y in places(start):
            assert left - 0.1 <= x <= right + 0.1
            assert top - 0.1 <= y <= bottom + 0.1
    for stroke in plot.strokes:
        across = [x for x, _ in places(stroke.path)]
        assert across == sorted(across)
    known = sum(value is not None for row in rows for value in row)
    assert len(plot.marks) == known if not emphasised else len(plot.marks) <= known


def test_gaps_break_the_line_and_lonely_points_are_seen():
    values = [1, 2, None, 4, None, 6, 7]
    (plot,) = drawn(chart(line(values))).plots
    (stroke,) = plot.strokes
    assert stroke.path.count("M") == 2
    assert len(plot.marks) == 5
    (plot,) = drawn(chart(line([*values, *range(50)]))).plots
    assert plot.strokes[0].path.count("M") == 2
    assert [mark.told for mark in plot.marks] == ["H = 4, macs = 4"]
    (plot,) = drawn(chart(line([value for value in range(50) for value in (value, None)]))).plots
    assert (plot.strokes, plot.marks) == ((), ())
    assert plot.dots[0].path.count("M") == 50


def test_a_crowded_front_keeps_its_line_and_thins_its_marks():
    points = tuple(Point(place, place, f"w = {place}") for place in range(5000))
    (plot,) = drawn(chart(Series("front", points, "after", emphasised=True), x=Axis("macs"))).plots
    assert 20 < len(plot.marks) < 120
    assert plot.marks[0].told.startswith("w = 0:")
    assert plot.marks[-1].told.startswith("w = 4999:")
    spots = [places(mark.path.split("m")[0])[0] for mark in plot.marks]
    assert all(max(abs(x2 - x1), abs(y2 - y1)) > 6 for (x1, y1), (x2, y2) in pairwise(spots))
    assert not plot.strokes[0].dashed
    assert {word.said for word in plot.names} <= {mark.told.split(":")[0] for mark in plot.marks}


def test_a_legend_shows_what_the_lines_are():
    """Where a line does not reach the right side: marks or dashes, as it is drawn, in as many lines as names need."""
    few, many = line([1, 2, None], "few"), line([*range(50), None], "many")
    first, second = drawn(chart(few, many)).legend
    assert (bool(first.mark), first.dashed) == (True, False)
    assert (bool(second.mark), second.dashed) == (False, True)
    wide = drawn(chart(*[line([1, 2, None], f"a long name of a line, number {place}") for place in range(8)]))
    heights = {entry.word.y for entry in wide.legend}
    assert len(heights) == 3
    assert max(map(float, heights)) < float(wide.plots[0].words[0].y)


def test_an_empty_line_is_no_error():
    (plot,) = drawn(chart(line([None, None]), line([1, 2], "b"))).plots
    assert len(plot.marks) == 2


@settings(deadline=None)
@given(st.lists(st.floats(0, 200), min_size=1, max_size=8))
def test_names_at_ends_do_not_run_into_each_other(wanted):
    found = end_labels(wanted, 0, 200)
    assert all(0 <= height <= 200 for height in found)
    heights = sorted(found)
    assert all(after - before >= 14.99 for before, after in pairwise(heights))
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    assert [found[place] for place in order] == heights


def test_words_beside_points_take_their_room():
    room = Room(0, 200, 0, 100)
    first = room.beside(100, 50, 60, (-1, -1))
    assert first == (95, 42, "end") or first is not None
    assert room.beside(100, 50, 60, (-1, -1)) != first
    assert Room(0, 50, 0, 100).beside(25, 50, 60, (1, 1)) is None


def test_a_staircase_goes_level_first_where_less_of_x_is_better():
    (plot,) = drawn(chart(Series("", (Point(1, 1), Point(3, 2)), "after"))).plots
    assert re.fullmatch(r"M[\d. ]+H[\d.]+V[\d.]+", plot.strokes[0].path)
    (plot,) = drawn(chart(Series("", (Point(1, 1), Point(3, 2)), "before"))).plots
    assert re.fullmatch(r"M[\d. ]+V[\d.]+H[\d.]+", plot.strokes[0].path)


# -- SVG ---------------------------------------------------------------------------------------------------------------
HOSTILE = "</text></svg><script>alert(1)</script> \" ' & ]]> \x1b[31m \ud800 {{ 7*7 }} </style> \u202e"


def test_no_name_breaks_out():
    point = Point(1, 2, HOSTILE)
    series = [Series(HOSTILE, (point, Point(2, None))), Series(HOSTILE, (point,), "after", emphasised=True)]
    hostile = Chart(HOSTILE * 5, HOSTILE, (Panel(Axis(HOSTILE), Axis(HOSTILE), tuple(series)),))
    root = ElementTree.fromstring(chart_svg(hostile))
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "title", "desc", "style", "rect", "g", "path", "text"}
    for element in root.iter():
        assert not any(name.startswith("on") or "href" in name for name in element.attrib)
    assert "49" not in (root.findtext(f"{SVG}title") or "")


def test_it_reads_without_eyes_and_needs_nothing():
    text = chart_svg(chart(line([1, 2, 3])))
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img"
    ids = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    assert [ids[name] for name in (root.get("aria-labelledby") or "").split()] == ["title", "about"]
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text


def test_several_stand_on_a_page(tmp_path):
    from symshape.report.charts.svg import _Svg

    drawings = [drawn(chart(line([1, 2, 3]))), drawn(chart(line([1, 2, 4]))), drawn(chart(line([1, 2, 3])), "own")]
    (tmp_path / "page.j2").write_text(
        '<main>{% for drawing in drawings %}{% include "chart.svg.j2" %}{% endfor %}</main>', encoding="utf-8"
    )
    root = ElementTree.fromstring(filled("page.j2", _Svg(), tmp_path, drawings=drawings))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == 6
    assert len(set(ids)) == 6
    classes = {name for element in root.iter() for name in (element.get("class") or "").split()}
    assert all(name.startswith("chart-") or name == "symshape-chart" for name in classes)


Vector = tuple[float, float, float]


def times(matrix: Sequence[Vector], vector: Sequence[float]) -> Vector:
    red, green, blue = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return red, green, blue


def linear(colour: str) -> Vector:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))  # of sRGB
# Without one kind of cone: Machado, Oliveira and Fernandes (2009), severity 1.
SEEN: Mapping[str, tuple[Vector, Vector, Vector]] = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no L": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no M": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "no S": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def cielab(light: Sequence[float]) -> Vector:
    shares = zip(times(XYZ, [min(max(part, 0), 1) for part in light]), (0.9505, 1, 1.089), strict=True)
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (a / b for a, b in shares))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def schemes() -> list[dict[str, str]]:
    """The colours in the light and in the dark."""
    text = chart_svg(chart(line([1, 2, 3])))
    found = re.findall(r"--chart-paper: .*?(?=max-width|\})", text, re.DOTALL)
    assert len(found) == 2
    return [dict(re.findall(r"--chart-(\w+): (#\w+)", scheme)) for scheme in found]


@pytest.mark.parametrize("place", [0, 1], ids=["light", "dark"])
def test_colours_stand_out_from_the_paper(place):
    """At least 3 to 1 for lines and marks, 4.5 to 1 for words, as WCAG 2 has it."""
    colours = schemes()[place]
    assert len(colours) == STYLES + 5
    paper = times(XYZ, linear(colours.pop("paper")))[1]
    del colours["line"]  # the grid
    for name, colour in colours.items():
        light, dark = sorted((paper, times(XYZ, linear(colour))[1]), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= (4.5 if name in ("ink", "soft") else 3), (name, colour)


@pytest.mark.parametrize("place", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("eyes", SEEN)
def test_colours_of_lines_differ_whatever_cones_the_eye_has(place, eyes):
    colours = schemes()[place]
    seen = [cielab(times(SEEN[eyes], linear(colours[str(number)]))) for number in range(STYLES)]
    assert min(dist(one, other) for one, other in combinations(seen, 2)) > 15


def test_numbers_that_python_does_not_write_out_are_drawn():
    huge = 10**6000  # beyond the digits that str() gives
    values = [huge + place for place in range(5)]
    text = chart_svg(Chart("t", "d", (Panel(Axis("H", tight=True), Axis("n"), (line(values),)),)))
    assert "above ≈ 1.0000·10⁶⁰⁰⁰" in text
