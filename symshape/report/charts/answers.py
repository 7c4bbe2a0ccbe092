"""Answers as charts: a sweep's table as curves, a search's settings as a cloud with its front.

What is left out for the sake of reading is said in the chart's description, and what cannot be read is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from symshape.errors import UsageError
from symshape.notation import text
from symshape.report.charts.amounts import in_full
from symshape.report.charts.chart import Axis, Chart, Exact, Join, Panel, Point, Series
from symshape.report.charts.plot import STYLES
from symshape.whatif import Found, Table

__all__ = ["chart_of", "found_chart", "table_chart"]

_PANELS = 8
_MOST = 2**20  # settings of a sweep: more than any screen has places for
_SAMPLE = 2000  # settings shown behind a front
_LOGS = ("x", "y", "xy", "none")

_Log = tuple["bool | None", "bool | None"]


def _logs(log: str | None) -> _Log:
    """For x and y whether the axis is logarithmic; None where the values are to say."""
    if log is None:
        return None, None
    if log not in _LOGS:
        raise UsageError(f"log = {log!r}: it is one of {', '.join(_LOGS)}, or left to the values")
    return "x" in log, "y" in log


def _check(logs: _Log, axes: Mapping[str, tuple[bool | None, Iterable[Exact]]]) -> None:
    for name, (log, values) in axes.items():
        if log and min(values) <= 0:
            raise UsageError(f"{name} is not positive everywhere: it has no logarithm there; leave its axis linear")


def chart_of(answer: Any) -> Chart | None:
    """The answer as a chart; None where it is none that can be read."""
    try:
        if isinstance(answer, Table):
            return table_chart(answer)
        return found_chart(answer) if isinstance(answer, Found) else None
    except UsageError:
        return None


# -- a sweep -----------------------------------------------------------------------------------------------------------
def table_chart(table: Table, title: str | None = None, log: str | None = None) -> Chart:
    """A panel for each metric: curves over the axis with the most values, one for each setting of the other axes.

    `log` says which axes are logarithmic ("x", "y", "xy" or "none"); without it the values do.
    """
    metrics = [name for name in table.names if name not in (*table.space.columns, *table.ties, "valid")]
    _readable(table, metrics)
    x_log, y_log = _logs(log)
    axis = max(range(len(table.shape)), key=lambda place: table.shape[place])  # the first of equals
    axes = [{name: _integers(column.values) for name, column in one.items()} for one in table.space.axes]
    across = next(iter(axes[axis]))
    xs = axes[axis][across]
    order = sorted(range(len(xs)), key=xs.__getitem__)
    others = [place for place in range(len(axes)) if place != axis]
    names = _line_names([axes[place] for place in others])
    panels = []
    for metric in metrics:
        rows = _lines(table, metric, axis)
        series = tuple(
            Series(name, tuple(Point(xs[place], row[place]) for place in order))
            for name, row in zip(names, rows, strict=True)
        )
        panels.append(Panel(Axis(across, x_log, tight=True), Axis(metric, y_log), series))
    ys = {metric: _known(panel) for metric, panel in zip(metrics, panels, strict=True)}
    if not any(ys.values()):
        reason = table.reason(0) if len(table) else ""
        raise UsageError(f"there is nothing to draw: no setting is in the network's domain ({reason})")
    _check((x_log, y_log), {across: (x_log, xs), **{metric: (y_log, known) for metric, known in ys.items()}})
    there = [any(point.y is not None for point in series.points) for series in panels[0].series]
    fixed = _fixed(table, axes, axis)
    said = f"{_listed(metrics)} over {across}{fixed}"
    head = f"{table.network}: {said}" if table.network else said
    return Chart(title or head, _curves_told(table, said, across, xs, names, there, ys), tuple(panels))


def _readable(table: Table, metrics: Sequence[str]) -> None:
    if len(table) > _MOST:
        raise UsageError(
            f"a picture of {len(table):,} settings: at most {_MOST:,} are drawn; give an axis larger steps, such as "
            f"{next(iter(table.space.columns))}=START:STOP:STEP"
        )
    if len(metrics) > _PANELS:
        raise UsageError(f"{len(metrics)} metrics are too many for one picture: ask for at most {_PANELS}")
    lines = len(table) // max(table.shape)
    if lines > STYLES:
        lengths = dict(zip((" and ".join(axis) for axis in table.space.axes), table.shape, strict=True))
        across = max(lengths, key=lambda name: lengths[name])
        others = {name: length for name, length in lengths.items() if name != across and length > 1}
        told = " and ".join(f"{length} values of {name}" for name, length in others.items())
        raise UsageError(
            f"{told} are {lines} lines over {across}: a picture shows at most {STYLES} that can be told apart; "
            f"give fewer values of {_listed(others, ' or ')}, or tie one, such as {next(reversed(others))}={across}"
        )


def _lines(table: Table, metric: str, axis: int) -> list[list[int | None]]:
    """The metric's values along the axis, for every setting of the others."""
    import numpy as np

    grid = table.grid(metric)  # masked where there is no value, which is None in a list
    rows: list[list[int | None]] = np.moveaxis(grid, axis, -1).reshape(-1, table.shape[axis]).tolist()
    return rows


def _integers(values: object) -> list[int]:
    return list(values) if isinstance(values, range) else values.tolist()  # type: ignore[attr-defined]


def _line_names(others: Sequence[Mapping[str, Sequence[int]]]) -> list[str]:
    """The names of the lines, in the order of the settings: "W = 32, K = 3"; what has one value names none."""
    names = [""]
    for axis in others:
        rows = list(zip(*axis.values(), strict=True))
        said = [", ".join(f"{name} = {in_full(value)}" for name, value in zip(axis, row, strict=True)) for row in rows]
        names = [f"{name}, {more}".removeprefix(", ") if len(rows) > 1 else name for name in names for more in said]
    return names


def _fixed(table: Table, axes: Sequence[Mapping[str, Sequence[int]]], axis: int) -> str:
    """What holds for the whole picture: symbols with one value, and ties."""
    values = [
        f"{name} = {in_full(column[0])}"
        for place, one in enumerate(axes)
        if place != axis
        for name, column in one.items()
        if len(column) == 1
    ]
    values += [f"{name} = {tie}" for name, tie in table.ties.items()]
    across, *beside = axes[axis]
    values += [f"{name} beside {across}" for name in beside]
    return f", with {_listed(values)}" if values else ""


def _known(panel: Panel) -> list[Exact]:
    return [point.y for series in panel.series for point in series.points if point.y is not None]


def _curves_told(
    table: Table,
    said: str,
    across: str,
    xs: Sequence[int],
    names: Sequence[str],
    there: Sequence[bool],
    ys: Mapping[str, Sequence[Exact]],
) -> str:
    told = [f"Curves of {said}: {len(xs)} values of {across} from {in_full(min(xs))} to {in_full(max(xs))}"]
    if len(names) > 1:
        told.append(f"a line for each of {'; '.join(names)}")
    told += [f"{metric} from {in_full(min(known))} to {in_full(max(known))}" for metric, known in ys.items() if known]
    if empty := [name for name, drawn in zip(names, there, strict=True) if name and not drawn]:
        told.append(f"no line for {'; '.join(empty)}, which the domain excludes")
    missing = 0 if table.all_valid else len(table) - int(table.valid.sum())
    gaps = f" {missing} of {len(table)} settings are outside the domain and left out." if missing else ""
    return f"{', '.join(told)}.{gaps}"


# -- a search ----------------------------------------------------------------------------------------------------------
def found_chart(found: Found, title: str | None = None, log: str | None = None) -> Chart:
    """The settings by their first two goals, and the front before them, labelled by its settings where there is room.

    Of very many settings all the front and an even sample of the others is shown. `log` as for `table_chart`.
    """
    if len(found.goals) < 2:
        raise UsageError("a picture needs two goals, such as pareto=('macs:min', 'params:max')")
    if not found:
        raise UsageError("there is nothing to draw: no setting meets the constraints")
    x_log, y_log = _logs(log)
    x, y = found.goals[0], found.goals[1]
    shown = list(found.sample(_SAMPLE))
    front = _front(found, x.term, y.term)
    cloud = tuple(Point(row[x.term], row[y.term]) for row in shown)
    join: Join = "" if len(found.goals) > 2 else "after" if x.least else "before"
    told = "settings" if found.count <= _SAMPLE else f"{in_full(len(shown))} of {in_full(found.count)} settings"
    series = (Series(told, cloud, join=""), Series("Pareto front", front, join, emphasised=True))
    points = [*cloud, *front]
    _check((x_log, y_log), {x.term: (x_log, (p.x for p in points)), y.term: (y_log, (p.y or 0 for p in points))})
    wanted = [f"{goal.term} {'small' if goal.least else 'large'}" for goal in found.goals]
    several = [name for name, values in found.knobs.items() if len(values) > 1]
    fixed = [f"{name} = {in_full(values[0])}" for name, values in found.knobs.items() if len(values) == 1]
    fixed += [f"{name} = {text(tree)}" for name, tree in found.ties.items()]
    head = f"{_listed(wanted)}, over {_listed(several or found.knobs)}"
    head = f"{head}, with {_listed(fixed)}" if several and fixed else head
    said = f"{found.network}: {head}" if found.network else head
    panel = Panel(Axis(x.term, x_log), Axis(y.term, y_log), series)
    return Chart(title or said, _cloud_told(found, shown, front, wanted, bool(join)), (panel,))


def _front(found: Found, x: str, y: str) -> tuple[Point, ...]:
    """The front by its first goal; settings that are equal in both are one point."""
    varied = [name for name in found.knobs if len({row[name] for row in islice(found.front, 1000)}) > 1]
    told: dict[tuple[int, int], str] = {}
    again: Counter[tuple[int, int]] = Counter()
    for row in found.front:
        at = row[x], row[y]
        told.setdefault(at, ", ".join(f"{name} = {in_full(row[name])}" for name in varied))
        again[at] += 1
    return tuple(
        Point(*at, f"{told[at]} and {again[at] - 1} more" if again[at] > 1 else told[at]) for at in sorted(told)
    )


def _cloud_told(
    found: Found, shown: Sequence[object], front: Sequence[Point], wanted: Sequence[str], line: bool
) -> str:
    settings = f"{in_full(found.count)} settings of {_listed(found.knobs)} were found among {in_full(found.total)}"
    part = (
        f"; an even sample of {in_full(len(shown))} of them is shown" if len(shown) < found.count else "; all are shown"
    )
    ends = (front[0], front[-1]) if len(front) > 1 else (front[0],)
    x, y = found.goals[0].term, found.goals[1].term
    said = [
        f"{x} = {in_full(point.x)}, {y} = {in_full(point.y or 0)}{f' ({point.label})' if point.label else ''}"
        for point in ends
    ]
    return (
        f"{settings}{part}. The front, of which no other setting is better for {_listed(wanted)}, has "
        f"{in_full(len(found.front))} settings{', all on its line, marked where there is room,' if line else ''} "
        f"from {' to '.join(said)}."
    )


def _listed(items: Iterable[str], last: str = " and ") -> str:
    *most, final = items
    return f"{', '.join(most)}{last}{final}" if most else final
