"""Reports: a derivation as a document that people read and machines process.

Derivation → view (plain data: `view`, filled by `build` and `building`) → page (sentences and tables: `phrases`, `page`) → one
format each (`formats`) through the templates in `templates/`. A new format is one file in `formats/` and its template.

Answers to questions are told by `findings`, one kind a file, and drawn by `charts`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symshape.derivation import Derivation
    from symshape.whatif import Found, Table

__all__ = ["draw", "report"]


def report(
    derivation: Derivation,
    path: str | os.PathLike[str] | None = None,
    format: str | None = None,
    *,
    point: Mapping[str, int] | None = None,
    templates: str | os.PathLike[str] | None = None,
    title: str | None = None,
    answers: Sequence[Any] = (),
) -> str:
    """The derivation as a document; returns the text, and writes it to `path` where one is given.

    The format is `format` ("md", "tex", "html", "txt" or "json"), else the path's ending, else text. `point` gives
    numbers for free symbols, shown beside every closed form: `point={"H": 224, "W": 224}`; without it the sizes in the
    model's file are used. `templates` is a folder whose templates come before ours: its `report.md.j2` may begin with
    `{% extends "base/report.md.j2" %}` and define anew what it wants to differ. `title` takes the place of the
    network's name. `answers` are those of `solve`, `compare`, `sensitivity`, `sweep` and so on, each a section.

    The file is written beside its place first, then renamed: never a part of a report.

    Raises `FormatError` for a format or template that does not exist, `UnknownName` for a point that names no free
    symbol, `ConditionError` where the network is valid nowhere or not at the point, `OSError` for a path that cannot
    be written.

    >>> import symshape
    >>> text = report(symshape.zoo.lenet5().derive(), point={"H": 32, "W": 32})
    >>> print(text.splitlines()[0])
    lenet5: shapes, parameters and cost, derived
    """
    from symshape.report.build import build
    from symshape.report.format import Options
    from symshape.report.formats import chosen
    from symshape.report.writing import write_whole

    wanted = chosen(path, format)
    options = Options(title, None if templates is None else Path(templates))
    text = wanted.render(replace(build(derivation, point), answers=tuple(answers)), options)
    if path is not None:
        write_whole(path, text)
    return text


def draw(
    answer: Table | Found, path: str | os.PathLike[str], *, title: str | None = None, log: str | None = None
) -> None:
    """A sweep's curves, or a search's settings with their front, as an SVG file.

    `log` names the logarithmic axes ("x", "y", "xy" or "none"); without it the values decide. Raises `UsageError` for what
    cannot be read as a picture.
    """
    from symshape.report.charts.answers import found_chart, table_chart
    from symshape.report.charts.svg import chart_svg
    from symshape.report.writing import write_whole
    from symshape.whatif import Table

    chart = table_chart(answer, title, log) if isinstance(answer, Table) else found_chart(answer, title, log)
    write_whole(path, chart_svg(chart))
