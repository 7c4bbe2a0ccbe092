"""Sums without a closed form: Σ ⌈H/2ʲ⌉ over the places j = 0 … n − 1 of a stack stays a sum, exact all the same.

`series` closes what `summation` can and keeps the other products, as they arose, as atoms; with a number of places it
adds up. The index gets the first name that is free, so that equal sums are equal whatever their indices were called.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from symshape.algebra.atoms import Atom, Name
from symshape.algebra.bounds import Bounds, bounds, bounds_of
from symshape.algebra.poly import Poly, Value, all_atoms, canonical, integral, names_of, power_of, substitute
from symshape.algebra.summation import summation
from symshape.algebra.terms import Terms, content
from symshape.errors import Undecided

__all__ = ["Series", "series"]

_INDEX = "j"
_LONGEST = 100_000  # places that are added up one by one


class Series(Atom):
    """Σ term over place = 0 … times − 1; made by `series` alone."""

    __slots__ = ()

    @property
    def term(self) -> Poly:
        """What is added, in terms of the place."""
        return self.key[0]  # type: ignore[no-any-return]

    @property
    def place(self) -> Name:
        """The index."""
        return self.key[1]  # type: ignore[no-any-return]

    @property
    def times(self) -> Poly:
        """How many places there are."""
        return self.key[2]  # type: ignore[no-any-return]

    def parts(self) -> tuple[Value, ...]:
        return (self.term, self.times)

    def names(self) -> frozenset[Name]:
        if self._names is None:
            self._names = (self.term.names() - {self.place}) | self.times.names()
        return self._names

    def _is_integral(self) -> bool:
        return integral(self.term)

    def substituted(self, values: Mapping[Name, Value], memo: dict[Atom, Value]) -> Value:
        times = substitute(self.times, values, memo)
        here = {name: value for name, value in values.items() if name in self.names()}
        if not any(self.place in names_of(value) for value in here.values()):
            return series(substitute(self.term, here), self.place, times)
        fresh = _index(self.term, self.place, *here.values())
        moved = substitute(self.term, {**here, self.place: Poly.of_atom(fresh)})
        return series(moved, fresh, times)


@bounds_of(Series)
def _bounds(atom: Series) -> Bounds:
    low, high = bounds(atom.term)
    least, most = bounds(atom.times)
    bottom = None if low is None or least is None else low * least if low >= 0 else None if most is None else low * most
    top = None if high is None or most is None else high * most if high >= 0 else high * (least or 0)
    return bottom, top


def series(term: Value, place: Name, times: Value) -> Value:
    """Σ term for place = 0 … times − 1, closed as far as it can be.

    Raises `Undecided` where a number of places is too large to add up one by one.

    >>> from symshape.algebra.floors import ceil_div
    >>> from symshape.algebra.exponential import exponential
    >>> from symshape.algebra.poly import name
    >>> k = Name.place("k")
    >>> series(3*ceil_div(name("H"), exponential(2, Poly.of_atom(k))) + Poly.of_atom(k), k, name("n"))
    n*(n - 1)/2 + 3*sum(ceiling(H/2**j), j, 0, n - 1)
    """
    times = canonical(times)
    try:
        return summation(term, place, 0, times - 1)
    except Undecided:
        pass
    if not isinstance(times, Poly):
        return _added(term, place, int(times))
    assert isinstance(term, Poly)
    if term.plain:
        return _apart(term.terms, place, times)
    total: Value = 0
    for factors, coefficient in term.products.items():
        outside: Value = coefficient
        inside: Value = 1
        for factor, power in factors:
            part = power_of(factor if isinstance(factor, Poly) else Poly.of_atom(factor), power)
            outside, inside = (outside, inside * part) if place in names_of(part) else (outside * part, inside)
        total = total + outside * _kept(inside, place, times)
    return total


def _apart(terms: Terms, place: Name, times: Poly) -> Value:
    """A sum of terms: those that close are closed; a number stays with those that do not, for ⌊x⌋ + 1 may be ⌈x⌉."""
    closed: Value = 0
    kept: Terms = {}
    for monomial, coefficient in terms.items():
        try:
            part = summation(Poly({monomial: coefficient}), place, 0, times - 1) if monomial else None
        except Undecided:
            part = None
        if part is None:
            kept[monomial] = coefficient
        else:
            closed = closed + part
    if not any(kept):
        return closed + series(kept.get((), 0), place, times)
    number, common, primitive = content(kept)
    outside = tuple(item for item in common if place not in item[0].names())
    inside = Poly({tuple(item for item in common if item not in outside): 1}) * Poly(primitive)
    return closed + Poly({outside: number}) * _kept(inside, place, times)


def _kept(term: Value, place: Name, times: Poly) -> Value:
    try:
        return summation(term, place, 0, times - 1)
    except Undecided:
        index = _index(term, place)
        moved = term if index is place else substitute(term, {place: Poly.of_atom(index)})
        return Poly.of_atom(Series.interned(moved, index, times))


def _added(term: Value, place: Name, times: int) -> Value:
    if times > _LONGEST:
        raise Undecided(f"a sum over {times} places is too long to be added up: at most {_LONGEST}")
    total: Value = 0
    for number in range(times):
        total = total + substitute(term, {place: number})
    return total


def _index(term: Value, place: Name, *others: Value) -> Name:
    """The first of j, j_2, j_3, … that nothing else in sight has, free or as the index of a sum inside."""
    free = {name for value in (term, *others) for name in names_of(value)} - {place}
    inner = {atom.place for atom in all_atoms(term) if isinstance(atom, Series)}
    texts = {name.text for name in free | inner}
    names = (_INDEX if number == 1 else f"{_INDEX}_{number}" for number in count(1))
    return Name.place(next(name for name in names if name not in texts))
