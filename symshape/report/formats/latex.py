r"""Reports as a LaTeX document for pdflatex and lualatex.

Templates use `<% %>` for blocks, `<< >>` for values and `<# #>` for remarks: braces belong to LaTeX.
"""

from __future__ import annotations

from collections.abc import Mapping

from symshape.notation import escape_latex, latex, latex_aligned
from symshape.notation.layout import DOT, MINUS
from symshape.report.format import Format, Options
from symshape.report.prose import Steps, folded, linear, pieces, stacked
from symshape.report.templated import Ink, rendered
from symshape.report.view import Ref, View
from symshape.written import Written

__all__ = ["FORMAT"]

WIDTH = 104  # characters of a formula that a line is wide

SHORT = 36  # characters of a formula that any line of text and any column of a table holds
_SIGNS = {"+": "+ ", MINUS: "- ", DOT: "\\cdot ", "×": "\\times "}


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
        if linear(tree) <= SHORT:
            return f"${latex(tree, linear=True)}$"
        return " ".join(
            rf"\fit{{${sign and '{}' + _SIGNS[sign]}{latex(piece, linear=True)}$}}"
            for sign, piece in pieces(tree, SHORT)
        )

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
