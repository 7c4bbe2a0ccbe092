"""Polynomials as plain dictionaries, monomial → coefficient: the arithmetic beneath `Poly`."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction
from functools import reduce
from math import comb, gcd, lcm
from typing import Any

from symshape.algebra.atoms import Atom
from symshape.errors import DivisionByZero, Undecided

__all__ = [
    "Monomial",
    "Rational",
    "Terms",
    "accumulate",
    "add_to",
    "all_integral",
    "common_monomial",
    "content",
    "exact_quotient",
    "grading",
    "integer_division",
    "monomial_quotient",
    "monomial_times",
    "power_of_number",
    "power_of_terms",
    "sorted_monomial",
    "tidy",
    "times",
]

Rational = int | Fraction
Monomial = tuple[tuple[Atom, int], ...]  # atoms in order, no power is 0
Terms = dict[Monomial, Rational]

_WIDEST_NUMBER = 100_000  # bits
_MOST_STEPS = 1_000_000  # products of two terms, in one multiplication


# -- numbers ---------------------------------------------------------------------------------------------------------
def tidy(number: Rational) -> Rational:
    """A Fraction that is an integer, as an int."""
    if isinstance(number, Fraction) and number.denominator == 1:
        return number.numerator
    return number


def power_of_number(base: Rational, power: int) -> Rational:
    """base**power, exactly; raises `Undecided` where it is too long to be written."""
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if bits * abs(power) > _WIDEST_NUMBER and abs(base) != 1:
        raise Undecided(f"a number to the power {power} would have more than {_WIDEST_NUMBER} bits")
    if base == 0 and power < 0:
        raise DivisionByZero("a formula divides by zero")
    return base**power if power >= 0 and type(base) is int else tidy(Fraction(base) ** power)


def add_to(table: dict[Any, Any], key: Hashable, number: Any) -> None:
    """table[key] += number, with zeros removed."""
    total = table.get(key, 0) + number
    if total:
        table[key] = total if type(total) is int else tidy(total)
    else:
        table.pop(key, None)


# -- monomials -------------------------------------------------------------------------------------------------------
def sorted_monomial(powers: Mapping[Atom, int]) -> Monomial:
    """The monomial of these powers, its atoms in order."""
    items = [item for item in powers.items() if item[1]]
    if len(items) > 1:
        items.sort(key=_order)
    return tuple(items)


def _order(item: tuple[Atom, int]) -> tuple[Any, ...]:
    return item[0].order


def monomial_times(left: Monomial, right: Monomial) -> Monomial:
    """The product of two monomials."""
    if not left:
        return right
    if not right:
        return left
    powers = dict(left)
    for atom, power in right:
        powers[atom] = powers.get(atom, 0) + power
    return sorted_monomial(powers)


def monomial_quotient(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    """The quotient of two monomials, where the second divides the first."""
    powers = dict(monomial)
    for atom, power in divisor:
        left = powers.get(atom, 0) - power
        if left < 0:
            return None
        powers[atom] = left
    return tuple((atom, power) for atom, power in powers.items() if power)


def grading(monomial: Monomial) -> tuple[Any, ...]:
    """The place of a monomial in a sum: the highest degree first, then lexicographic. Products keep this order."""
    return -sum(power for _, power in monomial), [(atom.order, -power) for atom, power in monomial]


# -- sums ------------------------------------------------------------------------------------------------------------
def all_integral(terms: Terms) -> bool:
    """Whether every term is an integer by its form: integer coefficients, no negative powers, integer atoms."""
    for monomial, coefficient in terms.items():
        if type(coefficient) is not int:
            return False
        for atom, power in monomial:
            if power < 0 or not atom.integral:
                return False
    return True


def accumulate(into: dict[Any, Rational], terms: Mapping[Any, Rational]) -> dict[Any, Rational]:
    """into += terms."""
    for monomial, coefficient in terms.items():
        add_to(into, monomial, coefficient)
    return into


def times(left: Terms, right: Terms) -> Terms:
    """The product of two sums, multiplied out."""
    if len(left) * len(right) > _MOST_STEPS:
        raise Undecided(f"a product of sums has about {len(left) * len(right)} terms when multiplied out: too many")
    total: Terms = {}
    for m, a in left.items():
        for n, b in right.items():
            add_to(total, monomial_times(m, n), a * b)
    return total


def power_of_terms(terms: Terms, power: int) -> Terms:
    """A power of a sum, multiplied out; a negative power exists of a single term only."""
    if len(terms) == 1:
        ((monomial, coefficient),) = terms.items()
        return {tuple((atom, p * power) for atom, p in monomial): power_of_number(coefficient, power)}
    if power < 0:
        raise Undecided("one divided by a sum is no polynomial: give the divisor a number or a name of its own")
    if comb(len(terms) + power - 1, power) * power > _MOST_STEPS:
        raise Undecided(f"a sum of {len(terms)} terms to the power {power} has too many terms when multiplied out")
    return reduce(times, [terms] * power, {(): 1})


def common_monomial(terms: Iterable[Monomial]) -> Monomial:
    """The greatest monomial whose quotients with all the others have no negative powers."""
    common: dict[Atom, int] | None = None
    for monomial in terms:
        powers = dict(monomial)
        if common is None:
            common = powers
        else:
            lowest = {atom: min(common.get(atom, 0), powers.get(atom, 0)) for atom in (*common, *powers)}
            common = {atom: power for atom, power in lowest.items() if power}
    return sorted_monomial(common or {})


def content(terms: Terms) -> tuple[Rational, Monomial, Terms]:
    """terms = number × monomial × primitive part, whose leading coefficient is positive."""
    denominator = lcm(*(c.denominator for c in terms.values()))
    numbers: Terms = {m: int(c * denominator) for m, c in terms.items()}
    divisor = gcd(*(int(c) for c in numbers.values()))
    if numbers[min(terms, key=grading)] < 0:
        divisor = -divisor
    common = common_monomial(terms)
    if divisor == 1 and not common:
        return 1 if denominator == 1 else Fraction(1, denominator), common, numbers
    inverse = tuple((atom, -power) for atom, power in common)
    primitive: Terms = {monomial_times(m, inverse): c // divisor for m, c in numbers.items()}
    return divisor if denominator == 1 else tidy(Fraction(divisor, denominator)), common, primitive


def exact_quotient(left: Terms, right: Terms) -> Terms | None:
    """left / right by long division, where nothing remains."""
    lead = min(right, key=grading)
    rest = dict(left)
    quotient: Terms = {}
    while rest:
        top = min(rest, key=grading)
        step = monomial_quotient(top, lead)
        if step is None:
            return None
        factor = tidy(Fraction(rest[top]) / right[lead])
        add_to(quotient, step, factor)
        accumulate(rest, times({step: -factor}, right))
    return quotient


def integer_division(number: Terms, divisor: Terms) -> tuple[Terms, Terms]:
    """number = quotient·divisor + rest, with an integer quotient; the rest has only residues of the leading term."""
    lead = min(divisor, key=grading)
    scale = divisor[lead]
    quotient: Terms = {}
    rest: Terms = {}
    left = dict(number)
    while left:
        top = min(left, key=grading) if len(divisor) > 1 else next(iter(left))
        step = monomial_quotient(top, lead)
        count = left[top] // scale if step is not None and all_integral({step: 1}) else 0
        if step is None or not count:
            rest[top] = left.pop(top)
            continue
        quotient[step] = count
        accumulate(left, {monomial_times(step, m): -count * c for m, c in divisor.items()})
        if top in left:
            rest[top] = left.pop(top)
    return quotient, rest
