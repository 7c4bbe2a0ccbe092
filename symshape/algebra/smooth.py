"""Exact smooth views of a value with floors: on a residue class, between bounds, in the mean, and far out.

On H = mt + r a quasi-polynomial is a polynomial in t, and so in H: `on_class`. A floor lies between two quotients,
⌊p/c⌋ ∈ [(p − c + 1)/c, p/c]: `between`. Averaged over the residues it is a polynomial again: `mean`. What grows fastest
is its `leading` part in one symbol, its `order` in all of them. All coefficients are exact fractions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from symshape.algebra.atoms import Atom, Name
from symshape.algebra.bounds import at_least
from symshape.algebra.extrema import Extremum
from symshape.algebra.floors import Floor
from symshape.algebra.period import degree, period
from symshape.algebra.poly import Monomial, Poly, Value, added, canonical, divide, names_of, power_of, substitute
from symshape.errors import Undecided, UsageError

__all__ = ["between", "leading", "mean", "on_class", "order"]

_MOST_CLASSES = 4096
_STEP = Name.interned("·t", True)


def on_class(value: Value, residues: Mapping[Name, tuple[int, int]]) -> Value:
    """The polynomial that the value is where each symbol ≡ r (mod m), in terms of the symbols, for {symbol: (m, r)}.

    Raises `Undecided` where m is no multiple of what the floors repeat with.

    >>> from symshape.algebra.floors import ceil_div
    >>> from symshape.algebra.poly import name
    >>> H = Name.interned("H", True)
    >>> on_class(3*ceil_div(name("H"), 4), {H: (4, 0)}), on_class(3*ceil_div(name("H"), 4), {H: (4, 1)})
    (3*H/4, 3*(H + 3)/4)
    """
    for symbol, (modulus, residue) in residues.items():
        if modulus < 1:
            raise UsageError(f"a modulus is at least 1, not {modulus}")
        if modulus % period(value, symbol):
            raise Undecided(
                f"on the class of {symbol} modulo {modulus} the value is no polynomial: it repeats with "
                f"{period(value, symbol)}"
            )
        value = _on_class(value, symbol, modulus, residue)
    return value


def _on_class(value: Value, symbol: Name, modulus: int, residue: int) -> Value:
    step = Poly.of_atom(_STEP)
    part = canonical(substitute(value, {symbol: step * modulus + residue}))
    return canonical(substitute(part, {_STEP: divide(Poly.of_atom(symbol) - residue, modulus)}))


def mean(value: Value, symbols: Sequence[Name]) -> Value:
    """The mean over all residue classes of the polynomials that the value is on them, in terms of the symbols.

    Raises `Undecided` where there are too many classes.

    >>> from symshape.algebra.floors import floor_div
    >>> from symshape.algebra.poly import name
    >>> mean(floor_div(name("H"), 4), [Name.interned("H", True)])
    H/4 - 3/8
    """
    for symbol in symbols:
        modulus = period(value, symbol)
        if modulus > _MOST_CLASSES:
            raise Undecided(f"{value} has {modulus} classes of {symbol} to average over, more than {_MOST_CLASSES}")
        total: Value = 0
        for residue in range(modulus):
            total = total + _on_class(value, symbol, modulus, residue)
        value = canonical(divide(total, modulus))
    return value


def between(value: Value) -> tuple[Value, Value]:
    """Polynomials that are never above and never below the value, for all positive symbols.

    Raises `Undecided` for what no polynomial bounds, such as a power with a symbolic exponent.

    >>> from symshape.algebra.floors import ceil_div
    >>> from symshape.algebra.poly import name
    >>> between(ceil_div(name("H"), 4)*name("W"))
    (H*W/4, W*(H + 3)/4)
    """
    if not isinstance(value, Poly):
        return value, value
    low: Value = 0
    high: Value = 0
    for factors, coefficient in (value.terms if value.plain else value.products).items():
        bottom, top = _product(factors)
        if coefficient < 0:
            bottom, top = top, bottom
        low, high = low + bottom * coefficient, high + top * coefficient
    return canonical(low), canonical(high)


def _product(factors: object) -> tuple[Value, Value]:
    bottom: Value = 1
    top: Value = 1
    for factor, power in factors:  # type: ignore[attr-defined]
        whole = factor if isinstance(factor, Poly) else Poly.of_atom(factor)
        if not at_least(whole, 0):
            raise Undecided(f"{whole} may be negative: a product with it has no bounds here")
        low, high = between(factor) if isinstance(factor, Poly) else _atom(factor)
        if power < 0 and low != high:
            raise Undecided(f"a division by {whole} has no polynomial bounds")
        bottom, top = bottom * power_of(_not_negative(low), power), top * power_of(high, power)
    return bottom, top


def _not_negative(low: Value) -> Value:
    """A lower bound of something that is never negative: 0, where the bound itself may be negative."""
    return low if at_least(low, 0) else 0


def _atom(atom: Atom) -> tuple[Value, Value]:
    if isinstance(atom, Name):
        return Poly.of_atom(atom), Poly.of_atom(atom)
    if isinstance(atom, Floor) and not isinstance(atom.divisor, Poly):
        low, high = between(atom.number)
        return divide(low - (atom.divisor - 1), atom.divisor), divide(high, atom.divisor)
    raise Undecided(f"{Poly.of_atom(atom)} has no polynomial bounds")


def leading(value: Value, symbol: Name) -> tuple[int, Value]:
    """The degree in the symbol, and the coefficient of that power far out, where floors are as good as quotients.

    >>> from symshape.algebra.floors import ceil_div
    >>> from symshape.algebra.poly import name
    >>> leading(9*ceil_div(name("H"), 2)*ceil_div(name("H"), 4) + name("H"), Name.interned("H", True))
    (2, Fraction(9, 8))
    """
    top = _opened(value, symbol)
    highest = degree(top, symbol)
    factor: Value = 0
    for monomial, coefficient in top.terms.items() if isinstance(top, Poly) else [((), top)]:
        if sum(power for atom, power in monomial if atom is symbol) == highest:
            factor = factor + Poly({tuple(item for item in monomial if item[0] is not symbol): coefficient})
    return highest, canonical(factor)


def _opened(value: Value, symbol: Name) -> Value:
    """The value with quotients in place of the floors in which the symbol stands."""
    if symbol not in names_of(value):
        return value
    assert isinstance(value, Poly)
    memo: dict[Atom, Value] = {}
    for atom in value.atoms():
        if atom is not symbol and symbol in atom.names():
            if not isinstance(atom, Floor) or isinstance(atom.divisor, Poly):
                raise Undecided(f"{Poly.of_atom(atom)} has no leading power of {symbol}")
            memo[atom] = divide(_opened(atom.number, symbol), Fraction(atom.divisor))
    return canonical(substitute(Poly(value.terms), {}, memo))


def order(value: Value) -> Value:
    """The order of growth in all symbols together: the greatest products of powers, each once, those below left out.

    A floor counts as its quotient and a rest of its own that is bounded: what cancels between quotients does not hide rests.
    Raises `Undecided` where the value does not grow by powers.

    >>> from symshape.algebra.floors import ceil_div
    >>> from symshape.algebra.poly import name
    >>> H, n, d = name("H"), name("n"), name("d")
    >>> order(9*ceil_div(H, 2)*ceil_div(H, 4) + 5*H), order(12*n*d*d*H + n*d*H*H + n*d), order(H*(2*ceil_div(H, 2) - H))
    (H**2, H*d*n*(H + d), H)
    """
    rests: dict[Name, None] = {}
    opened = _with_rests(value, rests)
    grown = {
        tuple((atom, power) for atom, power in monomial if atom not in rests)
        for monomial in (opened.terms if isinstance(opened, Poly) else [()])
    }
    for atom in (atom for monomial in grown for atom, _ in monomial):
        if not isinstance(atom, Name):
            raise Undecided(f"{value} does not grow by powers: {Poly.of_atom(atom)} is in it")
    greatest = [one for one in grown if not any(one != other and _divides(one, other) for other in grown)]
    return canonical(Poly(dict.fromkeys(greatest, 1)))


def _divides(one: Monomial, other: Monomial) -> bool:
    here, there = dict(one), dict(other)
    return all(here.get(atom, 0) <= there.get(atom, 0) for atom in here.keys() | there.keys())


def _with_rests(value: Value, rests: dict[Name, None]) -> Value:
    """The value with names that stand for something bounded, which are added to `rests`, in place of what is no power.

    A floor is its quotient and a rest; a maximum takes a share of each of its values.
    """
    if not isinstance(value, Poly):
        return value

    def bounded(what: str, atom: Atom) -> Poly:
        rest = Name.interned(f"·{what} of {Poly.of_atom(atom)}", True)
        rests[rest] = None
        return Poly.of_atom(rest)

    memo: dict[Atom, Value] = {}
    for atom in value.atoms():
        if isinstance(atom, Floor):
            memo[atom] = divide(_with_rests(atom.number, rests), atom.divisor) + bounded("rest", atom)
        elif isinstance(atom, Extremum) and atom.greatest:
            shares = enumerate(_with_rests(part, rests) for part in atom.parts())
            memo[atom] = added(part * bounded(f"share {place}", atom) for place, part in shares)
    return canonical(substitute(Poly(value.terms), {}, memo))
