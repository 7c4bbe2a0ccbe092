"""Periods: how a value repeats when one symbol advances.

A value built from floors with integer divisors is a quasi-polynomial: on each residue class r mod m, with H = mt + r,
it is a polynomial in t with integer coefficients. For a floor ⌊p/c⌋ whose dividend has period m, the residues of
p(mt + r) modulo c repeat after c steps of t, because p(mt + r) is such a polynomial; so ⌊p/c⌋ has the period mc.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, lcm

from symshape.algebra.atoms import Atom, Name
from symshape.algebra.exponential import Exponential
from symshape.algebra.extrema import Extremum
from symshape.algebra.floors import Floor
from symshape.algebra.poly import Poly, Value, all_atoms, canonical, substitute
from symshape.errors import Undecided

__all__ = ["classes", "degree", "extrema_in", "period"]


def degree(value: Value, symbol: Name) -> int:
    """The degree of the value's polynomials in `symbol` on residue classes (an upper bound).

    >>> from symshape.algebra.floors import floor_div
    >>> from symshape.algebra.poly import name
    >>> H = name("H")
    >>> degree(floor_div(H*H + 1, 3) * H, Name.interned("H", True))
    3
    """
    if not isinstance(value, Poly):
        return 0
    return max(sum(_atom_degree(atom, symbol) * power for atom, power in monomial) for monomial in value.terms)


def period(value: Value, symbol: Name) -> int:
    """A period m: on each class of `symbol` modulo m the value is a polynomial.

    Raises `Undecided` where there is none: a symbolic divisor or exponent, or a maximum that is still open.

    >>> from symshape.algebra.floors import floor_div
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
    return next((atom for atom in all_atoms(value) if isinstance(atom, Extremum)), None)


def _atom_degree(atom: Atom, symbol: Name) -> int:
    if atom is symbol:
        return 1
    if symbol not in atom.names():
        return 0
    if isinstance(atom, Floor):
        return degree(atom.number, symbol)
    if isinstance(atom, Extremum):
        return max(degree(option, symbol) for option in atom.options)
    raise Undecided(f"{Poly.of_atom(atom)} has no degree in {symbol}")


def _atom_period(atom: Atom, symbol: Name) -> int:
    if symbol not in atom.names() or atom is symbol:
        return 1
    if isinstance(atom, Exponential):
        raise Undecided(f"{Poly.of_atom(atom)} has no period: it grows with its exponent; give {symbol} a number")
    if isinstance(atom, Extremum):
        raise Undecided(f"{Poly.of_atom(atom)} has no period: it is a minimum or maximum that is still open")
    assert isinstance(atom, Floor)
    if isinstance(atom.divisor, Poly):
        raise Undecided(
            f"{Poly.of_atom(atom)} has no fixed period: its divisor is a symbol; give {atom.divisor} a number"
        )
    if not all(name.integral for name in atom.names()):
        raise Undecided(f"{Poly.of_atom(atom)} has no period: it depends on a rational number")
    inner = period(atom.number, symbol)
    slope = _slope(atom.number, symbol) if inner == 1 else 1
    return inner * (atom.divisor // gcd(slope, atom.divisor))


def _slope(number: Poly, symbol: Name) -> int:
    """a, where the number is a·symbol plus a rest without it; 1 where it is of any other form."""
    rows = [(monomial, c) for monomial, c in number.terms.items() if any(atom is symbol for atom, _ in monomial)]
    if len(rows) == 1 and rows[0][0] == ((symbol, 1),):
        return int(rows[0][1])
    return 1
