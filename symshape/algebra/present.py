"""Canonical value → the written form a person would choose.

⌊(H+31)/32⌋ is shown as ⌈H/32⌉, ⌊(H+21)/32⌋ − 2 as ⌊(H − 43)/32⌋, and of the two faces of a value, expanded and as the
products in which it arose, the shorter is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import gcd
from typing import Any

from symshape.algebra.atoms import Atom, Name
from symshape.algebra.exponential import Exponential
from symshape.algebra.extrema import Extremum
from symshape.algebra.floors import Floor
from symshape.algebra.poly import Poly, Value, canonical, divide, integral
from symshape.algebra.series import Series
from symshape.algebra.terms import Monomial, Rational, Terms
from symshape.errors import Undecided
from symshape.written import (
    Add,
    Ceiling,
    Div,
    Max,
    Min,
    Neg,
    Number,
    Pow,
    Symbol,
    Written,
    product,
    total,
    walk,
    written,
)
from symshape.written import Floor as WrittenFloor

__all__ = ["present"]

# Sizes come before everything else in a term, in the order in which shapes are written.
_SIZES = {size: place for place, size in enumerate(("N", "L", "T", "D", "H", "W", "C", "F"))}
_LARGEST = 100_000  # nodes of a formula

Order = tuple[Any, ...]
Powers = list[tuple[Written, int]]  # a product: what is multiplied, and how often


def present(value: Value) -> Written:
    """The value as a written formula; of equal forms the shortest.

    >>> from symshape.algebra.poly import name
    >>> H, W = name("H"), name("W")
    >>> present(1920*(H - 3)*(W - 3) + 14958)
    1920*(H - 3)*(W - 3) + 14958
    """
    if not isinstance(value, Poly):
        return written(value)
    if value.shown is None:
        value.shown = _shortest(value)
    return value.shown  # type: ignore[no-any-return]


def _shortest(value: Poly) -> Written:
    face = canonical(value)
    if not isinstance(face, Poly):
        return written(face)
    if sum(1 + atom.size for atom in face.atom_list()) > _LARGEST:
        raise Undecided("a formula is too long to be written: give some symbols numbers")
    expanded = _sum(_expanded(face.terms))
    if frozenset(((face, 1),)) in face.products and len(face.products) == 1:  # a single factor: nothing to take apart
        return expanded
    factored = _sum(_factored(value))
    return factored if _length(factored) < _length(expanded) else expanded


def _length(tree: Written) -> int:
    return sum(1 for _ in walk(tree))


# -- terms -----------------------------------------------------------------------------------------------------------
def _expanded(terms: Terms) -> Iterator[tuple[Rational, Powers]]:
    """The terms in reading order; floors absorb the constant or round up with a part of it, where that reads best."""
    constant = terms.get((), 0)
    odd = [m for m in terms if _odd_floor(m)]
    absorbing = odd[0] if len(odd) == 1 and terms[odd[0]] == 1 and isinstance(constant, int) and constant else None
    rows: list[tuple[Order, Rational, Powers]] = []
    for monomial, coefficient in terms.items():
        if not monomial:
            continue
        factors = _factors(monomial)
        atom, power = monomial[0]
        if isinstance(atom, Floor) and coefficient == power == len(monomial) == 1:
            if monomial == absorbing:
                shifted = canonical(atom.number + constant * atom.divisor)
                factors = [(WrittenFloor(Div(present(shifted), present(atom.divisor))), 1)]
                constant = 0
            elif _ceiling_with_one(atom, constant):
                factors = [(Ceiling(Div(present(atom.number + 1), present(atom.divisor))), 1)]
                constant -= 1
        rows.append((_term_order(monomial, coefficient), coefficient * _sign(monomial), factors))
    for _, coefficient, factors in sorted(rows, key=lambda row: row[0]):
        yield coefficient, factors
    if constant:
        yield constant, []


def _factored(value: Poly) -> Iterator[tuple[Rational, Powers]]:
    """The products in the order in which they arose, the number last."""
    constant: Rational = 0
    for factors, coefficient in value.products.items():
        if factors:
            yield coefficient * _sign(factors), _factors(factors)
        else:
            constant = coefficient
    if constant:
        yield constant, []


def _sum(rows: Iterable[tuple[Rational, Powers]]) -> Written:
    terms = [_term(coefficient, factors) for coefficient, factors in rows]
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def _term(coefficient: Rational, factors: Powers) -> Written:
    over, under = abs(coefficient.numerator), coefficient.denominator
    above = [base if power == 1 else Pow(base, Number(power)) for base, power in factors if power > 0]
    below = [base if power == -1 else Pow(base, Number(-power)) for base, power in factors if power < 0]
    if over != 1 or not above:
        above.insert(0, Number(over))
    if under != 1:
        below.insert(0, Number(under))
    term = product(above)
    if below:
        term = Div(term, product(below))
    return Neg(term) if coefficient < 0 else term


def _factors(factors: Iterable[tuple[Atom | Poly, int]]) -> Powers:
    """The factors of one product as written, in reading order; 2ⁿ·2ᵐ is shown as 2ⁿ⁺ᵐ."""
    exponents: dict[int | Poly, Value] = {}
    rows: list[tuple[Order, Written, int]] = []
    for factor, power in factors:
        if isinstance(factor, Exponential):
            exponents[factor.base] = exponents.get(factor.base, 0) + factor.exponent * power
        elif isinstance(factor, Poly):
            rows.append((_factor_order(factor), present(factor), power))
        else:
            rows.append((_atom_order(factor), _atom(factor), power))
    rows += [((2, str(tree)), tree, sign) for tree, sign in _exponentials(exponents)]
    return [(tree, power) for _, tree, power in sorted(rows, key=lambda row: row[0])]


def _exponentials(exponents: Mapping[int | Poly, Value]) -> Iterator[tuple[Written, int]]:
    """base**exponent for each pair, those with proportional exponents as one: 2²ⁿ·3ⁿ is 12ⁿ; and which are inverse."""
    groups: dict[tuple[Value, int], list[tuple[int | Poly, int]]] = {}
    for base, exponent in exponents.items():
        assert isinstance(exponent, Poly)
        sign = -1 if max(exponent.terms.values()) < 0 else 1
        times = gcd(*map(int, exponent.terms.values()))
        groups.setdefault((divide(exponent, sign * times), sign), []).append((base, times))
    for (exponent, sign), powers in groups.items():
        common = gcd(*(times for _, times in powers))
        joined: Value = 1
        for base, times in powers:
            joined = joined * base ** (times // common)
        yield Pow(present(joined), present(exponent * common)), sign


# -- atoms -----------------------------------------------------------------------------------------------------------
def _odd_floor(monomial: Monomial) -> bool:
    """A floor alone whose offset makes neither ⌊p/c⌋ nor ⌈p/c⌉: it may take the sum's constant inside."""
    if len(monomial) != 1 or monomial[0][1] != 1:
        return False
    atom = monomial[0][0]
    if not isinstance(atom, Floor) or not isinstance(atom.divisor, int):
        return False
    return atom.number.terms.get((), 0) not in (0, atom.divisor - 1)


def _ceiling_with_one(atom: Floor, constant: Rational) -> bool:
    """⌊(p − 1)/q⌋ + 1 is ⌈p/q⌉: wanted for a symbolic divisor, whose offset the normal form has taken out."""
    whole = integral(atom.number) and integral(atom.divisor)
    return whole and isinstance(atom.divisor, Poly) and constant >= 1 and atom.number.terms.get((), 0) == -1


def _rounds_up(atom: Atom | Poly) -> bool:
    """⌊−p/q⌋ with rational symbols in p, which is shown as −⌈p/q⌉."""
    return (
        isinstance(atom, Floor)
        and not integral(atom.number)
        and all(coefficient < 0 for coefficient in atom.number.terms.values())
    )


def _sign(factors: Iterable[tuple[Atom | Poly, int]]) -> int:
    """The sign of a product whose floors are shown rounded up."""
    return -1 if sum(power for factor, power in factors if _rounds_up(factor)) % 2 else 1


def _floor(atom: Floor) -> Written:
    """The floor as it is shown, the sign that `_sign` tells apart."""
    number, divisor = atom.number, atom.divisor
    if _rounds_up(atom):
        return Ceiling(present(-number) if divisor == 1 else Div(present(-number), present(divisor)))
    if divisor == 1:
        return WrittenFloor(present(number))
    if isinstance(divisor, int) and integral(number) and number.terms.get((), 0) == divisor - 1:
        return Ceiling(Div(present(number - (divisor - 1)), Number(divisor)))
    return WrittenFloor(Div(present(number), present(divisor)))


def _extremum(atom: Extremum) -> Written:
    options = tuple(sorted((present(option) for option in atom.options), key=lambda t: (isinstance(t, Number), str(t))))
    return Max(options) if atom.greatest else Min(options)


def _series(atom: Series) -> Written:
    return total(present(atom.term), Symbol(atom.place.text), 0, present(atom.times - 1))


_WRITTEN: dict[type[Atom], Callable[[Any], Written]] = {
    Name: lambda atom: Symbol(atom.text, rational=not atom.integral),
    Floor: _floor,
    Extremum: _extremum,
    Exponential: lambda atom: Pow(present(atom.base), present(atom.exponent)),
    Series: _series,
}


def _atom(atom: Atom) -> Written:
    return _shown(atom)[0]


def _shown(atom: Atom) -> tuple[Written, Order]:
    """How the atom is written, and where it stands among others; kept on the atom."""
    if atom.shown is None:
        tree = _WRITTEN[type(atom)](atom)
        is_name = isinstance(atom, Name)
        atom.shown = tree, (not is_name, _names_order(atom.names()), "" if is_name else str(tree))
    return atom.shown  # type: ignore[no-any-return]


# -- order -----------------------------------------------------------------------------------------------------------
def _name_order(atom: Name) -> Order:
    return (_SIZES.get(atom.text, len(_SIZES)), atom.text)


def _names_order(names: Iterable[Name]) -> list[Order]:
    return sorted(_name_order(name) for name in names)


def _atom_order(atom: Atom) -> Order:
    return _shown(atom)[1]


def _factor_order(factor: Poly) -> Order:
    return (True, _names_order(factor.names()), str(present(factor)))


def _term_order(monomial: Monomial, coefficient: Rational) -> Order:
    degree = sum(power for _, power in monomial)
    return (-degree, coefficient < 0, [_atom_order(atom) for atom, _ in monomial])
