"""A sweep's table: all of its rows where they are few, else some of them, evenly taken."""

from __future__ import annotations

from symshape.report.finding import Finding, Told, cells
from symshape.report.prose import Column, Rich, Table, listed
from symshape.whatif import Table as Sweep
from symshape.written import Number, Symbol

__all__ = ["TOLD"]

_MOST = 25  # rows


def tell(sweep: Sweep) -> Finding:
    """The settings and what was asked at each."""
    last = len(sweep) - 1
    places = range(len(sweep)) if len(sweep) <= _MOST else [last * n // (_MOST - 1) for n in range(_MOST)]
    symbols = sweep.symbols
    names = [name for name in sweep.names if name != "valid"]
    asked = [name for name in names if name not in symbols]
    caption: Rich = ("Every setting.",)
    if len(sweep) > _MOST:
        caption = (f"{_MOST} of the ", Number(len(sweep)), " settings, evenly taken.")
    rows = [sweep.row(place) for place in places]
    return Finding(
        heading=(
            "Sweep: ",
            *listed((name,) for name in asked),
            " over ",
            *listed((Symbol(name),) for name in sweep.space.columns),
        ),
        table=Table(
            caption,
            tuple(Column((Symbol(name),) if name in symbols else (name,), True) for name in names),
            tuple(cells(*(("—",) if row[name] is None else (_number(row[name]),) for name in names)) for row in rows),
        ),
        pictured=sweep,
    )


def _number(value: int | None) -> Number:
    assert value is not None
    return Number(int(value))


TOLD = Told(Sweep, "sweep", tell)
