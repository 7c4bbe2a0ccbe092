"""Text → written form, through a whitelist of Python's own syntax tree; nothing is ever evaluated.

The language: names, exact numbers (4e9 and 24GiB are integers), + - * / // % **, floor, ceiling (ceil), min, max,
comparisons (also chained), `and`, `or`, and `divides(a, b)`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from symshape.errors import ParseError
from symshape.written import (
    AllOf,
    AnyOf,
    Ceiling,
    Div,
    Divides,
    Floor,
    Max,
    Min,
    Mod,
    Mul,
    Neg,
    Number,
    Pow,
    Relation,
    Symbol,
    Written,
)

__all__ = ["parse", "parse_relation"]

_LONGEST = 10_000
_DEEPEST = 60
_LARGEST_POWER = 10_000
_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_WITH_UNIT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|K|M|G|T)B\b")
_SCIENTIFIC = re.compile(r"(?<![\w.])(\d+(?:\.\d*)?|\.\d+)[eE]\+?(\d{1,3})\b")


def parse(text: str) -> Written:
    """A formula from text.

    Raises `ParseError`, naming what is not understood.

    >>> parse("floor((H + 2*P - 5)/S) + 1")
    floor((H + 2*P - 5)/S) + 1
    >>> parse("__import__('os')")
    Traceback (most recent call last):
    symshape.errors.ParseError: cannot read "__import__('os')": __import__ is not one of floor, ceiling, ceil, min, max, divides
    """
    tree = _read(text)
    if isinstance(tree, (Relation, AnyOf, AllOf, Divides)):
        raise ParseError(f'cannot read "{_shown(text)}": a formula is wanted here, not a relation')
    return tree


def parse_relation(text: str) -> Written:
    """A relation from text, such as "macs <= 4e9 and H % 32 == 0"; raises `ParseError`."""
    tree = _read(text)
    if not isinstance(tree, (Relation, AnyOf, AllOf, Divides)):
        raise ParseError(f'cannot read "{_shown(text)}": a relation such as "H >= 32" is wanted here')
    return tree


def _read(text: str) -> Written:
    if len(text) > _LONGEST:
        raise ParseError(f"cannot read an expression of {len(text)} characters: at most {_LONGEST} are read")
    exact = _WITH_UNIT.sub(lambda m: _whole(Fraction(m[1]) * _UNITS[m[2]], text), text)
    exact = _SCIENTIFIC.sub(lambda m: _whole(Fraction(m[1]) * 10 ** int(m[2]), text), exact)
    try:
        body = ast.parse(exact.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ParseError(f'cannot read "{_shown(text)}": it is not an expression') from None
    return _Reader(text).node(body, 0)


def _whole(value: Fraction, text: str) -> str:
    if value.denominator != 1:
        raise ParseError(f'cannot read "{_shown(text)}": {value} is not a whole number')
    return str(value.numerator)


def _shown(text: str) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= 80 else clean[:77] + "…"


class _Reader:
    """Turns a Python syntax tree into ours, node by node, and refuses whatever has no entry in the tables below."""

    def __init__(self, text: str) -> None:
        self.text = text

    def refuse(self, why: str) -> ParseError:
        return ParseError(f'cannot read "{_shown(self.text)}": {why}')

    def node(self, node: ast.expr, depth: int) -> Written:
        if depth > _DEEPEST:
            raise self.refuse(f"it is nested more than {_DEEPEST} deep")
        rule = _NODES.get(type(node))
        if rule is None:
            raise self.refuse(f"{ast.unparse(node)[:40]} is not part of the expression language")
        return rule(self, node, depth + 1)

    def constant(self, node: ast.Constant, depth: int) -> Written:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.refuse(f"{value!r} is not a number")
        if isinstance(value, float):
            literal = ast.get_source_segment(self.text, node) or repr(value)
            try:
                return Number(Fraction(literal))
            except ValueError:
                raise self.refuse(f"{literal} is not an exact number") from None
        return Number(value)

    def name(self, node: ast.Name, depth: int) -> Written:
        if node.id.startswith("__"):
            raise self.refuse(f"{node.id} is not a symbol")
        return Symbol(node.id)

    def binary(self, node: ast.BinOp, depth: int) -> Written:
        build = _BINARY.get(type(node.op))
        if build is None:
            raise self.refuse("only + - * / // % ** are understood")
        left, right = self.node(node.left, depth), self.node(node.right, depth)
        if isinstance(node.op, ast.Pow) and isinstance(right, Number) and abs(right.value) > _LARGEST_POWER:
            raise self.refuse(f"the power {right} is too large")
        return build(left, right)

    def unary(self, node: ast.UnaryOp, depth: int) -> Written:
        inner = self.node(node.operand, depth)
        if isinstance(node.op, ast.USub):
            return Number(-inner.value) if isinstance(inner, Number) else Neg(inner)
        if isinstance(node.op, ast.UAdd):
            return inner
        raise self.refuse("only the signs + and - are understood")

    def call(self, node: ast.Call, depth: int) -> Written:
        function = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)[:40]
        if function not in _CALLS or node.keywords:
            raise self.refuse(f"{function} is not one of {', '.join(_CALLS)}")
        least, most, build = _CALLS[function]
        if not least <= len(node.args) <= most:
            raise self.refuse(f"{function} takes {least if least == most else 'at least two'} arguments")
        return build(*(self.node(arg, depth) for arg in node.args))

    def compare(self, node: ast.Compare, depth: int) -> Written:
        sides = [self.node(side, depth) for side in (node.left, *node.comparators)]
        relations = []
        for op, left, right in zip(node.ops, sides, sides[1:]):
            if type(op) not in _COMPARISONS:
                raise self.refuse("only == != < <= > >= compare")
            relations.append(Relation(_COMPARISONS[type(op)], left, right))
        return relations[0] if len(relations) == 1 else AllOf(tuple(relations))

    def boolean(self, node: ast.BoolOp, depth: int) -> Written:
        parts = tuple(self.node(part, depth) for part in node.values)
        return AllOf(parts) if isinstance(node.op, ast.And) else AnyOf(parts)


_NODES: dict[type[ast.expr], Callable[[_Reader, Any, int], Written]] = {
    ast.Constant: _Reader.constant,
    ast.Name: _Reader.name,
    ast.BinOp: _Reader.binary,
    ast.UnaryOp: _Reader.unary,
    ast.Call: _Reader.call,
    ast.Compare: _Reader.compare,
    ast.BoolOp: _Reader.boolean,
}
_BINARY: dict[type[ast.operator], Callable[[Written, Written], Written]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b if not isinstance(b, Mul) else Mul((a, b)),
    ast.Div: Div,
    ast.FloorDiv: lambda a, b: Floor(Div(a, b)),
    ast.Mod: Mod,
    ast.Pow: Pow,
}
_CALLS: dict[str, tuple[int, int, Callable[..., Written]]] = {
    "floor": (1, 1, Floor),
    "ceiling": (1, 1, Ceiling),
    "ceil": (1, 1, Ceiling),
    "min": (2, 100, lambda *parts: Min(parts)),
    "max": (2, 100, lambda *parts: Max(parts)),
    "divides": (2, 2, Divides),
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
