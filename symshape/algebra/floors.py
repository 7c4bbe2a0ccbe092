"""Floor division of values, and its normal form.

For ⌊p/c⌋ with integer-valued p the rules are, each an identity of integers:

    ⌊(cq + r)/c⌋ = q + ⌊r/c⌋                       integer parts leave, coefficients are residues 0 … c−1
    ⌊(gp + b)/(gc)⌋ = ⌊(p + ⌊b/g⌋)/c⌋              a common factor leaves
    ⌊(⌊y/d⌋ + m)/c⌋ = ⌊(y + dm)/(dc)⌋              a lone nested floor folds, so a chain of layers is one floor

The divisor may be symbolic; then the first rule takes out what the divisor's monomial divides.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from symshape.algebra.bounds import Bounds, at_least, bounds_of, quotient_bounds
from symshape.algebra.poly import (
    Atom,
    Monomial,
    Name,
    Poly,
    Rational,
    Value,
    sorted_monomial,
    canonical,
    substitute,
)

__all__ = ["Floor", "ceil_div", "floor_div", "modulo"]

# Folding a chain whose strides are all symbols multiplies out Horner's form; past this many terms the floor stays nested.
_WIDEST_FOLD = 64


class Floor(Atom):
    """⌊number/divisor⌋, not reducible further; made by `floor_div` alone."""

    __slots__ = ()

    @property
    def number(self) -> Poly:
        """The dividend."""
        return self.key[0]  # type: ignore[no-any-return]

    @property
    def divisor(self) -> int | Poly:
        """The divisor, positive."""
        return self.key[1]  # type: ignore[no-any-return]

    def names(self) -> frozenset[Name]:
        own = self.number.names()
        return own | self.divisor.names() if isinstance(self.divisor, Poly) else own

    def substituted(self, values: Mapping[Name, Value], memo: dict[Atom, Value]) -> Value:
        return floor_div(substitute(self.number, values, memo), substitute(self.divisor, values, memo))


@bounds_of(Floor)
def _floor_bounds(atom: Floor) -> Bounds:
    return quotient_bounds(atom.number, atom.divisor)


def floor_div(number: Value, divisor: Value) -> Value:
    """⌊number/divisor⌋ in normal form, for a positive divisor.

    >>> from symshape.algebra.poly import name
    >>> H = name("H")
    >>> floor_div(floor_div(H - 4, 2) - 4, 2)
    floor(H/4) - 3
    >>> floor_div(H - 1, 2) + 1
    ceiling(H/2)
    """
    number, divisor = canonical(number), canonical(divisor)
    if not isinstance(divisor, Poly):
        if divisor <= 0:
            raise ZeroDivisionError(f"floor division by {divisor}: a divisor is positive")
        if not isinstance(number, Poly):
            return number // divisor
    if isinstance(divisor, int) and isinstance(number, Poly):
        if divisor == 1 and _integral(number.terms):
            return number
        if _integral(number.terms):
            return _by_number(number.terms, divisor)
    return _by_value(*_cleared(number, divisor))


def ceil_div(number: Value, divisor: Value) -> Value:
    """⌈number/divisor⌉ = ⌊(number + divisor − 1)/divisor⌋ for integers.

    >>> from symshape.algebra.poly import name
    >>> ceil_div(ceil_div(name("H"), 4), 8)
    ceiling(H/32)
    """
    number, divisor = canonical(number), canonical(divisor)
    if not isinstance(number, Poly) and not isinstance(divisor, Poly):
        return -(-number // divisor)
    number, divisor = _cleared(number, divisor)
    return floor_div(number + divisor - 1, divisor)


def modulo(number: Value, divisor: Value) -> Value:
    """number − divisor·⌊number/divisor⌋."""
    return number - divisor * floor_div(number, divisor)


def _integral(terms: Mapping[Monomial, Rational]) -> bool:
    return all(
        isinstance(coefficient, int) and all(power > 0 and atom.integral for atom, power in monomial)
        for monomial, coefficient in terms.items()
    )


def _cleared(number: Value, divisor: Value) -> tuple[Value, Value]:
    """Dividend and divisor times their common denominators, so that both have integer coefficients and positive powers."""
    rows = [value.terms if isinstance(value, Poly) else {(): value} for value in (number, divisor)]
    scale = lcm(*(Fraction(coefficient).denominator for terms in rows for coefficient in terms.values()))
    powers: dict[Atom, int] = {}
    for terms in rows:
        for monomial in terms:
            for atom, power in monomial:
                if power < 0:
                    powers[atom] = max(powers.get(atom, 0), -power)
    factor: Value = scale
    for atom, power in powers.items():
        factor = factor * Poly.of_atom(atom) ** power
    return canonical(number * factor), canonical(divisor * factor)


def _by_number(terms: Mapping[Monomial, Rational], divisor: int) -> Value:
    """⌊terms/divisor⌋ for an integer divisor > 1 and integer-valued terms."""
    whole: Value = 0
    while True:
        outside: dict[Monomial, Rational] = {}
        inside: dict[Monomial, Rational] = {}
        for monomial, coefficient in terms.items():
            quotient, remainder = divmod(coefficient, divisor)
            if quotient:
                outside[monomial] = quotient
            if remainder and monomial:
                inside[monomial] = remainder
        whole = _plus(outside, whole)
        if not inside:
            return whole
        offset = terms.get((), 0) % divisor
        common = gcd(divisor, *inside.values())  # type: ignore[arg-type]
        if common > 1:
            inside = {monomial: coefficient // common for monomial, coefficient in inside.items()}
            divisor //= common
            offset //= common
        nested = _lone_floor(inside)
        if offset:
            inside[()] = offset
        if nested is None:
            return whole + Poly.of_atom(Floor.interned(Poly(inside), divisor))
        folded = _folded(nested, inside)
        if isinstance(nested.divisor, Poly):
            return whole + floor_div(folded, nested.divisor * divisor)
        terms, divisor = folded.terms, nested.divisor * divisor


def _by_value(number: Value, divisor: Value) -> Value:
    """⌊number/divisor⌋ for a symbolic divisor (or dividends that are not integer-valued)."""
    if not isinstance(divisor, Poly):
        assert isinstance(divisor, int)
        if not isinstance(number, Poly):
            return number // divisor
        if _integral(number.terms):
            return number if divisor == 1 else _by_number(number.terms, divisor)
        return _of_rationals(number, divisor)
    terms = dict(number.terms) if isinstance(number, Poly) else {(): number} if number else {}
    outside: dict[Monomial, Rational] = {}
    if len(divisor.terms) == 1:
        ((lead, scale),) = divisor.terms.items()
        for monomial, coefficient in list(terms.items()):
            step = _monomial_quotient(monomial, lead)
            if step is not None and all(atom.integral for atom, _ in step):
                quotient, remainder = divmod(coefficient, scale)
                _put(outside, step, quotient)
                _put(terms, monomial, remainder)
    else:  # a sum as divisor: take out its integer multiples only
        lead = max(divisor.terms, key=lambda m: (sum(p for _, p in m), [(-a.serial, p) for a, p in m]))
        quotient = terms.get(lead, 0) // divisor.terms[lead]
        if quotient:
            outside[()] = quotient
            for monomial, coefficient in divisor.terms.items():
                _put(terms, monomial, terms.get(monomial, 0) - quotient * coefficient)
    whole = _plus(outside, 0)
    if not terms:
        return whole
    rest, divisor_left = _reduced(terms, divisor)
    if not isinstance(divisor_left, Poly):
        return whole + floor_div(rest, divisor_left)
    if at_least(rest, 0) and at_least(divisor_left - rest, 1):  # 0 ≤ rest < divisor
        return whole
    if isinstance(rest, Poly):
        nested = _lone_floor(rest.terms) if _integral(rest.terms) else None
        if nested is not None:
            folded = _folded(nested, rest.terms)
            below = canonical(divisor_left * nested.divisor)
            if len(folded.terms) <= _WIDEST_FOLD:
                return whole + floor_div(folded, below)
    rest_poly = rest if isinstance(rest, Poly) else Poly({(): rest})
    return whole + Poly.of_atom(Floor.interned(rest_poly, divisor_left))


def _of_rationals(number: Poly, divisor: int) -> Value:
    """⌊number/divisor⌋ where some symbols are rational: only whole multiples of integral monomials leave."""
    outside: dict[Monomial, Rational] = {}
    inside: dict[Monomial, Rational] = {}
    for monomial, coefficient in number.terms.items():
        if all(atom.integral for atom, _ in monomial):
            quotient, coefficient = divmod(coefficient, divisor)
            _put(outside, monomial, quotient)
        _put(inside, monomial, coefficient)
    whole = _plus(outside, 0)
    if not inside:
        return whole
    common = gcd(divisor, *inside.values())  # type: ignore[arg-type]
    inside = {monomial: coefficient // common for monomial, coefficient in inside.items()}
    return whole + Poly.of_atom(Floor.interned(Poly(inside), divisor // common))


def _reduced(terms: dict[Monomial, Rational], divisor: Poly) -> tuple[Value, Value]:
    """Dividend and divisor without their common factors (numbers by the second rule, symbols by cancelling)."""
    shared: dict[Atom, int] | None = None
    for monomial in (*terms, *divisor.terms):
        powers = dict(monomial)
        shared = powers if shared is None else {a: min(p, powers[a]) for a, p in shared.items() if a in powers}
    common = sorted_monomial({a: p for a, p in (shared or {}).items() if p > 0})
    top = {_monomial_quotient(m, common) or (): c for m, c in terms.items()}
    below = {_monomial_quotient(m, common) or (): c for m, c in divisor.terms.items()}
    integral = _integral(top)
    scale = gcd(*(c for m, c in top.items() if m or not integral), *below.values())  # type: ignore[arg-type]
    top = {m: c // scale for m, c in top.items() if c // scale}
    below = {m: c // scale for m, c in below.items()}
    return canonical(Poly(top)), canonical(Poly(below))


def _lone_floor(terms: Mapping[Monomial, Rational]) -> Floor | None:
    """The floor that stands alone with coefficient 1, if it is the only floor in sight."""
    found: Floor | None = None
    for monomial, coefficient in terms.items():
        for atom, power in monomial:
            if isinstance(atom, Floor):
                if found is not None or coefficient != 1 or power != 1 or len(monomial) != 1:
                    return None
                found = atom
    return found


def _folded(nested: Floor, terms: Mapping[Monomial, Rational]) -> Poly:
    """y + d·m from ⌊y/d⌋ + m."""
    rest = {monomial: c for monomial, c in terms.items() if monomial != ((nested, 1),)}
    folded = canonical(nested.number + nested.divisor * canonical(Poly(rest)))
    assert isinstance(folded, Poly)
    return folded


def _monomial_quotient(monomial: Monomial, lead: Monomial) -> Monomial | None:
    powers = dict(monomial)
    for atom, power in lead:
        left = powers.get(atom, 0) - power
        if left < 0:
            return None
        powers[atom] = left
    return tuple((atom, power) for atom, power in powers.items() if power)


def _put(terms: dict[Monomial, Any], monomial: Monomial, coefficient: Rational) -> None:
    if coefficient:
        terms[monomial] = coefficient
    else:
        terms.pop(monomial, None)


def _plus(terms: dict[Monomial, Rational], value: Value) -> Value:
    return value + canonical(Poly(terms)) if terms else value
