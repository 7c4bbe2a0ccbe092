"""Receptive fields: which input positions one output position can see, folded over every path of the network.

Along an axis a field has a size r, a step j (the distance at the input between neighbouring outputs) and a start (the
first input position that output 0 sees; negative inside the padding). A window of k taps, moved by s, that begins p
positions early makes

    r ← r + (k − 1)·j,    start ← start − p·j,    j ← j·s

Where paths join, the field is the hull of theirs, if they step alike; where they do not, that is the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Union

from symshape.algebra.evaluate import evaluate
from symshape.algebra.extrema import max_of, min_of
from symshape.algebra.poly import Name, Poly, Value, canonical, names_of
from symshape.algebra.recurrence import iterated
from symshape.declaration import Application
from symshape.declaration.window import Window
from symshape.derivation import Derivation, Repetition
from symshape.errors import Undecided
from symshape.layers.source import InputLayer
from symshape.symbols import axis_symbol
from symshape.written import Written, place

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
REARRANGED = Unclear("positions are rearranged: no field along an axis")
VARIES = Unclear("upsampling: the field depends on the position")


def receptive_fields(derivation: Derivation) -> dict[str, Fields]:
    """For each layer by name, the field of its first application along each spatial axis of the input."""
    found: dict[str, Fields] = {}
    for name, fields in zip((node.name for node in derivation.network.nodes), _walk(derivation, ()), strict=True):
        found.setdefault(name, fields[0])
    return found


def _walk(derivation: Derivation, entering: Sequence[Fields]) -> list[tuple[Fields, ...]]:
    """For each node the field of every output."""
    made: list[tuple[Fields, ...]] = []
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
            made.append((_through(call, _joined(sources)),) * len(call.outputs))
    return made


def _within(call: Derivation, sources: Sequence[Fields]) -> tuple[Fields, ...]:
    """The field of every output of a nested network."""
    made = _walk(call, sources)
    return tuple(made[port.node][port.output] for port in call.network.outputs)


def _repeated(call: Repetition, sources: Sequence[Fields]) -> tuple[Fields, ...]:
    """The fields after all repetitions: size and step follow from a recurrence, the start moves with them."""
    carried = len(call.network.outputs)
    fields = tuple(sources)
    if call.steps is not None:
        for step in call.steps:
            fields = (*_within(step, fields), *fields[carried:])
        return fields[:carried]
    if carried > 1:
        return (Unclear("a repeated block with several outputs: no common field"),) * carried
    before, *others = fields
    if isinstance(before, Unclear):
        return _within(call, sources)
    axes = _axis_names(before)
    entering = {axis: Field(Poly.of_atom(size), Poly.of_atom(step), 0) for axis, (size, step, _) in axes.items()}
    (after,) = _within(call, [entering, *others])
    if isinstance(after, Unclear):
        return (after,)
    try:
        return ({axis: _after(call, names, before[axis], after[axis]) for axis, names in axes.items()},)
    except Undecided as error:
        return (Unclear(str(error)),)


def _axis_names(before: Mapping[str, Field]) -> dict[str, tuple[Name, ...]]:
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


_SPATIAL = {3: ("L",), 4: ("H", "W"), 5: ("D", "H", "W")}


def _entrance(call: Application | Derivation) -> Fields:
    rank = len(call.outputs[0])
    return {axis: Field(1, 1, 0) for axis in _SPATIAL.get(rank, ())}


def _through(call: Application, fields: Fields) -> Fields:
    window = call.layer.window
    if isinstance(fields, Unclear) or window is None:
        return fields if window is not None else Unclear(f"{call.label} declares no window")
    if window.whole:
        return EVERYTHING if fields else fields
    if not window.follows:
        return REARRANGED
    axes = {size: (size, subscript) for size, subscript in call.signature.axes}
    made = dict(fields)
    for axis, seen in fields.items():
        if axis in axes or not window.axial:
            size, step, before = _window_on(window, call, axes.get(axis))
            if isinstance(step, Fraction) or (isinstance(step, Poly) and _fractional(step)):
                return VARIES
            made[axis] = seen.through(size, step, before)
    return made


def _window_on(window: Window, call: Application, axis: tuple[str, str] | None) -> tuple[Value, Value, Value]:
    def on_axis(tree: Written) -> Value:
        local = place(tree, lambda s: axis_symbol(s, axis) if axis is not None and s.axial else s)
        return evaluate(local, call.everything)

    return on_axis(window.size), on_axis(window.step), on_axis(window.before)


def _fractional(step: Poly) -> bool:
    """Whether the step has a divisor: 1/R positions."""
    return any(
        isinstance(coefficient, Fraction) or any(power < 0 for _, power in monomial)
        for monomial, coefficient in step.terms.items()
    )


def _joined(sources: Sequence[Fields]) -> Fields:
    """The hull of several fields: they must step alike."""
    if not sources:
        return {}
    known = [fields for fields in sources if fields]
    if not known:
        return {}
    for fields in known:
        if isinstance(fields, Unclear):  # a gate that saw everything makes its product see everything
            return fields
    first, *others = known
    assert not isinstance(first, Unclear)
    hull: dict[str, Field] = dict(first)
    for fields in others:
        assert not isinstance(fields, Unclear)
        if set(fields) != set(hull):
            return Unclear("inputs with different axes meet: no common field")
        for axis, field in fields.items():
            mine = hull[axis]
            if mine.step != field.step:
                return Unclear(f"paths with steps {mine.step} and {field.step} meet: no common field")
            start = min_of(mine.start, field.start)
            end = max_of(mine.start + mine.size, field.start + field.size)
            hull[axis] = Field(canonical(end - start), mine.step, start)
    return hull
