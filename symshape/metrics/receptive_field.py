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
from typing import Union

from symshape.algebra.evaluate import evaluate
from symshape.algebra.exponential import exponential
from symshape.algebra.extrema import max_of, min_of
from symshape.algebra.poly import Name, Poly, Value, canonical, divide
from symshape.algebra.summation import summation
from symshape.declaration import Application
from symshape.declaration.window import Window
from symshape.derivation import Derivation
from symshape.derivation.repetition import Repetition
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
        elif isinstance(call, Derivation):
            made.append(_inside(call, sources))
        else:
            made.append((_through(call, _joined(sources)),) * len(call.outputs))
    return made


def _inside(derivation: Derivation, entering: Sequence[Fields]) -> tuple[Fields, ...]:
    """The fields that leave a nested network, by those that enter it."""
    if isinstance(derivation, Repetition):
        return _repeated(derivation, entering)
    return _once(derivation, entering)


def _once(derivation: Derivation, entering: Sequence[Fields]) -> tuple[Fields, ...]:
    made = _walk(derivation, entering)
    return tuple(made[port.node][port.output] for port in derivation.network.outputs)


# -- repeated blocks ---------------------------------------------------------------------------------------------------
def _repeated(repetition: Repetition, entering: Sequence[Fields]) -> tuple[Fields, ...]:
    times, carried = repetition.times, len(repetition.network.outputs)
    if len(entering) == 1 and times != 0 and repetition.steps is None:
        (after,) = _once(repetition, entering)
        return (_grown(entering[0], after, repetition.place, times),)
    if not isinstance(times, int):
        return (Unclear(f"a block with several inputs, repeated {times} times"),) * carried
    fields = tuple(entering)
    for place_ in range(times):
        step = repetition if repetition.steps is None else repetition.steps[place_]
        fields = (*_once(step, fields), *fields[carried:])
    return fields[:carried]


def _grown(before: Fields, after: Fields, place_: Name, times: Value) -> Fields:
    """The field after all applications, by what the one at a place makes of the field that enters the first.

    An application adds to the size and takes from the start as many steps as any other; the step itself is multiplied.
    """
    if isinstance(before, Unclear) or isinstance(after, Unclear) or not after:
        return after
    grown: dict[str, Field] = {}
    for axis, entered in before.items():
        left = after[axis]
        factor = divide(left.step, entered.step)
        try:
            power = exponential(factor, Poly.of_atom(place_))
            size, start = (
                entered_ + summation(canonical((left_ - entered_) * power), place_, 0, times - 1)
                for entered_, left_ in ((entered.size, left.size), (entered.start, left.start))
            )
            grown[axis] = Field(canonical(size), canonical(entered.step * exponential(factor, times)), canonical(start))
        except Undecided as error:
            return Unclear(str(error))
    return grown


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
