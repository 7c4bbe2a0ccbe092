"""Reports for a terminal: 100 columns of Unicode, aligned, without colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symshape.notation import text, text_aligned
from symshape.report.findings import told
from symshape.report.format import Format, Options
from symshape.report.prose import Steps, Table, folded
from symshape.report.tables import NO_BREAK, breakable, drawn, wrapped
from symshape.report.templated import Plain, filled, rendered
from symshape.report.view import View
from symshape.written import Written

__all__ = ["FORMAT", "finding_text"]

WIDTH = 100
INDENT = "    "


class _Text(Plain):
    def __init__(self, width: int = WIDTH) -> None:
        self.width = width

    def formula(self, tree: Written) -> str:
        inked = text(tree)
        return inked.replace(" ", NO_BREAK) if len(inked) <= 24 else breakable(inked)

    def numbers(self, tree: Written) -> str:
        return text(tree).replace(" ", NO_BREAK)

    def steps(self, steps: Steps) -> str:
        lines = text_aligned(folded(steps.lines, self.width - len(INDENT))).split("\n")
        return "\n".join(INDENT + line for line in lines)

    def show(self, value: Any) -> str:
        if isinstance(value, Table):
            return self.table(value)
        return super().show(value).replace(NO_BREAK, " ")

    def table(self, table: Table, indent: int = 0) -> str:
        """A table, indented."""
        made = drawn(
            [self.rich(column.title) for column in table.columns],
            [[self.rich(cell.said) for cell in row] for row in table.rows],
            [self.rich(cell.said) for cell in table.foot],
            numbers=[column.numbers for column in table.columns],
            width=self.width - indent,
        )
        return "\n".join((" " * indent + line).rstrip() for line in made.split("\n"))

    def filters(self) -> Mapping[str, Callable[..., Any]]:
        return {
            **super().filters(),
            "wrapped": self._wrapped,
            "table": self.table,
            "underlined": self._underlined,
            "plain": self.show,
        }

    def _wrapped(self, said: Any, first: str = "", rest: str | None = None) -> str:
        """A sentence in lines, with what the first and the other lines begin with."""
        inked = self.rich((said,) if isinstance(said, str) else said)
        return "\n".join(
            line.rstrip() for line in wrapped(inked, self.width, first, first if rest is None else rest)
        ).replace(NO_BREAK, " ")

    def _underlined(self, said: Any, line: str) -> str:
        """A heading with a line below."""
        heading = self._wrapped(said)
        return f"{heading}\n{line * min(max(map(len, heading.split(chr(10)))), self.width)}"


def render(view: View, options: Options) -> str:
    """The view as text."""
    return rendered(view, options, "report.txt.j2", _Text())


def finding_text(answer: Any, width: int = WIDTH) -> str:
    """The answer to a what-if question, for a terminal of that width."""
    return filled("finding.txt.j2", _Text(width), finding=told(answer)).rstrip("\n")


FORMAT = Format(("txt", "text"), (".txt", ".text"), render)
