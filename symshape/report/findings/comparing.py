"""Two derivations side by side: the layers that differ, by how much, and the totals."""

from __future__ import annotations

from symshape.algebra.present import present
from symshape.report.finding import Finding, Told, cells, change
from symshape.report.phrases import shape_said
from symshape.report.prose import Column, Rich, Strong, Table, listed
from symshape.whatif.comparing import Comparison, Pair, Side

__all__ = ["TOLD"]


def tell(answer: Comparison) -> Finding:
    """A table of the layers that differ, or of all where all were asked for."""
    shown = answer.pairs if answer.everything else answer.differing
    names = [derivation.network.name for derivation in (answer.left, answer.right)]
    same = len(answer.pairs) - len(answer.differing)
    columns = [Column(("layer",)), Column(("output",))]
    columns += [Column((f"Δ {metric}",), True) for metric in answer.metrics]
    table = Table(
        caption=("Differences: the second's value less the first's.",),
        columns=tuple(columns),
        rows=tuple(cells(_name(pair), _shape(pair), *map(change, pair.differences)) for pair in shown),
        foot=cells((Strong(("total",)),), (), *((Strong(change(value)),) for value in answer.total.differences)),
    )
    heading = (
        f"Compare: {names[0]}, as it is and changed" if names[0] == names[1] else f"Compare: {' and '.join(names)}"
    )
    left_out = same and not answer.everything
    return Finding(
        heading=(heading,),
        table=table,
        items=((f"{same} of {len(answer.pairs)} layers are the same.",),) if left_out else (),
    )


def _name(pair: Pair) -> Rich:
    names = [side.name if side is not None else "—" for side in (pair.left, pair.right)]
    return (names[0],) if names[0] == names[1] else (f"{names[0]} → {names[1]}",)


def _shape(pair: Pair) -> Rich:
    before, after = (_shapes(side) for side in (pair.left, pair.right))
    return before if before == after else (*before, " → ", *after)


def _shapes(side: Side | None) -> Rich:
    if side is None:
        return ("—",)
    return listed((shape_said(tuple(map(present, shape))) for shape in side.outputs), ", ")


TOLD = Told(Comparison, "compare", tell)
