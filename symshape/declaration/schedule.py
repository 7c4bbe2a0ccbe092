"""The order in which a network's layers run, and the tensors that they hand on: what memory is counted over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from symshape.algebra.poly import Name, Value
from symshape.declaration.application import Application

__all__ = ["Schedule", "Step"]


@dataclass(frozen=True)
class Step:
    """One layer's turn: the tensors it reads and those it makes, by number.

    `name` is the layer's, with those of the nested networks it is in; `outer` is that of the outermost one.
    """

    name: str
    outer: str
    call: Application
    reads: tuple[int, ...]
    makes: tuple[int, ...]


@dataclass(frozen=True)
class Schedule:
    """The steps of a network in its own order, nested networks opened.

    `sizes` are the elements of each tensor. A tensor that is a view has no memory of its own: `homes` says whose it
    lies in when the network is used, `homes_in_training` when it is trained. `entering` are the network's inputs, which
    are there before the first step; `leaving` its outputs, which stay to the end.
    """

    steps: tuple[Step, ...]
    sizes: tuple[Value, ...]
    homes: tuple[int, ...]
    homes_in_training: tuple[int, ...]
    entering: frozenset[int]
    leaving: frozenset[int]
    least: Mapping[Name, int]  # the least value of each free symbol for which the network is defined

    @property
    def layers(self) -> Iterator[Application]:
        """Every layer's first application: what is kept for a layer is kept once, however often it is applied."""
        seen: set[str] = set()
        for step in self.steps:
            if step.name not in seen:
                seen.add(step.name)
                yield step.call

    @cached_property
    def _lives(self) -> Mapping[int, tuple[int, int]]:
        """The first and the last step of every tensor that has memory."""
        lives: dict[int, tuple[int, int]] = {}
        for place, step in enumerate(self.steps):
            for tensor in (*step.reads, *step.makes):
                home = self.homes[tensor]
                lives[home] = (lives.get(home, (place, 0))[0], place)
        for tensor in self.entering:
            lives[self.homes[tensor]] = (0, lives[self.homes[tensor]][1])
        for tensor in self.leaving:
            lives[self.homes[tensor]] = (lives[self.homes[tensor]][0], len(self.steps) - 1)
        return lives

    def elements(self, tensors: Iterable[int]) -> Value:
        """The elements of some tensors together."""
        total: Value = 0
        for tensor in sorted(tensors):
            total = total + self.sizes[tensor]
        return total

    def live(self) -> list[frozenset[int]]:
        """For each step, the tensors in memory while it runs: made, or to be read now or later, or just being made."""
        sets: list[set[int]] = [set() for _ in self.steps]
        for tensor, (first, last) in self._lives.items():
            for place in range(first, last + 1):
                sets[place].add(tensor)
        return list(map(frozenset, sets))
