"""Claims: relations between values, true, false, or open because they depend on symbols."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import gcd
from typing import Union

from symshape.algebra.atoms import Name
from symshape.algebra.bounds import at_least, bounds, clearing_factor
from symshape.algebra.evaluate import compiled
from symshape.algebra.floors import modulo
from symshape.algebra.poly import Poly, Value, canonical, divide, integral, names_of, substitute
from symshape.algebra.present import present
from symshape.algebra.terms import common_monomial, monomial_times
from symshape.errors import DeclarationError, UnknownName
from symshape.written import AllOf, AnyOf, Divides, Relation, Written
from symshape.written import divides as written_divides

__all__ = [
    "Both",
    "Claim",
    "Compare",
    "Either",
    "Part",
    "Truth",
    "claim",
    "claim_between",
    "claiming",
    "divisibility",
    "every",
    "positive_integer",
    "some",
]

Truth = Union[bool, "Claim"]

_HOLDS: dict[str, Callable[[Value, Value], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    "<": lambda a, b: a < b,  # type: ignore[operator]
}


class Claim:
    """An open relation."""

    __slots__ = ()

    def names(self) -> frozenset[Name]:
        """The symbols it depends on."""
        raise NotImplementedError

    def put(self, values: Mapping[Name, Value]) -> Truth:
        """The claim where names take values: decided as soon as it can be."""
        raise NotImplementedError

    def written(self) -> Written:
        """The claim as a written relation."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Compare(Claim):
    """left op right, with op one of == != >= <= > <."""

    op: str
    left: Value
    right: Value

    def names(self) -> frozenset[Name]:
        return names_of(self.left) | names_of(self.right)

    def put(self, values: Mapping[Name, Value]) -> Truth:
        return claim_between(self.op, substitute(self.left, values), substitute(self.right, values))

    def written(self) -> Written:
        return Relation(self.op, present(self.left), present(self.right))


@dataclass(frozen=True, slots=True)
class Part(Claim):
    """divisor | number."""

    divisor: Value
    number: Value

    def names(self) -> frozenset[Name]:
        return names_of(self.divisor) | names_of(self.number)

    def put(self, values: Mapping[Name, Value]) -> Truth:
        return divisibility(substitute(self.divisor, values), substitute(self.number, values))

    def written(self) -> Written:
        return written_divides(present(self.divisor), present(self.number))


@dataclass(frozen=True, slots=True)
class Both(Claim):
    """Every one of several open claims."""

    claims: tuple[Claim, ...]

    def names(self) -> frozenset[Name]:
        return frozenset().union(*(part.names() for part in self.claims))

    def put(self, values: Mapping[Name, Value]) -> Truth:
        return every([part.put(values) for part in self.claims])

    def written(self) -> Written:
        return AllOf(tuple(part.written() for part in self.claims))


@dataclass(frozen=True, slots=True)
class Either(Claim):
    """At least one of several open claims."""

    claims: tuple[Claim, ...]

    def names(self) -> frozenset[Name]:
        return frozenset().union(*(part.names() for part in self.claims))

    def put(self, values: Mapping[Name, Value]) -> Truth:
        return some([part.put(values) for part in self.claims])

    def written(self) -> Written:
        return AnyOf(tuple(part.written() for part in self.claims))


def claim(tree: Written, values: Mapping[str, Value]) -> Truth:
    """A written relation at the given values: decided, or what is left to decide.

    >>> from symshape.algebra.poly import name
    >>> from symshape.written import symbols
    >>> H, K = symbols("H K")
    >>> claim(H >= K, {"H": 32, "K": 5})
    True
    """
    return claiming(tree)(values)


def claiming(tree: Written) -> Callable[[Mapping[str, Value]], Truth]:
    """The relation compiled: a function from its symbols' values to the claim."""
    if isinstance(tree, (AllOf, AnyOf)):
        parts = [claiming(part) for part in tree.args]
        join = every if isinstance(tree, AllOf) else some
        return lambda values: join([part(values) for part in parts])
    if not isinstance(tree, (Relation, Divides)):
        raise DeclarationError(f"{tree} is not a relation")
    (left, left_names), (right, right_names) = compiled(tree.left), compiled(tree.right)
    relate = divisibility if isinstance(tree, Divides) else partial(claim_between, tree.op)

    def at(values: Mapping[str, Value]) -> Truth:
        try:
            return relate(left(*[values[n] for n in left_names]), right(*[values[n] for n in right_names]))
        except KeyError as missing:
            raise UnknownName(f"{tree} needs a value for {missing.args[0]}") from None

    return at


def claim_between(op: str, left: Value, right: Value) -> Truth:
    """left op right, decided where the difference is a number, or the bounds or a common divisor tell.

    >>> from symshape.algebra.poly import name
    >>> claim_between("==", 2 * name("H"), 2 * name("W") + 1)
    False
    """
    if not isinstance(left, Poly) and not isinstance(right, Poly):
        return _HOLDS[op](left, right)
    difference = canonical(left - right)
    if isinstance(difference, (int, Fraction)):
        return _HOLDS[op](difference, 0)
    low, high = bounds(difference)
    decided = _by_bounds(op, low, high)
    if decided is None and op in ("==", "!=") and _is_odd_one_out(difference):
        decided = op == "!="
    return Compare(op, left, right) if decided is None else decided


def _is_odd_one_out(value: Poly) -> bool:
    """Whether some number divides every term of an integer but the constant, so that it is never 0."""
    if not integral(value):
        return False
    constant, others = int(value.terms.get((), 0)), (int(c) for monomial, c in value.terms.items() if monomial)
    return constant % gcd(*others) != 0


def _by_bounds(op: str, low: int | Fraction | None, high: int | Fraction | None) -> bool | None:
    if op in ("==", "!="):
        apart = (low is not None and low > 0) or (high is not None and high < 0)
        return (op == "!=") if apart else None
    if op in ("<=", "<"):
        flipped = {"<=": ">", "<": ">="}[op]
        decided = _by_bounds(flipped, low, high)
        return None if decided is None else not decided
    if low is not None and _HOLDS[op](low, 0):
        return True
    if high is not None and not _HOLDS[op](high, 0):
        return False
    return None


def divisibility(divisor: Value, number: Value) -> Truth:
    """divisor | number, decided where the remainder is a number; factors of both that are never 0 are cancelled.

    >>> from symshape.algebra.poly import name
    >>> h, d = name("h"), name("d")
    >>> divisibility(2 * h, h * d).written(), divisibility(2 * h, 2 * d).written()
    (d % 2 == 0, d % h == 0)
    """
    if type(divisor) is int and type(number) is int and divisor > 0:
        return number % divisor == 0
    divisor, number = _without_common_factors(divisor, number)
    rest = modulo(number, divisor)
    return Part(divisor, number) if isinstance(rest, Poly) else rest == 0


def _without_common_factors(divisor: Value, number: Value) -> tuple[Value, Value]:
    """2C·H | 2C·W is H | W, for factors that are never 0."""
    factor = _common_number(divisor, number)
    divisor, number = canonical(divide(divisor, factor)), canonical(divide(number, factor))
    if not isinstance(divisor, Poly) or not isinstance(number, Poly):
        return divisor, number
    shared = common_monomial((*divisor.terms, *number.terms))
    inverse = tuple((atom, -power) for atom, power in shared if at_least(Poly.of_atom(atom), 1))

    def cancelled(value: Poly) -> Value:
        return canonical(Poly({monomial_times(monomial, inverse): c for monomial, c in value.terms.items()}))

    return (cancelled(divisor), cancelled(number)) if inverse else (divisor, number)


def _common_number(*values: Value) -> int:
    """The greatest integer that divides every coefficient of all the values; 1 where there are fractions."""
    factors = [c for value in values for c in (value.terms.values() if isinstance(value, Poly) else (value,))]
    return gcd(*(c for c in factors if isinstance(c, int))) if all(isinstance(c, int) for c in factors) else 1


def every(truths: list[Truth]) -> Truth:
    """The conjunction."""
    if False in truths:
        return False
    open_ones = tuple(dict.fromkeys(truth for truth in truths if isinstance(truth, Claim)))
    return True if not open_ones else open_ones[0] if len(open_ones) == 1 else Both(open_ones)


def some(truths: list[Truth]) -> Truth:
    """The disjunction."""
    if True in truths:
        return True
    open_ones = tuple(dict.fromkeys(truth for truth in truths if isinstance(truth, Claim)))
    return False if not open_ones else open_ones[0] if len(open_ones) == 1 else Either(open_ones)


def positive_integer(value: Value) -> Truth:
    """That the value is one that a symbol can take. What is made of multipliers is trusted to be an integer.

    >>> from symshape.algebra.poly import name
    >>> positive_integer(name("H") + 1), positive_integer(divide(name("H"), 2)).written()
    (True, H/2 >= 1 and H % 2 == 0)
    """
    positive = claim_between(">=", value, 1)
    if integral(value) or not all(symbol.integral for symbol in names_of(value)):
        return positive
    factor = clearing_factor(value)
    return every([positive, divisibility(factor, canonical(value * factor))])
