"""The written form: a formula as the paper prints it.

A small immutable tree that keeps the author's order, brackets, minus signs and fractions, which an algebra system
would rearrange. It is built with Python's own operators:

    >>> H, K, P, S = symbols("H K P S")
    >>> floor((H + 2*P - K)/S) + 1
    floor((H + 2*P - K)/S) + 1

Nothing is simplified here, ever. `place` puts other trees where symbols stand and keeps the structure, which is how a
substitution is printed; meaning is given by `symshape.algebra`, appearance by `symshape.notation`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Union

from symshape.errors import Undecided

__all__ = [
    "Add",
    "AllOf",
    "AnyOf",
    "By",
    "Ceiling",
    "Div",
    "Divides",
    "Each",
    "Floor",
    "Max",
    "Min",
    "Mod",
    "Mul",
    "Neg",
    "Number",
    "Place",
    "Pow",
    "Relation",
    "Sum",
    "Symbol",
    "Widest",
    "Written",
    "WrittenLike",
    "all_of",
    "any_of",
    "ceiling",
    "divides",
    "each",
    "equal",
    "floor",
    "maximum",
    "minimum",
    "place",
    "product",
    "symbols",
    "total",
    "walk",
    "widest",
    "written",
]

WrittenLike = Union["Written", int, Fraction]


class Written:
    """A node of a written formula; the operators build larger trees and simplify nothing."""

    __slots__ = ()

    # -- arithmetic -------------------------------------------------------------------------------------------
    def __add__(self, other: WrittenLike) -> Add:
        return Add((*_terms(self), written(other)))

    def __radd__(self, other: WrittenLike) -> Add:
        return Add((written(other), *_terms(self)))

    def __sub__(self, other: WrittenLike) -> Add:
        return Add((*_terms(self), Neg(written(other))))

    def __rsub__(self, other: WrittenLike) -> Add:
        return Add((written(other), Neg(self)))

    def __mul__(self, other: WrittenLike) -> Mul:
        return Mul((*_factors(self), *_factors(written(other))))

    def __rmul__(self, other: WrittenLike) -> Mul:
        return Mul((*_factors(written(other)), *_factors(self)))

    def __truediv__(self, other: WrittenLike) -> Div:
        return Div(self, written(other))

    def __rtruediv__(self, other: WrittenLike) -> Div:
        return Div(written(other), self)

    def __floordiv__(self, other: WrittenLike) -> Floor:
        return Floor(Div(self, written(other)))

    def __mod__(self, other: WrittenLike) -> Mod:
        return Mod(self, written(other))

    def __pow__(self, other: WrittenLike) -> Pow:
        return Pow(self, written(other))

    def __rpow__(self, other: WrittenLike) -> Pow:
        return Pow(written(other), self)

    def __neg__(self) -> Neg:
        return Neg(self)

    # -- relations (== stays structural equality; see `equal` for the relation) ---------------------------------
    def __ge__(self, other: WrittenLike) -> Relation:
        return Relation(">=", self, written(other))

    def __le__(self, other: WrittenLike) -> Relation:
        return Relation("<=", self, written(other))

    def __gt__(self, other: WrittenLike) -> Relation:
        return Relation(">", self, written(other))

    def __lt__(self, other: WrittenLike) -> Relation:
        return Relation("<", self, written(other))

    # -- structure --------------------------------------------------------------------------------------------
    def parts(self) -> tuple[Written, ...]:
        """The child nodes, in written order."""
        return ()

    def rebuilt(self, parts: tuple[Written, ...]) -> Written:
        """The same node over other children."""
        return self

    @property
    def symbols(self) -> frozenset[Symbol]:
        """Every symbol that occurs."""
        return frozenset(node for node in walk(self) if isinstance(node, Symbol))

    def __repr__(self) -> str:
        try:
            return _plain(self, 0)
        except RecursionError:
            raise Undecided("a formula is nested too deeply to be written out") from None


@dataclass(frozen=True, slots=True, repr=False)
class Number(Written):
    """An exact number."""

    value: int | Fraction


@dataclass(frozen=True, slots=True, repr=False)
class Symbol(Written):
    """A named positive integer. Two symbols are equal when their names are.

    `axial` marks a symbol that stands for one value per spatial axis (kernel, stride, size), `rational` a positive
    number that need not be an integer (a multiplier).
    """

    name: str
    meaning: str = field(default="", compare=False)
    unit: str = field(default="", compare=False)
    latex: str = field(default="", compare=False)
    axial: bool = field(default=False, compare=False)
    rational: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, repr=False)
class _Many(Written):
    args: tuple[Written, ...]

    def parts(self) -> tuple[Written, ...]:
        return self.args

    def rebuilt(self, parts: tuple[Written, ...]) -> Written:
        return type(self)(parts)


@dataclass(frozen=True, slots=True, repr=False)
class _One(Written):
    arg: Written

    def parts(self) -> tuple[Written, ...]:
        return (self.arg,)

    def rebuilt(self, parts: tuple[Written, ...]) -> Written:
        return type(self)(*parts)


@dataclass(frozen=True, slots=True, repr=False)
class _Two(Written):
    left: Written
    right: Written

    def parts(self) -> tuple[Written, ...]:
        return (self.left, self.right)

    def rebuilt(self, parts: tuple[Written, ...]) -> Written:
        return type(self)(*parts)


class Add(_Many):
    """A sum; a subtracted term is a `Neg` among the terms."""

    __slots__ = ()


class Mul(_Many):
    """A product."""

    __slots__ = ()


class Min(_Many):
    """The least of several values."""

    __slots__ = ()


class Max(_Many):
    """The greatest of several values."""

    __slots__ = ()


class Neg(_One):
    """A minus sign."""

    __slots__ = ()


class Floor(_One):
    """The greatest integer not above."""

    __slots__ = ()


class Ceiling(_One):
    """The least integer not below."""

    __slots__ = ()


class Each(_One):
    """In a declaration only: the symbol's value on every axis; a product in a formula, several entries in a shape."""

    __slots__ = ()


class Div(_Two):
    """An exact quotient: inside `Floor` of any integers, elsewhere a condition says that it comes out even."""

    __slots__ = ()


class Mod(_Two):
    """The remainder of a floor division."""

    __slots__ = ()


class Pow(_Two):
    """A power."""

    __slots__ = ()


class Divides(_Two):
    """The relation left | right."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, repr=False)
class Relation(Written):
    """A comparison: `op` is one of >=, <=, >, <, ==, !=."""

    op: str
    left: Written
    right: Written

    def parts(self) -> tuple[Written, ...]:
        return (self.left, self.right)

    def rebuilt(self, parts: tuple[Written, ...]) -> Written:
        return Relation(self.op, *parts)

    def __bool__(self) -> bool:
        raise TypeError(f"{self} is a relation to be written, not a truth: chain relations with all_of")


@dataclass(frozen=True, slots=True, repr=False)
class Place(Written):
    """The index of a sum, inside its term: no symbol, since nothing can be put in its place."""

    name: str


@dataclass(frozen=True, slots=True, repr=False)
class Sum(Written):
    """The sum of a term over the places index = first … last."""

    index: Place
    term: Written
    first: Written
    last: Written

    def parts(self) -> tuple[Written, ...]:
        return (self.term, self.first, self.last)

    def rebuilt(self, parts: tuple[Written, ...]) -> Written:
        return Sum(self.index, *parts)


class Widest(Max):
    """The greatest of several sizes; sizes are at least 1, so a 1 among them never counts."""

    __slots__ = ()


class By(_Many):
    """Sizes side by side, as a shape is spoken: 28 × 28 × 8."""

    __slots__ = ()


class AnyOf(_Many):
    """At least one of several relations holds."""

    __slots__ = ()


class AllOf(_Many):
    """Each of several relations holds."""

    __slots__ = ()

    def chains(self) -> list[tuple[Written, ...]]:
        """The relations, those together that read as one chain: 1 <= H and H <= 9 as 1 <= H <= 9."""
        found: list[tuple[Written, ...]] = []
        for part in self.args:
            before = found[-1][-1] if found else None
            if _goes_on(before, part):
                found[-1] = (*found[-1], part)
            else:
                found.append((part,))
        return found


def _goes_on(one: Written | None, other: Written) -> bool:
    rising = ("<=", "<")
    return (
        isinstance(one, Relation)
        and isinstance(other, Relation)
        and one.op in rising
        and other.op in rising
        and one.right == other.left
    )


# -- builders -----------------------------------------------------------------------------------------------------
def written(value: WrittenLike) -> Written:
    """`value` as a node: numbers are wrapped, nodes pass."""
    if isinstance(value, Written):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        raise TypeError(f"{value!r} is neither a formula nor an exact number")
    return Number(value)


def symbols(names: str) -> tuple[Symbol, ...]:
    """Plain symbols from a space-separated list, as sympy does it."""
    return tuple(Symbol(name) for name in names.split())


def floor(value: WrittenLike) -> Floor:
    """⌊value⌋"""
    return Floor(written(value))


def ceiling(value: WrittenLike) -> Ceiling:
    """⌈value⌉"""
    return Ceiling(written(value))


def minimum(*values: WrittenLike) -> Min:
    """The least of `values`."""
    return Min(tuple(written(v) for v in values))


def maximum(*values: WrittenLike) -> Max:
    """The greatest of `values`."""
    return Max(tuple(written(v) for v in values))


def widest(*sizes: WrittenLike) -> Widest:
    """The greatest of `sizes`, each at least 1: what broadcasting gives."""
    return Widest(tuple(written(size) for size in sizes))


def each(symbol: WrittenLike) -> Each:
    """The symbol (or the same number) on every axis of the layer; declarations only."""
    return Each(written(symbol))


def equal(left: WrittenLike, right: WrittenLike) -> Relation:
    """The relation left = right."""
    return Relation("==", written(left), written(right))


def divides(divisor: WrittenLike, number: WrittenLike) -> Divides:
    """The relation divisor | number."""
    return Divides(written(divisor), written(number))


def total(term: Written, index: Symbol, first: WrittenLike, last: WrittenLike) -> Sum:
    """The sum of `term` over index = first … last.

    >>> H, k, n = symbols("H k n")
    >>> total(H//2**k, k, 0, n - 1)
    sum(floor(H/2**k), k, 0, n - 1)
    """
    bound = Place(index.name)
    return Sum(bound, place(term, {index.name: bound}), written(first), written(last))


def any_of(*relations: Written) -> AnyOf:
    """At least one of the relations."""
    return AnyOf(relations)


def all_of(*relations: Written) -> AllOf:
    """All of the relations."""
    return AllOf(relations)


def _terms(node: Written) -> tuple[Written, ...]:
    return node.args if isinstance(node, Add) else (node,)


def _factors(node: Written) -> tuple[Written, ...]:
    return node.args if isinstance(node, Mul) else (node,)


# -- walking ------------------------------------------------------------------------------------------------------
def walk(node: Written) -> Iterator[Written]:
    """The node and everything below it, in written order."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(top.parts()))


def place(node: Written, values: Mapping[str, Written] | Callable[[Symbol], Written]) -> Written:
    """The same tree with other trees where symbols stand; nothing is computed.

    >>> H, K = symbols("H K")
    >>> place(floor((H - K)/2) + 1, {"K": Number(5)})
    floor((H - 5)/2) + 1
    """
    try:
        return _placed(node, values if callable(values) else lambda symbol: values.get(symbol.name, symbol))
    except RecursionError:
        raise Undecided("a formula is nested too deeply to put values into it") from None


def _placed(node: Written, value: Callable[[Symbol], Written]) -> Written:
    if isinstance(node, Symbol):
        return value(node)
    parts = node.parts()
    return node.rebuilt(tuple([_placed(part, value) for part in parts])) if parts else node


def product(factors: Iterable[Written]) -> Written:
    """A product of any number of factors, without needless nodes."""
    args = tuple(factors)
    return args[0] if len(args) == 1 else Mul(args) if args else Number(1)


# -- plain text: Python's own syntax, so that what is printed can be read back -------------------------------------
_RELATION, _SUM, _REMAINDER, _PRODUCT, _SIGN, _POWER, _ATOM = range(1, 8)


def _plain(node: Written, outer: int) -> str:
    text, inner = _PLAIN[type(node)](node)
    return f"({text})" if inner < outer else text


def _plain_number(node: Number) -> tuple[str, int]:
    whole = node.value.denominator == 1
    return str(node.value), _ATOM if whole and node.value >= 0 else _PRODUCT


def _plain_add(node: Add) -> tuple[str, int]:
    text = ""
    for term in node.args:
        if not text:
            text = _plain(term, _SUM)
        elif isinstance(term, Neg):
            text += " - " + _plain(term.arg, _PRODUCT)
        else:  # a sum within a sum keeps its brackets
            text += " + " + _plain(term, _REMAINDER)
    return text or "0", _SUM


def _plain_mul(node: Mul) -> tuple[str, int]:
    return "*".join(_plain(f, _PRODUCT if i == 0 else _SIGN) for i, f in enumerate(node.args)) or "1", _PRODUCT


def _call(name: str) -> Callable[[Written], tuple[str, int]]:
    return lambda node: (f"{name}({', '.join(_plain(part, 0) for part in node.parts())})", _ATOM)


_PLAIN: dict[type, Callable[..., tuple[str, int]]] = {
    Number: _plain_number,
    Symbol: lambda node: (node.name, _ATOM),
    Add: _plain_add,
    Neg: lambda node: ("-" + _plain(node.arg, _PRODUCT), _PRODUCT),
    Mul: _plain_mul,
    Div: lambda node: (f"{_plain(node.left, _PRODUCT)}/{_plain(node.right, _SIGN)}", _PRODUCT),
    Mod: lambda node: (f"{_plain(node.left, _PRODUCT)} % {_plain(node.right, _SIGN)}", _REMAINDER),
    Pow: lambda node: (f"{_plain(node.left, _ATOM)}**{_plain(node.right, _POWER)}", _POWER),
    Floor: _call("floor"),
    Ceiling: _call("ceiling"),
    Min: _call("min"),
    Max: _call("max"),
    Widest: _call("max"),
    Place: lambda node: (node.name, _ATOM),
    Sum: lambda node: (
        f"sum({', '.join(_plain(part, 0) for part in (node.term, node.index, node.first, node.last))})",
        _ATOM,
    ),
    By: lambda node: (" x ".join(_plain(part, _PRODUCT) for part in node.args) or "1", _REMAINDER),
    Each: _call("each"),
    Divides: lambda node: (f"{_plain(node.right, _PRODUCT)} % {_plain(node.left, _SIGN)} == 0", _RELATION),
    Relation: lambda node: (f"{_plain(node.left, _SUM)} {node.op} {_plain(node.right, _SUM)}", _RELATION),
    AnyOf: lambda node: (" or ".join(_plain(part, _RELATION) for part in node.args), 0),
    AllOf: lambda node: (" and ".join(_plain(part, _RELATION) for part in node.args), 0),
}
