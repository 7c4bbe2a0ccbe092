"""General products of arrays: of matrices and vectors, and Einstein sums over any number of arrays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from symshape.declaration import (
    ELSEWHERE,
    FEATURES,
    INPUTS,
    NOTHING,
    PYTORCH,
    Condition,
    Count,
    Dialect,
    Layer,
    Template,
    Work,
    inputs,
)
from symshape.declaration.layer import Shape
from symshape.errors import GraphError, UsageError
from symshape.layers.axes import ATEN, KERAS_OPS, NUMPY, broadcast, sizes_of
from symshape.layers.operations import ADD, BIAS
from symshape.written import Number, Symbol, Written, any_of, equal, product, widest

__all__ = ["AddMatMul", "Affine", "Einsum", "MatMul"]

NOT_COUNTED = Count(Number(0), "nothing is summed over products; by convention not counted")
_AS_TORCH = PYTORCH("einsum")
_AS_NUMPY = NUMPY("matmul")
_MEETING = "the rows of the first are as long as the columns of the second"


class MatMul(Layer):
    """Products of the matrices in the last two axes of both inputs; the axes before them are broadcast.

    As in NumPy, an input with one axis is a row if it comes first, a column if it comes second, and this axis is gone
    afterwards. `dimensions` asks for inputs of as many dimensions and for equal batches, as PyTorch's `mm` and `bmm` do.

    >>> from symshape.network import Input, Network
    >>> q, k = Input("h", "L", 64), Input("h", 64, "L")
    >>> d = Network((q, k), MatMul()(q, k)).derive()
    >>> d.output_shape, d.macs
    ((N, h, L, L), 64*L**2*h)
    """

    dimensions: tuple[int, ...] = ()

    example = staticmethod(lambda: (MatMul(), ("N", 8, "L", 64), ("N", 8, 64, "L")))
    window = ELSEWHERE
    operations = (
        Dialect("Matmul", module=KERAS_OPS, arguments=("x1", "x2")),
        Dialect("matmul", module=ATEN),
        Dialect("mm", module=ATEN, fixed={"dimensions": (2, 2)}),
        Dialect("bmm", module=ATEN, fixed={"dimensions": (3, 3)}),
        Dialect("mv", module=ATEN, fixed={"dimensions": (2, 1)}),
        Dialect("dot", module=ATEN, fixed={"dimensions": (1, 1)}),
    )

    def seeing(self, shapes: Sequence[Shape]) -> Layer:
        """Over a single matrix, as of weights, positions stay where they are and features are mixed, as in a dense layer."""
        if len(shapes) != 2 or not len(shapes[1]) <= 2 < len(shapes[0]):
            return self
        dense = self.replaced()
        object.__setattr__(dense, "window", FEATURES)
        return dense

    def template(self, ranks: Sequence[int]) -> Template:
        if len(ranks) != 2 or min(ranks) < 1:
            raise GraphError(f"{self.label} takes 2 inputs of at least 1 dimension, not {list(ranks)}")
        if self.dimensions and tuple(ranks) != self.dimensions:
            wanted = " and ".join(map(str, self.dimensions))
            raise GraphError(f"{self.label} takes inputs of {wanted} dimensions, not {list(ranks)}")
        first, second = sizes_of(ranks[0], 1), sizes_of(ranks[1], 2)
        ahead, where = broadcast((first[:-2], second[:-2]))
        if self.dimensions and ahead:
            ahead, where = first[:-2], (Condition(equal(first[0], second[0]), "both have as many matrices", _AS_NUMPY),)
        met = second[-2] if len(second) > 1 else second[0]
        made = (*ahead, *first[-2:-1], *(second[-1:] if len(second) > 1 else ()))
        return Template(
            takes=(first, second),
            gives=(made,),
            where=(*where, Condition(equal(first[-1], met), _MEETING, _AS_NUMPY)),
            counts={
                "macs": (Count(product((*made, first[-1])), "each output element is one dot product", _AS_NUMPY),),
                "work": NOTHING,
                "keeps": (INPUTS,),
            },
        )


# -- dense layers whose weights are inputs -----------------------------------------------------------------------------
class Affine(Layer):
    """x·Wᵀ + b, all of them inputs: x, W of U rows with a number for each of x's features, and (or not) b.

    >>> from symshape.layers import Parameter
    >>> from symshape.network import Input, Network, given
    >>> x = Input("L", 64)
    >>> d = Network(x, Affine()(x, given(Parameter(("U", 64))))).derive()
    >>> d.output_shape, d.macs
    ((N, L, U), 64*L*U)
    """

    example = staticmethod(lambda: (Affine(), ("N", "L", "C"), ("U", "C"), ("U",)))
    window = FEATURES
    operations = (Dialect("linear", module=ATEN),)

    def template(self, ranks: Sequence[int]) -> Template:
        if len(ranks) not in (2, 3) or ranks[0] < 1 or tuple(ranks[1:]) not in ((2,), (2, 1)):
            raise GraphError(
                f"{self.label} takes x, a matrix W and maybe a row b, not inputs of {list(ranks)} dimensions"
            )
        x = sizes_of(ranks[0])
        C_in = x[-1]
        out = Symbol("U", "number of units (output features)")
        return Template(
            takes=(x, (out, C_in), (out,))[: len(ranks)],
            gives=((*x[:-1], out),),
            counts={
                "macs": (
                    Count(product((*x, out)), "each output is one dot product over x's features", PYTORCH("Linear")),
                ),
                "work": (Work(BIAS, product((*x[:-1], out)), "one for each output"),) if len(ranks) == 3 else NOTHING,
                "keeps": (INPUTS,),
            },
        )


class AddMatMul(Layer):
    """c + A·B, in this order: the product of two matrices, or (`batched`) of as many pairs, added to what is repeated to
    its shape."""

    batched: bool = False

    example = staticmethod(lambda: (AddMatMul(), ("F",), ("N", "C"), ("C", "F")))
    window = ELSEWHERE
    operations = (
        Dialect("addmm", {"beta": None, "alpha": None}, module=ATEN),
        Dialect("baddbmm", {"beta": None, "alpha": None}, {"batched": True}, module=ATEN),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        wanted = 3 if self.batched else 2
        if len(ranks) != 3 or tuple(ranks[1:]) != (wanted, wanted) or ranks[0] > wanted:
            raise GraphError(f"{self.label} takes c and two inputs of {wanted} dimensions, not {list(ranks)}")
        added, first, second = (sizes_of(rank, number) for number, rank in enumerate(ranks, 1))
        made = (*first[:-1], second[-1])
        where = [Condition(equal(first[-1], second[-2]), _MEETING, _AS_NUMPY)]
        if self.batched:
            where.append(Condition(equal(first[0], second[0]), "both have as many matrices", _AS_NUMPY))
        for own, size in zip(reversed(added), reversed(made), strict=False):
            where.append(
                Condition(any_of(equal(own, size), equal(own, 1)), "c is repeated to the product's shape", _AS_NUMPY)
            )
        return Template(
            takes=(added, first, second),
            gives=(made,),
            where=tuple(where),
            counts={
                "macs": (Count(product((*made, first[-1])), "each output element is one dot product", _AS_NUMPY),),
                "work": (Work(ADD, product(made), "of what is added to the product"),),
                "keeps": (inputs(1, 2, reason="both matrices"),),
            },
        )


# -- Einstein sums -----------------------------------------------------------------------------------------------------
class Einsum(Layer):
    """A sum over products of any number of arrays, as the equation says: letters that the output lacks are summed over.

    "..." stands for axes without letters, which are broadcast; without "->" the output has the letters that occur once, in
    the order of the alphabet, after those axes. A letter twice in one input is its diagonal.

    Inputs are multiplied two at a time, from the left, and a letter is summed over as soon as nothing further needs it;
    another order may cost less. Letters of one input alone are summed before they are multiplied, and a pair without a
    letter to sum over is multiplied number by number, which by convention is not counted.

    >>> from symshape.network import Input, Network
    >>> q, k = Input("L", 8, 64), Input("L", 8, 64)
    >>> d = Network((q, k), Einsum("nqhd,nkhd->nhqk")(q, k)).derive()
    >>> d.output_shape, d.macs
    ((N, 8, L, L), 512*L**2)
    """

    equation: str

    example = staticmethod(lambda: (Einsum("nqhd,nkhd->nhqk"), ("N", "L_q", 8, 64), ("N", "L_k", 8, 64)))
    window = ELSEWHERE  # unless it is a dense layer over the last axis
    operations = (
        Dialect("Einsum", {"subscripts": "equation"}, module=KERAS_OPS),
        Dialect("einsum", {"equation": "equation", "path": None}, module=ATEN),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "equation", self.equation.replace(" ", ""))
        if re.fullmatch(rf"{_PART}(,{_PART})*(->{_PART})?", self.equation) is None:
            raise UsageError(f'{self.label}: "{self.equation}" is no equation such as "...ij,jk->...ik"')
        taken, given = self.sides
        for letter in given.replace(".", ""):
            if given.count(letter) > 1 or not any(letter in part for part in taken):
                where = "twice in the output" if given.count(letter) > 1 else "in the output only"
                raise UsageError(f'{self.label}: "{letter}" is {where} of "{self.equation}"')
        stay, last = taken[0][:-1], taken[0][-1:]
        others = "".join(taken[1:])
        if given.startswith(stay) and last.isalpha() and last not in given and not set(stay) & set(others):
            object.__setattr__(self, "window", FEATURES)

    @property
    def sides(self) -> tuple[tuple[str, ...], str]:
        """The letters of each input, and of the output."""
        left, arrow, right = self.equation.partition("->")
        if arrow:
            return tuple(left.split(",")), right
        letters = left.replace(",", "").replace(".", "")
        once = sorted(letter for letter in set(letters) if letters.count(letter) == 1)
        return tuple(left.split(",")), ("..." if "..." in left else "") + "".join(once)

    def template(self, ranks: Sequence[int]) -> Template:
        parts, given = self.sides
        if len(parts) != len(ranks):
            raise GraphError(f'{self.label}: "{self.equation}" is for {len(parts)} inputs, {len(ranks)} are connected')
        takes = tuple(sizes_of(rank, number if len(ranks) > 1 else None) for number, rank in enumerate(ranks, 1))
        lettered: dict[str, list[Symbol]] = {}
        unlettered: list[tuple[Symbol, ...]] = []
        for part, sizes in zip(parts, takes, strict=True):
            before, ellipsis, after = part.partition("...")
            left = len(sizes) - len(before) - len(after)
            if left < 0 or (left > 0 and not ellipsis):
                raise GraphError(f'{self.label}: "{part}" is not for an input with {len(sizes)} dimensions')
            unlettered.append(sizes[len(before) : len(before) + left])
            for letter, size in zip(before + after, (*sizes[: len(before)], *sizes[len(before) + left :]), strict=True):
                lettered.setdefault(letter, []).append(size)
        elided, where = broadcast(unlettered)
        where += self.diagonals(parts, takes)
        joined: dict[str, Written] = dict(zip(_elided(len(elided)), elided, strict=True))
        for letter, named in lettered.items():
            distinct = tuple(dict.fromkeys(named))
            joined[letter] = widest(*distinct) if len(distinct) > 1 else distinct[0]
            where += tuple(
                Condition(
                    any_of(equal(size, joined[letter]), equal(size, 1)),
                    f"the axes called {letter} are equally long, or 1 where they are repeated",
                    _AS_TORCH,
                )
                for size in distinct
                if len(distinct) > 1
            )
        letters = [self.spelt(part, len(own)) for part, own in zip(parts, unlettered, strict=True)]
        made = self.spelt(given, len(elided))
        return Template(
            takes=takes,
            gives=(tuple(joined[letter] for letter in made),),
            where=where,
            counts={
                "macs": tuple(_pairwise(letters, made, joined)) or (NOT_COUNTED,),
                **({"work": NOTHING, "keeps": (INPUTS,)} if _one_contraction(letters, made) else {}),
            },
        )

    def spelt(self, part: str, count: int) -> tuple[str, ...]:
        """A part's letters, the axes without letters among them, which are numbered from the last."""
        before, ellipsis, after = part.partition("...")
        return (*before, *(_elided(count) if ellipsis else ()), *after)

    def diagonals(self, parts: Sequence[str], takes: Sequence[tuple[Symbol, ...]]) -> tuple[Condition, ...]:
        """A letter that stands twice in one input is of axes of equal size."""
        found: list[Condition] = []
        for part, sizes in zip(parts, takes, strict=True):
            ellipsis = "..." if "..." in part else ""
            first: dict[str, Symbol] = {}
            for letter, size in zip(self.spelt(part, len(sizes) - len(part) + len(ellipsis)), sizes, strict=True):
                if first.setdefault(letter, size) != size:
                    found.append(
                        Condition(
                            equal(first[letter], size),
                            f"two axes of one input called {letter} are equally long",
                            _AS_TORCH,
                        )
                    )
        return tuple(found)


def _elided(count: int) -> tuple[str, ...]:
    return tuple(f"...{place}" for place in range(count, 0, -1))


def _one_contraction(parts: Sequence[tuple[str, ...]], made: Sequence[str]) -> bool:
    """Whether the sum is nothing but dot products of two inputs: no letter is of one alone, and some is summed over."""
    if len(parts) != 2:
        return False
    left, right = map(set, parts)
    return bool((left & right) - set(made)) and (left ^ right) <= set(made)


def _pairwise(parts: Sequence[tuple[str, ...]], made: Sequence[str], sizes: Mapping[str, Written]) -> Iterator[Count]:
    """The counts of the products, two at a time from the left."""
    left = set(parts[0])
    for number, right in enumerate(parts[1:], 1):
        needed = {*made, *(letter for part in parts[number + 1 :] for letter in part)}
        over = (left & set(right)) - needed
        if over:
            alone = (left ^ set(right)) - needed
            every = product(
                size for letter, size in sizes.items() if letter in left | set(right) and letter not in alone
            )
            yield Count(every, f"one for each combination of the axes' positions, input {number + 1}", _AS_TORCH)
        left = (left | set(right)) & needed


_PART = r"[a-zA-Z]*(?:\.\.\.[a-zA-Z]*)?"
