r"""Reports as a LaTeX document for pdflatex and lualatex.

Templates use `<% %>` for blocks, `<< >>` for values and `<# #>` for remarks: braces belong to LaTeX.
"""

from __future__ import annotations

from collections.abc import Mapping

from symshape.notation import escape_latex, latex, latex_aligned
from symshape.report.format import Format, Options
from symshape.report.prose import Steps, folded, stacked
from symshape.report.templated import Ink, rendered
from symshape.report.view import Ref, View
from symshape.written import Written

__all__ = ["FORMAT"]

WIDTH = 104  # characters of a formula that a line is wide


class _Latex(Ink):
    delimiters: Mapping[str, str] = {
        "block_start_string": "<%",
        "block_end_string": "%>",
        "variable_start_string": "<<",
        "variable_end_string": ">>",
        "comment_start_string": "<#",
        "comment_end_string": "#>",
    }

    def text(self, text: str) -> str:
        return escape_latex(text).replace(r"\_", r"\_\allowbreak{}")

    def formula(self, tree: Written) -> str:
        return f"${latex(tree, linear=True)}$"

    def steps(self, steps: Steps) -> str:
        return f"\\steps{{{latex_aligned(folded(steps.lines, WIDTH, stacked))}}}"

    def strong(self, inked: str) -> str:
        return rf"\textbf{{{inked}}}"

    def emphasis(self, inked: str) -> str:
        return rf"\emph{{{inked}}}"

    def link(self, ref: Ref, inked: str) -> str:
        return rf"\hyperlink{{{ref.anchor}}}{{{inked}}}"

    def source(self, number: int, inked: str) -> str:
        return rf"\hyperlink{{source-{number}}}{{{inked}}}"

    def address(self, url: str) -> str:
        return super().address(url).replace("%", r"\%").replace("#", r"\#")


def render(view: View, options: Options) -> str:
    """The view as LaTeX."""
    return rendered(view, options, "report.tex.j2", _Latex())


FORMAT = Format(("tex", "latex"), (".tex", ".latex"), render)
