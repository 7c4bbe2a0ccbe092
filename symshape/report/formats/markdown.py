"""Reports in Markdown as GitHub shows it: math in fences and code spans, tables, a Mermaid diagram."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symshape.notation import escape_markdown, latex, latex_aligned
from symshape.report.format import Format, Options
from symshape.report.prose import Rich, Steps, folded, stacked
from symshape.report.templated import Ink, Plain, rendered
from symshape.report.view import Ref, View
from symshape.written import Written

__all__ = ["FORMAT"]

WIDTH = 84  # characters of a formula that a page is wide


PLAIN = Plain()


class _Markdown(Ink):
    def text(self, text: str) -> str:
        return escape_markdown(text)

    def formula(self, tree: Written) -> str:
        return f"$`{latex(tree, linear=True)}`$"

    def steps(self, steps: Steps) -> str:
        return f"```math\n{latex_aligned(folded(steps.lines, WIDTH, stacked))}\n```"

    def strong(self, inked: str) -> str:
        return f"**{inked}**"

    def emphasis(self, inked: str) -> str:
        return f"*{inked}*"

    def link(self, ref: Ref, inked: str) -> str:
        return f"[{inked}](#{ref.anchor})"

    def filters(self) -> Mapping[str, Callable[..., Any]]:
        return {**super().filters(), "mermaid": self._mermaid, "cell": self._cell}

    def _cell(self, said: Rich) -> str:
        """What a cell of a table says, sizes on one line."""
        return "".join(self.piece(piece).replace(" × ", "\u00a0×\u00a0") for piece in said)

    def _mermaid(self, said: Rich) -> str:
        """What a box of the diagram says: numbered entities for all that Mermaid might read as its own."""
        plain = PLAIN.rich(said)
        return "".join(char if char.isalnum() or char in " _·×⌊⌋⌈⌉" else f"#{ord(char)};" for char in plain)


def render(view: View, options: Options) -> str:
    """The view as Markdown."""
    return rendered(view, options, "report.md.j2", _Markdown())


FORMAT = Format(("md", "markdown"), (".md", ".markdown"), render)
