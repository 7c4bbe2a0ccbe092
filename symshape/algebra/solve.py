"""The positive integers at which a claim about one symbol holds, as an exact periodic set.

Claims about ⌊(aH + b)/c⌋ are inverted directly. Everything else goes by residue classes: on each class the claim is
about an integer polynomial, whose sign intervals are found exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import reduce
from math import ceil, floor, gcd, lcm

from symshape.algebra.claims import Both, Compare, Either, Part, Truth, claim_between, every
from symshape.algebra.extrema import Extremum
from symshape.algebra.floors import Floor
from symshape.algebra.period import classes, degree, extrema_in, period
from symshape.algebra.periodic import LIMIT, PeriodicSet
from symshape.algebra.poly import Name, Poly, Rational, Value, canonical, substitute
from symshape.algebra.signs import nonnegative, zeros
from symshape.errors import Undecided

__all__ = ["solution"]

_STEP = Name.interned("·t", True)


def solution(claim: Truth, symbol: Name) -> PeriodicSet:
    """Every positive integer value of `symbol`, the claim's only one, at which the claim holds.

    Raises `Undecided` where the claim has symbolic divisors or a period beyond reach.

    >>> from symshape.algebra.floors import floor_div
    >>> from symshape.algebra.poly import name
    >>> last = floor_div(name("H"), 4) - 3
    >>> solution(claim_between("==", 16*last*last, 400), Name.interned("H", True))
    {n : 32 ≤ n ≤ 35}
    """
    if isinstance(claim, bool):
        return PeriodicSet.everything() if claim else PeriodicSet.nothing()
    if isinstance(claim, Both):
        return reduce(lambda a, b: a & b, (solution(part, symbol) for part in claim.claims))
    if isinstance(claim, Either):
        return reduce(lambda a, b: a | b, (solution(part, symbol) for part in claim.claims))
    if isinstance(claim, Part):
        return _multiples(claim, symbol)
    assert isinstance(claim, Compare)
    return _comparison(claim, symbol)


def _comparison(claim: Compare, symbol: Name) -> PeriodicSet:
    difference = canonical(claim.left - claim.right)
    opened = extrema_in(difference)
    if opened is not None:
        return _by_cases(claim, opened, symbol)
    return _sign(claim.op, difference, symbol)


def _sign(op: str, value: Value, symbol: Name) -> PeriodicSet:
    """Where value op 0."""
    if op == "<":
        return _sign(">=", -value - 1, symbol) if _integral(value) else _sign(">", -value, symbol)
    if op == "<=":
        return _sign(">=", -value, symbol)
    if op == ">":
        return _sign(">=", value - 1, symbol) if _integral(value) else ~_sign("<=", value, symbol)
    if op == "!=":
        return ~_sign("==", value, symbol)
    value = canonical(value)
    if not isinstance(value, Poly):
        return PeriodicSet.everything() if (value == 0 if op == "==" else value >= 0) else PeriodicSet.nothing()
    direct = _inverted(op, value, symbol)
    return direct if direct is not None else _by_classes(op, value, symbol)


def _integral(value: Value) -> bool:
    return isinstance(value, int) or (isinstance(value, Poly) and all(isinstance(c, int) for c in value.terms.values()))


# -- one floor: ct ≤ aH + b ≤ ct + c − 1 -------------------------------------------------------------------------------------
def _inverted(op: str, value: Poly, symbol: Name) -> PeriodicSet | None:
    """k·⌊(aH + b)/c⌋ + q op 0 with a > 0, inverted; None for any other form."""
    shape = _single_floor(value, symbol)
    if shape is None:
        return None
    k, a, b, c, q = shape
    if op == "==":
        target = -Fraction(q) / k
        if target.denominator != 1:
            return PeriodicSet.nothing()
        low, high = c * target.numerator - b, c * target.numerator - b + c - 1
        return PeriodicSet.interval(ceil(Fraction(low) / a), floor(Fraction(high) / a))
    if k > 0:  # the floor is at least t
        t = ceil(-Fraction(q) / k)
        return PeriodicSet.interval(ceil(Fraction(c * t - b) / a), None)
    t = floor(-Fraction(q) / k)  # the floor is at most t
    return PeriodicSet.interval(1, floor(Fraction(c * t + c - 1 - b) / a))


def _single_floor(value: Poly, symbol: Name) -> tuple[Rational, Rational, Rational, int, Rational] | None:
    terms = dict(value.terms)
    q = terms.pop((), 0)
    if len(terms) != 1:
        return None
    ((monomial, k),) = terms.items()
    if len(monomial) != 1 or monomial[0][1] != 1:
        return None
    atom = monomial[0][0]
    if atom is symbol:
        return k, 1, 0, 1, q
    if not isinstance(atom, Floor) or not isinstance(atom.divisor, int):
        return None
    inner = dict(atom.number.terms)
    b = inner.pop((), 0)
    if list(inner) != [((symbol, 1),)]:
        return None
    (a,) = inner.values()
    return (k, a, b, atom.divisor, q) if a > 0 else None


# -- residue classes ---------------------------------------------------------------------------------------------------------
def _by_classes(op: str, value: Poly, symbol: Name) -> PeriodicSet:
    modulus = period(value, symbol)
    _affordable(modulus, value)
    always: list[int] = []
    pieces: list[PeriodicSet] = []
    for residue, part in classes(value, symbol, modulus, _STEP):
        coefficients = _coefficients(part)
        if op == "==":
            roots = zeros(coefficients)
            if roots is None:
                always.append(residue)
            else:
                pieces.append(PeriodicSet.of(modulus * t + residue for t in roots))
            continue
        spans = nonnegative(coefficients)
        if spans == ((0, None),):
            always.append(residue)
            continue
        for low, high in spans:
            end = None if high is None else modulus * high + residue
            pieces.append(
                PeriodicSet.congruent(modulus, [residue]) & PeriodicSet.interval(modulus * low + residue, end)
            )
    return _united([PeriodicSet.congruent(modulus, always), *pieces])


def _united(sets: list[PeriodicSet]) -> PeriodicSet:
    """The union, by halves, so that equal runs meet early."""
    while len(sets) > 1:
        sets = [reduce(lambda a, b: a | b, sets[i : i + 2]) for i in range(0, len(sets), 2)]
    return sets[0]


def _coefficients(value: Value) -> list[Rational]:
    if not isinstance(value, Poly):
        return [value]
    found = [Fraction(0)] * (degree(value, _STEP) + 1)
    for monomial, coefficient in value.terms.items():
        if any(atom is not _STEP for atom, _ in monomial):
            raise Undecided(f"{value} depends on more than one symbol")
        found[monomial[0][1] if monomial else 0] = Fraction(coefficient)
    return list(found)


def _multiples(claim: Part, symbol: Name) -> PeriodicSet:
    if isinstance(claim.divisor, Poly):
        raise Undecided(f"for which {symbol} does {claim.divisor} divide {claim.number}? The divisor is a symbol")
    number = canonical(claim.number)
    denominator = lcm(*(Fraction(c).denominator for c in number.terms.values())) if isinstance(number, Poly) else 1
    number, divisor = number * denominator, int(claim.divisor) * denominator
    height = degree(number, symbol)
    modulus = period(number, symbol) * divisor * lcm(1, *range(1, height))
    if height == 1 and period(number, symbol) == 1 and isinstance(number, Poly):
        modulus = divisor // gcd(divisor, *(int(c) for m, c in number.terms.items() if m))
    _affordable(modulus, number)
    members = (r for r, part in classes(number, symbol, modulus, _STEP) if _constant(part) % divisor == 0)
    return PeriodicSet.congruent(modulus, members)


def _constant(value: Value) -> Rational:
    return value.terms.get((), 0) if isinstance(value, Poly) else value


def _affordable(modulus: int, value: Value) -> None:
    if modulus > LIMIT:
        raise Undecided(f"{value} repeats only after {modulus} steps: too many residue classes to go through")


# -- minima and maxima: one case per option -------------------------------------------------------------------------------
def _by_cases(claim: Compare, opened: Extremum, symbol: Name) -> PeriodicSet:
    return _united([solution(case, symbol) for case in _cases(claim, opened)])


def _cases(claim: Compare, opened: Extremum) -> Iterable[Truth]:
    op = ">=" if opened.greatest else "<="
    for chosen in opened.options:
        rules: list[Truth] = [claim_between(op, chosen, other) for other in opened.options if other is not chosen]
        rules.append(claim_between(claim.op, _with(claim.left, opened, chosen), _with(claim.right, opened, chosen)))
        yield every(rules)


def _with(value: Value, opened: Extremum, chosen: Value) -> Value:
    """The value with one extremum settled: substitution looks into its memo before it looks inside an atom."""
    return canonical(substitute(value, {}, {opened: chosen}))
