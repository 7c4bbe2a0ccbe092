r"""What every form shares: where brackets stand, how factors meet, how a name splits, how long numbers are grouped.

`layout` turns a written formula into boxes: a handful of shapes such as "digits", "a row", "a fraction", "something in
floor brackets". Each form then only has to ink the boxes, one table entry per shape. So a bracket is decided once, for
LaTeX, MathML and text alike:

    >>> from symshape.written import floor, symbols
    >>> H, K, S = symbols("H K S")
    >>> layout(2 * (H - K))
    Row('2', '\u2062', Fence('(', Row('H', '−', 'K')))

A layout is either stacked (fractions have a bar and need no brackets) or linear (everything on one line of text).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from itertools import chain
from typing import Any, NamedTuple

from symshape.written import (
    Add,
    AllOf,
    AnyOf,
    By,
    Ceiling,
    Div,
    Divides,
    Each,
    Floor,
    Max,
    Min,
    Mod,
    Mul,
    Neg,
    Number,
    Place,
    Pow,
    Relation,
    Sum,
    Symbol,
    Widest,
    Written,
    walk,
)

__all__ = [
    "CLOSING",
    "DOT",
    "GREEK",
    "JUXTAPOSED",
    "MINUS",
    "NARROW_SPACE",
    "RELATIONS",
    "THIN",
    "Box",
    "Call",
    "Digits",
    "Fence",
    "Line",
    "Modulus",
    "Name",
    "Power",
    "Quotient",
    "Row",
    "Sign",
    "Summed",
    "grouped",
    "layout",
    "name_of",
]

MINUS = "\u2212"
DOT = "·"
JUXTAPOSED = "\u2062"  # invisible times: the factors just stand side by side
THIN = "\u2009"  # they stand side by side, a hair apart
NARROW_SPACE = "\u202f"  # between the thousands of a number

CLOSING = {"(": ")", "⌊": "⌋", "⌈": "⌉"}
RELATIONS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "=", "!=": "≠"}

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
    "omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
GREEK = dict(zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True))


class Line(NamedTuple):
    """A line of a derivation, aligned with its neighbours at the relation: `left relation right   note`.

    A note is words, a formula, or a row of both: `("at ", equal(H, 32), ": ", Number(28))`. Notes are aligned too, but
    for a `near` one, which follows its line at once.
    """

    left: Written | None = None
    relation: str = "="
    right: Written | None = None
    note: Written | str | tuple[Written | str, ...] | None = None
    near: bool = False

    @property
    def remarks(self) -> tuple[Written | str, ...]:
        """The words and formulas of the note."""
        if self.note is None or isinstance(self.note, tuple):
            return self.note or ()
        return (self.note,)

    @property
    def sign(self) -> str:
        """The relation as it is printed."""
        return RELATIONS.get(self.relation, self.relation)


# -- boxes --------------------------------------------------------------------------------------------------------
class Box:
    """A shape on the line."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Digits(Box):
    """A natural number."""

    digits: str

    def __repr__(self) -> str:
        return repr(self.digits)


@dataclass(frozen=True, slots=True)
class Name(Box):
    """A symbol: its letter or word, its subscripts, and what its author wants instead in LaTeX, if anything."""

    base: str
    subscripts: tuple[str, ...] = ()
    latex: str = ""

    @property
    def indexed(self) -> bool:
        """Whether all it has below is one number: H₁."""
        return len(self.subscripts) == 1 and self.subscripts[0].isascii() and self.subscripts[0].isdigit()

    def __repr__(self) -> str:
        return repr("_".join((self.base, *self.subscripts)))


@dataclass(frozen=True, slots=True)
class Sign(Box):
    """An operator or a relation, between its operands or, as a prefix, before one."""

    sign: str
    prefix: bool = False

    def __repr__(self) -> str:
        return repr(self.sign)


@dataclass(frozen=True, slots=True)
class Row(Box):
    """Boxes side by side."""

    boxes: tuple[Box, ...]

    def __repr__(self) -> str:
        return f"Row({', '.join(map(repr, self.boxes))})"


@dataclass(frozen=True, slots=True)
class Fence(Box):
    """A box in brackets, named by the opening one."""

    opening: str
    body: Box

    def __repr__(self) -> str:
        return f"Fence({self.opening!r}, {self.body!r})"


@dataclass(frozen=True, slots=True)
class Quotient(Box):
    """One box over another; `small` where a full-size fraction would tear the line apart."""

    top: Box
    bottom: Box
    small: bool


@dataclass(frozen=True, slots=True)
class Power(Box):
    """A base and its exponent; not `raised` in text when the exponent has no superscript characters."""

    base: Box
    exponent: Box
    raised: bool = True


@dataclass(frozen=True, slots=True)
class Call(Box):
    """A function of a list."""

    function: str
    body: Box


@dataclass(frozen=True, slots=True)
class Summed(Box):
    """A sum sign with its limits, and what is added."""

    first: Box
    last: Box
    body: Box


@dataclass(frozen=True, slots=True)
class Modulus(Box):
    """The remark (mod m) after a congruence."""

    modulus: Box


_NUMBERED = re.compile(r"[A-Za-z][0-9]+")


# -- names and numbers --------------------------------------------------------------------------------------------
def name_of(symbol: Symbol) -> Name:
    """The letter or word of a symbol and its subscripts, Greek names as their letters.

    >>> name_of(Symbol("d_model")), name_of(Symbol("beta_1")), name_of(Symbol("heads"))
    ('d_model', 'β_1', 'heads')
    >>> name_of(Symbol("d_model")).subscripts, name_of(Symbol("n1"))
    (('model',), 'n_1')

    The number behind a single letter is a subscript too. A name that starts or ends with an underscore, or has two in a
    row, has no subscripts to speak of and stays whole.
    """
    if _NUMBERED.fullmatch(symbol.name):
        return Name(symbol.name[0], (symbol.name[1:],), symbol.latex)
    pieces = symbol.name.split("_")
    base, *subscripts = (GREEK.get(piece, piece) for piece in pieces) if all(pieces) else [symbol.name]
    return Name(base, tuple(subscripts), symbol.latex)


def grouped(digits: str, space: str = NARROW_SPACE) -> str:
    """Digits in thousands from five digits up: four stay together, as in running text.

    >>> grouped("62958", " "), grouped("1920", " "), grouped("4089184256", " ")
    ('62 958', '1920', '4 089 184 256')
    """
    return f"{int(digits):,}".replace(",", space) if len(digits) > 4 else digits


# -- brackets -----------------------------------------------------------------------------------------------------
class _Level(IntEnum):
    """How tightly a box holds together; one that is looser than its place allows is put in brackets."""

    CONDITION = 0  # a or b
    RELATION = 1  # a = b
    REMAINDER = 2  # a mod m
    SUM = 3  # a + b
    SIGNED = 4  # −a
    QUOTIENT = 5  # a/b, on one line
    PRODUCT = 6  # ab
    POWER = 7  # aᵇ
    ATOM = 8


class _Style(NamedTuple):
    """How a formula is set, and how deep in products and brackets the current place is."""

    linear: bool
    depth: int = 0

    @property
    def deeper(self) -> _Style:
        return self._replace(depth=self.depth + 1)


_Piece = tuple[Box, _Level]


def layout(node: Written, *, linear: bool = False) -> Box:
    """The boxes of a formula, stacked or linear."""
    return _at(_Level.CONDITION, node, _Style(linear))


def _at(least: _Level, node: Written, style: _Style) -> Box:
    """The boxes of a part that stands where only something at least this tight may stand."""
    box, level = _piece(node, style)
    return box if level >= least else Fence("(", box)


def _piece(node: Written, style: _Style) -> _Piece:
    if type(node) in _NOTHING:
        parts = node.parts()
        if len(parts) == 1 and isinstance(node, (Mul, By)):  # a lone factor is one still: a sum keeps its brackets
            return _at(_Level.PRODUCT, parts[0], style), _Level.PRODUCT
        if len(parts) < 2:  # a sum of one term is that term, a sum of none is 0
            return _piece(parts[0] if parts else _NOTHING[type(node)], style)
    return _LAYOUT[type(node)](node, style)


_NOTHING: dict[type[Written], Written] = {
    Add: Number(0),
    Mul: Number(1),
    By: Number(1),
    AnyOf: Symbol("never"),
    AllOf: Symbol("always"),
}


def _between(sign: str, boxes: Iterable[Box]) -> Row:
    first, *rest = boxes
    return Row((first, *chain.from_iterable((Sign(sign), box) for box in rest)))


def _number(node: Number, style: _Style) -> _Piece:
    value = Fraction(node.value)
    if value < 0:
        return _neg(Neg(Number(-value)), style)
    top, bottom = Digits(str(value.numerator)), Digits(str(value.denominator))
    if value.denominator == 1:
        return top, _Level.ATOM
    if style.linear:
        return _between("/", (top, bottom)), _Level.QUOTIENT
    return Quotient(top, bottom, small=True), _Level.PRODUCT


def _neg(node: Neg, style: _Style) -> _Piece:
    return Row((Sign(MINUS, prefix=True), _at(_Level.QUOTIENT, node.arg, style))), _Level.SIGNED


def _add(node: Add, style: _Style) -> _Piece:
    # A sum within a sum keeps its brackets: they show what was substituted.
    boxes = [_at(_Level.SIGNED, node.args[0], style)]
    for term in node.args[1:]:
        sign, term = (MINUS, term.arg) if isinstance(term, Neg) else ("+", term)
        boxes += Sign(sign), _at(_Level.QUOTIENT, term, style)
    return Row(tuple(boxes)), _Level.SUM


def _mul(node: Mul, style: _Style) -> _Piece:
    first, *rest = node.args
    if isinstance(first, Number) and first.value < 0:  # −2x, not (−2)x
        return _neg(Neg(Mul((Number(-first.value), *rest))), style)
    boxes: list[Box] = []
    for factor in node.args:
        box = _at(_Level.PRODUCT, factor, style.deeper)
        if boxes:
            boxes.append(Sign(_JOINS[_edge(boxes[-1], -1)][_edge(box, 0)]))
        boxes.append(box)
    return Row(tuple(boxes)), _Level.PRODUCT


def _div(node: Div, style: _Style) -> _Piece:
    if style.linear:
        top, bottom = _at(_Level.PRODUCT, node.left, style), _at(_Level.POWER, node.right, style)
        return _between("/", (top, bottom)), _Level.QUOTIENT
    top, bottom = (_at(_Level.CONDITION, part, style) for part in node.parts())
    return Quotient(top, bottom, small=style.depth > 1), _Level.PRODUCT


def _pow(node: Pow, style: _Style) -> _Piece:
    raised = not style.linear or all(map(_raisable, walk(node.right)))
    exponent = _at(_Level.CONDITION if raised else _Level.ATOM, node.right, style)
    return Power(_at(_Level.ATOM, node.left, style), exponent, raised), _Level.POWER


def _raisable(node: Written) -> bool:
    """Whether Unicode has superscripts for this part of an exponent: integers, n, i, plus and minus."""
    if isinstance(node, Number):
        return Fraction(node.value).denominator == 1
    return node.name in ("n", "i") if isinstance(node, Symbol) else isinstance(node, (Add, Neg))


def _fence(opening: str) -> Callable[[Floor | Ceiling, _Style], _Piece]:
    return lambda node, style: (Fence(opening, _at(_Level.CONDITION, node.arg, style.deeper)), _Level.ATOM)


def _call(function: str) -> Callable[[Min | Max, _Style], _Piece]:
    def piece(node: Min | Max, style: _Style) -> _Piece:
        arguments = _between(",", (_at(_Level.CONDITION, arg, style) for arg in node.args))
        return Call(function, arguments), _Level.ATOM

    return piece


def _sum(node: Sum, style: _Style) -> _Piece:
    first = _between("=", (Name(node.index.name), _at(_Level.SUM, node.first, style.deeper)))
    return Summed(
        first, _at(_Level.SUM, node.last, style.deeper), _at(_Level.QUOTIENT, node.term, style.deeper)
    ), _Level.SIGNED


def _infix(sign: str, level: _Level, operands: _Level) -> Callable[[Written, _Style], _Piece]:
    return lambda node, style: (_between(sign, (_at(operands, part, style) for part in node.parts())), level)


def _relation(node: Relation, style: _Style) -> _Piece:
    left, right = node.parts()
    if node.op == "==" and isinstance(left, Mod) and _is_residue(right, left.right):
        congruence = _between("≡", (_at(_Level.SUM, left.left, style), _at(_Level.SUM, right, style)))
        return Row((*congruence.boxes, Modulus(_at(_Level.CONDITION, left.right, style)))), _Level.RELATION
    return _infix(RELATIONS[node.op], _Level.RELATION, _Level.REMAINDER)(node, style)


def _all_of(node: AllOf, style: _Style) -> _Piece:
    """Conditions side by side, 1 ≤ H and H ≤ 9 as the chain 1 ≤ H ≤ 9."""
    chains = node.chains()
    boxes = [_chain(links, style) if len(links) > 1 else _at(_Level.RELATION, links[0], style) for links in chains]
    return (boxes[0], _Level.RELATION) if len(chains) == 1 else (_between("and", boxes), _Level.CONDITION)


def _chain(links: Sequence[Any], style: _Style) -> Box:
    boxes: list[Box] = [_at(_Level.REMAINDER, links[0].left, style)]
    for link in links:
        boxes += [Sign(RELATIONS[link.op]), _at(_Level.REMAINDER, link.right, style)]
    return Row(tuple(boxes))


def _is_residue(value: Written, modulus: Written) -> bool:
    """Whether the value is a remainder for certain: only then does "≡ value" say the same as "= value"."""
    if not isinstance(value, Number):
        return False
    return value.value == 0 or (isinstance(modulus, Number) and 0 <= value.value < modulus.value)


_LAYOUT: dict[type[Written], Callable[[Any, _Style], _Piece]] = {
    Number: _number,
    Symbol: lambda node, style: (name_of(node), _Level.ATOM),
    Add: _add,
    Neg: _neg,
    Mul: _mul,
    Div: _div,
    Mod: _infix("mod", _Level.REMAINDER, _Level.PRODUCT),
    Pow: _pow,
    Floor: _fence("⌊"),
    Ceiling: _fence("⌈"),
    Min: _call("min"),
    Max: _call("max"),
    Place: lambda node, style: (Name(node.name), _Level.ATOM),
    Sum: _sum,
    Widest: _call("max"),
    By: _infix("×", _Level.REMAINDER, _Level.PRODUCT),
    Each: lambda node, style: (Row((Sign("∏", prefix=True), _at(_Level.ATOM, node.arg, style))), _Level.SIGNED),
    Divides: _infix("∣", _Level.RELATION, _Level.SUM),
    Relation: _relation,
    AnyOf: _infix("or", _Level.CONDITION, _Level.RELATION),
    AllOf: _all_of,
}


# -- how factors meet ---------------------------------------------------------------------------------------------
class _Edge(IntEnum):
    """What a factor begins or ends with."""

    NUMBER = 0
    LETTER = 1  # x, x₁
    TAGGED = 2  # a letter with letters below
    WORD = 3  # a name of several letters, a function
    FENCE = 4
    QUOTIENT = 5


_D, _J, _T = DOT, JUXTAPOSED, THIN
_JOINS = (
    # before: number, letter, tagged, word, fence, quotient; after:
    (_D, _J, _J, _D, _J, _D),  # number
    (_D, _J, _T, _D, _J, _T),  # letter
    (_D, _T, _T, _D, _T, _T),  # tagged
    (_D, _D, _D, _D, _D, _D),  # word
    (_D, _J, _J, _D, _J, _T),  # fence
    (_D, _T, _T, _D, _T, _D),  # quotient
)


def _edge(box: Box, end: int) -> _Edge:
    """The edge of a box at its beginning (0) or its end (-1)."""
    if isinstance(box, Row):
        return _edge(box.boxes[end], end)
    if isinstance(box, Power) and (box.raised or end == 0):
        return _edge(box.base, end)
    if isinstance(box, Fence) and isinstance(box.body, Row) and box.body.boxes[0] == Sign(MINUS, prefix=True):
        return _Edge.NUMBER  # 2·(−1), H·(−3): without a dot it would look like a difference or a function
    if isinstance(box, Name) and len(box.base) == 1:
        return _Edge.TAGGED if box.subscripts and not box.indexed else _Edge.LETTER
    return {Digits: _Edge.NUMBER, Fence: _Edge.FENCE, Quotient: _Edge.QUOTIENT}.get(type(box), _Edge.WORD)
