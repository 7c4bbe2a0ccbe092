"""Reports as one HTML file that needs nothing else: native MathML, own styles, no scripts, no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symshape.notation import MATHML_STYLE, escape_html, mathml, mathml_aligned
from symshape.report.format import Format, Options
from symshape.report.prose import Rich, Steps, folded, stacked
from symshape.report.templated import Ink, Plain, rendered
from symshape.report.view import Ref, View
from symshape.written import Written

__all__ = ["FORMAT"]

WIDTH = 84  # characters of a formula that a column of text is wide


PLAIN = Plain()


class _Html(Ink):
    def text(self, text: str) -> str:
        return escape_html(text)

    def formula(self, tree: Written) -> str:
        return mathml(tree, linear=True)

    def steps(self, steps: Steps) -> str:
        return f'<div class="steps">{mathml_aligned(folded(steps.lines, WIDTH, stacked))}</div>'

    def strong(self, inked: str) -> str:
        return f"<strong>{inked}</strong>"

    def emphasis(self, inked: str) -> str:
        return f"<em>{inked}</em>"

    def link(self, ref: Ref, inked: str) -> str:
        return f'<a href="#{escape_html(ref.anchor)}">{inked}</a>'

    def source(self, number: int, inked: str) -> str:
        return f'<a class="source" href="#source-{number}">{inked}</a>'

    def filters(self) -> Mapping[str, Callable[..., Any]]:
        return {**super().filters(), "shortened": self._shortened}

    def constants(self) -> Mapping[str, str]:
        return {"math_style": MATHML_STYLE}

    def _shortened(self, said: Rich, most: int) -> str:
        """Words for a box of the picture, cut where they would not fit."""
        plain = PLAIN.rich(said)
        return escape_html(plain if len(plain) <= most else plain[: most - 1] + "…")


def render(view: View, options: Options) -> str:
    """The view as HTML."""
    return rendered(view, options, "report.html.j2", _Html())


FORMAT = Format(("html", "htm"), (".html", ".htm"), render)
