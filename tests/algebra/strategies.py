"""Random formulas, and what they mean in Python's own exact arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

from hypothesis import strategies as st

from symshape.algebra.poly import Name, Value, name
from symshape.written import (
    Add,
    Ceiling,
    Div,
    Floor,
    Max,
    Min,
    Mod,
    Mul,
    Neg,
    Number,
    Pow,
    Symbol,
    Written,
    symbols,
)

NAMES = ("H", "W", "K", "S")
LETTERS = symbols(" ".join(NAMES))

MEANINGS: dict[type[Written], Callable[..., Any]] = {
    Add: lambda *terms: sum(terms, Fraction(0)),
    Mul: lambda *factors: math.prod(factors, start=Fraction(1)),
    Neg: lambda x: -x,
    Div: lambda x, y: x / y,
    Mod: lambda x, y: x - y * math.floor(x / y),
    Pow: lambda x, y: x**y,
    Floor: math.floor,
    Ceiling: math.ceil,
    Max: max,
    Min: min,
}


def meaning(tree: Written, sizes: Mapping[str, int]) -> Fraction:
    """The value of a formula at given sizes, by definition."""
    if isinstance(tree, Number):
        return Fraction(tree.value)
    if isinstance(tree, Symbol):
        return Fraction(sizes[tree.name])
    return Fraction(MEANINGS[type(tree)](*(meaning(part, sizes) for part in tree.parts())))


def bound(sizes: Mapping[str, int]) -> dict[Name, Value]:
    """The sizes as what `substitute` takes."""
    return {Name.interned(size, True): number for size, number in sizes.items()}


numbers = st.integers(-12, 12).map(Number)
positive = st.integers(1, 9).map(Number)


def divisors(letters: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    """Positive divisors: numbers, symbols, and small products and sums of them."""
    return st.one_of(
        positive,
        letters,
        st.builds(lambda a, x: Mul((a, x)), positive, letters),
        st.builds(lambda x, b: Add((x, b)), letters, positive),
        st.builds(lambda x, y: Mul((x, y)), letters, letters),
    )


def _larger(trees: st.SearchStrategy[Written], over: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    several = st.lists(trees, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        several.map(Add),
        several.map(Add),
        st.tuples(trees, trees).map(Mul),
        trees.map(Neg),
        st.builds(lambda x, y: Floor(Div(x, y)), trees, over),
        st.builds(lambda x, y: Ceiling(Div(x, y)), trees, over),
        st.builds(Mod, trees, over),
        several.map(Max),
        several.map(Min),
    )


def formulas(leaves: int = 8, names: Sequence[str] = NAMES, *, numeric: bool = False) -> st.SearchStrategy[Written]:
    """Formulas of integers: + − · ⌊/⌋ ⌈/⌉ mod max min, the divisors positive (`numeric`: numbers only)."""
    letters = st.sampled_from(symbols(" ".join(names)))
    over = positive if numeric else divisors(letters)
    return st.recursive(letters | numbers, lambda trees: _larger(trees, over), max_leaves=leaves)


def quotients(leaves: int = 6) -> st.SearchStrategy[Written]:
    """Formulas with exact quotients that need not come out even."""
    whole = formulas(leaves)
    over = divisors(st.sampled_from(LETTERS))
    return st.builds(lambda x, y, z: Add((Div(x, y), z)), whole, over, whole)


def sizes_of(most: int = 40) -> st.SearchStrategy[dict[str, int]]:
    """Positive values for all the names."""
    return st.fixed_dictionaries({size: st.integers(1, most) for size in NAMES})


# A window slides over a map: (kernel, stride, padding on both sides together, rounded up).
windows = st.tuples(st.integers(1, 7), st.integers(1, 5), st.integers(0, 6), st.booleans())


def chain(steps: list[tuple[int, int, int, bool]]) -> Written:
    """The size after a chain of windows, one inside the other."""

    def after(size: Written, step: tuple[int, int, int, bool]) -> Written:
        kernel, stride, padding, up = step
        rounded = Ceiling if up else Floor
        return Add((rounded(Div(Add((size, Number(padding - kernel))), Number(stride))), Number(1)))

    return reduce(after, steps, Symbol("H"))


def polynomials(names: tuple[str, ...] = ("H", "W"), terms: int = 4) -> st.SearchStrategy[Value]:
    """Values built by + and ·, sometimes as products, sometimes expanded."""
    x = st.sampled_from([name(text) for text in names]) | st.integers(-5, 5)
    return st.recursive(
        x,
        lambda values: st.builds(lambda a, b: a + b, values, values) | st.builds(lambda a, b: a * b, values, values),
        max_leaves=terms,
    )
