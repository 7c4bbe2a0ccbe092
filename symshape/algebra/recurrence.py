"""Recurrences: what sizes have become after n applications of one step, in closed form.

    x → x                        s(n) = s(0)
    x → x + c(k)                 s(n) = s(0) + Σ c(k)                          channels that are concatenated
    x → a·x + c(k)               s(n) = aⁿ·(s(0) + Σ c(k)/aᵏ⁺¹)                widths that double
    x → ⌊(x + b)/c⌋              s(n) = ⌊(s(0) + b·(1 + c + … + cⁿ⁻¹))/cⁿ⌋     maps that shrink; ⌈x/c⌉ is b = c − 1
    x → r(k)                     s(n) = r(n − 1), if r(−1) is s(0)             widths that depend on the place alone

where the place k, from 0 to n − 1, counts the applications before. The fourth is the fold of nested floors, done n
times; a step's integer offset goes inside first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symshape.algebra.atoms import Name
from symshape.algebra.exponential import exponential
from symshape.algebra.floors import Floor, floor_div
from symshape.algebra.poly import Poly, Value, canonical, divide, names_of, substitute
from symshape.algebra.summation import summation
from symshape.algebra.terms import Monomial, Rational
from symshape.errors import Undecided

__all__ = ["iterated"]


def iterated(
    sizes: Sequence[Name], steps: Sequence[Value], starts: Sequence[Value], place: Name, count: Value
) -> tuple[Value, ...]:
    """Every size after `count` ≥ 0 applications of its step, which may use other sizes and the place, 0 for the first.

    Raises `Undecided`, naming the step, where there is no closed form here.

    >>> from symshape.algebra.floors import ceil_div
    >>> from symshape.algebra.poly import name
    >>> x, k, n = Name.interned("x", True), Name.place("k"), name("n")
    >>> iterated([x], [ceil_div(name("x"), 2)], [name("H")], k, n)
    (ceiling(H/2**n),)
    >>> iterated([x], [name("x") + name("g")], [name("C")], k, n - 1)
    (g*n + C - g,)
    """
    before = Poly.of_atom(place)
    solved: dict[Name, Value] = {}  # before the application at the place
    ended: dict[Name, Value] = {}
    while len(solved) < len(sizes):
        known = len(solved)
        for size, step, start in zip(sizes, steps, starts, strict=True):
            if size not in solved:
                step = canonical(substitute(step, solved))
                if not (names_of(step) - {size}).intersection(sizes):
                    solved[size] = _after(before, size, step, start, place)
                    ended[size] = _after(count, size, step, start, place)
        if len(solved) == known:
            entangled = ", ".join(f"{size} → {step}" for size, step in zip(sizes, steps, strict=True))
            raise Undecided(f"sizes that depend on one another step by step have no closed form here: {entangled}")
    return tuple(ended[size] for size in sizes)


def _after(count: Value, size: Name, step: Value, start: Value, place: Name) -> Value:
    """One size after `count` steps that depend on the size itself and the place alone."""
    factor, rest = _affine(size, step)
    if factor == 1:
        return canonical(start + summation(rest, place, 0, count - 1))
    if factor == 0:
        return _by_place(count, size, rest, start, place)
    if factor is not None and place not in names_of(factor):
        power = exponential(factor, count)
        shares = canonical(rest * exponential(divide(1, factor), Poly.of_atom(place) + 1))
        return canonical(power * (start + summation(shares, place, 0, count - 1)))
    shrinking = _shrinking(size, step)
    if shrinking is None or place in names_of(shrinking[0]) | names_of(shrinking[1]):
        raise Undecided(f"the step {size} → {step} has no closed form here: give the number of repetitions as a number")
    offset, divisor = shrinking
    power = exponential(divisor, count)
    taps = canonical(power - 1) if offset == divisor - 1 else divide(offset * (power - 1), divisor - 1)
    return floor_div(start + taps, power)


def _by_place(count: Value, size: Name, rest: Value, start: Value, place: Name) -> Value:
    """A step that forgets the size: the start must be what the step would have given a place before the first."""
    if canonical(substitute(rest, {place: -1}) - start) != 0:
        raise Undecided(
            f"the first of the repetitions brings {start} to {substitute(rest, {place: 0})}, the others do not go on "
            "likewise: take the first one out of the repetition"
        )
    return substitute(rest, {place: count - 1})


def _affine(size: Name, step: Value) -> tuple[Value | None, Value]:
    """(a, c) of the step a·x + c; a is None for another step."""
    factor: Value = 0
    rest: Value = 0
    for monomial, coefficient in _terms(step):
        if (size, 1) in monomial:
            factor = factor + Poly({tuple(item for item in monomial if item != (size, 1)): coefficient})
        else:
            rest = rest + Poly({monomial: coefficient})
    factor, rest = canonical(factor), canonical(rest)
    return (None, 0) if size in names_of(factor) | names_of(rest) else (factor, rest)


def _shrinking(size: Name, step: Value) -> tuple[Value, Value] | None:
    """(b, c) of the step ⌊(x + b)/c⌋; None for another step."""
    for monomial, coefficient in _terms(step):
        atom = monomial[0][0] if monomial else None
        if isinstance(atom, Floor) and size in atom.names() and monomial == ((atom, 1),) and coefficient == 1:
            offset = canonical(step - Poly.of_atom(atom))
            inside = canonical(atom.number - Poly.of_atom(size))
            if size not in names_of(offset) | names_of(inside) | names_of(atom.divisor):
                return canonical(inside + offset * atom.divisor), atom.divisor
    return None


def _terms(value: Value) -> Iterable[tuple[Monomial, Rational]]:
    return value.terms.items() if isinstance(value, Poly) else (((), value),) if value else ()
