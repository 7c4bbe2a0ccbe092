"""Layers that hold other layers: cells repeated along a sequence, both directions of one, any layer at every step.

Their declarations are made of those of the layers inside: the same formulas, weights under the inner layer's name, and
every cost as often as the inner layer is applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from typing import Any

from symshape.algebra.claims import claiming
from symshape.algebra.evaluate import compiled
from symshape.algebra.poly import Value
from symshape.declaration import (
    ELSEWHERE,
    EVERYTHING,
    KERAS,
    Condition,
    Count,
    Dialect,
    Formula,
    Inner,
    Kept,
    Kind,
    Layer,
    Signature,
    Work,
    inputs,
    own,
)
from symshape.declaration.signature import Pattern, Rule
from symshape.errors import GraphError, UsageError
from symshape.layers.holding import INSIDE_DECIDES, Part, _Holding, beside, marked, name_of
from symshape.layers.operations import ADD, DIVIDE, MULTIPLY
from symshape.layers.recurrent import KERAS_OVER_TIME, LSTM, _OverTime
from symshape.layers.recurrent_cells import LSTMCell, _Cell
from symshape.symbols import C, C_out, L, N
from symshape.written import Number, Symbol, Written, equal, product

__all__ = ["RNN", "Bidirectional", "StackedRNNCells", "TimeDistributed"]


# -- cells -------------------------------------------------------------------------------------------------------------
def _cell(layer: Layer, given: Any) -> Any:
    """A cell, or several stacked."""
    if isinstance(given, (list, tuple)):
        return StackedRNNCells(tuple(given))
    if not isinstance(given, (_Cell, StackedRNNCells)) or getattr(given, "form", "keras") != "keras":
        raise UsageError(f"{layer.label} repeats cells of Keras's form, such as LSTMCell(8), not {given!r}")
    return given


class StackedRNNCells(_Holding):
    """Several cells as one: each takes the output of the one before; the states of all are handed on.

    Inputs are the step's features and every cell's states; outputs are the last cell's output and every cell's states.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L", "C"), RNN([LSTMCell("U"), LSTMCell("V")])).derive()
    >>> d.output_shape, d.macs
    ((N, V), 4*L*U*(C + U) + 4*L*V*(U + V))
    """

    cells: Any = field()

    window = EVERYTHING
    keras = (Dialect("StackedRNNCells", {"cells": Inner("cells", several=True)}, INSIDE_DECIDES),)
    example = lambda: StackedRNNCells((LSTMCell(16), LSTMCell(16)))  # noqa: E731
    takes = ((N, C), *((N, Symbol("U")),) * 4)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.cells, (list, tuple)) or not self.cells:
            raise UsageError(f"{self.label} stacks cells, at least one, not {self.cells!r}")
        object.__setattr__(self, "cells", tuple(_cell(self, cell) for cell in self.cells))

    @property
    def state_count(self) -> int:
        """How many states the cells hand from step to step."""
        return sum(cell.output_count - 1 for cell in self.cells)

    @property
    def output_count(self) -> int:
        return 1 + self.state_count

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        made: list[Part] = []
        entering = C
        for number, cell in enumerate(self.cells, 1):
            rename = marked(("N",), number, {"C": entering})
            made.append(Part(cell, name_of(cell, [part.name for part in made]), rename))
            leaving = cell.signature((2,) * cell.output_count).gives[0][-1]
            entering = rename(leaving)
        return tuple(made)

    def composed(self, ranks: tuple[int, ...]) -> Signature:
        steps = [part.signature((2,) * part.layer.output_count) for part in self.parts]
        takes = (steps[0].takes[0], *(names for step in steps for names in step.takes[1:]))
        self.checked(takes, ranks)
        return replace(
            beside(steps),
            takes=takes,
            gives=(steps[-1].gives[0], *(shape for step in steps for shape in step.gives[1:])),
        )


def _too_deep(layer: Any) -> str | None:
    inside = [cell for stack in getattr(layer.cell, "cells", ()) for cell in getattr(stack, "cells", ())]
    if layer.return_state and any(isinstance(cell, StackedRNNCells) or cell.gates.states > 1 for cell in inside):
        return "Keras cannot tell the shapes of states so deep in stacks of cells"
    return None


class RNN(_Holding, _OverTime):
    """A cell, or several stacked, repeated along a sequence of length L.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("L", 8), RNN(LSTMCell(16), return_sequences=True)).derive().output_shape
    (N, L, 16)
    """

    cell: Any = field()

    keras = (Dialect("RNN", {"cell": Inner("cell"), **KERAS_OVER_TIME}, INSIDE_DECIDES, refuses=_too_deep),)
    example = lambda: RNN(LSTMCell(16))  # noqa: E731

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "cell", _cell(self, self.cell))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        return (Part(self.cell, name_of(self.cell)),)

    @property
    def state_count(self) -> int:
        return int(self.cell.output_count) - 1

    def composed(self, ranks: tuple[int, ...]) -> Signature:
        step = self.parts[0].signature((2,) * (1 + self.state_count))
        batch, features = step.takes[0]
        takes = ((batch, L.name, features), *step.takes[1:])
        takes = takes if len(ranks) > 1 else takes[:1]
        self.checked(takes, ranks)
        output, *states = step.gives
        repeated = step.times(L, "L times")
        return replace(
            repeated,
            counts={**repeated.counts, **self._kept(step, repeated, len(ranks) > 1)},
            takes=takes,
            gives=(
                (output[0], L, *output[1:]) if self.return_sequences else output,
                *(states if self.return_state else ()),
            ),
        )

    def _kept(self, step: Signature, repeated: Signature, given: bool) -> Counts:
        """What single steps keep: the sequence, the state that each step starts from, and what the cell keeps."""
        if "keeps" not in step.counts:
            return {}
        rows: list[tuple[Count, Written]] = [(inputs(0), Number(0))]
        if given:
            rows.append((inputs(*range(1, len(step.takes)), reason="initial states"), Number(0)))
        for names in step.takes[1:]:
            state = product((L - 1 if given else L, *map(Symbol, names)))
            rows.append((own(state, "the state that each step starts from"), state))
        for row, tree in repeated.counts["keeps"]:
            assert isinstance(row, Kept)
            if row.what == "outputs":
                last = product(step.gives[0])
                rows.append((own(last, "the last state"), last))
            elif row.what != "inputs":
                rows.append((row, tree))
        return {"keeps": tuple(rows)}


# -- both directions ---------------------------------------------------------------------------------------------------
_SAME = "what both directions give is of one shape"
_MERGING = KERAS("Bidirectional, merge_mode")
_JOINS = "of both directions' outputs"
# What is done to join both outputs, for each way of it.
_JOINED_BY: Mapping[str | None, tuple[Kind, ...]] = {
    "concat": (),
    "sum": (ADD,),
    "mul": (MULTIPLY,),
    "ave": (ADD, DIVIDE),
    None: (),
}
Counts = Mapping[str, tuple[tuple[Count, Written], ...]]


class Bidirectional(_Holding):
    """A recurrent layer twice: once along the sequence and once against it, each with weights of its own.

    `merge` says how both outputs are joined: "concat" along the last axis, "sum", "mul", "ave", or None: both are kept.
    The layer that runs backwards is like `layer`, unless it is given as `backward_layer`.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L", "C"), Bidirectional(LSTM("U"))).derive()
    >>> d.output_shape, d.params, d.macs
    ((N, 2*U), 8*U*(C + U + 1), 8*L*U*(C + U))
    """

    layer: Any = field()
    merge: str | None = "concat"
    backward_layer: Any = None

    window = EVERYTHING
    keras = (
        Dialect(
            "Bidirectional",
            {"merge_mode": "merge", "layer": Inner("layer"), "backward_layer": Inner("backward_layer")},
            INSIDE_DECIDES,
        ),
    )
    example = lambda: Bidirectional(LSTM(16))  # noqa: E731

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.merge not in _JOINED_BY:
            raise UsageError(f"{self.label}: merge is one of concat, sum, mul, ave or None, not {self.merge!r}")
        for layer in (self.layer, self.layer if self.backward_layer is None else self.backward_layer):
            if not isinstance(layer, _OverTime) or getattr(layer, "form", "keras") != "keras":
                raise UsageError(f"{self.label} runs recurrent layers of Keras's form, such as LSTM(8), not {layer!r}")
        for option in ("return_sequences", "return_state", "stateful"):
            if getattr(self.layer, option) != getattr(self.backward, option):
                raise UsageError(f"{self.label}: both layers must have one {option}")
        if self.layer.go_backwards == self.backward.go_backwards:
            raise UsageError(f"{self.label}: one of the layers must go backwards, the other not")

    @cached_property
    def backward(self) -> Any:
        """The layer that runs against the other's direction."""
        if self.backward_layer is not None:
            return self.backward_layer
        name = f"backward_{name_of(self.layer).removeprefix('forward_')}"
        return self.layer.replaced(go_backwards=not self.layer.go_backwards, name=name)

    @cached_property
    def alike(self) -> bool:
        """Whether both layers have the same options, so that they share their symbols."""
        return _alike(self.layer, self.backward)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        sequence = self.layer.signature((self.layer.rank + 3,)).takes[0]
        return (
            Part(self.layer, f"forward_{name_of(self.layer).removeprefix('forward_')}"),
            Part(self.backward, name_of(self.backward), None if self.alike else marked(sequence, "b")),
        )

    @property
    def output_count(self) -> int:
        states = int(self.layer.output_count) + int(self.backward.output_count) - 2
        return states + (2 if self.merge is None else 1)

    def composed(self, ranks: tuple[int, ...]) -> Signature:
        half, rest = divmod(len(ranks) - 1, 2)
        if rest or len(ranks) < 1:
            raise GraphError(
                f"{self.label} takes a sequence, and initial states for both directions, not {len(ranks)} inputs"
            )
        first, second = self.parts
        forward = first.signature((*ranks[:1], *ranks[1 : 1 + half]))
        backward = second.signature((*ranks[:1], *ranks[1 + half :]))
        both = beside((forward, backward))
        if self.alike:
            both = replace(both, rules=forward.rules, where=forward.where, asides=forward.asides)
        one, other = forward.gives[0], backward.gives[0]
        joined = len(one) - 1 if self.merge == "concat" else len(one) if self.merge else 0  # axes that must agree
        same = [
            Condition(equal(mine, its), _SAME, _MERGING)
            for mine, its in zip(one[:joined], other[:joined], strict=True)
            if mine != its
        ]
        outputs: tuple[Pattern, ...] = (one,) if self.merge else (one, other)
        if self.merge == "concat":
            wide = _side_by_side(one[-1], other[-1])
            outputs = ((*one[:-1], wide.formula.target),)
            both = replace(both, rules=(*both.rules, wide))
        return replace(
            both,
            takes=(*forward.takes, *backward.takes[1:]),
            gives=(*outputs, *forward.gives[1:], *backward.gives[1:]),
            where=(*both.where, *((condition, condition.relation, claiming(condition.relation)) for condition in same)),
            counts={
                **self.joining(_twice(forward.counts) if self.alike else both.counts, one),
                **self._kept(forward, backward, one),
            },
        )

    def _kept(self, forward: Signature, backward: Signature, output: tuple[Written, ...]) -> Counts:
        """What both directions keep, and both outputs where they are multiplied."""
        if "keeps" not in forward.counts or "keeps" not in backward.counts:
            return {}
        shift = len(forward.takes) - 1
        rows = list(forward.counts["keeps"])
        for row, tree in backward.counts["keeps"]:
            assert isinstance(row, Kept)
            states = row.places is not None and row.places != (0,)
            rows.append(
                (replace(row, places=tuple(place + shift for place in row.places or ())) if states else row, tree)
            )
        if self.merge == "mul":
            both = product((Number(2), *output))
            rows.append((own(both, "both outputs, which are multiplied"), both))
        return {"keeps": tuple(rows)}

    def joining(self, counts: Counts, output: tuple[Written, ...]) -> Counts:
        """The counts of both directions, and of bringing their outputs together."""
        if "work" not in counts:
            return counts
        added = tuple((Work(kind, product(output), _JOINS), product(output)) for kind in _JOINED_BY[self.merge])
        return {**counts, "work": (*counts["work"], *added)}


def _alike(one: Any, other: Any) -> bool:
    """Whether two layers have the same options, but for names, direction and what is trained."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_alike, one, other))
    if not isinstance(one, Layer):
        return bool(one == other)
    names = [name for name in one.fields if name not in ("name", "trainable", "go_backwards")]
    return type(one) is type(other) and all(_alike(getattr(one, name), getattr(other, name)) for name in names)


def _side_by_side(one: Written, other: Written) -> Rule:
    """The size of the last axis where both outputs lie side by side along it: maps' widths if channels are first."""
    spatial = isinstance(one, Symbol) and one.name.endswith("_out")
    target = Symbol(f"{str(one).removesuffix('_out')}_both", "size of both maps side by side") if spatial else C_out
    tree = 2 * one if one == other else one + other
    formula = Formula(target, tree, _MERGING, reason="the outputs of both directions, side by side")
    return Rule(target.name, tree, formula, *compiled(tree))


def _twice(counts: Counts) -> Counts:
    return {
        name: tuple((replace(count, reason=f"in both directions: {count.reason}"), 2 * tree) for count, tree in rows)
        for name, rows in counts.items()
    }


# -- at every step -----------------------------------------------------------------------------------------------------
class TimeDistributed(_Holding):
    """A layer, or a whole network, applied at every step of a sequence, with the same weights.

    The second axis of the input counts the steps; the layer sees all others. A network is used as one layer.

    >>> from symshape.layers.conv import Conv2D
    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L", "H", "W", 3), TimeDistributed(Conv2D(8, 5))).derive()
    >>> d.output_shape, d.params, d.macs
    ((N, L, H - 4, W - 4, 8), 608, 600*L*(H - 4)*(W - 4))
    """

    layer: Any = field()

    keras = (Dialect("TimeDistributed", {"layer": Inner("layer")}, INSIDE_DECIDES),)
    example = lambda: TimeDistributed(LSTM(16))  # noqa: E731

    def __post_init__(self) -> None:
        super().__post_init__()
        held = getattr(self.layer, "as_layer", self.layer)
        if not isinstance(held, Layer):
            raise UsageError(f"{self.label} repeats a layer or a network, not {held!r}")
        object.__setattr__(self, "layer", held)
        if self.layer.output_count != 1:
            count = self.layer.output_count
            raise UsageError(f"{self.label} repeats a layer with one output, {self.layer.label} has {count}")
        window = self.layer.window
        object.__setattr__(self, "window", ELSEWHERE if window is not None and window.whole else window)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        return (Part(self.layer, name_of(self.layer)),)

    def seeing(self, shapes: Sequence[tuple[Value, ...]]) -> Layer:
        seen = self.layer.seeing([(*shape[:1], *shape[2:]) for shape in shapes])
        return self if seen is self.layer else self.replaced(layer=seen)

    def composed(self, ranks: tuple[int, ...]) -> Signature:
        if not ranks or min(ranks) < 3:
            raise GraphError(
                f"{self.label} takes inputs of at least 3 dimensions, this one has {min(ranks, default=0)}"
            )
        inner = self.parts[0].signature(tuple(rank - 1 for rank in ranks))
        steps = _steps(inner, self.bindings)
        repeated = inner.times(steps, f"at each of {steps} steps")
        return replace(
            repeated,
            counts={**repeated.counts, **_kept_at(inner, repeated, steps)},
            takes=tuple((names[0], steps.name, *names[1:]) for names in inner.takes),
            gives=tuple((shape[0], steps, *shape[1:]) for shape in inner.gives),
        )


def _kept_at(inner: Signature, repeated: Signature, steps: Symbol) -> Counts:
    """What is kept at all steps: what enters is a part of the sequence, what leaves is not, for it is copied together."""
    if "keeps" not in inner.counts:
        return {}
    rows: list[tuple[Count, Written]] = []
    for (row, once), (_, tree) in zip(inner.counts["keeps"], repeated.counts["keeps"], strict=True):
        assert isinstance(row, Kept)
        if row.what == "outputs":
            made = product((steps, *inner.gives[0]))
            rows.append((own(made, "what the layer gives at each step"), made))
        else:
            rows.append((row, once if row.once else tree))
    return {"keeps": tuple(rows)}


def _steps(inner: Signature, bindings: Iterable[str]) -> Symbol:
    """The name of the number of steps: L, or one that the layer inside does not use."""
    used = {name for names in inner.takes for name in names} | {rule.target for rule in inner.rules} | set(bindings)
    names = (name for count in range(len(used) + 1) for name in (f"L_{'t' * count}" if count else "L",))
    return next(Symbol(name, "number of steps", "steps") for name in names if name not in used)
