"""Periods: how a value repeats when one symbol advances.

A value built from floors with integer divisors is a quasi-polynomial: on each residue class r mod m, with H = mt + r, it is
a polynomial in t. For a floor ⌊p/c⌋ whose dividend has period m and degree d, the residue of p(mt + r) modulo c repeats
after c·lcm(1 … d) steps of t (Newton's forward differences have integer coefficients, and a binomial (t choose j) repeats
modulo c after c·lcm(1 … j) steps).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, lcm

from symshape.algebra.extrema import Extremum
from symshape.algebra.floors import Floor, floor_div
from symshape.algebra.poly import Atom, Name, Poly, Value, canonical, substitute
from symshape.errors import Undecided

__all__ = ["classes", "degree", "extrema_in", "period"]


def degree(value: Value, symbol: Name) -> int:
    """The degree of the value's polynomials in `symbol` on residue classes (an upper bound)."""
    if not isinstance(value, Poly):
        return 0
    return max(sum(_atom_degree(atom, symbol) * power for atom, power in monomial) for monomial in value.terms)


def period(value: Value, symbol: Name) -> int:
    """A period m: on each class of `symbol` modulo m the value is a polynomial.

    Raises `Undecided` where there is none: a symbolic divisor, or a maximum that is still open.

    >>> from symshape.algebra.poly import name
    >>> H = name("H")
    >>> period(floor_div(floor_div(H, 2)*3 - 5, 4), Name.interned("H", True))
    8
    """
    if not isinstance(value, Poly):
        return 1
    return lcm(1, *(_atom_period(atom, symbol) for atom in value.atoms()))


def classes(value: Value, symbol: Name, modulus: int, step: Name) -> Iterator[tuple[int, Value]]:
    """(r, value at symbol = modulus·step + r) for r = 1 … modulus; `step` counts from 0."""
    t = Poly.of_atom(step)
    for residue in range(1, modulus + 1):
        yield residue, canonical(substitute(value, {symbol: t * modulus + residue}))


def extrema_in(value: Value) -> Extremum | None:
    """A minimum or maximum inside the value, innermost first, if there is one."""
    if not isinstance(value, Poly):
        return None
    for atom in value.atoms():
        if isinstance(atom, Floor):
            found = extrema_in(atom.number)
            if found is not None:
                return found
        if isinstance(atom, Extremum):
            for option in atom.options:
                inner = extrema_in(option)
                if inner is not None:
                    return inner
            return atom
    return None


def _atom_degree(atom: Atom, symbol: Name) -> int:
    if atom is symbol:
        return 1
    if isinstance(atom, Floor):
        return degree(atom.number, symbol)
    if isinstance(atom, Extremum):
        return max(degree(option, symbol) for option in atom.options)
    return 0


def _atom_period(atom: Atom, symbol: Name) -> int:
    if symbol not in atom.names() or atom is symbol:
        return 1
    if isinstance(atom, Floor):
        if isinstance(atom.divisor, Poly):
            raise Undecided(
                f"{Poly.of_atom(atom)} has no fixed period: its divisor is a symbol; give {atom.divisor} a number"
            )
        inner = period(atom.number, symbol)
        height = degree(atom.number, symbol)
        if height <= 1 and inner == 1:  # a·H + b: the residues repeat after c / gcd(a, c) steps
            return _linear_period(atom, symbol)
        return inner * atom.divisor * lcm(1, *range(1, height + 1))
    raise Undecided(f"{Poly.of_atom(atom)} has no period: it is a minimum or maximum that is still open")


def _linear_period(atom: Floor, symbol: Name) -> int:
    assert isinstance(atom.divisor, int)
    slope = 0
    for monomial, coefficient in atom.number.terms.items():
        if any(part is symbol for part, _ in monomial):
            if len(monomial) > 1:
                return atom.divisor
            slope = int(coefficient)
    return atom.divisor // gcd(slope, atom.divisor)
