"""Which way a value goes when one symbol grows: a certificate read off its form, and exact bisection on its strength.

A sum goes up if no term goes down; a product of factors that are never negative goes up if none of them goes down; a
floor goes where its dividend goes. Where the form does not tell, the answer is None and nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from symshape.algebra.atoms import Atom, Name
from symshape.algebra.bounds import at_least
from symshape.algebra.exponential import Exponential
from symshape.algebra.extrema import Extremum
from symshape.algebra.floors import Floor
from symshape.algebra.poly import Poly, Value, names_of, substitute
from symshape.algebra.series import Series

__all__ = ["direction", "greatest_below"]

_FARTHEST = 2**200  # a symbol that may be larger than this is not bounded by the value


def direction(value: Value, symbol: Name, *, of_sizes: bool = False) -> int | None:
    """1 where the value never falls as the symbol grows, −1 where it never rises, 0 without the symbol; None unknown.

    With `of_sizes` the value is a sum of products of sizes, which are never negative where they make sense.

    >>> from symshape.algebra.floors import ceil_div, floor_div
    >>> from symshape.algebra.poly import name
    >>> H, W = name("H"), Name.interned("H", True)
    >>> direction(3*ceil_div(H, 32)*name("W") - 5, W), direction(floor_div(H, 2) - H, W)
    (1, None)
    """
    if symbol not in names_of(value):
        return 0
    assert isinstance(value, Poly)
    face = value.terms if value.plain else value.products
    known = _agreed(_of_product(factors, coefficient, symbol, of_sizes) for factors, coefficient in face.items())
    return known if known is not None or value.plain else direction(Poly(value.terms), symbol)


def greatest_below(value: Value, symbol: Name, limit: Value, *, strictly: bool = False) -> int | None:
    """The greatest size of the symbol, the value's only one, at which a value that never falls is at most `limit`.

    0 where it is above the limit from the first; None where it never gets there. `strictly` below is not at the limit
    less 1: a value such as H/2 need not be an integer.
    """

    def fits(size: int) -> bool:
        at = substitute(value, {symbol: size})
        return bool(at < limit if strictly else at <= limit)  # type: ignore[operator]

    low, high = 0, 1
    while fits(high):
        low, high = high, 2 * high
        if high > _FARTHEST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _agreed(directions: Iterable[int | None]) -> int | None:
    """The one direction that all terms share, those apart that do not move."""
    found = set(directions) - {0}
    return None if None in found or len(found) > 1 else found.pop() if found else 0


def _of_product(
    factors: Iterable[tuple[Atom | Poly, int]], coefficient: Any, symbol: Name, of_sizes: bool
) -> int | None:
    ways: list[int | None] = []
    for factor, power in factors:
        way = direction(factor, symbol) if isinstance(factor, Poly) else _of_atom(factor, symbol)
        if not of_sizes and not at_least(factor if isinstance(factor, Poly) else Poly.of_atom(factor), 0):
            return None
        ways.append(None if way is None else way if power > 0 else -way)
    way = _agreed(ways)
    return None if way is None else way if coefficient > 0 else -way


def _of_atom(atom: Atom, symbol: Name) -> int | None:
    return _ATOMS[type(atom)](atom, symbol)


def _floor(atom: Floor, symbol: Name) -> int | None:
    if symbol not in names_of(atom.divisor):
        return direction(atom.number, symbol)
    if symbol in names_of(atom.number) or not at_least(atom.number, 0):
        return None
    below = direction(atom.divisor, symbol)
    return None if below is None else -below


def _exponential(atom: Exponential, symbol: Name) -> int | None:
    if not at_least(atom.base, 1):
        return None
    ways = [direction(atom.exponent, symbol)]
    if symbol in names_of(atom.base):
        ways.append(direction(atom.base, symbol) if at_least(atom.exponent, 0) else None)
    return _agreed(ways)


def _series(atom: Series, symbol: Name) -> int | None:
    ways = [direction(atom.term, symbol)]
    if symbol in names_of(atom.times):
        ways.append(direction(atom.times, symbol) if at_least(atom.term, 0) else None)
    return _agreed(ways)


_ATOMS: dict[type[Atom], Callable[[Any, Name], int | None]] = {
    Name: lambda atom, symbol: int(atom is symbol),
    Floor: _floor,
    Extremum: lambda atom, symbol: _agreed(direction(option, symbol) for option in atom.options),
    Exponential: _exponential,
    Series: _series,
}
