"""Values and claims → one straight-line program of integer steps, to be run on many points at once.

What is computed is read off the functions that `code.py` writes; here equal steps become one, and factors and terms of
the same symbols come together, so that on a grid of H and W most of the work is on a row or a column of it.

    >>> from symshape.algebra.floors import ceil_div
    >>> from symshape.algebra.poly import name
    >>> H, W = name("H"), name("W")
    >>> print(program_of([9408*ceil_div(H, 2)*ceil_div(W, 2)], [], ["H", "W"]))
    s0 = H
    s1 = W
    s2 = 9408
    s3 = 1
    s4 = s0 + s3
    s5 = 2
    s6 = s4 // s5
    s7 = s1 + s3
    s8 = s7 // s5
    s9 = s6 * s2
    s10 = s8 * s9
    values: s10

A program never fails: a point at which a value is not an integer, or a divisor is not positive, is one where it is not
valid. It has no width of its own either: `Program.ranges` bounds every step, from which follows what integers it needs.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import product
from operator import itemgetter
from typing import Any

from symshape.algebra.claims import Both, Claim, Compare, Either, Part, Truth
from symshape.algebra.code import python_source, quotient
from symshape.algebra.floors import modulo
from symshape.algebra.poly import Value, names_of
from symshape.errors import Undecided, UnknownName

__all__ = ["COMPARISONS", "LOGIC", "Program", "Range", "Step", "program_of"]

Step = tuple[str, int, int]  # operation, and the steps it takes (of a name its place, of a number the number itself)
Range = tuple[int, int]

COMPARISONS = ("<=", ">=", "<", ">", "==", "!=")
LOGIC = ("and", "or")  # of two comparisons

_WIDEST = 4096  # bits of a bound: a value beyond it is not bounded


@dataclass(frozen=True)
class Program:
    """Steps in order; `values` are the steps of the results, `valid` that of the claims, None where nothing can fail."""

    names: tuple[str, ...]
    steps: tuple[Step, ...]
    values: tuple[int, ...]
    valid: int | None

    @cached_property
    def needs(self) -> tuple[frozenset[int], ...]:
        """By step, the places of the names that it depends on."""
        found: list[frozenset[int]] = []
        for operation, left, right in self.steps:
            if operation == "name":
                found.append(frozenset((left,)))
            elif operation == "number":
                found.append(frozenset())
            else:
                found.append(found[left] | found[right])
        return tuple(found)

    def ranges(self, sizes: Sequence[Range]) -> list[Range] | None:
        """Bounds of every step where each name lies between its bounds; None where some step is beyond all bounds.

        >>> from symshape.algebra.poly import name
        >>> program_of([name("H")**2 + 7], [], ["H"]).ranges([(1, 10)])
        [(1, 10), (1, 100), (7, 7), (8, 107)]
        """
        known: list[Range] = []
        for operation, left, right in self.steps:
            if operation == "name":
                known.append(sizes[left])
            elif operation == "number":
                known.append((left, left))
            else:
                found = _RANGES[operation](known[left], known[right], left == right)
                if found is None or max(-found[0], found[1]).bit_length() > _WIDEST:
                    return None
                known.append(found)
        return known

    def at(self, *sizes: int) -> tuple[int, ...] | None:
        """The values at one point, exactly, by the meaning of the steps; None where it is not valid."""
        known: list[Any] = []
        for operation, left, right in self.steps:
            if operation == "name":
                known.append(sizes[left])
            else:
                known.append(left if operation == "number" else _MEANINGS[operation](known[left], known[right]))
        if self.valid is not None and not known[self.valid]:
            return None
        return tuple(known[step] for step in self.values)

    def __str__(self) -> str:
        lines = []
        for place, (operation, left, right) in enumerate(self.steps):
            if operation == "name":
                text = self.names[left]
            elif operation == "number":
                text = str(left)
            else:
                text = f"{operation}(s{left}, s{right})" if operation in _CALLS else f"s{left} {operation} s{right}"
            lines.append(f"s{place} = {text}")
        lines.append(f"values: {', '.join(f's{step}' for step in self.values)}")
        return "\n".join(lines if self.valid is None else [*lines, f"valid: s{self.valid}"])


def program_of(values: Iterable[Value], claims: Iterable[Truth], names: Sequence[str]) -> Program:
    """The program of some values that are wanted where all of the claims hold.

    Raises `UnknownName` where they depend on other names, `Undecided` where a formula is too long to be compiled.
    """
    values, claims = list(values), list(claims)
    free = {name.text for value in values for name in names_of(value)}
    free |= {name.text for claim in claims if isinstance(claim, Claim) for name in claim.names()}
    if missing := sorted(free - set(names)):
        raise UnknownName(f"a value is needed for {', '.join(missing)}, not only for {', '.join(names) or 'no names'}")
    writer = _Writer(names)
    demands = [writer.claim(claim) for claim in claims]
    results = tuple(writer.value(value) for value in values)
    valid = writer.joined("and", [*demands, *writer.demands])
    if valid is not None and writer.steps[valid] == ("number", 1, 0):
        valid = None
    return _used(Program(tuple(names), tuple(writer.steps), results, valid))


def _used(program: Program) -> Program:
    """The program without the steps that nothing needs."""
    wanted = {*program.values, *(() if program.valid is None else (program.valid,))}
    for place in range(len(program.steps) - 1, -1, -1):
        operation, left, right = program.steps[place]
        if place in wanted and operation not in ("name", "number"):
            wanted |= {left, right}
    order = {old: new for new, old in enumerate(sorted(wanted))}
    steps = []
    for old in order:
        operation, left, right = program.steps[old]
        leaf = operation in ("name", "number")
        steps.append((operation, left, right) if leaf else (operation, order[left], order[right]))
    valid = None if program.valid is None else order[program.valid]
    return Program(program.names, tuple(steps), tuple(order[value] for value in program.values), valid)


# -- what the operations mean, of one point and of bounds --------------------------------------------------------------
_MEANINGS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "**": lambda a, b: a**b,
    "max": max,
    "min": min,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
}
_CALLS = ("max", "min")


def _corners(operation: str) -> Callable[[Range, Range, bool], Range | None]:
    meaning = _MEANINGS[operation]

    def ranged(left: Range, right: Range, same: bool) -> Range | None:
        pairs = zip(left, left, strict=True) if same and left[0] >= 0 else product(left, right)
        ends = [meaning(a, b) for a, b in pairs]
        return min(ends), max(ends)

    return ranged


def _power(base: Range, exponent: Range, same: bool) -> Range | None:
    """Bounds of a power: the base is positive and the exponent not negative by the way `code.py` writes powers."""
    if exponent[1] * base[1].bit_length() > _WIDEST:
        return None
    return base[0] ** max(exponent[0], 0), base[1] ** exponent[1]


def _compared(operation: str) -> Callable[[Range, Range, bool], Range]:
    """What a comparison is where its sides lie between bounds: 1, 0, or either."""
    holds = _MEANINGS[operation]

    def ranged(left: Range, right: Range, same: bool) -> Range:
        if operation in ("==", "!="):
            apart = left[1] < right[0] or right[1] < left[0]
            equal = left[0] == left[1] == right[0] == right[1]
            return (int(operation == "!="),) * 2 if apart else (int(operation == "=="),) * 2 if equal else (0, 1)
        truths = [bool(holds(a, b)) for a, b in ((left[0], right[1]), (left[1], right[0]))]
        return int(all(truths)), int(any(truths))

    return ranged


_RANGES: dict[str, Callable[[Range, Range, bool], Range | None]] = {
    "+": lambda a, b, _: (a[0] + b[0], a[1] + b[1]),
    "-": lambda a, b, _: (a[0] - b[1], a[1] - b[0]),
    "*": _corners("*"),
    "//": _corners("//"),
    "**": _power,
    "max": lambda a, b, _: (max(a[0], b[0]), max(a[1], b[1])),
    "min": lambda a, b, _: (min(a[0], b[0]), min(a[1], b[1])),
    **{operation: _compared(operation) for operation in COMPARISONS},
    "and": lambda a, b, _: (min(a[0], b[0]), min(a[1], b[1])),
    "or": lambda a, b, _: (max(a[0], b[0]), max(a[1], b[1])),
}


# -- writing the steps -------------------------------------------------------------------------------------------------
class _Writer:
    """Makes steps, equal ones once; `demands` are those that must be true for the values to mean anything."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.steps: list[Step] = []
        self.demands: list[int] = []
        self._places: dict[Step, int] = {}
        self._needs: list[frozenset[int]] = []
        self._positive: list[bool] = []

    def step(self, operation: str, left: int, right: int = 0) -> int:
        """The place of a step, made where it is new; numbers are computed at once."""
        made: Step = (operation, left, right)
        if operation in _MEANINGS:
            if self.steps[left][0] == self.steps[right][0] == "number":
                return self.number(int(_MEANINGS[operation](self.steps[left][1], self.steps[right][1])))
            if operation in ("+", "*", "max", "min", "and", "or") and self._order(right) < self._order(left):
                made = (operation, right, left)
        if made not in self._places:
            self._places[made] = len(self.steps)
            self.steps.append(made)
            leaf = operation in ("name", "number")
            own = frozenset((left,)) if operation == "name" else frozenset[int]()
            self._needs.append(own if leaf else self._needs[left] | self._needs[right])
            self._positive.append(operation == "name" or left > 0 if leaf else self._surely_positive(*made))
        return self._places[made]

    def _order(self, place: int) -> tuple[bool, int]:
        return self.steps[place][0] == "number", place

    def _surely_positive(self, operation: str, left: int, right: int) -> bool:
        one, other = self._positive[left], self._positive[right]
        return one and other if operation in ("+", "*", "**", "min") else operation == "max" and (one or other)

    def number(self, value: int) -> int:
        """A number."""
        return self.step("number", value)

    def joined(self, operation: str, places: Sequence[int]) -> int | None:
        """Several steps in one row."""
        return reduce(lambda a, b: self.step(operation, a, b), dict.fromkeys(places)) if places else None

    # -- values
    def value(self, value: Value) -> int:
        """The step of a value, read off the function that `code.py` writes for it."""
        source = python_source(value, self.names).partition("def ")[2]
        try:
            (function,) = ast.parse("def " + source).body
        except (RecursionError, MemoryError, SyntaxError):
            raise Undecided(f"a formula of {len(source)} characters is too much for Python's compiler") from None
        assert isinstance(function, ast.FunctionDef)
        known = {argument.arg: self.step("name", place) for place, argument in enumerate(function.args.args)}
        for statement in function.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=local)], value=expression):
                    known[local] = self._expression(expression, known)
                case ast.Assign(targets=[ast.Tuple()], value=ast.Call(args=[above, below])):  # _q, _r = divmod(…)
                    number, divisor = self._expression(above, known), self._divisor(below, known)
                    known["_q"] = self.step("//", number, divisor)
                    whole = self.step("*", known["_q"], divisor)
                    self.demands.append(self.step("==", number, whole))
                case ast.Return(value=expression) if expression is not None:
                    return self._expression(expression, known)
                case ast.If():  # raises: what it asks is demanded where the division is
                    pass
                case _:
                    raise AssertionError(ast.unparse(statement))
        raise AssertionError(source)

    def _expression(self, node: ast.expr, known: Mapping[str, int]) -> int:
        match node:
            case ast.Constant(value=int(number)):
                return self.number(number)
            case ast.Name(id=name):
                return known[name]
            case ast.BinOp(op=ast.Add() | ast.Sub()) | ast.UnaryOp(op=ast.USub()):
                return self._sum(node, known)
            case ast.BinOp(op=ast.Mult()):
                return self._product(node, known)
            case ast.BinOp(left=left, op=ast.FloorDiv(), right=right):
                return self.step("//", self._expression(left, known), self._divisor(right, known))
            case ast.BinOp(left=left, op=ast.LShift(), right=right):
                assert isinstance(left, ast.Constant)
                return self.step("**", self.number(2), self._expression(right, known))
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))):
                return self._times([self._expression(left, known)] * power)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self.step("**", self._expression(left, known), self._expression(right, known))
            case ast.Call(func=ast.Name(id=call), args=args):
                return reduce(lambda a, b: self.step(call, a, b), [self._expression(arg, known) for arg in args])
        raise AssertionError(ast.unparse(node))

    def _divisor(self, node: ast.expr, known: Mapping[str, int]) -> int:
        """A divisor, demanded to be positive and raised to 1 where it is not."""
        place = self._expression(node, known)
        if self._positive[place]:
            return place
        one = self.number(1)
        self.demands.append(self.step(">=", place, one))
        return self.step("max", place, one)

    def _sum(self, node: ast.expr, known: Mapping[str, int]) -> int:
        """Terms of the same symbols first."""
        groups: dict[frozenset[int], list[tuple[bool, int]]] = {}
        stack: list[tuple[ast.expr, bool]] = [(node, False)]
        while stack:
            match stack.pop():
                case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=right), negative:
                    stack += [(right, negative != isinstance(sign, ast.Sub)), (left, negative)]
                case ast.UnaryOp(op=ast.USub(), operand=operand), negative:
                    stack.append((operand, not negative))
                case other, negative:
                    place = self._expression(other, known)
                    groups.setdefault(self._needs[place], []).append((negative, place))
        ordered = sorted(groups.items(), key=lambda group: (len(group[0]), sorted(group[0])))
        sums = [self._added(sorted(terms, key=itemgetter(0))) for _, terms in ordered]
        negative, place = reduce(lambda a, b: self._added(sorted((a, b), key=itemgetter(0))), sums)
        return self.step("*", self.number(-1), place) if negative else place

    def _added(self, terms: Sequence[tuple[bool, int]]) -> tuple[bool, int]:
        """A sum of terms with signs, those without a minus first: its sign, and the step."""
        (negative, total), *rest = terms
        for minus, place in rest:
            total = self.step("+" if minus == negative else "-", total, place)
        return negative, total

    def _product(self, node: ast.expr, known: Mapping[str, int]) -> int:
        factors: list[int] = []
        stack = [node]
        while stack:
            match stack.pop():
                case ast.BinOp(left=left, op=ast.Mult(), right=right):
                    stack += [right, left]
                case factor:
                    factors.append(self._expression(factor, known))
        return self._times(factors)

    def _times(self, factors: Sequence[int]) -> int:
        """Factors of the same symbols first, and the number to those that have the fewest."""
        groups: dict[frozenset[int], list[int]] = {}
        for factor in factors:
            groups.setdefault(self._needs[factor], []).append(factor)
        ordered = sorted(groups.items(), key=lambda group: (len(group[0]), sorted(group[0])))
        return reduce(
            lambda a, b: self.step("*", a, b),
            [reduce(lambda a, b: self.step("*", a, b), group) for _, group in ordered],
        )

    # -- claims
    def claim(self, claim: Truth) -> int:
        """The step of a claim: 0 or 1 where it is decided."""
        match claim:
            case bool():
                return self.number(int(claim))
            case Compare(op, left, right):
                above, below = quotient(left - right)
                self._demand_positive(below)
                return self.step(op, self.value(above), self.number(0))
            case Part(divisor, number):
                self._demand_positive(divisor)
                return self.claim(Compare("==", modulo(number, divisor), 0))
            case Both(claims) | Either(claims):
                joined = self.joined("and" if isinstance(claim, Both) else "or", [self.claim(part) for part in claims])
                assert joined is not None
                return joined
        raise AssertionError(claim)

    def _demand_positive(self, divisor: Value) -> None:
        place = self.value(quotient(divisor)[0])  # the sign of a quotient is that of its numerator
        if not self._positive[place]:
            self.demands.append(self.step(">", place, self.number(0)))
