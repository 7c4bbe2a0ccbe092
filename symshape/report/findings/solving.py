"""The whole solution set, what is best in it, and which condition allows what."""

from __future__ import annotations

from collections.abc import Iterable

from symshape.algebra.periodic import PeriodicSet
from symshape.report.finding import Finding, Told
from symshape.report.phrases import relation_said
from symshape.report.prose import Rich, listed
from symshape.whatif import Solution
from symshape.written import Number, Symbol, equal

__all__ = ["TOLD"]


def tell(answer: Solution) -> Finding:
    """The best setting first, then all, then the reasons."""
    best: list[Rich] = []
    if answer.best:
        best = [listed((equal(Symbol(name), Number(value)),) for name, value in answer.best.items())]
    return Finding(
        heading=("Solve: ", " and ".join(answer.asked)),
        said=(*best, listed(_parts(answer))),
        items=tuple((reason,) for reason in answer.reasons),
    )


def _parts(answer: Solution) -> Iterable[Rich]:
    if answer.refuted:
        yield ("no setting at all",)
        return
    narrow = [(name, allowed) for name, allowed in answer.sets.items() if allowed != PeriodicSet.everything()]
    for name, allowed in narrow:
        yield relation_said(allowed.relation(Symbol(name)), allowed.words(name)) if allowed else (f"no {name}",)
    yield from ((tree,) for tree in answer.joint)
    yield from ((equal(Symbol(name), tree),) for name, tree in answer.ties.items())
    if not (narrow or answer.joint or answer.ties):
        yield ("every size",)


TOLD = Told(Solution, "solve", tell)
