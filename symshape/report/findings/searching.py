"""The settings that were found, or the best among them where there are goals."""

from __future__ import annotations

from itertools import islice

from symshape.report.finding import Finding, Told, cells
from symshape.report.prose import Column, Rich, Table, listed
from symshape.whatif import Found
from symshape.written import Number, Symbol, equal

__all__ = ["TOLD"]


def tell(found: Found) -> Finding:
    """How many there are and why nothing is missed, then a table of the front, or of the first ones."""
    rows = list(found.front) if found.goals else list(islice(found, found.shown))
    return Finding(
        heading=("Search: ", " and ".join(found.asked)),
        said=((f"{found.words()}.",),),
        table=_table(found, rows) if rows else None,
        pictured=found,
        items=tuple((equal(Symbol(name), tree),) for name, tree in found.ties.items()),
    )


def _table(found: Found, rows: list[dict[str, int]]) -> Table:
    caption: Rich = ("The settings.",) if found.count <= len(rows) else (f"The first {len(rows)}.",)
    if found.goals:
        wanted = listed((f"{'small' if goal.least else 'large'} {goal.term}",) for goal in found.goals)
        caption = ("The Pareto front for ", *wanted, ": no other setting is as good in all and better in one.")
    heads = tuple(Column((Symbol(name),) if name in found.knobs else (name,), True) for name in rows[0])
    return Table(caption, heads, tuple(cells(*((Number(value),) for value in row.values())) for row in rows))


TOLD = Told(Found, "search", tell)
