"""Sums with a symbolic number of terms: Σ p(k) for k from a to b, in closed form.

What Faulhaber's formulas say, found without Bernoulli numbers: a polynomial q with r·q(k + 1) − q(k) = kʲ follows
coefficient by coefficient from the highest, and then Σ kʲrᵏ telescopes to q(b + 1)·rᵇ⁺¹ − q(a)·rᵃ. With r = 1 these are
the sums of powers, with r = 2ᵐ those over widths that double.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import comb

from symshape.algebra.atoms import Name
from symshape.algebra.exponential import Exponential, exponential
from symshape.algebra.poly import Poly, Value, canonical
from symshape.algebra.terms import Monomial, Rational, power_of_number, tidy
from symshape.errors import Undecided

__all__ = ["summation"]

_HIGHEST = 100  # power of the index


def summation(term: Value, index: str | Name, first: Value, last: Value) -> Value:
    """Σ term for index = first … last, where the term is a polynomial in the index, also times powers such as 2ᵏ.

    The sum is empty for last = first − 1, and not defined below that. Other symbols are constants; the sum takes
    integer values where the terms do, though its coefficients may be fractions. Raises `Undecided` for any other term.

    >>> from symshape.algebra.poly import name
    >>> k, n, g = name("k"), name("n"), name("g")
    >>> summation(k, "k", 1, n)
    n*(n + 1)/2
    >>> summation(9*(64 + g*k)*g, "k", 0, n - 1)
    9*g**2*n*(n - 1)/2 + 576*g*n
    >>> summation(exponential(2, k), "k", 0, n)
    2*2**n - 1
    """
    k = index if isinstance(index, Name) else Name.interned(index, True)
    term = canonical(term)
    if not isinstance(term, Poly):
        return canonical(term * (last - first + 1))
    total: Value = 0
    for monomial, coefficient in term.terms.items():
        constant, power, ratio = _taken_apart(monomial, k)
        part = _telescoped(power, ratio, last + 1) - _telescoped(power, ratio, first)
        total = total + Poly({constant: coefficient}) * part
    return canonical(total)


def _taken_apart(monomial: Monomial, k: Name) -> tuple[Monomial, int, Rational]:
    """The monomial as constant·kʲ·rᵏ."""
    constant, power, ratio = [], 0, Fraction(1)
    for atom, times in monomial:
        if k not in atom.names():
            constant.append((atom, times))
        elif atom is k and 0 <= times <= _HIGHEST:
            power = times
        elif isinstance(atom, Exponential) and isinstance(atom.base, int) and atom.exponent == Poly.of_atom(k):
            ratio *= power_of_number(atom.base, times)
        else:
            raise Undecided(f"the sum over {k} of {Poly({monomial: 1})} has no closed form here")
    return tuple(constant), power, tidy(ratio)


def _telescoped(power: int, ratio: Rational, at: Value) -> Value:
    """q(at)·ratio^at."""
    total: Value = 0
    for coefficient in reversed(_antidifference(power, ratio)):
        total = canonical(total * at) + coefficient
    return total if ratio == 1 else total * exponential(ratio, at)


@lru_cache(maxsize=256)
def _antidifference(power: int, ratio: Rational) -> tuple[Rational, ...]:
    """The coefficients of the polynomial q with ratio·q(k + 1) − q(k) = k^power, the constant first."""
    shift = 1 if ratio == 1 else 0  # with ratio 1 the highest terms cancel, and the constant is free
    q: list[Rational] = [0] * (power + 1 + shift)
    for i in range(power, -1, -1):
        above = sum(comb(j, i) * q[j] for j in range(i + 1 + shift, len(q)))
        own = Fraction(comb(i + 1, i)) if shift else Fraction(ratio) - 1
        q[i + shift] = tidy((int(i == power) - Fraction(ratio) * above) / own)
    return tuple(q)
