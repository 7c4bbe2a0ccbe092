"""Minima and maxima of values: merged, and dropped where the bounds decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from symshape.algebra.atoms import Atom, Name, order_of
from symshape.algebra.bounds import Bounds, at_least, bounds, bounds_of
from symshape.algebra.poly import Poly, Value, canonical, integral, substitute
from symshape.algebra.terms import Rational

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

    def parts(self) -> tuple[Value, ...]:
        return tuple(sorted(self.options, key=order_of))

    def _ordered(self) -> tuple[object, ...]:
        return ("Extremum", self.greatest, *map(order_of, self.parts()))

    def _is_integral(self) -> bool:
        return all(map(integral, self.options))

    def substituted(self, values: Mapping[Name, Value], memo: dict[Atom, Value]) -> Value:
        return _extremum([substitute(option, values, memo) for option in self.options], self.greatest)


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
    options: set[Value] = set()
    for value in map(canonical, values):
        inner = _alone(value)
        options.update(inner.options if inner is not None and inner.greatest == greatest else (value,))
    kept = _undecided(options, greatest)
    return kept[0] if len(kept) == 1 else Poly.of_atom(Extremum.interned(greatest, frozenset(kept)))


def _alone(value: Value) -> Extremum | None:
    """The extremum that the whole value is, if it is one."""
    if isinstance(value, Poly) and len(value.terms) == 1:
        ((monomial, coefficient),) = value.terms.items()
        if coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1 and isinstance(monomial[0][0], Extremum):
            return monomial[0][0]
    return None


def _undecided(options: set[Value], greatest: bool) -> list[Value]:
    """The options that no other beats: the same ones in whatever order they come."""
    numbers = [option for option in options if not isinstance(option, Poly)]
    if len(numbers) > 1:
        best = max(numbers) if greatest else min(numbers)
        options = {option for option in options if isinstance(option, Poly)} | {best}
    if len(options) == 1:
        return list(options)
    ordered = sorted(options, key=order_of)
    kept = [
        option
        for place, option in enumerate(ordered)
        if not any(
            _beats(other, option, greatest) and (earlier < place or not _beats(option, other, greatest))
            for earlier, other in enumerate(ordered)
            if other is not option
        )
    ]
    return kept or ordered[:1]


def _beats(one: Value, other: Value, greatest: bool) -> bool:
    return at_least(one - other, 0) if greatest else at_least(other - one, 0)


@bounds_of(Extremum)
def _bounds(atom: Extremum) -> Bounds:
    lows, highs = zip(*map(bounds, atom.options), strict=True)
    if atom.greatest:
        return _pick(max, lows, skip_unknown=True), _pick(max, highs, skip_unknown=False)
    return _pick(min, lows, skip_unknown=False), _pick(min, highs, skip_unknown=True)


def _pick(
    best: Callable[[list[Rational]], Rational], ends: tuple[Rational | None, ...], *, skip_unknown: bool
) -> Rational | None:
    known = [end for end in ends if end is not None]
    if not known or (len(known) < len(ends) and not skip_unknown):
        return None
    return best(known)
