"""Canonical value → the written form a person would choose.

⌊(H+31)/32⌋ is shown as ⌈H/32⌉, ⌊(H+21)/32⌋ − 2 as ⌊(H − 43)/32⌋, and of the two faces of a value, expanded and as the
products in which it arose, the shorter is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from symshape.algebra.extrema import Extremum
from symshape.algebra.floors import Floor
from symshape.algebra.poly import Atom, Monomial, Name, Poly, Rational, Value, canonical
from symshape.written import Add, Ceiling, Div, Max, Min, Mul, Neg, Number, Pow, Symbol, Written, product, walk, written
from symshape.written import Floor as WrittenFloor

__all__ = ["present"]

# Sizes come before everything else in a term, in the order in which shapes are written.
_SIZES = {size: place for place, size in enumerate(("N", "L", "T", "D", "H", "W", "C", "F"))}

Order = tuple[Any, ...]


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
    expanded = _sum(_expanded(face.terms))
    if frozenset(((face, 1),)) in face.products and len(face.products) == 1:  # a single factor: nothing to take apart
        return expanded
    factored = _sum(_factored(value))
    return factored if _length(factored) < _length(expanded) else expanded


def _length(tree: Written) -> int:
    return sum(1 for _ in walk(tree))


# -- terms ---------------------------------------------------------------------------------------------------------------
def _expanded(terms: Mapping[Monomial, Rational]) -> Iterable[tuple[Rational, list[tuple[Written, int]]]]:
    """(coefficient, [(base, power), …]) for each term, in reading order; floors absorb or round as reads best."""
    constant = terms.get((), 0)
    rows: list[tuple[Order, Rational, list[tuple[Written, int]]]] = []
    odd = [m for m in terms if _odd_floor(m)]
    absorbing = odd[0] if len(odd) == 1 and terms[odd[0]] == 1 and isinstance(constant, int) and constant else None
    for monomial, coefficient in terms.items():
        if not monomial:
            continue
        factors: list[tuple[Written, int]] = []
        for atom, power in sorted(monomial, key=lambda item: _atom_order(item[0])):
            if monomial == absorbing and isinstance(atom, Floor):
                shifted = canonical(atom.number + constant * atom.divisor)
                factors.append((WrittenFloor(Div(present(shifted), present(atom.divisor))), power))
                constant = 0
            elif coefficient == 1 and len(monomial) == 1 and power == 1 and _ceiling_with_one(atom, constant):
                assert isinstance(atom, Floor)
                factors.append((Ceiling(Div(present(atom.number + 1), present(atom.divisor))), 1))
                constant -= 1
            else:
                factors.append((_atom(atom), power))
        rows.append((_term_order(monomial, coefficient), coefficient, factors))
    for _, coefficient, factors in sorted(rows, key=lambda row: row[0]):
        yield coefficient, factors
    if constant:
        yield constant, []


def _factored(value: Poly) -> Iterable[tuple[Rational, list[tuple[Written, int]]]]:
    """The products in the order in which they arose, the number last."""
    constant: Rational = 0
    for factors, coefficient in value.products.items():
        if not factors:
            constant = coefficient
            continue
        ordered = sorted(factors, key=lambda item: _factor_order(item[0]))
        yield coefficient, [(present(f) if isinstance(f, Poly) else _atom(f), power) for f, power in ordered]
    if constant:
        yield constant, []


def _sum(rows: Iterable[tuple[Rational, list[tuple[Written, int]]]]) -> Written:
    terms = [_term(coefficient, factors) for coefficient, factors in rows]
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def _term(coefficient: Rational, factors: list[tuple[Written, int]]) -> Written:
    number = Fraction(abs(coefficient))
    above = [base if power == 1 else Pow(base, Number(power)) for base, power in factors if power > 0]
    below = [base if power == -1 else Pow(base, Number(-power)) for base, power in factors if power < 0]
    if number.numerator != 1 or not above:
        above.insert(0, Number(number.numerator))
    if number.denominator != 1:
        below.insert(0, Number(number.denominator))
    term = product(above)
    if below:
        term = Div(term, product(below))
    return Neg(term) if coefficient < 0 else term


# -- atoms ---------------------------------------------------------------------------------------------------------------
def _odd_floor(monomial: Monomial) -> bool:
    """A floor alone whose offset makes neither ⌊p/c⌋ nor ⌈p/c⌉: it may take the sum's constant inside."""
    if len(monomial) != 1 or monomial[0][1] != 1:
        return False
    atom = monomial[0][0]
    if not isinstance(atom, Floor) or not isinstance(atom.divisor, int):
        return False
    return atom.number.terms.get((), 0) not in (0, atom.divisor - 1)


def _ceiling_with_one(atom: Atom, constant: Rational) -> bool:
    """⌊(p − 1)/q⌋ + 1 is ⌈p/q⌉: wanted for a symbolic divisor, whose offset the normal form has taken out."""
    return (
        isinstance(atom, Floor)
        and isinstance(atom.divisor, Poly)
        and constant >= 1
        and atom.number.terms.get((), 0) == -1
    )


def _floor(atom: Floor) -> Written:
    number, divisor = atom.number, atom.divisor
    if isinstance(divisor, int) and number.terms.get((), 0) == divisor - 1:
        return Ceiling(Div(present(number - (divisor - 1)), Number(divisor)))
    return WrittenFloor(Div(present(number), present(divisor)))


def _extremum(atom: Extremum) -> Written:
    options = tuple(sorted((present(option) for option in atom.options), key=lambda t: (isinstance(t, Number), str(t))))
    return Max(options) if atom.greatest else Min(options)


_WRITTEN: dict[type[Atom], Callable[[Any], Written]] = {
    Name: lambda atom: Symbol(atom.text),
    Floor: _floor,
    Extremum: _extremum,
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


# -- order ---------------------------------------------------------------------------------------------------------------
def _name_order(atom: Name) -> Order:
    return (_SIZES.get(atom.text, len(_SIZES)), atom.text)


def _names_order(names: Iterable[Name]) -> list[Order]:
    return sorted(_name_order(name) for name in names)


def _atom_order(atom: Atom) -> Order:
    return _shown(atom)[1]


def _factor_order(factor: Atom | Poly) -> Order:
    if isinstance(factor, Atom):
        return _atom_order(factor)
    return (1, _names_order(factor.names()), str(present(factor)))


def _term_order(monomial: Monomial, coefficient: Rational) -> Order:
    degree = sum(power for _, power in monomial)
    return (-degree, coefficient < 0, [_atom_order(atom) for atom, _ in monomial])
