"""Floor division of values, and its normal form.

For ⌊p/c⌋ with integer-valued p the rules are, each an identity of integers:

    ⌊(cq + r)/c⌋ = q + ⌊r/c⌋                       integer parts leave, coefficients are residues 0 … c−1
    ⌊(gp + b)/(gc)⌋ = ⌊(p + ⌊b/g⌋)/c⌋              a common factor leaves
    ⌊(⌊y/d⌋ + m)/c⌋ = ⌊(y + dm)/(dc)⌋              a lone nested floor folds, so a chain of layers is one floor

The divisor may be symbolic; then the first rule is long division, and ⌊r/c⌋ is 0 or −1 where the bounds tell. In a
divisor that is a number the second rule has g = gcd of c and the coefficients.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd

from symshape.algebra.atoms import Atom, Name
from symshape.algebra.bounds import Bounds, at_least, bounds_of, clearing_factor, quotient_bounds
from symshape.algebra.poly import Poly, Value, canonical, integral, substitute
from symshape.algebra.terms import (
    Terms,
    accumulate,
    add_to,
    all_integral,
    common_monomial,
    integer_division,
    monomial_quotient,
    monomial_times,
    times,
)
from symshape.errors import DivisionByZero

__all__ = ["Floor", "ceil_div", "floor_div", "modulo"]

# Folding a chain whose strides are all symbols multiplies out Horner's form; past this many terms a floor stays nested.
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

    def parts(self) -> tuple[Value, ...]:
        return self.key

    def substituted(self, values: Mapping[Name, Value], memo: dict[Atom, Value]) -> Value:
        return floor_div(substitute(self.number, values, memo), substitute(self.divisor, values, memo))


@bounds_of(Floor)
def _bounds(atom: Floor) -> Bounds:
    low, high = quotient_bounds(atom.number, atom.divisor)
    return low, -1 if high == 0 and _negative(atom.number) else high


def _negative(number: Poly) -> bool:
    """Whether the value is below 0, where its bounds, which rational symbols never attain, say at most 0."""
    positive = all(isinstance(atom, Name) and (atom.least > 0 or not atom.integral) for atom in number.atom_list())
    return positive and all(coefficient < 0 for coefficient in number.terms.values())


def floor_div(number: Value, divisor: Value) -> Value:
    """⌊number/divisor⌋ in normal form, for a positive divisor.

    >>> from symshape.algebra.poly import name
    >>> H = name("H")
    >>> floor_div(floor_div(H - 4, 2) - 4, 2)
    floor(H/4) - 3
    >>> floor_div(H - 1, 2) + 1
    ceiling(H/2)
    """
    if isinstance(divisor, int) and isinstance(number, Poly) and divisor > 1 and all_integral(number.terms):
        return _by_number(number.terms, divisor)
    number, divisor = canonical(number), canonical(divisor)
    if not integral(number) or not integral(divisor):
        number, divisor = _cleared(number, divisor)
    if isinstance(divisor, Poly):
        return _by_value(number, divisor)
    if divisor <= 0:
        raise DivisionByZero(f"floor division by {divisor}: a divisor is positive")
    if not isinstance(number, Poly):
        return number // divisor
    assert isinstance(divisor, int)
    if not integral(number):
        return _of_rationals(number, divisor)
    return _by_number(number.terms, divisor) if divisor > 1 else number


def ceil_div(number: Value, divisor: Value) -> Value:
    """⌈number/divisor⌉ = ⌊(number + divisor − 1)/divisor⌋ for integers.

    >>> from symshape.algebra.poly import name
    >>> ceil_div(ceil_div(name("H"), 4), 8)
    ceiling(H/32)
    """
    if not integral(number) or not integral(divisor):
        number, divisor = _cleared(canonical(number), canonical(divisor))
        if not integral(number) or not integral(divisor):
            return -floor_div(-number, divisor)
    return floor_div(number + (divisor - 1), divisor)


def modulo(number: Value, divisor: Value) -> Value:
    """number − divisor·⌊number/divisor⌋.

    >>> from symshape.algebra.poly import name
    >>> modulo(8*name("C") + 11, 8)
    3
    """
    return canonical(number - divisor * floor_div(number, divisor))


def _cleared(number: Value, divisor: Value) -> tuple[Value, Value]:
    """Dividend and divisor with integer coefficients and positive powers."""
    factor = clearing_factor(number, divisor)
    return canonical(number * factor), canonical(divisor * factor)


# -- divided by a number ---------------------------------------------------------------------------------------------
def _by_number(terms: Terms, divisor: int) -> Value:
    """⌊terms/divisor⌋ for an integer divisor > 1 and integer-valued terms."""
    whole: Terms = {}
    while True:
        outside: Terms = {}
        inside: Terms = {}
        for monomial, coefficient in terms.items():
            quotient, remainder = divmod(coefficient, divisor)
            if quotient:
                outside[monomial] = quotient
            if remainder:
                inside[monomial] = remainder
        whole = accumulate(whole, outside) if whole else outside
        offset = inside.pop((), 0)
        if not inside:
            return canonical(Poly(whole))
        common = gcd(divisor, *inside.values())  # type: ignore[arg-type]
        if common > 1:
            inside = {monomial: coefficient // common for monomial, coefficient in inside.items()}
            divisor //= common
            offset //= common
        if offset:
            inside[()] = offset
        nested = _lone_floor(inside)
        if nested is None:
            add_to(whole, ((Floor.interned(Poly(inside), divisor), 1),), 1)
            return Poly(whole)
        terms = _folded(nested, inside)
        if isinstance(nested.divisor, Poly) or not all_integral(terms):  # ⌊⌊16w⌋/8⌋ is ⌊2w⌋, not 2w
            return canonical(Poly(whole)) + floor_div(Poly(terms), nested.divisor * divisor)
        divisor *= nested.divisor


def _lone_floor(terms: Terms) -> Floor | None:
    """The floor that stands alone with coefficient 1, if it is the only floor in sight."""
    found: Floor | None = None
    for monomial, coefficient in terms.items():
        for atom, power in monomial:
            if isinstance(atom, Floor):
                if found is not None or coefficient != 1 or power != 1 or len(monomial) != 1:
                    return None
                found = atom
    return found


def _folded(nested: Floor, terms: Terms) -> Terms:
    """y + d·m from ⌊y/d⌋ + m."""
    folded = nested.number.terms.copy()
    for monomial, coefficient in terms.items():
        if monomial != ((nested, 1),):
            if isinstance(nested.divisor, Poly):
                accumulate(folded, times({monomial: coefficient}, nested.divisor.terms))
            else:
                add_to(folded, monomial, coefficient * nested.divisor)
    return folded


# -- divided by a value ----------------------------------------------------------------------------------------------
def _by_value(number: Value, divisor: Poly) -> Value:
    """⌊number/divisor⌋ for a symbolic divisor; both have integer coefficients and positive powers."""
    terms: Terms = number.terms if isinstance(number, Poly) else {(): number} if number else {}
    quotient, rest = integer_division(terms, divisor.terms)
    whole = canonical(Poly(quotient))
    if not rest:
        return whole
    integers = all_integral(rest) and integral(divisor)
    above, below = _reduced(rest, divisor.terms, integers)
    if not isinstance(below, Poly):
        return whole + floor_div(above, below)
    decided = _decided(above, below)
    if decided is not None:
        return whole + decided
    if not isinstance(above, Poly):
        above = Poly({(): above})
    smaller = _without_factor(above, below) if integers else None
    if smaller is not None:
        return whole + floor_div(*smaller)
    nested = _lone_floor(above.terms) if integers else None
    if nested is not None:
        folded = _folded(nested, above.terms)
        if len(folded) <= _WIDEST_FOLD:
            return whole + floor_div(Poly(folded), below * nested.divisor)
    return whole + Poly.of_atom(Floor.interned(above, below))


def _decided(number: Value, divisor: Value) -> int | None:
    """⌊number/divisor⌋ where the bounds tell: 0 for 0 ≤ number < divisor, −1 for −divisor ≤ number < 0."""
    if at_least(number, 0) and at_least(divisor - number, 1):
        return 0
    if at_least(-number, 1) and at_least(number + divisor, 0):
        return -1
    return None


def _without_factor(number: Poly, divisor: Poly) -> tuple[Value, Value] | None:
    """The second rule for a symbolic factor g: ⌊(gp + b)/(gc)⌋ = ⌊(p + ⌊b/g⌋)/c⌋, where ⌊b/g⌋ is decided."""
    inside = number.atoms()
    for atom, _ in common_monomial(divisor.terms):
        factor = ((atom, 1),)
        if atom not in inside or not at_least(Poly({factor: 1}), 1):
            continue
        quotients = {monomial: monomial_quotient(monomial, factor) for monomial in number.terms}
        decided = _decided(Poly({m: c for m, c in number.terms.items() if quotients[m] is None}), Poly({factor: 1}))
        if decided is not None:
            above = {q: number.terms[m] for m, q in quotients.items() if q is not None}
            below = {monomial_quotient(m, factor) or (): c for m, c in divisor.terms.items()}
            return Poly(above) + decided, canonical(Poly(below))
    return None


def _reduced(number: Terms, divisor: Terms, integers: bool) -> tuple[Value, Value]:
    """Dividend and divisor without their common factors: numbers by the second rule, symbols by cancelling."""
    if () not in number and () not in divisor:
        common = [item for item in common_monomial((*number, *divisor)) if at_least(Poly.of_atom(item[0]), 0)]
        inverse = tuple((atom, -power) for atom, power in common)
        number = {monomial_times(monomial, inverse): c for monomial, c in number.items()}
        divisor = {monomial_times(monomial, inverse): c for monomial, c in divisor.items()}
    scale = gcd(*(c for m, c in number.items() if m or not integers), *divisor.values())  # type: ignore[arg-type]
    above: Terms = {m: c // scale for m, c in number.items() if c // scale}
    below: Terms = {m: c // scale for m, c in divisor.items()}
    return canonical(Poly(above)), canonical(Poly(below))


def _of_rationals(number: Poly, divisor: int) -> Value:
    """⌊number/divisor⌋ where some symbols are rational: only whole multiples of integral monomials leave."""
    outside: Terms = {}
    inside: Terms = {}
    for monomial, coefficient in number.terms.items():
        quotient, remainder = divmod(coefficient, divisor) if all_integral({monomial: 1}) else (0, coefficient)
        add_to(outside, monomial, quotient)
        add_to(inside, monomial, remainder)
    whole = canonical(Poly(outside))
    if not inside:
        return whole
    common = gcd(divisor, *inside.values())  # type: ignore[arg-type]
    inside = {monomial: coefficient // common for monomial, coefficient in inside.items()}
    return whole + Poly.of_atom(Floor.interned(Poly(inside), divisor // common))
