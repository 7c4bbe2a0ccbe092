"""Written form → value: a formula compiled once into a plain Python function over numbers and polynomials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from symshape.algebra.exponential import exponential
from symshape.algebra.extrema import max_of, min_of, widest_of
from symshape.algebra.floors import ceil_div, floor_div, modulo
from symshape.algebra.poly import Name, Poly, Value, canonical, divide, name
from symshape.algebra.series import series
from symshape.errors import DeclarationError, Undecided, UnknownName
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
    Place,
    Pow,
    Sum,
    Symbol,
    Widest,
    Written,
)

__all__ = ["compiled", "evaluate", "value_of"]

_WIDEST = 100  # parts in one bracket


def evaluate(tree: Written, values: Mapping[str, Value]) -> Value:
    """The value of a written formula where its symbols take `values`.

    >>> from symshape.written import floor, symbols
    >>> H, K, S = symbols("H K S")
    >>> evaluate(floor((H - K)/S) + 1, {"H": 32, "K": 5, "S": 1})
    28
    """
    function, names = compiled(tree)
    missing = [symbol for symbol in names if symbol not in values]
    if missing:
        raise UnknownName(f"{tree} needs a value for {', '.join(missing)}")
    return canonical(function(*(values[symbol] for symbol in names)))


def value_of(tree: Written) -> Value:
    """The value of a written formula whose symbols stay symbols."""
    function, names = compiled(tree)
    rational = {symbol.name for symbol in tree.symbols if symbol.rational}
    return canonical(function(*(name(text, integral=text not in rational) for text in names)))


def compiled(tree: Written) -> tuple[Callable[..., Value], tuple[str, ...]]:
    """A function of the tree's symbols, and their names in the order of its arguments."""
    try:
        return _compiled(tree)
    except (RecursionError, MemoryError, SyntaxError):  # SyntaxError: more brackets than Python's parser takes
        raise Undecided("a formula is nested too deeply to be evaluated") from None


@lru_cache(maxsize=4096)
def _compiled(tree: Written) -> tuple[Callable[..., Value], tuple[str, ...]]:
    """The source that is compiled is written here from our own nodes; no text of a user's reaches it."""
    names = tuple(sorted(symbol.name for symbol in tree.symbols))
    slots = {symbol: f"x{index}" for index, symbol in enumerate(names)}
    source = f"lambda {', '.join(slots.values())}: {_source(tree, slots)}"
    return eval(source, dict(_OPERATIONS)), names  # noqa: S307 - see the docstring


_OPERATIONS: dict[str, Any] = {
    "__builtins__": {},
    "floor_div": floor_div,
    "ceil_div": ceil_div,
    "divide": divide,
    "modulo": modulo,
    "power": exponential,
    "max_of": max_of,
    "min_of": min_of,
    "widest_of": widest_of,
    "summed": lambda term, text, first, last: _summed(term, text, first, last),
    "Fraction": Fraction,
}


def _summed(term: Callable[[Value], Value], text: str, first: Value, last: Value) -> Value:
    place = Name.place(text)
    return series(term(Poly.of_atom(place) + first), place, last - first + 1)


def _source(node: Written, slots: Mapping[str, str]) -> str:
    try:
        rule = _SOURCES[type(node)]
    except KeyError:
        raise DeclarationError(f"{node} has no value: {type(node).__name__} is not part of a formula") from None
    return rule(node, lambda part: _source(part, slots), slots)


def _chain(sign: str, parts: list[str]) -> str:
    """The parts joined, in brackets by the hundred: Python's compiler recurses along a chain."""
    while len(parts) > _WIDEST:
        parts = [_chain(sign, parts[start : start + _WIDEST]) for start in range(0, len(parts), _WIDEST)]
    return f"({sign.join(parts)})"


def _rounded(operation: str) -> Callable[..., str]:
    def rule(node: Floor | Ceiling, of: Callable[[Written], str], slots: Mapping[str, str]) -> str:
        inner = node.arg
        over, under = (of(inner.left), of(inner.right)) if isinstance(inner, Div) else (of(inner), "1")
        return f"{operation}({over}, {under})"

    return rule


def _call(operation: str) -> Callable[..., str]:
    return lambda node, of, slots: f"{operation}({', '.join(of(part) for part in node.parts())})"


def _number(node: Number, of: Callable[[Written], str], slots: Mapping[str, str]) -> str:
    value = node.value
    return f"({value})" if isinstance(value, int) else f"Fraction({value.numerator}, {value.denominator})"


def _sum(node: Sum, of: Callable[[Written], str], slots: Mapping[str, str]) -> str:
    inner = {**slots, f"{node.index.name} of a sum": f"p{len(slots)}"}
    term = _source(node.term, inner)
    return f"summed(lambda p{len(slots)}: {term}, {node.index.name!r}, {of(node.first)}, {of(node.last)})"


_SOURCES: dict[type[Written], Callable[..., str]] = {
    Number: _number,
    Symbol: lambda node, of, slots: slots[node.name],
    Place: lambda node, of, slots: slots[f"{node.name} of a sum"],
    Sum: _sum,
    Add: lambda node, of, slots: _chain(" + ", [of(part) for part in node.args] or ["0"]).replace("+ -", "- "),
    Neg: lambda node, of, slots: f"-{of(node.arg)}",
    Mul: lambda node, of, slots: _chain("*", [of(part) for part in node.args] or ["1"]),
    Div: _call("divide"),
    Mod: _call("modulo"),
    Pow: _call("power"),
    Floor: _rounded("floor_div"),
    Ceiling: _rounded("ceil_div"),
    Min: _call("min_of"),
    Max: _call("max_of"),
    Widest: _call("widest_of"),
}
