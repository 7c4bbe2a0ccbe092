"""Recurrent cells: one step of a recurrent layer.

Every cell is the same formula with another number of gates. At each step each gate is, for each of U units, one dot
product over the C input features and one over the U numbers of the state: a step takes gates·U·(C + U)
multiply–accumulates, and the weights are a kernel (C, gates·U), a recurrent kernel (U, gates·U) and biases.

Keras adds one bias; PyTorch, and Keras's GRU with `reset_after`, add one to either product. Keras keeps such a pair in
one array (2, gates·U), PyTorch in two, and PyTorch's kernels lie transposed: (gates·U, C).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from symshape.declaration import (
    EVERYTHING,
    INPUTS,
    Count,
    Dialect,
    Dim,
    Kept,
    Layer,
    Reading,
    Source,
    Template,
    Weight,
    Window,
    Work,
    dim,
    outputs,
    own,
)
from symshape.declaration.dialect import Target
from symshape.declaration.signature import Pattern
from symshape.errors import UnsupportedLayer, UsageError
from symshape.layers.common import ACTIVATION, activation_named
from symshape.layers.operations import ADD, BIAS, MULTIPLY, by_outputs, named_by
from symshape.symbols import C, N, U
from symshape.written import Number, Written, product

__all__ = ["ELMAN", "GATED", "LONG_SHORT", "GRUCell", "Gates", "LSTMCell", "SimpleRNNCell"]

SAK = Source(
    "sak2014",
    "H. Sak, A. Senior and F. Beaufays, Long short-term memory based recurrent neural network architectures for large "
    "vocabulary speech recognition, 2014 (arXiv:1402.1128)",
    "https://arxiv.org/abs/1402.1128",
)


@dataclass(frozen=True)
class Gates:
    """What a cell computes at each step: how many weighted sums for each unit, over what, and what it hands on."""

    count: int
    states: int  # 1: the output; 2: a memory besides
    told: str
    source: Source
    gating: int  # gates proper, through the function of their own; all other sums go through the layer's function
    products: int  # of numbers with numbers, one unit's in one step
    sums: int  # likewise, but for those in dot products and biases

    @property
    def wide(self) -> Written:
        """The number of weighted sums: gates·U."""
        return U if self.count == 1 else self.count * U

    def weights(self, bias: bool, pair: bool, name: str) -> tuple[Weight, ...]:
        """The weights under Keras's names and shapes; `pair`: a bias for either product; `name` is the cell's."""
        biased = ((Number(2), self.wide),) if pair else ((self.wide,),)
        return (
            Weight(f"{name}kernel", (C, self.wide)),
            Weight(f"{name}recurrent_kernel", (U, self.wide)),
            *(Weight(f"{name}bias", shape) for shape in biased if bias),
        )

    def torch_weights(
        self, bias: bool, suffix: str = "", inputs: Written = C, state: Written = U, *, projected: bool = False
    ) -> tuple[Weight, ...]:
        """The weights under PyTorch's names and shapes; `suffix` tells the layer and the direction."""
        return (
            Weight(f"weight_ih{suffix}", (self.wide, inputs)),
            Weight(f"weight_hh{suffix}", (self.wide, state)),
            *(Weight(f"bias_{side}{suffix}", (self.wide,)) for side in ("ih", "hh") if bias),
            *((Weight(f"weight_hr{suffix}", (state, U)),) if projected else ()),
        )

    def dot_products(self, *times: Written, inputs: Written = C, state: Written = U, said: str = "") -> Count:
        """The products of one step, done `times` over."""
        coefficient = () if self.count == 1 else (Number(self.count),)
        return Count(
            product((*coefficient, *times, U, inputs + state)),
            f"{said}{self.told}: a dot product over the {inputs} inputs and one over the {state} numbers of the state",
            self.source,
        )

    def kept(self, layer: Any) -> int:
        """How many numbers of each unit one step keeps besides what enters it and what it gives.

        That is what PyTorch keeps of the steps one by one; kernels that do all steps at once keep what they like.
        """
        if self.states == 2:
            return 5  # the gates and the candidate, the memory through its function
        if self.count == 1:
            return 0
        # Both gates and the candidate; where the state's product has a bias, all that it gives the gates and the
        # candidate; in Keras's form the share of the candidate, and without such a bias what the reset gate lets through.
        return 6 if layer.form == "torch" else 7 if layer.paired else 5

    def keeping(self, layer: Any, *times: Written) -> tuple[Kept, ...]:
        """Rows for these numbers in so many steps; for other functions nobody has declared what is kept."""
        known = by_outputs("activation", *(("recurrent_activation",) if self.gating else ()))
        numbers = product((Number(self.kept(layer)), *times, U))
        own_ = own(numbers, "gates, candidates and memories of each step, by PyTorch's single steps")
        return (
            *((replace(own_, when=known),) if self.kept(layer) else ()),
            Kept("unknown", reason=_OTHERS, when=lambda layer: not known(layer)),
        )

    def unit_work(self, layer: Any, *times: Written) -> tuple[Work, ...]:
        """What one step takes besides products of matrices, done `times` over."""

        def many(count: int) -> Written:
            return product((*((Number(count),) if count > 1 else ()), *times, U))

        biases = self.count * (2 if layer.paired else 1) if layer.bias else 0
        # a memory goes through the layer's function once more on its way out
        functions = self.count - self.gating + (self.states - 1)
        return tuple(
            Work(kind, many(count), reason, self.source)
            for kind, count, reason in (
                (BIAS, biases, "of each unit, at each step"),
                (named_by("recurrent_activation"), self.gating, "of each gate"),
                (named_by("activation"), functions, "of each candidate, and of each memory where there is one"),
                (MULTIPLY, self.products, "of gates with what they let through"),
                (ADD, self.sums, "of what gates let through"),
            )
            if count
        )


_OTHERS = "functions of a cell whose gradients need more than what they give"

ELMAN = Gates(
    1,
    1,
    "each of U units, at each step",
    Source("elman1990", "J. L. Elman, Finding structure in time, Cognitive Science 14(2), 1990"),
    gating=0,
    products=0,
    sums=0,
)
LONG_SHORT = Gates(
    4,
    2,
    "input gate, forget gate, candidate and output gate of each of U units, at each step",
    Source("hochreiter1997", "S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9(8), 1997"),
    gating=3,
    products=3,
    sums=1,
)
GATED = Gates(
    3,
    1,
    "update gate, reset gate and candidate of each of U units, at each step",
    Source(
        "cho2014",
        "K. Cho et al., Learning phrase representations using RNN encoder–decoder for statistical machine translation, "
        "2014 (arXiv:1406.1078)",
        "https://arxiv.org/abs/1406.1078",
    ),
    gating=2,
    products=3,
    sums=2,
)


class _Gated(Layer):
    """What cells and the layers that repeat them share.

    `form` says in which framework's form the weights are kept and the states are given: "keras" or "torch".
    """

    units: Dim = dim(U)
    bias: bool = True
    activation: str = "tanh"
    in_features: Dim = dim(C, None)
    form: str = "keras"

    gates: ClassVar[Gates]
    window: ClassVar[Window | None] = EVERYTHING

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.form not in ("keras", "torch"):
            raise UsageError(f'{self.label}: the form is "keras" or "torch", not {self.form!r}')

    @property
    def paired(self) -> bool:
        """Whether either product has a bias of its own."""
        return self.form == "torch" or bool(getattr(self, "reset_after", False))


RECURRENT_ACTIVATION = Reading("recurrent_activation", activation_named)
_NONLINEARITIES = ("tanh", "relu")


def _nonlinearity(given: Any) -> str:
    if given not in _NONLINEARITIES:
        raise UnsupportedLayer(f"is not one of {', '.join(_NONLINEARITIES)}, and PyTorch has no others")
    return str(given)


NONLINEARITY = Reading("activation", _nonlinearity)

# Keras's options of all cells, and of the two kinds with gates; likewise PyTorch's.
KERAS_CELL: Mapping[str, Target] = {
    "units": "units",
    "use_bias": "bias",
    "activation": ACTIVATION,
    "dropout": None,
    "recurrent_dropout": None,
}
KERAS_LSTM: Mapping[str, Target] = {"recurrent_activation": RECURRENT_ACTIVATION, "unit_forget_bias": None}
KERAS_GRU: Mapping[str, Target] = {"recurrent_activation": RECURRENT_ACTIVATION, "reset_after": "reset_after"}
TORCH_CELL: Mapping[str, Target] = {"input_size": "in_features", "hidden_size": "units", "bias": "bias"}


# -- cells -------------------------------------------------------------------------------------------------------------
class _Cell(_Gated):
    """Inputs are the step's features and every state; outputs are the step's output and every state.

    In PyTorch's form the states may be left out (they are zero then), the output is not repeated before the states, and
    an example may come without a batch axis.
    """

    takes: ClassVar[tuple[Pattern, ...]] = ((N, C), (N, U))
    gives: ClassVar[tuple[Pattern, ...]] = ((N, U), (N, U))

    @property
    def output_count(self) -> int:
        return self.gates.states + (self.form == "keras")

    def template(self, ranks: Sequence[int]) -> Template:
        gates, torch = self.gates, self.form == "torch"
        batch = () if torch and tuple(ranks[:1]) == (1,) else (N,)
        state = (*batch, U)
        takes = ((*batch, C), *(state,) * gates.states)
        return Template(
            takes=takes[:1] if torch and len(ranks) == 1 else takes,
            gives=(state,) * self.output_count,
            weights=gates.torch_weights(self.bias) if torch else gates.weights(self.bias, self.paired, ""),
            counts={
                "macs": (gates.dot_products(*batch),),
                "work": gates.unit_work(self, *batch),
                "keeps": (
                    INPUTS,
                    *gates.keeping(self, *batch),
                    *((outputs(0),) if gates.count == 1 else ()),
                    *((own(product((*batch, U)), "zeros, which are every state"),) if len(ranks) == 1 else ()),
                ),
            },
        )


class SimpleRNNCell(_Cell):
    """One step of a simple recurrent layer: h' = tanh(x·W + h·V + b).

    >>> from symshape.network import Input, Network
    >>> x, h = Input("C"), Input("U")
    >>> Network((x, h), SimpleRNNCell("U")(x, h)[0]).derive().macs
    U*(C + U)
    """

    gates = ELMAN
    keras = (Dialect("SimpleRNNCell", KERAS_CELL),)
    torch = (Dialect("RNNCell", {**TORCH_CELL, "nonlinearity": NONLINEARITY}, {"form": "torch"}),)
    example = lambda: SimpleRNNCell(16)  # noqa: E731


class LSTMCell(_Cell):
    """One step of long short-term memory: gates i, f and o decide what enters, stays in and leaves the memory c.

    i, f, o = σ(x·W + h·V + b), each with weights of its own; c' = f⊙c + i⊙tanh(x·W + h·V + b); h' = o⊙tanh(c').

    >>> from symshape.network import Input, Network
    >>> x, h, c = Input("C"), Input("U"), Input("U")
    >>> d = Network((x, h, c), LSTMCell("U")(x, h, c)[0]).derive()
    >>> d.params, d.macs
    (4*U*(C + U + 1), 4*U*(C + U))
    """

    recurrent_activation: str = "sigmoid"

    takes = ((N, C), (N, U), (N, U))
    gives = ((N, U), (N, U), (N, U))
    gates = LONG_SHORT
    keras = (Dialect("LSTMCell", {**KERAS_CELL, **KERAS_LSTM}),)
    torch = (Dialect("LSTMCell", TORCH_CELL, {"form": "torch"}),)
    example = lambda: LSTMCell(16)  # noqa: E731


class GRUCell(_Cell):
    """One step of a gated recurrent unit: z decides how much of the state stays, r how much of it the candidate sees.

    z, r = σ(x·W + h·V + b), each with weights of its own; h' = z⊙h + (1 − z)⊙n, where the candidate n is
    tanh(x·W + b + r⊙(h·V + b')) with `reset_after`, as in PyTorch, and tanh(x·W + (r⊙h)·V + b) without.
    """

    recurrent_activation: str = "sigmoid"
    reset_after: bool = True

    gates = GATED
    keras = (Dialect("GRUCell", {**KERAS_CELL, **KERAS_GRU}),)
    torch = (Dialect("GRUCell", TORCH_CELL, {"form": "torch"}),)
    example = lambda: GRUCell(16)  # noqa: E731
