"""Why a size is refused or what it is: the layers on the way, what each does, and what is near that works."""

from __future__ import annotations

from collections.abc import Iterable

from symshape.algebra.present import present
from symshape.notation import Line
from symshape.report.finding import Finding, Told
from symshape.report.phrases import shape_said
from symshape.report.prose import Entry, Rich, Steps, listed
from symshape.whatif.explaining import Explanation, Link
from symshape.written import Number, Symbol

__all__ = ["TOLD"]


def tell(answer: Explanation) -> Finding:
    """The refusal, the chain that leads to it, and the nearest sizes that work."""
    why = "is refused" if answer.refused else "has its sizes"
    return Finding(
        heading=(f"Explain: why {answer.layer} {why}",),
        said=((answer.refused,),) if answer.refused else (),
        entries=tuple(map(_link, answer.chain)),
        items=tuple(_nearest(answer)),
    )


def _link(link: Link) -> Entry:
    lines: list[Line] = []
    for target, *steps in link.formulas:
        first, *more = dict.fromkeys(steps)
        lines += [Line(Symbol(target), "=", first), *(Line(None, "=", tree) for tree in more)]
    return Entry((link.name,), (f" ({link.type}): ", *shape_said(tuple(map(present, link.shape)))), Steps(tuple(lines)))


def _nearest(answer: Explanation) -> Iterable[Rich]:
    for symbol, (below, above) in (answer.nearest or {}).items():
        ways = [(Number(size),) for size in dict.fromkeys((below, above)) if size is not None]
        yield ("nearest ", Symbol(symbol), " that works: ", *(listed(ways) if ways else ("none",)))


TOLD = Told(Explanation, "explain", tell)
