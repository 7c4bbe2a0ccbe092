"""Sums over products of axes: dense layers by an Einstein summation, two inputs multiplied or compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from symshape.declaration import (
    EVERYTHING,
    FEATURES,
    INPUTS,
    KERAS,
    PYTORCH,
    Condition,
    Count,
    Dialect,
    Dim,
    Layer,
    Only,
    Reading,
    Template,
    Weight,
    Work,
    dim,
    dims,
    has,
)
from symshape.declaration.signature import names_of_axes, names_of_sizes
from symshape.errors import GraphError, UsageError
from symshape.layers.common import ACTIVATION
from symshape.layers.operations import ADD, BIAS, LENGTH, POWER_SUM, ROOT, SUM, kept_by, named_by
from symshape.symbols import C_2, A, C, L, N, T, U, numbered
from symshape.written import Number, Symbol, Written, any_of, each, equal, product, widest

__all__ = ["Bilinear", "CosineSimilarity", "Dot", "EinsumDense", "PairwiseDistance"]

# The equations that Keras knows: without an ellipsis, with one on the left, with one on the right.
_EQUATIONS = (
    re.compile(r"()([a-zA-Z]+)(),([a-zA-Z]+)->()([a-zA-Z]+)()"),
    re.compile(r"(\.\.\.)([a-zA-Z]+)(),([a-zA-Z]+)->(\.\.\.)([a-zA-Z]+)()"),
    re.compile(r"()([a-zA-Z]{2,})(\.\.\.),([a-zA-Z]+)->()([a-zA-Z]+)(\.\.\.)"),
)
_AS_KERAS = KERAS("EinsumDense, _analyze_einsum_string")


@dataclass(frozen=True)
class _Equation:
    """An equation's letters: of the input, of the kernel, of the output; and where the axes without a letter lie."""

    taken: str
    kernel: str
    given: str
    left: bool
    right: bool

    @classmethod
    def parsed(cls, text: str, label: str) -> _Equation:
        match = next((match for pattern in _EQUATIONS if (match := pattern.fullmatch(text))), None)
        if match is None:
            raise UsageError(
                f'{label}: the equation "{text}" is not of the form "ab,bc->ac", "...b,bc->...c" or "ab...,bc->ac..."'
            )
        left, taken, right, kernel, _, given, _ = match.groups()
        for part in (taken, kernel, given):
            if len(set(part)) < len(part):
                raise UsageError(f'{label}: a letter occurs twice in "{part}" of the equation "{text}"')
        for letter in given:
            if letter not in taken + kernel:
                raise UsageError(f'{label}: "{letter}" is in the output of "{text}" only')
        for letter in kernel:
            if letter not in taken + given:
                raise UsageError(f'{label}: "{letter}" is in the kernel of "{text}" only')
        return cls(taken, kernel, given, bool(left), bool(right))


class EinsumDense(Layer):
    """A product of the input with a kernel, summed as the equation says: "abc,cd->abd" is dense over a sequence.

    `output_shape` gives the sizes of the output's axes but for the batch and those that "..." stands for; −1 where the
    input says it. A bias lies along the axes in `bias_axes`.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("L", 512), EinsumDense("abc,chd->abhd", (-1, 8, 64), "hd")).derive()
    >>> d.output_shape, d.params, d.macs
    ((N, L, 8, 64), 262656, 262144*L)
    """

    equation: str
    output_shape: Any = dims(T)
    bias_axes: str = ""
    activation: str = "linear"

    example = staticmethod(lambda: EinsumDense("...c,cd->...d", 10, "d"))
    window = EVERYTHING  # unless the equation keeps every axis but the last where it is
    keras = (
        Dialect(
            "EinsumDense",
            {
                "equation": "equation",
                "output_shape": Reading("output_shape", lambda shape: _opened(shape)),
                "bias_axes": Reading("bias_axes", lambda axes: "" if axes is None else axes),
                "activation": ACTIVATION,
                "lora_rank": Only(None),
                "lora_alpha": None,
                "gptq_unpacked_column_size": Only(None),
                "quantization_config": Only(None),
            },
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        parsed = _Equation.parsed(self.equation, self.label)
        for letter in self.bias_axes:
            if letter not in parsed.given:
                raise UsageError(f'{self.label}: the bias lies along "{letter}", which is no axis of the output')
        kept = parsed.taken[:-1]
        if parsed.given.startswith(kept) and parsed.taken[-1] not in parsed.given and not parsed.right:
            object.__setattr__(self, "window", FEATURES)

    def template(self, ranks: Sequence[int]) -> Template:
        equation = _Equation.parsed(self.equation, self.label)
        if len(ranks) != 1:
            raise GraphError(f"{self.label} takes 1 input, {len(ranks)} are connected")
        unnamed = ranks[0] - len(equation.taken)
        if unnamed < 0 or (unnamed > 0 and not equation.left and not equation.right):
            raise GraphError(
                f'{self.label}: the equation "{self.equation}" is not for an input with {ranks[0]} dimensions'
            )
        before, after = (unnamed, 0) if equation.left else (0, unnamed)
        letters = (*[""] * before, *equation.taken, *[""] * after)
        names = [f"E_{letter}" if letter else f"A_{place}" for place, letter in enumerate(letters)]
        taken = (N, *(Symbol(name, "size of an axis", "positions") for name in names[1:]))
        sizes = {letter: size for letter, size in zip(letters, taken, strict=True) if letter}
        asked = self.asked(taken, before, len(equation.given))
        given: list[Written] = []
        where: list[Condition] = []
        known: dict[str, Written] = {}
        for letter, size in zip(equation.given, asked, strict=True):
            mine = sizes.get(letter)
            if size is None and (mine is None or letter in equation.kernel or letter in self.bias_axes):
                raise UsageError(f'{self.label}: the size of "{letter}" must be given, the kernel or bias needs it')
            if mine is not None and size is not None and mine != size:
                where.append(Condition(equal(size, mine), "an axis that is kept has the input's size", _AS_KERAS))
            known[letter] = mine if mine is not None else size if size is not None else N
            given.append(known[letter])
        kernel = tuple(known[letter] if letter in known else sizes[letter] for letter in equation.kernel)
        # Axes of the input alone, which are summed before anything is multiplied, make no products.
        alone = {letter for letter in equation.taken if letter not in equation.kernel + equation.given}
        factors = {**{letter: size for letter, size in sizes.items() if letter not in alone}, **known}
        every = (*taken[:before], *factors.values(), *(taken[len(taken) - after :] if after else ()))
        bias = self.bias(equation, known, after)
        outcome = (*taken[:before], *given, *(taken[len(taken) - after :] if after else ()))
        return Template(
            takes=(taken,),
            gives=(outcome,),
            weights=(Weight("kernel", kernel), *((Weight("bias", bias),) if bias else ())),
            where=tuple(where),
            counts={
                "macs": (Count(product(every), "one for each combination of the axes' positions", _AS_KERAS),),
                "work": (
                    *((Work(SUM, product(taken), "over the axes that occur in the input alone"),) if alone else ()),
                    *((Work(BIAS, product(outcome), "one for each output element"),) if bias else ()),
                    Work(named_by("activation"), product(outcome), "of each output element"),
                ),
                "keeps": (INPUTS, *kept_by("activation", product(outcome))),
            },
        )

    def asked(self, taken: tuple[Symbol, ...], before: int, count: int) -> tuple[Symbol | None, ...]:
        """The sizes given for the output's letters; where nothing is elided in front, the first is N."""
        places = range(1, len(self.output_shape) + 1)
        listed = tuple(numbered(T, place) if self.output_shape[place - 1] != -1 else None for place in places)
        own = listed if before else (taken[0], *listed)
        if len(own) != count:
            raise UsageError(
                f'{self.label}: "{self.equation}" wants {count - len(own) + len(listed)} sizes of its output, '
                f"{len(listed)} are given"
            )
        return own

    def bias(self, equation: _Equation, known: dict[str, Written], after: int) -> tuple[Written, ...]:
        """The bias's shape: from its first axis on, 1 where it does not lie along an axis."""
        if not self.bias_axes:
            return ()
        first = min(equation.given.index(letter) for letter in self.bias_axes)
        along = equation.given[first:]
        return (*(known[letter] if letter in self.bias_axes else _ONE for letter in along), *[_ONE] * after)


_ONE = Number(1)


def _opened(shape: Any) -> Any:
    sizes = shape if isinstance(shape, (list, tuple)) else (shape,)
    return tuple(-1 if size is None else size for size in sizes)


class Dot(Layer):
    """Dot products of two inputs along one axis of each; the other axes of both stay, the first input's first.

    `axes` is one axis of both, or one for each. With `normalize` the products are cosines.

    >>> from symshape.network import Input, Network
    >>> x, y = Input("T", 64), Input("S", 64)
    >>> d = Network((x, y), Dot(-1)(x, y)).derive()
    >>> d.output_shape, d.macs
    ((N, T, S), 64*S*T)
    """

    axes: tuple[int, ...]
    normalize: bool = False

    takes = ((N, L, C), (N, L, C))  # or other numbers of axes
    window = EVERYTHING
    example = staticmethod(lambda: Dot((2, 2)))
    keras = (Dialect("Dot", {"axes": "axes", "normalize": "normalize"}),)

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.axes) not in (1, 2):
            raise UsageError(f"{self.label}: one axis for both inputs or one for each is wanted, not {list(self.axes)}")

    def template(self, ranks: Sequence[int]) -> Template:
        if len(ranks) != 2 or min(ranks) < 2:
            raise GraphError(f"{self.label} takes 2 inputs of at least 2 dimensions, not {list(ranks)}")
        takes: list[tuple[Symbol, ...]] = []
        places: list[int] = []
        for number, (axis, rank) in enumerate(zip((self.axes * 2)[-2:], ranks, strict=True), 1):
            place = axis + rank if axis < 0 else axis
            if not 0 < place < rank:
                raise GraphError(f"{self.label}: axis {axis} is no axis of input {number} but the batch")
            names = (*names_of_axes(rank - 1)[1:], "C")
            takes.append((N, *(Symbol(f"{name}_{number}") for name in names)))
            places.append(place)
        (first, second), (one, other) = takes, places
        stay = (*first[1:one], *first[one + 1 :], *second[1:other], *second[other + 1 :])
        return Template(
            takes=(first, second),
            gives=((N, *(stay or (_ONE,))),),
            where=(
                Condition(
                    equal(first[one], second[other]), "products are taken of vectors of one length", KERAS("Dot")
                ),
            ),
            counts={
                "macs": (
                    Count(product((N, *stay, first[one])), "each output element is one dot product", KERAS("Dot")),
                ),
                "work": tuple(
                    Work(LENGTH, product(sizes), "of each vector of either input") for sizes in takes if self.normalize
                ),
                **({} if self.normalize else {"keeps": (INPUTS,)}),
            },
        )


class _Compared(Layer):
    """Two inputs compared along an axis, which goes; sizes along the others are equal, or 1 and then repeated."""

    takes = ((N, L, C), (N, L, C))  # or another number of axes
    window = EVERYTHING

    def compared(self, ranks: Sequence[int], axis: int, *, kept: bool) -> tuple[Template, Written]:
        """The declaration for an axis, and how many pairs of numbers are compared."""
        if len(ranks) != 2 or ranks[0] != ranks[1]:
            raise GraphError(f"{self.label} takes 2 inputs of one number of dimensions, not {list(ranks)}")
        place = axis + ranks[0] if axis < 0 else axis
        if not 0 < place < ranks[0]:
            raise GraphError(f"{self.label}: axis {axis} is no axis but the batch of inputs with {ranks[0]} dimensions")
        names = names_of_sizes(ranks[0])[1:]
        first, second = (tuple(Symbol(f"{name}_{number}") for name in names) for number in (1, 2))
        both = [widest(*pair) for pair in zip(first, second, strict=True)]
        pairs = [
            (size, wide) for pair, wide in zip(zip(first, second, strict=True), both, strict=True) for size in pair
        ]
        template = Template(
            takes=((N, *first), (N, *second)),
            gives=((N, *both[: place - 1], *((_ONE,) if kept else ()), *both[place:]),),
            where=tuple(Condition(any_of(equal(size, wide), equal(size, 1)), _FIT) for size, wide in pairs),
        )
        return template, product((N, *both))


_FIT = "compared shapes must be equal along every axis, or 1 where one is repeated"


class CosineSimilarity(_Compared):
    """The cosine of the angle between two inputs' vectors along an axis.

    >>> from symshape.network import Input, Network
    >>> x, y = Input("L", "C"), Input("L", "C")
    >>> Network((x, y), CosineSimilarity(2)(x, y)).derive().output_shape
    (N, L)
    """

    axis: int = 1

    torch = (Dialect("CosineSimilarity", {"dim": "axis", "eps": None}),)

    def template(self, ranks: Sequence[int]) -> Template:
        template, pairs = self.compared(ranks, self.axis, kept=False)
        products = Count(pairs, "each output element is one dot product; both lengths are not counted", _COSINE)
        lengths = tuple(Work(LENGTH, pairs, "of each vector of either input") for _ in range(2))
        return replace(template, counts={"macs": (products,), "work": lengths})


_COSINE = PYTORCH("CosineSimilarity")


class PairwiseDistance(_Compared):
    """The p-norm of the difference of two inputs' vectors along the last axis, which stays as 1 if `keepdims`."""

    keepdims: bool = False

    torch = (Dialect("PairwiseDistance", {"p": None, "eps": None, "keepdim": "keepdims"}),)

    def template(self, ranks: Sequence[int]) -> Template:
        powers = Count(Number(0), "differences, their powers and sums; by convention not counted")
        template, pairs = self.compared(ranks, -1, kept=self.keepdims)
        work = (
            Work(ADD, pairs, "of each pair"),
            Work(POWER_SUM, pairs, "of each difference"),
            Work(ROOT, product(template.gives[0]), "of each sum"),
        )
        return replace(template, counts={"macs": (powers,), "work": work})


class Bilinear(Layer):
    """x₁ᵀ·A·x₂ with a matrix A for each of U outputs: every pair of features of two inputs, weighted.

    >>> from symshape.network import Input, Network
    >>> x, y = Input(20), Input(30)
    >>> Network((x, y), Bilinear(40)(x, y)).derive().params
    24040
    """

    units: Dim = dim(U)
    bias: bool = True
    features: Dim = dim(C, None)
    others: Dim = dim(C_2, None)

    takes = ((each(A), C), (each(A), C_2))
    gives = ((each(A), U),)
    weights = (Weight("weight", (U, C, C_2)), Weight("bias", (U,), when=has("bias")))
    macs = (
        Count(each(A) * U * C * C_2, "the first input with each output's matrix", PYTORCH("Bilinear")),
        Count(each(A) * U * C_2, "what that gives with the second input", PYTORCH("Bilinear")),
    )
    work = Work(BIAS, each(A) * U, "one for each output", when=has("bias"))
    keeps = INPUTS
    window = FEATURES
    torch = (
        Dialect(
            "Bilinear",
            {"in1_features": "features", "in2_features": "others", "out_features": "units", "bias": "bias"},
        ),
    )
