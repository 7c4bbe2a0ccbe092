"""Integer bounds of a value when every symbol is at least 1: interval arithmetic, `None` for no bound."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor
from typing import Any

from symshape.algebra.poly import Atom, Name, Rational, Value, canonical

__all__ = ["at_least", "bounds"]

Bounds = tuple["Rational | None", "Rational | None"]
_RULES: dict[type[Atom], Callable[[Any], Bounds]] = {}


def bounds_of(kind: type[Atom]) -> Callable[[Callable[[Any], Bounds]], Callable[[Any], Bounds]]:
    """Declare how an atom of `kind` is bounded."""

    def declare(rule: Callable[[Any], Bounds]) -> Callable[[Any], Bounds]:
        _RULES[kind] = rule
        return rule

    return declare


@bounds_of(Name)
def _name(atom: Name) -> Bounds:
    return (1 if atom.integral else 0), None


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
        bottom: Rational | None = 1
        top: Rational | None = 1
        for atom, power in monomial:
            least, most = _RULES[type(atom)](atom)
            if least is None or least < 0 or power < 0:  # a sign or a reciprocal: no claim
                bottom = None if least is None or least < 0 else (0 if bottom is not None else None)
                top = None
                continue
            bottom = None if bottom is None else bottom * least**power
            top = None if top is None or most is None else top * most**power
        if coefficient < 0:
            bottom, top = top, bottom
        low = None if low is None or bottom is None else low + coefficient * bottom
        high = None if high is None or top is None else high + coefficient * top
    return low, high


def at_least(value: Value, least: int) -> bool:
    """Whether value ≥ least is certain from the bounds."""
    low, _ = bounds(value)
    return low is not None and low >= least


def quotient_bounds(number: Value, divisor: Value) -> Bounds:
    """Bounds of ⌊number/divisor⌋ for a positive divisor."""
    low, high = bounds(number)
    least, most = bounds(divisor)
    if least is None or least <= 0:
        return None, None
    if least != most:  # a symbolic divisor only shrinks towards zero
        return (0 if low is not None and low >= 0 else None), (
            None if high is None else floor(max(high, 0) / Fraction(least))
        )
    return (
        None if low is None else floor(Fraction(low) / least),
        None if high is None else floor(Fraction(high) / least),
    )
