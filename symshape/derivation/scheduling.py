"""The schedule of a derivation: its layers in the order in which they run, nested networks and repetitions opened."""

from __future__ import annotations

from symshape.algebra.poly import Name, Value, added, multiplied, substitute
from symshape.declaration import Application
from symshape.declaration.schedule import Handed, Lap, Schedule, Step
from symshape.derivation.repetition import Repetition
from symshape.derivation.whole import Derivation
from symshape.errors import Undecided
from symshape.layers.source import InputLayer

__all__ = ["schedule_of"]

Tensors = tuple[int, ...]


def schedule_of(derivation: Derivation, *, adding_up: bool) -> Schedule:
    """The schedule of a network; tensors are those of one example, unless N is bound.

    A block that is repeated a symbolic number of times runs three laps, or with `adding_up` one that stands for all.
    """
    return _Opening(derivation, adding_up).schedule()


class _Opening:
    def __init__(self, derivation: Derivation, adding_up: bool) -> None:
        self.derivation = derivation
        self.adding_up = adding_up
        self.steps: list[Step] = []
        self.sizes: list[Value] = []
        self.laps: list[tuple[Lap, ...]] = []
        self.homes: tuple[list[int], list[int]] = ([], [])  # in use, and in training
        self.entering: list[int] = []
        self.born: dict[int, int] = {}
        self.handed: list[Handed] = []

    def schedule(self) -> Schedule:
        leaving = self._opened(self.derivation, None, "", "", ())
        return Schedule(
            tuple(self.steps),
            tuple(self.sizes),
            tuple(self.laps),
            tuple(self.homes[0]),
            tuple(self.homes[1]),
            frozenset(self.entering),
            frozenset(leaving),
            self.born,
            tuple(self.handed),
            _least(self.derivation),
        )

    def _opened(
        self, derivation: Derivation, coming: Tensors | None, inside: str, outer: str, laps: tuple[Lap, ...]
    ) -> Tensors:
        """The steps of a network over the tensors that come; gives those that leave it."""
        made: list[Tensors] = []
        for place, (node, call) in enumerate(zip(derivation.network.nodes, derivation.calls, strict=True)):
            reads = tuple(made[source.node][source.output] for source in node.sources)
            if isinstance(call, Derivation):
                made.append(self._nested(call, reads, f"{inside}{node.name}/", outer or node.name, laps))
            elif isinstance(node.operation, InputLayer) and coming is not None:
                made.append((coming[derivation.network.inputs.index(place)],))
            else:
                makes = self._made(call, reads, laps)
                if isinstance(node.operation, InputLayer):
                    self.entering.extend(makes)
                self.steps.append(Step(f"{inside}{node.name}", outer or node.name, call, reads, makes, laps))
                made.append(makes)
        return tuple(made[port.node][port.output] for port in derivation.network.outputs)

    def _made(self, call: Application, reads: Tensors, laps: tuple[Lap, ...]) -> Tensors:
        """New tensors for what a layer gives; a view lies where its input lies."""
        makes = tuple(self._tensor(size, laps) for size in _made(call))
        views = (call.layer.view or call.layer.passes, call.layer.view)
        for lying, same in zip(self.homes, views, strict=True):
            if same and reads:
                for tensor in makes:
                    lying[tensor] = lying[reads[0]]
        return makes

    def _tensor(self, size: Value, laps: tuple[Lap, ...]) -> int:
        for lap in laps:
            if lap.count == 1:
                size = substitute(size, {lap.place: lap.first})
        tensor = len(self.sizes)
        self.sizes.append(self.derivation.per_example(size))
        self.laps.append(laps)
        for lying in self.homes:
            lying.append(tensor)
        return tensor

    # -- nested networks and repetitions -------------------------------------------------------------------------------
    def _nested(self, call: Derivation, reads: Tensors, path: str, outer: str, laps: tuple[Lap, ...]) -> Tensors:
        if isinstance(call, Repetition) and not isinstance(call.times, int):
            return (self._as_one if self.adding_up else self._in_turn)(call, reads, path, outer, laps)
        count = len(call.network.outputs)
        for run, inside in call.laps(path):
            given = self._opened(run, reads, inside, outer, laps)
            reads = (*given, *reads[count:])
        return reads[:count]

    def _in_turn(self, call: Repetition, reads: Tensors, path: str, outer: str, laps: tuple[Lap, ...]) -> Tensors:
        """The first lap, those in the middle as one, and the last; what is handed on is a tensor of its own each time."""
        count = len(call.network.outputs)
        given: Tensors = ()
        for number, lap in enumerate(call.turns()):
            if number:
                given = self._entering(call, count, (*laps, lap))
                self.born |= dict.fromkeys(given, len(self.steps))
                reads = (*given, *reads[count:])
            given = self._opened(call, reads, f"{path}{number}/", outer, (*laps, lap))
        return given

    def _as_one(self, call: Repetition, reads: Tensors, path: str, outer: str, laps: tuple[Lap, ...]) -> Tensors:
        """One lap for all."""
        count = len(call.network.outputs)
        lap = call.whole_lap()
        taken = self._entering(call, count, (*laps, lap))
        given = self._opened(call, (*taken, *reads[count:]), path, outer, (*laps, lap))
        after = tuple(self._tensor(multiplied(shape), laps) for shape in call.outputs)
        for tensors in zip(reads[:count], taken, given, after, strict=True):
            self.handed.append(Handed(lap, laps, *tensors))
        return after

    def _entering(self, call: Repetition, count: int, laps: tuple[Lap, ...]) -> Tensors:
        return tuple(self._tensor(multiplied(shape), laps) for shape in call.entering_shapes[:count])


def _made(call: Application) -> list[Value]:
    """The elements of each output; of what was there already, such as learned arrays, what the layer declares."""
    declared = call.counts("activations")
    if declared is None:
        return [multiplied(shape) for shape in call.outputs]
    return [added(value for _, _, value in declared), *[0] * (len(call.outputs) - 1)]


def _least(derivation: Derivation) -> dict[Name, int]:
    """The least value of each free symbol for which every layer is defined, where it can be told."""
    least: dict[Name, int] = {}
    for symbol in derivation.symbols:
        try:
            smallest = derivation.domain[symbol].minimum()
        except Undecided:
            continue
        if smallest is not None:
            least[Name.interned(symbol, True)] = max(1, smallest)
    return least
