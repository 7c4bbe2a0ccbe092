"""A chart's geometry: where every line, mark and word stands, so that a template has nothing to compute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, pairwise

from symshape.report.charts.amounts import in_full
from symshape.report.charts.beside import Room, end_labels, width_of
from symshape.report.charts.chart import Chart, Exact, Panel, Point, Series
from symshape.report.charts.drawing import Drawing, Entry, Mark, Plot, Stroke, Tick, Word
from symshape.report.charts.marks import dots, mark
from symshape.report.charts.scale import Scale, scaled
from symshape.report.charts.thinning import runs, thinned

__all__ = ["STYLES", "drawn"]

STYLES = 8  # ways in which lines are told apart: a colour, a mark and a dash each
WIDTH = 760
_TITLE, _LINE, _SMALL = 16, 20, 12  # sizes of letters, and between lines
_HEAD, _FOOT, _LEAST_LEFT, _LEAST_RIGHT = 30, 48, 40, 18  # around a plot
_ALONE, _ONE_OF_SOME = 320, 210  # heights of a plot
_MARKED = 40  # points, up to which each gets its mark
_NEAR = 7  # marks of a front that are nearer than this are thinned: the line goes on
_WIDEST = 190  # of a name
_GAP = 7  # between a tick's label and its axis


def drawn(chart: Chart, key: str | None = None) -> Drawing:
    """The chart's geometry. The `key`, by default made of what it shows, must differ between the charts of one page."""
    heading = [
        Word(_n(14), _n(26 + place * _LINE), line, style="chart-title")
        for place, line in enumerate(_wrapped(chart.title, WIDTH - 28, _TITLE))
    ]
    top = 26 + (len(heading) - 1) * _LINE + 14
    named = [_named_at_its_end(panel) for panel in chart.panels]
    legend: list[Entry] = []
    if not all(named):
        legend, top = _legend(chart.panels[0].series, top + 12)
    height = _ALONE if len(chart.panels) == 1 else _ONE_OF_SOME
    scales = [_scales(panel, height) for panel in chart.panels]
    left = max(_LEAST_LEFT, *(14 + width_of(label, _SMALL) + _GAP for _, up in scales for label in up.labels))
    right = _right(chart, [across for across, _ in scales], at_ends=not legend)
    plots = []
    for panel, (across, up) in zip(chart.panels, scales, strict=True):
        top += _HEAD
        plots.append(_plot(panel, _Field(across, up, left, right, top, top + height), at_ends=not legend))
        top += height + _FOOT
    if key is None:
        shown = repr((chart.title, chart.description, legend, plots))
        key = f"chart-{sha256(shown.encode('utf-8', 'replace')).hexdigest()[:12]}"
    return Drawing(key, _n(WIDTH), _n(top), chart.title, chart.description, tuple(heading), tuple(legend), tuple(plots))


# -- a panel -----------------------------------------------------------------------------------------------------------
def _scales(panel: Panel, height: int) -> tuple[Scale, Scale]:
    points = [point for series in panel.series for point in series.points]
    known = [point.y for point in points if point.y is not None]
    return scaled(panel.x, [point.x for point in points], 8), scaled(panel.y, known or [0], height // 40)


def _right(chart: Chart, across: Sequence[Scale], at_ends: bool) -> int:
    """The right side of the plots: half of the last label and the names of the lines have room beside it."""
    names = [each.label for panel in chart.panels if at_ends and len(panel.series) > 1 for each in panel.series]
    room = [_LEAST_RIGHT, *(width_of(scale.labels[-1], _SMALL) // 2 + 6 for scale in across)]
    return WIDTH - max(room + [22 + min(width_of(name, _SMALL), _WIDEST) for name in names])


def _plot(panel: Panel, field: _Field, at_ends: bool) -> Plot:
    across, up = field.across, field.up
    dotted: list[Stroke] = []
    strokes: list[Stroke] = []
    marks: list[Mark] = []
    for place, series in enumerate(panel.series):
        look = _Look.of(place, panel.series)
        lines = [[field.spot(point) for point in thinned(run, field.column, _y)] for run in look.lines]
        strokes += (
            [Stroke(look.style, "".join(_path(line, series.join) for line in lines), look.dashed)] if lines else []
        )
        dotted += [Stroke(look.style, dots(_once(map(field.spot, look.dotted))))] if look.dotted else []
        shown = _spaced(look.marked, field) if series.emphasised else look.marked
        marks += [Mark(look.style, mark(look.shape, *field.spot(point)), _told(panel, point)) for point in shown]
    names = _ends(panel, field) if at_ends and len(panel.series) > 1 else []
    names += [word for series in panel.series for word in _labels(panel, series, field)]
    return Plot(
        _n(field.left),
        _n(field.right),
        _n(field.top),
        _n(field.bottom),
        tuple(Tick(_n(field.x(tick)), label) for tick, label in zip(across.ticks, across.labels, strict=True)),
        tuple(Tick(_n(field.y(tick)), label) for tick, label in zip(up.ticks, up.labels, strict=True)),
        _n(field.left - _GAP),
        _n(field.bottom + 18),
        (
            Word(_n(14), _n(field.top - 12), _titled(panel.y.title, up, WIDTH - 28), style="chart-axis"),
            Word(
                _n((field.left + field.right) / 2),
                _n(field.bottom + 38),
                _titled(panel.x.title, across, field.right - field.left),
                "middle",
                "chart-axis",
            ),
        ),
        tuple(dotted),
        tuple(strokes),
        tuple(marks),
        tuple(names),
    )


@dataclass(frozen=True)
class _Field:
    """The rectangle of a plot with its scales: from exact points to places."""

    across: Scale
    up: Scale
    left: int
    right: int
    top: int
    bottom: int

    def x(self, value: Exact) -> float:
        return self.left + self.across.place(value) * (self.right - self.left)

    def y(self, value: Exact) -> float:
        return self.bottom - self.up.place(value) * (self.bottom - self.top)

    def spot(self, point: Point) -> tuple[float, float]:
        assert point.y is not None
        return self.x(point.x), self.y(point.y)

    def column(self, point: Point) -> int:
        """The column of pixels that a point is in."""
        return int(self.x(point.x))


@dataclass(frozen=True)
class _Look:
    """How a series is shown: what is joined, what has marks, what is dots only."""

    style: str
    shape: int
    lines: list[list[Point]]
    dashed: bool
    marked: list[Point]
    dotted: list[Point]

    @classmethod
    def of(cls, place: int, among: Sequence[Series]) -> _Look:
        series = among[place]
        known = _known(series)
        lines = [run for run in runs(series.points) if len(run) > 1] if series.join else []
        alone = [run[0] for run in runs(series.points) if len(run) == 1] if series.join else known
        lonely = alone if series.join and len(alone) <= _MARKED else []
        marked = known if series.emphasised or len(known) <= _MARKED else lonely
        dotted = alone if series.emphasised or not marked else []
        dashed = bool(lines) and not marked and not series.emphasised  # no marks tell it apart
        return cls(_style(place, among), place % STYLES, lines, dashed, marked, dotted)


def _known(series: Series) -> list[Point]:
    return [point for point in series.points if point.y is not None]


def _spaced(points: Sequence[Point], field: _Field) -> list[Point]:
    """The points whose marks do not cover one another, the first and the last among them."""
    kept: list[Point] = []
    cells: set[tuple[int, int]] = set()
    for point in chain(points[:1], points[:0:-1]):  # the last is looked at before those that would cover it
        x, y = field.spot(point)
        near = {(int(x) // _NEAR + right, int(y) // _NEAR + down) for right in (-1, 0, 1) for down in (-1, 0, 1)}
        if not kept or cells.isdisjoint(near):
            kept.append(point)
            cells.add((int(x) // _NEAR, int(y) // _NEAR))
    return [*kept[:1], *kept[:0:-1]]


def _path(spots: Sequence[tuple[float, float]], join: str) -> str:
    (x, y), *rest = spots
    said = [f"M{_n(x)} {_n(y)}"]
    for x, y in rest:
        if join == "after":
            said.append(f"H{_n(x)}V{_n(y)}")
        elif join == "before":
            said.append(f"V{_n(y)}H{_n(x)}")
        else:
            said.append(f"L{_n(x)} {_n(y)}")
    return "".join(said)


def _once(spots: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """One of those in the same place on a screen."""
    return list({(round(2 * x), round(2 * y)): (x, y) for x, y in spots}.values())


def _y(point: Point) -> Exact:
    assert point.y is not None
    return point.y


def _style(place: int, series: Sequence[Series]) -> str:
    """The class of a series: beside emphasised ones the others stand back."""
    back = any(each.emphasised for each in series) and not series[place].emphasised
    return "chart-back" if back else f"chart-s{place % STYLES}"


def _told(panel: Panel, point: Point) -> str:
    assert point.y is not None
    said = f"{panel.x.title} = {in_full(point.x)}, {panel.y.title} = {in_full(point.y)}"
    return f"{point.label}: {said}" if point.label else said


def _titled(title: str, scale: Scale, room: float) -> str:
    said = f"{title}, above {scale.base}" if scale.base else title
    return _cut(said, room, _SMALL + 1)


# -- words -------------------------------------------------------------------------------------------------------------
def _named_at_its_end(panel: Panel) -> bool:
    """Whether each line can be named where it ends: it ends at the plot's right side."""
    if len(panel.series) == 1:
        return True
    return all(each.join == "line" and each.points[-1].y is not None for each in panel.series if _known(each))


def _ends(panel: Panel, field: _Field) -> list[Word]:
    lines = [(place, each) for place, each in enumerate(panel.series) if _known(each)]
    heights = [field.y(_y(each.points[-1])) for _, each in lines]
    words = []
    for (place, each), y, at in zip(lines, heights, end_labels(heights, field.top, field.bottom), strict=True):
        leader = f"M{_n(field.right + 5)} {_n(y)}L{_n(field.right + 13)} {_n(at)}"
        said = _cut(each.label, _WIDEST, _SMALL)
        words.append(Word(_n(field.right + 16), _n(at + 4), said, style=_style(place, panel.series), leader=leader))
    return words


def _labels(panel: Panel, series: Series, field: _Field) -> list[Word]:
    """The labels of an emphasised series beside their points, where there is room."""
    if not series.emphasised or not _known(series):
        return []
    room = Room(field.left, field.right, field.top, field.bottom)
    for other in panel.series:
        for x, y in map(field.spot, _known(other)):
            if other is series:
                room.take(x - 4, y - 4, x + 4, y + 4)
            else:
                room.strew(x, y)
    spots = [field.spot(point) for point in _known(series)]
    for (x1, y1), (x2, y2) in pairwise(spots):
        if series.join == "after":
            room.take(x1, y1, x2, y1)
            room.take(x2, y1, x2, y2)
        elif series.join == "before":
            room.take(x1, y1, x1, y2)
            room.take(x1, y2, x2, y2)
    rising = spots[-1][1] <= spots[0][1]
    side = (-1 if series.join == "after" else 1, -1 if rising == (series.join == "after") else 1)
    words = []
    points = _spaced(_known(series), field)
    spots = [field.spot(point) for point in points]
    for place in _spread(len(points)):
        said = _cut(points[place].label, _WIDEST, _SMALL)
        end = place in (0, len(spots) - 1)
        found = room.beside(*spots[place], width_of(said, _SMALL), side, matters=end) if said else None
        if found is not None:
            x, y, anchor = found
            words.append(Word(_n(x), _n(y), said, anchor, "chart-note"))
    return words


def _spread(count: int) -> list[int]:
    """The places from 0, the ends first, then what halves the rest, and so on."""
    order, queue = [0, count - 1], [(0, count - 1)]
    for low, high in queue:
        if high - low > 1:
            middle = (low + high) // 2
            order.append(middle)
            queue += [(low, middle), (middle, high)]
    return list(dict.fromkeys(order))


def _legend(series: Sequence[Series], y: int) -> tuple[list[Entry], int]:
    """The series that have points, side by side in as many lines as they need; and the line below."""
    entries, x = [], 14
    for place, each in enumerate(series):
        look, said = _Look.of(place, series), _cut(each.label, _WIDEST, _SMALL)
        if not _known(each):
            continue
        wide = 30 + width_of(said, _SMALL) + 18
        if x > 14 and x + wide > WIDTH:
            x, y = 14, y + _LINE
        entry = Entry(
            look.style,
            f"M{_n(x)} {_n(y)}h24" if look.lines else "",
            look.dashed,
            mark(look.shape, x + 12, y) if look.marked else "",
            dots([(x + 12, y)]) if look.dotted else "",
            Word(_n(x + 30), _n(y + 4), said),
        )
        entries.append(entry)
        x += wide
    return entries, y + 14


def _cut(text: str, room: float, size: int) -> str:
    """The text, cut where it would be wider than the room."""
    if width_of(text, size) <= room:
        return text
    kept = text
    while kept and width_of(f"{kept}…", size) > room:
        kept = kept[: max(len(kept) * 9 // 10, 1) if len(kept) > 200 else -1]
    return f"{kept}…"


def _wrapped(text: str, room: int, size: int) -> list[str]:
    """The text in one line or two, cut where it is longer."""
    if width_of(text, size) <= room:
        return [text]
    words, first = text.split(" "), ""
    while words and width_of(f"{first} {words[0]}", size) <= room:
        first = f"{first} {words.pop(0)}".lstrip()
    rest = " ".join(words)
    return [first, _cut(rest, room, size)] if first else [_cut(rest, room, size)]


def _n(value: float) -> str:
    """A place, to a tenth of a pixel."""
    said = f"{value:.1f}".removesuffix(".0")
    return "0" if said == "-0" else said
