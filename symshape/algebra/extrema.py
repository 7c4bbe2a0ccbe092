"""Minima and maxima of values: merged, and dropped where the bounds decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from symshape.algebra.bounds import Bounds, at_least, bounds, bounds_of
from symshape.algebra.poly import Atom, Name, Poly, Rational, Value, canonical, substitute

__all__ = ["Extremum", "max_of", "min_of", "widest_of"]


class Extremum(Atom):
    """The least or greatest of several values, not decidable from their bounds; made by `min_of` and `max_of`."""

    __slots__ = ()

    @property
    def greatest(self) -> bool:
        """True for a maximum, False for a minimum."""
        return bool(self.key[0])

    @property
    def options(self) -> frozenset[Value]:
        """The values compared."""
        return self.key[1]  # type: ignore[no-any-return]

    @property
    def integral(self) -> bool:
        return all(
            isinstance(c, int) and all(a.integral for a, _ in m)
            for option in self.options
            for m, c in (option.terms.items() if isinstance(option, Poly) else {(): option}.items())
        )

    def names(self) -> frozenset[Name]:
        return frozenset().union(*(option.names() for option in self.options if isinstance(option, Poly)))

    def substituted(self, values: Mapping[Name, Value], memo: dict[Atom, Value]) -> Value:
        return _extremum((substitute(option, values, memo) for option in self.options), self.greatest)


def max_of(*values: Value) -> Value:
    """The greatest of `values`.

    >>> from symshape.algebra.poly import name
    >>> H = name("H")
    >>> max_of(H, H + 2, 1)
    H + 2
    >>> max_of(H - 3, 0)
    max(H - 3, 0)
    """
    return _extremum(values, greatest=True)


def widest_of(*sizes: Value) -> Value:
    """The greatest of several sizes, all at least 1."""
    return _extremum([size for size in sizes if size != 1] or [1], greatest=True)


def min_of(*values: Value) -> Value:
    """The least of `values`."""
    return _extremum(values, greatest=False)


def _extremum(values: Iterable[Value], greatest: bool) -> Value:
    options: list[Value] = []
    for value in values:
        value = canonical(value)
        inner = _alone(value)
        options.extend(inner.options if inner is not None and inner.greatest == greatest else (value,))
    kept: list[Value] = []
    for option in options:
        if any(_beats(other, option, greatest) for other in kept):
            continue
        kept = [other for other in kept if not _beats(option, other, greatest)]
        kept.append(option)
    if len(kept) == 1:
        return kept[0]
    return Poly.of_atom(Extremum.interned(greatest, frozenset(kept)))


def _alone(value: Value) -> Extremum | None:
    """The extremum that the whole value is, if it is one."""
    if isinstance(value, Poly) and len(value.terms) == 1:
        ((monomial, coefficient),) = value.terms.items()
        if coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1 and isinstance(monomial[0][0], Extremum):
            return monomial[0][0]
    return None


def _beats(one: Value, other: Value, greatest: bool) -> bool:
    return at_least(one - other, 0) if greatest else at_least(other - one, 0)


@bounds_of(Extremum)
def _bounds(atom: Extremum) -> Bounds:
    lows, highs = zip(*(bounds(option) for option in atom.options))
    if atom.greatest:
        return _pick(max, lows, skip_unknown=True), _pick(max, highs, skip_unknown=False)
    return _pick(min, lows, skip_unknown=False), _pick(min, highs, skip_unknown=True)


def _pick(best: Any, ends: tuple[Rational | None, ...], *, skip_unknown: bool) -> Rational | None:
    known = [end for end in ends if end is not None]
    if not known or (len(known) < len(ends) and not skip_unknown):
        return None
    return best(known)  # type: ignore[no-any-return]
