"""Charts as SVG: text that needs nothing else and runs nothing, in dark and light."""

from __future__ import annotations

from symshape.notation import escape_html
from symshape.notation import text as plain_text
from symshape.report.charts.chart import Chart
from symshape.report.charts.plot import drawn
from symshape.report.templated import Ink, filled
from symshape.written import Written

__all__ = ["chart_svg"]


class _Svg(Ink):
    def text(self, text: str) -> str:
        return escape_html(text)

    def formula(self, tree: Written) -> str:
        return escape_html(plain_text(tree))


def chart_svg(chart: Chart, key: str | None = None) -> str:
    """The chart as SVG text; its ids begin with `key`, which differs by itself for charts that differ."""
    return filled("chart.svg.j2", _Svg(), drawing=drawn(chart, key))
