"""The most activation elements in memory at a time, where the network is run layer by layer and nothing is kept.

A tensor lives from the step that makes it to the last step that reads it; inputs are there from the beginning, outputs
stay to the end. A layer's input and output are both in memory while it runs: no layer works in place. A view (a
flattened map, what a dropout passes on in use) has no memory of its own. What a layer needs for itself while it runs is
not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symshape.algebra.bounds import at_least, bounds
from symshape.algebra.dominance import greatest, greatest_of, never_less
from symshape.algebra.extrema import max_of, min_of
from symshape.algebra.monotone import direction
from symshape.algebra.poly import Name, Poly, Value, canonical, names_of, substitute
from symshape.algebra.present import present
from symshape.declaration import DERIVED
from symshape.declaration.metric import Folded
from symshape.declaration.schedule import Lap, Schedule
from symshape.errors import Undecided

__all__ = ["METRIC"]


# What a sum needs to exist: a block repeated at least so often.
Needs = frozenset[tuple[Value, int]]
_NONE: Needs = frozenset()


def peak_activations(schedule: Schedule) -> Value:
    """The greatest over the steps of what is live."""
    sums = list(dict.fromkeys(_sums(schedule)))
    always = greatest_of((value for value, needs in sums if not needs), schedule.least)
    kept: list[tuple[Value, Needs]] = []
    for row in sums:
        if row[1] and not any(_covers(other, row, schedule.least) for other in (*((a, _NONE) for a in always), *kept)):
            kept = [other for other in kept if not _covers(row, other, schedule.least)]
            kept.append(row)
    harmless = [value for value, needs in kept if _harmless(value, needs, always, schedule.least)]
    guarded = [value * _there(needs) for value, needs in kept if value not in harmless]
    return max_of(greatest((*always, *harmless), schedule.least), *guarded)


def _sums(schedule: Schedule) -> Iterable[tuple[Value, Needs]]:
    """What is live at each step, but for what is live within a neighbour: sizes are never negative."""
    live = schedule.live()
    around: list[frozenset[int]] = [frozenset(), *live, frozenset()]
    for place, step in enumerate(schedule.steps):
        before, here, after = around[place : place + 3]
        if not (here < before or here < after):
            needs = frozenset((lap.times, lap.least) for lap in step.laps if not at_least(lap.times, lap.least))
            yield _at_most(schedule.elements(here), step.laps), needs


def _at_most(value: Value, laps: Iterable[Lap]) -> Value:
    """The greatest value over the places that the laps stand for."""
    for lap in laps:
        way = direction(value, lap.place, of_sizes=True)
        if way is None:
            raise Undecided(f"where {present(value)} is greatest as {lap.place} goes from {lap.first} to {lap.last}")
        if way:
            value = substitute(value, {lap.place: lap.last if way > 0 else lap.first})
    return value


def _covers(one: tuple[Value, Needs], other: tuple[Value, Needs], least: Mapping[Name, int]) -> bool:
    """Whether the other sum is never greater, and only there where this one is."""
    implied = all(any(times == t and more >= m for t, more in other[1]) for times, m in one[1])
    return implied and never_less(one[0], other[0], least)


def _harmless(value: Value, needs: Needs, always: Iterable[Value], least: Mapping[Name, int]) -> bool:
    """Whether the sum is no greater than one that is always there, also where the blocks run too seldom for it."""
    for times, enough in needs:
        low, _ = bounds(times)
        name = next(iter(names_of(times)))
        offset = canonical(times - Poly.of_atom(name))
        if low is None or isinstance(offset, Poly):
            return False
        for seldom in range(max(int(low), 0), enough):
            at = {name: seldom - offset}
            here = substitute(value, at)
            if not any(never_less(substitute(other, at), here, least) for other in always):
                return False
    return True


def _there(needs: Needs) -> Value:
    """1 where the repeated blocks run often enough, else 0."""
    factor: Value = 1
    for times, enough in sorted(needs, key=lambda need: (str(need[0]), need[1])):
        factor = factor * min_of(1, max_of(0, times - (enough - 1)))
    return factor


METRIC = Folded(
    "peak_activations",
    "elements",
    "the most numbers in memory at a time when the network is used: at each layer, its inputs, its outputs and what "
    "later layers still read; views have no memory of their own, and no layer works in place",
    peak_activations,
    DERIVED("the greatest over the steps of the sum of the live tensors"),
)
