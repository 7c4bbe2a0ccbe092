"""Which of several values can be the greatest: those that another one never falls below are left out.

A floor lies between two quotients, ⌊p/c⌋ in [(p − c + 1)/c, p/c]. With these in place of the floors a difference of two
values is bounded from below by a polynomial, and where every symbol is written as its least value plus something, a
polynomial without a negative coefficient is never negative. The test may fail to see that one value is never less than
another; it never claims it wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symshape.algebra.atoms import Atom, Name
from symshape.algebra.bounds import bounds
from symshape.algebra.extrema import max_of
from symshape.algebra.floors import Floor
from symshape.algebra.poly import Poly, Value, canonical, divide, names_of, substitute
from symshape.errors import Undecided

__all__ = ["greatest", "greatest_of", "never_less"]

_LARGE = 10**6


def greatest(values: Iterable[Value], least: Mapping[Name, int]) -> Value:
    """The greatest of `values` where every symbol is at least what `least` says, or 1.

    >>> from symshape.algebra.poly import name
    >>> H = name("H")
    >>> greatest([H*H, 4*H], {Name.interned("H", True): 4}), greatest([H*H, 4*H], {})
    (H**2, max(4*H, H**2))
    """
    return max_of(*greatest_of(values, least))


def greatest_of(values: Iterable[Value], least: Mapping[Name, int]) -> list[Value]:
    """Those of `values` that can be the greatest."""
    options = list(dict.fromkeys(map(canonical, values)))
    names = frozenset().union(*map(names_of, options))
    # Where symbols are least, and where they are large: a value that is less there need not be tried.
    points = [{name: least.get(name, 1) + more for name in names} for more in (0, _LARGE)]
    try:
        found = {value: tuple(substitute(value, point) for point in points) for value in options}
    except Undecided:  # a power too large to be written: then nothing is ruled out beforehand
        found = dict.fromkeys(options, ())

    def covers(one: Value, other: Value) -> bool:
        plausible = all(at >= its for at, its in zip(found[one], found[other], strict=True))  # type: ignore[operator]
        return plausible and never_less(one, other, least)

    kept: list[Value] = []
    for value in options:
        if not any(covers(other, value) for other in kept):
            kept = [other for other in kept if not covers(value, other)]
            kept.append(value)
    return kept


def never_less(one: Value, other: Value, least: Mapping[Name, int]) -> bool:
    """Whether one ≥ other is certain where every symbol is at least what `least` says, or 1."""
    difference = canonical(one - other)
    if not isinstance(difference, Poly):
        return difference >= 0
    lower = _bound(difference, least, below=True)
    return lower is not None and _without_minus(lower)


def _without_minus(value: Value) -> bool:
    if not isinstance(value, Poly):
        return value >= 0
    return all(coefficient >= 0 for coefficient in value.terms.values())


def _bound(value: Value, least: Mapping[Name, int], *, below: bool) -> Value | None:
    """A polynomial below (or above) the value, in what symbols have beyond their least values; None for other atoms."""
    if not isinstance(value, Poly):
        return value
    total: Value = 0
    for monomial, coefficient in value.terms.items():
        part: Value = coefficient
        for atom, power in monomial:
            end = _end(atom, least, below=below == (coefficient > 0))
            if end is None or power < 0:
                return None
            for _ in range(power):
                part = part * end
        total = total + part
    return canonical(total)


def _end(atom: Atom, least: Mapping[Name, int], *, below: bool) -> Value | None:
    """The same of an atom, which is not negative; what is below it is not negative either."""
    if isinstance(atom, Name):
        return Poly.of_atom(atom) + least.get(atom, 1) if atom.integral else None
    if not isinstance(atom, Floor) or not isinstance(atom.divisor, int):
        return None
    low, _ = bounds(substitute(Poly.of_atom(atom), {name: Poly.of_atom(name) + at - 1 for name, at in least.items()}))
    if low is None or low < 0:
        return None
    end = _bound(atom.number - atom.divisor + 1 if below else atom.number, least, below=below)
    if end is None:
        return low if below else None
    end = canonical(divide(end, atom.divisor))
    return low if below and not _without_minus(end) else end
