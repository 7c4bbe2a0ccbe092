"""A block applied n times: its sizes by recurrence, its costs summed over the place, its conditions at every place.

The block is derived once, at a place k that stands for all of them (0 for the first). Where it gives what it takes, one
application is like the next and costs are multiplied. Where sizes move, they follow from a recurrence and costs are
sums over k; with a number in place of n, the block is simply applied n times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import count

from symshape.algebra.bounds import at_least, clearing_factor
from symshape.algebra.claims import Claim, claim_between, some
from symshape.algebra.floors import modulo
from symshape.algebra.poly import Name, Poly, Value, added, canonical, integral, mentions, named, names_of, substitute
from symshape.algebra.quantified import everywhere
from symshape.algebra.recurrence import iterated
from symshape.algebra.series import series
from symshape.declaration import Application, Demand
from symshape.declaration.layer import Shape
from symshape.declaration.metric import Folded, Metric
from symshape.declaration.schedule import Lap
from symshape.derivation.quantities import not_of_parts
from symshape.derivation.whole import Derivation
from symshape.errors import ConditionError, GraphError, Undecided, UsageError
from symshape.network import Network, Port
from symshape.repeat import Repeat

__all__ = ["Repetition"]

_PLACE = "k"
Moving = dict[tuple[int, int], Name]  # by (input, axis): the name of a size that the block changes


class Repetition(Derivation, of=Repeat):
    """A repeated block: its layers are those at `place`, or at the first place; totals are those of all places together.

    Raises `Undecided` where sizes move without a closed form and the number of times is no number, `GraphError` where
    the block cannot take what it gives.
    """

    def __init__(
        self,
        network: Repeat,
        bindings: Mapping[str, Value],
        *,
        fixed_weights: bool = False,
        inputs: tuple[Shape, ...] = (),
    ) -> None:
        self.repeat = network
        names = named(bindings)
        self.times = canonical(substitute(network.times, names))
        self._counting = tuple(self._countable())
        self.steps: tuple[Derivation, ...] | None = None  # the applications, where there is no one form for all
        self._given = {name: value for name, value in bindings.items() if name in network.block.inner_symbols}
        self._carried = len(network.outputs)
        self.place = _unused(_PLACE, network, names, inputs)
        if self.times == 0:
            self.steps = ()
            super().__init__(_passage(network.block), inputs=inputs)
            self._ended = self.returned
            return
        place = Poly.of_atom(self.place)
        super().__init__(network.block, self._at(place), inputs=inputs)
        moving: Moving = {}
        while self._moved(moving):
            super().__init__(network.block, self._at(place), inputs=_named(inputs, moving))
        if not moving:
            self._ended = self.returned
        elif isinstance(self.times, int):
            self.steps = tuple(self._one_by_one(inputs, self.times))
            self._ended = self.steps[-1].outputs
            super().__init__(network.block, self._at(0), inputs=inputs)
        else:
            before, self._ended = self._followed(moving, inputs)
            super().__init__(network.block, self._at(place), inputs=before)

    def _at(self, place: Value) -> Mapping[str, Value]:
        """The block's bindings at a place."""
        return {**self._given, self.repeat.index: place} if self.repeat.index else self._given

    # -- sizes ---------------------------------------------------------------------------------------------------------
    def _moved(self, moving: Moving) -> bool:
        """Whether the block changes sizes that `moving` did not know of; they are added."""
        known = len(moving)
        assert self._inputs is not None
        for which, (taken, given) in enumerate(zip(self._inputs, self.returned, strict=False)):
            if len(taken) != len(given):
                raise GraphError(
                    f"{self.repeat.name}: a block that is repeated takes what it gives: it takes {len(taken)} "
                    f"dimensions and gives {len(given)}"
                )
            for axis, (before, after) in enumerate(zip(taken, given, strict=True)):
                if (which, axis) not in moving and canonical(after - before) != 0:
                    moving[which, axis] = Name.interned(f"size {which}.{axis} of {self.place}", True)
        return len(moving) > known

    def _one_by_one(self, shapes: tuple[Shape, ...], times: int) -> Iterator[Derivation]:
        for place in range(times):
            step = Derivation(self.repeat.block, self._at(place), inputs=shapes)
            yield step
            shapes = (*step.outputs, *shapes[self._carried :])

    def _followed(self, moving: Moving, inputs: tuple[Shape, ...]) -> tuple[tuple[Shape, ...], tuple[Shape, ...]]:
        """The shapes before the application at `place`, and those after the last one."""
        names = list(moving.values())
        steps = [self.returned[which][axis] for which, axis in moving]
        starts = [inputs[which][axis] for which, axis in moving]
        try:
            here, end = (
                dict(zip(moving, iterated(names, steps, starts, self.place, times), strict=True))
                for times in (Poly.of_atom(self.place), self.times)
            )
        except Undecided as error:
            raise Undecided(f"{self.repeat.name}, repeated {self.times} times: {error}") from None
        return _put(inputs, here), _put(inputs[: self._carried], end)

    @cached_property
    def outputs(self) -> tuple[Shape, ...]:
        return self._ended

    # -- costs ---------------------------------------------------------------------------------------------------------
    def quantity(self, rule: Metric | Folded, options: Mapping[str, str]) -> Value:
        if isinstance(rule, Folded):
            raise not_of_parts(rule, self.repeat.name)
        return self._summed(lambda step: Derivation.quantity(step, rule, options))

    def part(self, path: str, metric: str, **options: str) -> Value:
        return self._summed(lambda step: Derivation.part(step, path, metric, **options))

    def _summed(self, cost: Callable[[Derivation], Value]) -> Value:
        """A cost of the block over all its applications."""
        if self.steps is not None:
            return added(map(cost, self.steps))
        term = cost(self)
        return series(term, self.place, self.times) if mentions(term, self.place) else self.times * term

    # -- conditions ----------------------------------------------------------------------------------------------------
    @cached_property
    def demands(self) -> tuple[Demand, ...]:
        if self.steps is not None:
            return tuple(demand for step in self.steps for demand in step.demands)
        return tuple(self._everywhere(super().demands))

    def _countable(self) -> Iterator[Demand]:
        """What is asked of the number of times; raises `ConditionError` where it cannot be met."""
        scale = clearing_factor(self.times)
        whole = claim_between("==", modulo(self.times * scale, scale), 0) if not integral(self.times) else True
        enough = claim_between(">=", self.times, 0)
        for truth, reason in ((whole, "a whole number of times"), (enough, "0 times or more")):
            if truth is False:
                raise ConditionError(
                    f"{self.repeat.name}: a block is repeated {reason}, not {self.times} times",
                    layer=self.repeat.name,
                    condition="times >= 0" if truth is enough else "times is an integer",
                )
            if isinstance(truth, Claim):
                yield Demand(self.repeat.name, truth, f"a block is repeated {reason}")

    def _everywhere(self, demands: tuple[Demand, ...]) -> Iterator[Demand]:
        yield from self._counting
        for demand in demands:
            truth = everywhere(demand.claim, self.place, self.times)
            if not at_least(self.times, 1):
                truth = some([claim_between("==", self.times, 0), truth])
            if truth is False:
                raise ConditionError(
                    f"{demand.layer}: {demand.reason}: {demand.claim.written()} fails within {self.times} repetitions",
                    layer=demand.layer,
                    condition=str(demand.claim.written()),
                )
            if isinstance(truth, Claim):
                yield Demand(demand.layer, truth, demand.reason)

    # -- one after the other -------------------------------------------------------------------------------------------
    def applications(self, within: str = "") -> Iterator[tuple[str, Application]]:
        if not isinstance(self.times, int):
            raise UsageError(
                f"{self.repeat.name} is repeated {self.times} times: its applications can be listed for a number only"
            )
        for lap, path in self.laps(within):
            yield from Derivation.applications(lap, path)

    def laps(self, path: str) -> Iterator[tuple[Derivation, str]]:
        assert isinstance(self.times, int)
        for place in range(self.times):
            yield (self if self.steps is None else self.steps[place]), f"{path}{place}/"

    # -- all at once: the number of times is a symbol -------------------------------------------------------------------
    @property
    def entering_shapes(self) -> tuple[Shape, ...]:
        """The shapes that enter at `place`."""
        assert self._inputs is not None
        return self._inputs

    def turns(self) -> tuple[Lap, Lap, Lap]:
        """The first lap, those between it and the last, and the last."""
        times = self.times
        return (
            Lap(times, 1, 0, 1, self.place),
            Lap(times, canonical(times - 2), 1, 3, self.place),
            Lap(times, 1, canonical(times - 1), 2, self.place),
        )

    def whole_lap(self) -> Lap:
        """One lap that stands for all."""
        return Lap(self.times, self.times, 0, 1, self.place)


def _unused(stem: str, network: Repeat, names: Mapping[Name, Value], inputs: tuple[Shape, ...]) -> Name:
    """A name for the place that nothing in sight has: k, k_2, k_3, …"""
    values = (*names.values(), *(size for shape in inputs for size in shape))
    taken = {name.text for value in values for name in names_of(value)} | network.inner_symbols
    candidates = (stem if number == 1 else f"{stem}_{number}" for number in count(1))
    return Name.place(next(name for name in candidates if name not in taken))


def _passage(block: Network) -> Network:
    """The block applied no times: what enters it leaves it."""
    entrances = [block.nodes[place] for place in block.inputs]
    return Network.of_nodes(
        entrances, range(len(entrances)), [Port(place) for place in range(len(block.outputs))], block.name
    )


def _named(inputs: tuple[Shape, ...], moving: Moving) -> tuple[Shape, ...]:
    return _put(inputs, {place: Poly.of_atom(name) for place, name in moving.items()})


def _put(shapes: tuple[Shape, ...], sizes: Mapping[tuple[int, int], Value]) -> tuple[Shape, ...]:
    return tuple(
        tuple(sizes.get((which, axis), size) for axis, size in enumerate(shape)) for which, shape in enumerate(shapes)
    )
