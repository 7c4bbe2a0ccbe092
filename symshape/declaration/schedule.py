"""The order in which a network's layers run, and the tensors that they hand on: what memory is counted over.

A block that is repeated n times stands in a schedule in one of two ways. For what is in memory at a time it runs three
laps, the first, one in the middle that stands for all in between, and the last. For what adds up it runs one lap that
stands for all n, and what it hands from lap to lap is told apart (`Handed`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from symshape.algebra.poly import Name, Poly, Value, added, mentions, substitute
from symshape.algebra.series import series
from symshape.declaration.application import Application

__all__ = ["Handed", "Lap", "Schedule", "Step", "over_laps"]


@dataclass(frozen=True)
class Lap:
    """One run of a repeated block that stands for `count` of them, at the places `first`, `first` + 1, …

    `place` is the symbol of the place where sizes depend on it; the lap is there if the block is repeated at least
    `least` of its `times` times.
    """

    times: Value
    count: Value
    first: Value
    least: int
    place: Name

    @property
    def last(self) -> Value:
        """The last of its places."""
        return self.first + self.count - 1


@dataclass(frozen=True)
class Step:
    """One layer's turn: the tensors it reads and those it makes, by number.

    `name` is the layer's, with those of the nested networks it is in; `outer` is that of the outermost one; `laps` are
    those of the repeated blocks that it is in, the outermost first.
    """

    name: str
    outer: str
    call: Application
    reads: tuple[int, ...]
    makes: tuple[int, ...]
    laps: tuple[Lap, ...] = ()


@dataclass(frozen=True)
class Handed:
    """A tensor that a repeated block hands from lap to lap, where one lap stands for all.

    `before` is what the first lap takes, `taken` what each takes and `given` what each gives, `after` what the last one
    gives; `lap` is the lap, `laps` those around it.
    """

    lap: Lap
    laps: tuple[Lap, ...]
    before: int
    taken: int
    given: int
    after: int


@dataclass(frozen=True)
class Schedule:
    """The steps of a network in its own order, nested networks opened.

    `sizes` are the elements of each tensor, `laps` those of the repeated blocks it is made in. A tensor that is a view
    has no memory of its own: `homes` says whose it lies in when the network is used, `homes_in_training` when it is
    trained. `entering` are the network's inputs, which are there before the first step; `leaving` its outputs, which
    stay to the end. `born` are tensors that are there from a step on that only reads them, or none of them.
    """

    steps: tuple[Step, ...]
    sizes: tuple[Value, ...]
    laps: tuple[tuple[Lap, ...], ...]
    homes: tuple[int, ...]
    homes_in_training: tuple[int, ...]
    entering: frozenset[int]
    leaving: frozenset[int]
    born: Mapping[int, int]
    handed: tuple[Handed, ...]  # inner blocks' first
    least: Mapping[Name, int]  # the least value of each free symbol for which the network is defined

    @property
    def layers(self) -> Iterator[Step]:
        """Every layer's first step: what is kept for a layer is kept once, however often it is applied."""
        seen: set[str] = set()
        for step in self.steps:
            if step.name not in seen:
                seen.add(step.name)
                yield step

    @cached_property
    def _lives(self) -> Mapping[int, tuple[int, int]]:
        """The first and the last step of every tensor that has memory."""
        lives: dict[int, tuple[int, int]] = {}
        for place, step in enumerate(self.steps):
            for tensor in (*step.reads, *step.makes):
                home = self.homes[tensor]
                lives[home] = (lives.get(home, (self.born.get(home, place), 0))[0], place)
        for tensor in self.entering:
            lives[self.homes[tensor]] = (0, lives[self.homes[tensor]][1])
        for tensor in self.leaving:
            lives[self.homes[tensor]] = (lives[self.homes[tensor]][0], len(self.steps) - 1)
        return lives

    def elements(self, tensors: Iterable[int]) -> Value:
        """The elements of some tensors together."""
        return added(self.sizes[tensor] for tensor in sorted(tensors))

    def live(self) -> list[frozenset[int]]:
        """For each step, the tensors in memory while it runs: made, or to be read now or later, or just being made."""
        sets: list[set[int]] = [set() for _ in self.steps]
        for tensor, (first, last) in self._lives.items():
            for place in range(first, last + 1):
                sets[place].add(tensor)
        return list(map(frozenset, sets))


def over_laps(value: Value, laps: Iterable[Lap]) -> Value:
    """A quantity of one lap over all that it stands for: multiplied, or summed over the place."""
    for lap in reversed(tuple(laps)):
        if mentions(value, lap.place):
            moved = substitute(value, {lap.place: Poly.of_atom(lap.place) + lap.first})
            value = series(moved, lap.place, lap.count)
        else:
            value = lap.count * value
    return value
