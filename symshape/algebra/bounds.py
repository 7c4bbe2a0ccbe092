"""Bounds of a value when every symbol is at least 1: interval arithmetic, `None` for no bound."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor, lcm
from typing import Any

from symshape.algebra.atoms import Atom, Name
from symshape.algebra.poly import Poly, Value, canonical
from symshape.algebra.terms import Monomial, Rational, common_monomial

__all__ = ["Bounds", "at_least", "bounds", "bounds_of", "clearing_factor", "quotient_bounds"]

Bounds = tuple[Rational | None, Rational | None]
_RULES: dict[type[Atom], Callable[[Any], Bounds]] = {}
_UNKNOWN: Bounds = (None, None)


def bounds_of(kind: type[Atom]) -> Callable[[Callable[[Any], Bounds]], Callable[[Any], Bounds]]:
    """Declare how an atom of `kind` is bounded."""

    def declare(rule: Callable[[Any], Bounds]) -> Callable[[Any], Bounds]:
        _RULES[kind] = rule
        return rule

    return declare


@bounds_of(Name)
def _name(atom: Name) -> Bounds:
    return atom.least, None


def bounds(value: Value) -> Bounds:
    """(low, high) with low ≤ value ≤ high for all positive symbols; not always the tightest.

    >>> from symshape.algebra.poly import name
    >>> bounds(2*name("K") - 1)
    (1, None)
    """
    value = canonical(value)
    if isinstance(value, (int, Fraction)):
        return value, value
    low: Rational | None = 0
    high: Rational | None = 0
    for monomial, coefficient in value.terms.items():
        bottom, top = _of_monomial(monomial)
        if coefficient < 0:
            bottom, top = top, bottom
        low = None if low is None or bottom is None else low + coefficient * bottom
        high = None if high is None or top is None else high + coefficient * top
    return low, high


def _of_monomial(monomial: Monomial) -> Bounds:
    if len(monomial) == 1 and monomial[0][1] == 1:
        return _of_atom(monomial[0][0])
    bottom: Rational = 1
    top: Rational | None = 1
    for atom, power in monomial:
        least, most = _of_atom(atom)
        if least is None or least < 0:
            return _UNKNOWN
        if power < 0:
            least, most = (Fraction(1, most) if most else 0), (Fraction(1, least) if least else None)
        bottom = bottom * least ** abs(power)
        top = None if top is None or most is None else top * most ** abs(power)
    return bottom, top


def _of_atom(atom: Atom) -> Bounds:
    if atom.limits is None:
        atom.limits = _RULES[type(atom)](atom)
    return atom.limits


def at_least(value: Value, least: int) -> bool:
    """Whether value ≥ least is certain from the bounds."""
    low, _ = bounds(value)
    return low is not None and low >= least


def quotient_bounds(number: Value, divisor: Value) -> Bounds:
    """Bounds of ⌊number/divisor⌋ for a divisor that is positive by its bounds.

    >>> from symshape.algebra.poly import name
    >>> quotient_bounds(7, 2*name("S")), quotient_bounds(-7, 2*name("S"))
    ((0, 3), (-4, -1))
    """
    low, high = bounds(number)
    least, most = bounds(divisor)
    if least is None or least <= 0:
        return _UNKNOWN
    if low is not None:  # the quotient is least where the divisor draws it towards or away from zero most
        low = floor(Fraction(low) / least) if low < 0 else 0 if most is None else floor(Fraction(low) / most)
    if high is not None:
        high = floor(Fraction(high) / least) if high >= 0 else -1 if most is None else floor(Fraction(high) / most)
    return low, high


def clearing_factor(*values: Value) -> Value:
    """A positive factor that takes the denominators out of all the values.

    >>> from symshape.algebra.poly import divide, name
    >>> clearing_factor(divide(name("C"), 2*name("G")), divide(1, 3))
    6*G
    """
    rows = [value.terms if isinstance(value, Poly) else {(): value} for value in values]
    factor: Value = lcm(*(coefficient.denominator for terms in rows for coefficient in terms.values()))
    for atom, power in common_monomial(monomial for terms in rows for monomial in (*terms, ())):
        base = Poly.of_atom(atom)
        factor = factor * base ** (-power if at_least(base, 0) else -power + power % 2)  # an even power is no sign
    return factor
