"""Text → written form, through a whitelist of Python's own syntax tree; nothing is ever evaluated.

The language: names, exact numbers (4e9 and 24GiB are integers), + - * / // % **, floor, ceiling (ceil), min, max,
comparisons (also chained), `and`, `or`, `not`, `divides(a, b)`, and `sum(term, k, first, last)`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from symshape.errors import ParseError
from symshape.written import (
    Add,
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
    total,
)

__all__ = ["parse", "parse_relation"]

_LONGEST = 10_000
_DEEPEST = 60
_LARGEST_POWER = 10_000
_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_WITH_UNIT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|K|M|G|T)B\b", re.ASCII)
_SCIENTIFIC = re.compile(r"(?<![\w.])(\d+(?:\.\d*)?|\.\d+)[eE]\+?(\d{1,3})\b", re.ASCII)
_DECIMAL = re.compile(r"(\d+\.?\d*|\.\d+)([eE]-\d{1,3})?", re.ASCII)


def parse(text: str) -> Written:
    """A formula from text.

    Raises `ParseError`, naming what is not understood.

    >>> parse("floor((H + 2*P - 5)/S) + 1")
    floor((H + 2*P - 5)/S) + 1
    >>> parse("open('x')")
    Traceback (most recent call last):
    symshape.errors.ParseError: cannot read "open('x')": open is not one of floor, ceiling, ceil, min, max, divides, sum
    """
    tree = _read(text)
    if isinstance(tree, _RELATIONS):
        raise ParseError(f'cannot read "{_shown(text)}": a formula is wanted here, not a relation')
    return tree


def parse_relation(text: str) -> Written:
    """A relation from text, such as "macs <= 4e9 and conv2d.H_out % 32 == 0"; raises `ParseError`."""
    tree = _read(text, dotted=True)
    if not isinstance(tree, _RELATIONS):
        raise ParseError(f'cannot read "{_shown(text)}": a relation such as "H >= 32" is wanted here')
    return tree


def _read(text: str, dotted: bool = False) -> Written:
    if len(text) > _LONGEST:
        raise ParseError(f"cannot read an expression of {len(text)} characters: at most {_LONGEST} are read")
    if not text.isascii():  # Python would read ℌ as H
        strange = next(c for c in text if not c.isascii())
        raise ParseError(f'cannot read "{_shown(text)}": {_shown(strange)} is not an ASCII character')
    exact = _WITH_UNIT.sub(lambda m: _whole(Fraction(m[1]) * _UNITS[m[2]], text), text)
    exact = _SCIENTIFIC.sub(lambda m: _whole(Fraction(m[1]) * 10 ** int(m[2]), text), exact).strip()
    try:
        body = ast.parse(exact, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ParseError(f'cannot read "{_shown(text)}": it is not an expression') from None
    return _Reader(text, exact, dotted).node(body, 0)


def _whole(value: Fraction, text: str) -> str:
    if value.denominator != 1:
        raise ParseError(f'cannot read "{_shown(text)}": {value} is not a whole number')
    return str(value.numerator)


def _shown(text: str) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= 80 else clean[:77] + "…"


class _Reader:
    """Turns a Python syntax tree into ours, node by node, and refuses whatever has no entry in the tables below.

    `text` is what the user wrote, `exact` what Python read: the same with units and exponents multiplied out. Where
    `dotted` names are wanted, `conv2d.macs` is one.
    """

    def __init__(self, text: str, exact: str, dotted: bool) -> None:
        self.text = text
        self.exact = exact
        self.dotted = dotted

    def refuse(self, why: str) -> ParseError:
        return ParseError(f'cannot read "{_shown(self.text)}": {why}')

    def source(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.exact, node) or type(node).__name__

    def node(self, node: ast.expr, depth: int) -> Written:
        if depth > _DEEPEST:
            raise self.refuse(f"it is nested more than {_DEEPEST} deep")
        rule = _NODES.get(type(node))
        if rule is None:
            raise self.refuse(f"{self.source(node)[:40]} is not part of the expression language")
        return rule(self, node, depth + 1)

    def value(self, node: ast.expr, depth: int) -> Written:
        tree = self.node(node, depth)
        if isinstance(tree, _RELATIONS):
            raise self.refuse(f"{self.source(node)[:40]} is a relation where a number is wanted")
        return tree

    def constant(self, node: ast.Constant, depth: int) -> Written:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.refuse(f"{self.source(node)[:40]} is not a number")
        if isinstance(value, int):
            return Number(value)
        literal = self.source(node).replace("_", "")
        if not _DECIMAL.fullmatch(literal):
            raise self.refuse(f"{literal[:40]} is not a number of reasonable size")
        return Number(Fraction(literal))

    def name(self, node: ast.Name, depth: int) -> Written:
        if node.id.startswith("__") or node.id in _CALLS:
            raise self.refuse(f"{node.id} is not a symbol")
        return Symbol(node.id)

    def attribute(self, node: ast.Attribute, depth: int) -> Written:
        before = self.node(node.value, depth)
        if not self.dotted or not isinstance(before, Symbol) or node.attr.startswith("__"):
            raise self.refuse(f"{self.source(node)[:40]} is not part of the expression language")
        return Symbol(f"{before.name}.{node.attr}")

    def binary(self, node: ast.BinOp, depth: int) -> Written:
        """A chain such as a − b + c is walked, not recursed into: a long sum is not a deep one."""
        chain: list[ast.BinOp] = []
        inner: ast.expr = node
        while isinstance(inner, ast.BinOp):
            chain.append(inner)
            inner = inner.left
        tree = self.value(inner, depth)
        for step in reversed(chain):
            if type(step.op) not in _BINARY:
                raise self.refuse("only + - * / // % ** are understood")
            right = self.value(step.right, depth)
            if isinstance(step.op, ast.Pow) and isinstance(right, Number) and right.value > _LARGEST_POWER:
                raise self.refuse(f"the power {right} is too large")
            joined = _BINARY[type(step.op)](tree, right)
            depth += not (isinstance(joined, (Add, Mul)) and type(joined) is type(tree))
            if depth > _DEEPEST:
                raise self.refuse(f"it is nested more than {_DEEPEST} deep")
            tree = joined
        return tree

    def unary(self, node: ast.UnaryOp, depth: int) -> Written:
        if isinstance(node.op, ast.Not):
            return self.denied(node.operand, depth)
        if not isinstance(node.op, (ast.USub, ast.UAdd)):
            raise self.refuse("only the signs + and - are understood")
        inner = self.value(node.operand, depth)
        if isinstance(node.op, ast.UAdd):
            return inner
        return Number(-inner.value) if isinstance(inner, Number) and inner.value > 0 else Neg(inner)

    def denied(self, node: ast.expr, depth: int) -> Written:
        tree = self.node(node, depth)
        if not isinstance(tree, _RELATIONS):
            raise self.refuse(f"{self.source(node)[:40]} is not a relation")
        return _denial(tree)

    def call(self, node: ast.Call, depth: int) -> Written:
        function = self.source(node.func)
        if function not in _CALLS or node.keywords:
            raise self.refuse(f"{function[:40]} is not one of {', '.join(_CALLS)}")
        least, most, build = _CALLS[function]
        if not least <= len(node.args) <= most:
            raise self.refuse(f"{function} takes {least if least == most else f'{least} to {most}'} arguments")
        return build(*(self.value(arg, depth) for arg in node.args))

    def compare(self, node: ast.Compare, depth: int) -> Written:
        sides = [self.value(side, depth) for side in (node.left, *node.comparators)]
        relations = []
        for op, (left, right) in zip(node.ops, pairwise(sides), strict=True):
            if type(op) not in _COMPARISONS:
                raise self.refuse("only == != < <= > >= compare")
            relations.append(Relation(_COMPARISONS[type(op)], left, right))
        return relations[0] if len(relations) == 1 else AllOf(tuple(relations))

    def boolean(self, node: ast.BoolOp, depth: int) -> Written:
        parts = tuple(self.node(part, depth) for part in node.values)
        for part, tree in zip(node.values, parts, strict=True):
            if not isinstance(tree, _RELATIONS):
                raise self.refuse(f"{self.source(part)[:40]} is not a relation")
        return AllOf(parts) if isinstance(node.op, ast.And) else AnyOf(parts)


_RELATIONS = (Relation, AnyOf, AllOf, Divides)
_NODES: dict[type[ast.expr], Callable[[_Reader, Any, int], Written]] = {
    ast.Constant: _Reader.constant,
    ast.Name: _Reader.name,
    ast.Attribute: _Reader.attribute,
    ast.BinOp: _Reader.binary,
    ast.UnaryOp: _Reader.unary,
    ast.Call: _Reader.call,
    ast.Compare: _Reader.compare,
    ast.BoolOp: _Reader.boolean,
}
_BINARY: dict[type[ast.operator], Callable[[Written, Written], Written]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: Mul((*(a.args if isinstance(a, Mul) else (a,)), b)),  # brackets on the right are kept
    ast.Div: Div,
    ast.FloorDiv: lambda a, b: Floor(Div(a, b)),
    ast.Mod: Mod,
    ast.Pow: Pow,
}


def _denial(tree: Written) -> Written:
    """The relation that holds where the other does not: the written form has no word for `not`."""
    if isinstance(tree, Relation):
        return Relation(_OPPOSITES[tree.op], tree.left, tree.right)
    if isinstance(tree, Divides):
        return Relation("!=", Mod(tree.right, tree.left), Number(0))
    assert isinstance(tree, (AllOf, AnyOf))
    parts = tuple(map(_denial, tree.args))
    return AnyOf(parts) if isinstance(tree, AllOf) else AllOf(parts)


_OPPOSITES = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", "<=": ">", ">": "<="}


def _sum(term: Written, index: Written, first: Written, last: Written) -> Written:
    if not isinstance(index, Symbol):
        raise ParseError(f"sum counts with a symbol, such as sum(H//2**k, k, 0, n - 1), not with {index}")
    return total(term, index, first, last)


_CALLS: dict[str, tuple[int, int, Callable[..., Written]]] = {
    "floor": (1, 1, Floor),
    "ceiling": (1, 1, Ceiling),
    "ceil": (1, 1, Ceiling),
    "min": (1, 100, lambda *parts: Min(parts)),
    "max": (1, 100, lambda *parts: Max(parts)),
    "divides": (2, 2, Divides),
    "sum": (4, 4, _sum),
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
