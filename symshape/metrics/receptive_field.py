"""Receptive fields: which input positions one output position can see, folded over every path of the network.

Along an axis a field has a size r, a step j (the distance at the input between neighbouring outputs) and a start (the
first input position that output 0 sees; negative inside the padding). A window of k taps, moved by s, that begins p
positions early makes

    r ← r + (k − 1)·j,    start ← start − p·j,    j ← j·s

Axes may change places, and a slice from position a on, every s-th one, is a window of one tap that begins −a positions
early. Where paths join, the field is the hull of theirs, if they step alike; where they do not, that is the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count
from typing import Union

from symshape.algebra.bounds import at_least
from symshape.algebra.evaluate import evaluate
from symshape.algebra.extrema import max_of, min_of
from symshape.algebra.poly import Name, Poly, Value, canonical, names_of
from symshape.algebra.recurrence import iterated
from symshape.declaration import Application
from symshape.declaration.window import ELSEWHERE, RESIZED, Along, Window
from symshape.derivation import Derivation, Repetition
from symshape.errors import Undecided
from symshape.layers.source import InputLayer
from symshape.symbols import axis_symbol
from symshape.written import Symbol, Written, place

__all__ = ["Field", "Fields", "Unclear", "receptive_fields"]


@dataclass(frozen=True)
class Field:
    """The input positions that one output position sees along an axis."""

    size: Value
    step: Value
    start: Value

    def through(self, size: Value, step: Value, before: Value) -> Field:
        """The field seen through one more window."""
        return Field(
            canonical(self.size + (size - 1) * self.step),
            canonical(self.step * step),
            canonical(self.start - before * self.step),
        )


@dataclass(frozen=True)
class Unclear:
    """Why there is no one field along the axes: everything is seen, paths disagree, or positions are rearranged."""

    reason: str


Fields = Union[Mapping[str, Field], Unclear]  # noqa: UP007 - a value at run time, for Python 3.10

EVERYTHING = Unclear("the whole input")
MIXED = Unclear("all positions along an axis")
BACKWARDS = Unclear("positions run backwards: no field along an axis")
REARRANGED = Unclear(ELSEWHERE.unclear)
VARIES = Unclear(RESIZED.unclear)


@dataclass(frozen=True)
class Seen:
    """The fields along the axes of an input with `rank` dimensions, and on which axis of the tensor each lies.

    Axes count from 0, the batch's; which of the others has the features is told by the first layer that mixes them, and
    until then they have a field like any other.
    """

    rank: int
    fields: Mapping[int, Field]
    places: Mapping[int, int]

    @property
    def open(self) -> bool:
        """Whether it is still to be told which axis has the features."""
        return len(self.fields) == self.rank - 1

    def at(self, place: int) -> int | None:
        """The input's axis that lies on an axis of the tensor."""
        return next((axis for axis, lies in self.places.items() if lies == place), None)

    def without(self, *axes: int) -> Seen:
        """The same with axes left out."""
        fields = {axis: field for axis, field in self.fields.items() if axis not in axes}
        return Seen(self.rank, fields, {axis: self.places[axis] for axis in fields})


Sight = Union[Seen, Unclear]  # noqa: UP007 - a value at run time, for Python 3.10
NOWHERE = Seen(0, {}, {})


def receptive_fields(derivation: Derivation) -> dict[str, Fields]:
    """For each layer by name, the field of its first application along each spatial axis of the input."""
    sights: dict[str, Sight] = {}
    for name, seen in zip((node.name for node in derivation.network.nodes), _walk(derivation, ()), strict=True):
        sights.setdefault(name, seen[0])
    told = {s.rank: s for s in sights.values() if isinstance(s, Seen) and len(s.fields) == s.rank - 2 > 0}
    return {name: _named(seen, told) for name, seen in sights.items()}


_SPATIAL = {3: ("L",), 4: ("H", "W"), 5: ("D", "H", "W")}


def _named(seen: Sight, told: Mapping[int, Seen]) -> Fields:
    """The fields by the names of their axes: all but the features', which are the last where no layer tells."""
    if isinstance(seen, Unclear):
        return seen
    spatial = sorted(told[seen.rank].fields) if seen.rank in told else range(1, seen.rank - 1)
    names = zip(spatial, _SPATIAL.get(seen.rank, ()), strict=False)
    return {name: seen.fields[axis] for axis, name in names if axis in seen.fields}


def _walk(derivation: Derivation, entering: Sequence[Sight]) -> list[tuple[Sight, ...]]:
    """For each node what every output sees."""
    made: list[tuple[Sight, ...]] = []
    for place_, (node, call) in enumerate(zip(derivation.network.nodes, derivation.calls, strict=True)):
        sources = [made[source.node][source.output] for source in node.sources]
        if isinstance(node.operation, InputLayer):
            entered = derivation.network.inputs.index(place_)
            made.append((entering[entered] if entering else _entrance(call),))
        elif isinstance(call, Repetition):
            made.append(_repeated(call, sources))
        elif isinstance(call, Derivation):
            made.append(_within(call, sources))
        else:
            made.append(_through(call, _joined(sources)))
    return made


def _entrance(call: Application | Derivation) -> Sight:
    rank = len(call.outputs[0])
    axes = range(1, rank) if rank in _SPATIAL else ()
    return Seen(rank, {axis: Field(1, 1, 0) for axis in axes}, {axis: axis for axis in axes})


def _within(call: Derivation, sources: Sequence[Sight]) -> tuple[Sight, ...]:
    """What every output of a nested network sees."""
    made = _walk(call, sources)
    return tuple(made[port.node][port.output] for port in call.network.outputs)


# -- repeated blocks ---------------------------------------------------------------------------------------------------
def _repeated(call: Repetition, sources: Sequence[Sight]) -> tuple[Sight, ...]:
    """The fields after all repetitions: size and step follow from a recurrence, the start moves with them."""
    carried = len(call.network.outputs)
    seen = tuple(sources)
    if call.steps is not None:
        for step in call.steps:
            seen = (*_within(step, seen), *seen[carried:])
        return seen[:carried]
    if carried > 1:
        return (Unclear("a repeated block with several outputs: no common field"),) * carried
    before, *others = seen
    if isinstance(before, Unclear):
        return _within(call, sources)
    axes = _axis_names(before.fields)
    entering = {axis: Field(Poly.of_atom(size), Poly.of_atom(step), 0) for axis, (size, step, _) in axes.items()}
    (after,) = _within(call, [replace(before, fields=entering), *others])
    if isinstance(after, Unclear):
        return (after,)
    if any(before.places[axis] != place for axis, place in after.places.items()):
        return (Unclear("axes change places in a repeated block"),)
    try:
        fields = {axis: _after(call, axes[axis], before.fields[axis], field) for axis, field in after.fields.items()}
    except Undecided as error:
        return (Unclear(str(error)),)
    return (replace(after, fields=fields),)


def _axis_names(before: Mapping[int, Field]) -> dict[int, tuple[Name, ...]]:
    """Names for each axis's size, step and start that the fields around do not have: repetitions may be nested."""
    taken = {name for f in before.values() for value in (f.size, f.step, f.start) for name in names_of(value)}
    for level in count():
        names = {
            axis: tuple(Name.interned(f"{what} {level} along {axis}", True) for what in ("size", "step", "start"))
            for axis in before
        }
        if taken.isdisjoint(name for row in names.values() for name in row):
            break
    return names


def _after(call: Repetition, names: tuple[Name, ...], before: Field, step: Field) -> Field:
    moved = Poly.of_atom(names[2]) + step.start
    starts = (before.size, before.step, before.start)
    return Field(*iterated(names, (step.size, step.step, moved), starts, call.place, call.times))


# -- one layer ---------------------------------------------------------------------------------------------------------
def _through(call: Application, seen: Sight) -> tuple[Sight, ...]:
    """What every output of a layer sees."""
    window, alike = call.layer.window, len(call.outputs)
    if isinstance(seen, Unclear) or window is None:
        return (seen if window is not None else Unclear(f"{call.label} declares no window"),) * alike
    if window.follows:
        return tuple(_moved(call, seen, output) for output in range(alike))
    if window.unclear:
        return (Unclear(window.unclear),) * alike
    if window.whole:
        return (EVERYTHING if seen.fields else seen,) * alike
    return (_windowed(call, window, seen),) * alike


def _windowed(call: Application, window: Window, seen: Seen) -> Sight:
    """The fields through a window, each axis where it is."""
    taken = call.signature.takes[0] if call.signature.takes else ()
    axes = {taken.index(size): (size, subscript) for size, subscript in call.signature.axes if size in taken}
    features = [place % len(taken) for place in window.mixes if -len(taken) <= place < len(taken)]
    if axes and "C" in taken:
        features.append(taken.index("C"))
    for mixed in features:
        axis = seen.at(mixed)
        if axis is not None and not seen.open:
            return MIXED
        seen = seen if axis is None else seen.without(axis)
    fields = dict(seen.fields)
    for axis, field in seen.fields.items():
        lies = seen.places[axis]
        if lies in axes or not window.axial:
            size, step, before = _window_on(window, call, axes.get(lies))
            if _fractional(step):
                return VARIES
            fields[axis] = field.through(size, step, before)
    return replace(seen, fields=fields)


def _window_on(window: Window, call: Application, axis: tuple[str, str] | None) -> tuple[Value, Value, Value]:
    def on_axis(tree: Written) -> Value:
        local = place(tree, lambda s: axis_symbol(s, axis) if axis is not None and s.axial else s)
        return evaluate(local, call.everything)

    return on_axis(window.size), on_axis(window.step), on_axis(window.before)


def _fractional(step: Value) -> bool:
    """Whether the step has a divisor: 1/R positions."""
    return isinstance(step, Fraction) or (
        isinstance(step, Poly)
        and any(
            isinstance(coefficient, Fraction) or any(power < 0 for _, power in monomial)
            for monomial, coefficient in step.terms.items()
        )
    )


def _moved(call: Application, seen: Seen, output: int) -> Sight:
    """The fields where a layer brings axes to other places, takes positions out of them or leaves them out."""
    signature = call.signature
    taken = {Symbol(size): place for place, size in enumerate(signature.takes[0])}
    fields: dict[int, Field] = {}
    places: dict[int, int] = {}
    strange = False  # an axis of other positions
    for lies, size in enumerate(signature.gives[output]):
        along = signature.along.get(size, Along(size))
        axis = seen.at(taken[along.size]) if along.size in taken else None
        strange |= along.size not in taken
        if axis is not None:
            step, start = evaluate(along.step, call.everything), evaluate(along.start, call.everything)
            if not at_least(step, 1):
                return BACKWARDS
            fields[axis], places[axis] = seen.fields[axis].through(1, step, -start), lies
    if (strange or seen.open) and len(fields) < len(seen.fields):
        return REARRANGED
    return Seen(seen.rank, fields, places)


# -- several inputs ----------------------------------------------------------------------------------------------------
def _joined(sources: Sequence[Sight]) -> Sight:
    """The hull of what several inputs see: they must step alike."""
    known: list[Seen] = []
    for seen in sources:
        if isinstance(seen, Unclear):  # a gate that saw everything makes its product see everything
            return seen
        if seen.fields:
            known.append(seen)
    if not known:
        return NOWHERE
    least = min(known, key=lambda seen: len(seen.fields))
    if any(seen.rank != least.rank for seen in known):
        return Unclear("inputs with different axes meet: no common field")
    known = [seen.without(*(set(seen.fields) - set(least.fields))) if seen.open else seen for seen in known]
    first, *others = known
    hull = dict(first.fields)
    for seen in others:
        if dict(seen.places) != dict(first.places):
            return Unclear("inputs with different axes meet: no common field")
        for axis, field in seen.fields.items():
            mine = hull[axis]
            if mine.step != field.step:
                return Unclear(f"paths with steps {mine.step} and {field.step} meet: no common field")
            start = min_of(mine.start, field.start)
            end = max_of(mine.start + mine.size, field.start + field.size)
            hull[axis] = Field(canonical(end - start), mine.step, start)
    return replace(first, fields=hull)
