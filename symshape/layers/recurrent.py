"""Recurrent layers: one cell, step by step along a sequence.

A layer repeats its cell at each of L steps with the same weights, so its parameters do not depend on L and its
multiply–accumulates grow with it: L·gates·U·(C + U). PyTorch's modules stack several such layers, run each in both
directions if asked, and may project an LSTM's output to fewer units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, ClassVar

from symshape.declaration import (
    EVERYTHING,
    PYTORCH,
    Condition,
    Count,
    Dialect,
    Dim,
    Formula,
    Kept,
    Layer,
    Only,
    Reading,
    Template,
    Weight,
    Window,
    dim,
    inputs,
    own,
)
from symshape.declaration.dialect import Target
from symshape.declaration.layer import keras_style_name
from symshape.errors import ConditionError, UnsupportedLayer, UsageError
from symshape.layers.recurrent_cells import (
    ELMAN,
    GATED,
    KERAS_CELL,
    KERAS_GRU,
    KERAS_LSTM,
    LONG_SHORT,
    NONLINEARITY,
    SAK,
    TORCH_CELL,
    _Gated,
)
from symshape.symbols import C, C_out, L, N, U, U_proj, n_states
from symshape.written import Number, Written, equal, product

__all__ = ["GRU", "LSTM", "SimpleRNN"]


class _OverTime(Layer):
    """What every layer that runs along a sequence shares: what it hands on, and in which direction it runs."""

    return_sequences: bool = field(default=False, kw_only=True)
    return_state: bool = field(default=False, kw_only=True)
    go_backwards: bool = field(default=False, kw_only=True)
    stateful: bool = field(default=False, kw_only=True)

    window: ClassVar[Window | None] = EVERYTHING

    @property
    def state_count(self) -> int:
        """How many states the layer hands from step to step."""
        raise NotImplementedError

    @property
    def output_count(self) -> int:
        return 1 + (self.state_count if self.return_state else 0)


# Keras's options of every recurrent layer; the last two are Keras 2's.
KERAS_OVER_TIME: Mapping[str, Target] = {
    "return_sequences": "return_sequences",
    "return_state": "return_state",
    "go_backwards": "go_backwards",
    "stateful": "stateful",
    "unroll": None,
    "zero_output_for_mask": None,
    "time_major": Only(False),
    "num_constants": Only(None, 0),
}


class _Recurrent(_Gated, _OverTime):
    layers: int = 1
    bidirectional: bool = False
    batch_first: bool = True

    takes = ((N, L, C),)
    gives = ((N, U),)
    ranks: ClassVar[tuple[int, ...]] = (3,)  # what enters a model that begins with such a layer

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layers < 1:
            raise ConditionError(f"{self.label}: the number of layers is {self.layers}: it must be an integer ≥ 1")
        stacked = self.layers > 1 or self.bidirectional or not self.batch_first or self.projected
        if self.form == "keras" and stacked:
            raise UsageError(
                f"{self.label}: several layers, two directions, a projection and the batch second are PyTorch's: "
                'say form="torch"'
            )

    @property
    def projected(self) -> bool:
        """Whether the units' outputs are projected to fewer features."""
        return getattr(self, "projection", None) is not None

    @property
    def state_count(self) -> int:
        return self.gates.states

    def template(self, ranks: Sequence[int]) -> Template:
        torch = self.form == "torch"
        batch = () if torch and tuple(ranks[:1]) == (2,) else (N,)  # PyTorch takes one example without a batch axis
        state = U_proj if self.projected else U
        width = C_out if self.bidirectional else state
        steps = (*batch, L) if self.batch_first else (L, *batch)
        several = (Number(self.layers * (2 if self.bidirectional else 1)),) if torch else ()
        sizes = (state, U)[: self.gates.states]
        initial = tuple((*((n_states,) if torch else ()), *batch, size) for size in sizes)
        states = tuple((*several, *batch, size) for size in sizes)
        given = len(ranks) > 1
        return Template(
            takes=((*steps, C), *initial) if given else ((*steps, C),),
            gives=((*(steps if self.return_sequences else batch), width), *(states if self.return_state else ())),
            weights=tuple(self._torch_weights(state, width)) if torch else self._keras_weights(),
            rules=(_WIDE[state],) if self.bidirectional else (),
            where=(
                *((_SMALLER,) if self.projected else ()),
                *(
                    Condition(equal(n_states, number), _ONE_EACH, PYTORCH("LSTM, Inputs"))
                    for number in several
                    if given
                ),
            ),
            counts={
                "macs": tuple(self._dot_products((*batch, L), state, width)),
                "work": self.gates.unit_work(self, *self._runs(), *batch, L),
                "keeps": tuple(self._kept(batch, state, width, given)),
            },
        )

    def _kept(self, batch: tuple[Written, ...], state: Written, width: Written, given: bool) -> Iterable[Kept]:
        """What single steps keep: what enters each product, and what each step keeps for itself."""
        directions = 2 if self.bidirectional else 1
        if self.copies and batch:
            several = (Number(directions),) if directions > 1 else ()
            yield own(product((*several, *batch, L, C)), "the sequence with its steps in order, for each direction")
        else:
            yield inputs(0)
        if given:
            yield inputs(*range(1, 1 + self.gates.states), reason="initial states")
        if self.layers > 1:
            yield own(product((Number(self.layers - 1), *batch, L, width)), "the sequences between the layers")
        runs = self._runs()
        yield from self.gates.keeping(self, *runs, *batch, L)
        yield own(product((*runs, *batch, L - 1 if given else L, state)), "the state that each step starts from")
        if self.gates.states > 1:
            yield own(product((*runs, *batch, L - 1 if given else L, U)), "the memory that each step starts from")
        elif self.gates.count == 1:
            yield own(product((*runs, *batch, U)), "the last state")
        if self.projected:
            yield own(product((*runs, *batch, L, U)), "the units' outputs before they are projected")

    @property
    def copies(self) -> bool:
        """Whether the steps' products read a copy of the sequence: where all are one, and the batch comes first."""
        return self.batch_first and (
            self.form == "torch" or self.gates.states > 1 or (self.gates.count > 1 and self.paired)
        )

    def _keras_weights(self) -> tuple[Weight, ...]:
        return self.gates.weights(self.bias, self.paired, f"{keras_style_name(type(self))}_cell/")

    def _torch_weights(self, state: Written, width: Written) -> Iterable[Weight]:
        for layer in range(self.layers):
            for direction in ("", "_reverse")[: 2 if self.bidirectional else 1]:
                inputs = width if layer else C
                suffix = f"_l{layer}{direction}"
                yield from self.gates.torch_weights(self.bias, suffix, inputs, state, projected=self.projected)

    def _runs(self) -> tuple[Written, ...]:
        """How often the sequence is gone through: once for each layer and direction."""
        runs = self.layers * (2 if self.bidirectional else 1)
        return (Number(runs),) if runs > 1 else ()

    def _dot_products(self, steps: tuple[Written, ...], state: Written, width: Written) -> Iterable[Count]:
        both = (Number(2),) if self.bidirectional else ()
        ways = ", in each of two directions" if self.bidirectional else ""

        def head(which: str) -> str:
            return f"{which}{ways}: ".removeprefix(", ") if which or ways else ""

        first = "first layer" if self.layers > 1 else ""
        yield self.gates.dot_products(*both, *steps, state=state, said=head(first))
        if self.layers > 1:
            times = (Number(self.layers - 1), *both, *steps)
            more = head(f"each of {self.layers - 1} more")
            yield self.gates.dot_products(*times, inputs=width, state=state, said=more)
        if self.projected:
            all_of_them = (Number(self.layers),) if self.layers > 1 else ()
            every = "every layer" if self.layers > 1 else ""
            yield Count(
                product((*all_of_them, *both, *steps, U, U_proj)),
                f"{head(every)}each of U_proj features is one dot product over the U units' outputs",
                SAK("section 2, LSTMP"),
            )


_SMALLER = Condition(
    U_proj < U, "the outputs are projected to fewer features than there are units", PYTORCH("LSTM, proj_size")
)
_WIDE = {
    state: Formula(C_out, 2 * state, PYTORCH("LSTM, Outputs"), reason="the outputs of both directions, side by side")
    for state in (U, U_proj)
}
_ONE_EACH = "there is one initial state for each layer and direction"


# -- PyTorch's options -------------------------------------------------------------------------------------------------
def _share(dropout: Any) -> None:
    if isinstance(dropout, bool) or not isinstance(dropout, (int, float)) or not 0 <= dropout <= 1:
        raise UnsupportedLayer("is not a number from 0 to 1")


def _function(mode: Any) -> str:
    if mode not in ("RNN_TANH", "RNN_RELU"):
        raise UnsupportedLayer("is not a mode of a simple recurrent layer")
    return str(mode).removeprefix("RNN_").lower()


# The base class's constructor takes the kind of layer as a mode, and 0 for no projection.
_MODE = Reading("activation", _function)
_PROJECTION = Reading("projection", lambda size: None if size == 0 else size)


def _torch(name: str, more: Mapping[str, Target]) -> tuple[Dialect, ...]:
    options: Mapping[str, Target] = {
        **TORCH_CELL,
        "num_layers": "layers",
        "bidirectional": "bidirectional",
        "batch_first": "batch_first",
        "dropout": Reading("", _share),
        **more,
    }
    fixed = {"form": "torch", "batch_first": False, "return_sequences": True, "return_state": True}
    return (Dialect(name, options, fixed),)


class SimpleRNN(_Recurrent):
    """U units that see the C features of a step and their own outputs of the step before.

    At each step h' = tanh(x·W + h·V + b).

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L", "C"), SimpleRNN("U")).derive()
    >>> d.output_shape, d.params, d.macs
    ((N, U), U*(C + U + 1), L*U*(C + U))
    """

    gates = ELMAN
    keras = (Dialect("SimpleRNN", {**KERAS_CELL, **KERAS_OVER_TIME}),)
    torch = _torch("RNN", {"nonlinearity": NONLINEARITY, "mode": _MODE, "proj_size": Only(0)})


class LSTM(_Recurrent):
    """Long short-term memory: U units whose gates decide what enters, stays in and leaves their memory at each step.

    At each step i, f, o = σ(x·W + h·V + b), each with weights of its own, c' = f⊙c + i⊙tanh(x·W + h·V + b) and
    h' = o⊙tanh(c'). `projection` makes h' a product with one more matrix.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L", "C"), LSTM("U", return_sequences=True)).derive()
    >>> d.output_shape, d.params, d.macs
    ((N, L, U), 4*U*(C + U + 1), 4*L*U*(C + U))
    """

    recurrent_activation: str = "sigmoid"
    projection: Dim = dim(U_proj, None)

    gates = LONG_SHORT
    keras = (Dialect("LSTM", {**KERAS_CELL, **KERAS_LSTM, **KERAS_OVER_TIME}),)
    torch = _torch("LSTM", {"mode": Only("LSTM"), "proj_size": _PROJECTION})


class GRU(_Recurrent):
    """Gated recurrent units: U units whose gates decide how much of the state stays, and how much the next one sees.

    At each step z, r = σ(x·W + h·V + b), each with weights of its own, and h' = z⊙h + (1 − z)⊙n, where the candidate n
    is tanh(x·W + b + r⊙(h·V + b')) with `reset_after`, as in PyTorch, and tanh(x·W + (r⊙h)·V + b) without.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L", "C"), GRU("U")).derive()
    >>> d.params, d.macs
    (3*U*(C + U + 2), 3*L*U*(C + U))
    """

    recurrent_activation: str = "sigmoid"
    reset_after: bool = True

    gates = GATED
    keras = (Dialect("GRU", {**KERAS_CELL, **KERAS_GRU, **KERAS_OVER_TIME}),)
    torch = _torch("GRU", {"mode": Only("GRU"), "proj_size": Only(0)})
