"""Powers with symbolic exponents: 2ⁿ, as n halvings of a size or n doublings of a width give it.

    b^(p + q) = b^p · b^q        an exponent that is a sum splits, and its integer constants leave as numbers
    b^(k·m)   = (b^m)^k          its coefficients become powers of the atom
    (ab)^p    = a^p · b^p        a base that is a number splits into primes

So the monomials of `Poly` multiply, divide and cancel these powers like any others: 6ⁿ/3ⁿ is 2ⁿ, and ⌈⌈H/2ⁿ⌉/2⌉ is
⌈H/2ⁿ⁺¹⌉.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import count

from symshape.algebra.atoms import Atom, Name
from symshape.algebra.bounds import Bounds, at_least, bounds, bounds_of
from symshape.algebra.poly import Poly, Value, canonical, integral, power_of, substitute
from symshape.algebra.terms import Rational
from symshape.errors import Undecided

__all__ = ["Exponential", "exponential"]

_LARGEST_BASE = 10**12  # to be split into primes
_FAR = 64  # exponents beyond it are not needed in a bound


class Exponential(Atom):
    """base**exponent for a prime or a name and a single monomial; made by `exponential` alone."""

    __slots__ = ()

    @property
    def base(self) -> int | Poly:
        """A prime number or a name."""
        return self.key[0]  # type: ignore[no-any-return]

    @property
    def exponent(self) -> Poly:
        """A monomial without coefficient."""
        return self.key[1]  # type: ignore[no-any-return]

    def parts(self) -> tuple[Value, ...]:
        return self.key

    def _is_integral(self) -> bool:
        return integral(self.base) and at_least(self.exponent, 0)

    def substituted(self, values: Mapping[Name, Value], memo: dict[Atom, Value]) -> Value:
        return exponential(substitute(self.base, values, memo), substitute(self.exponent, values, memo))


@bounds_of(Exponential)
def _bounds(atom: Exponential) -> Bounds:
    low, high = bounds(atom.exponent)
    least, most = bounds(atom.base)
    assert least is not None
    bottom: Rational = 0
    if low is not None and low >= 0:
        bottom = least ** min(int(low), _FAR)
    if high is None or most is None or high > _FAR:
        return bottom, None
    return bottom, most ** max(int(high), 0)


def exponential(base: Value, exponent: Value) -> Value:
    """base**exponent in normal form, for a positive base.

    >>> from symshape.algebra.poly import name
    >>> n = name("n")
    >>> exponential(2, n + 1), exponential(6, 2*n) * exponential(3, -2*n)
    (2*2**n, 2**(2*n))
    """
    base, exponent = canonical(base), canonical(exponent)
    if not integral(exponent):
        raise Undecided(f"{base} to the power {exponent}: roots are not exact")
    if not isinstance(exponent, Poly):
        return power_of(base, int(exponent))
    result: Value = 1
    for factor, power in _factors(base):
        for monomial, coefficient in exponent.terms.items():
            times = int(coefficient) * power
            if not monomial:
                part = power_of(factor, times)
            elif (nested := _exponential_in(factor)) is not None:  # (2^m)^n = 2^(mn)
                part = exponential(nested.base, nested.exponent * Poly({monomial: times}))
            else:
                part = Poly({((Exponential.interned(factor, Poly({monomial: 1})), times),): 1})
            result = result * part
    return result


def _factors(base: Value) -> Iterator[tuple[int | Poly, int]]:
    """The base as a product of powers of primes, names and exponentials."""
    if isinstance(base, Poly):
        if len(base.terms) != 1:
            raise Undecided(f"{base} to a symbolic power: give the base a number or a name of its own")
        ((monomial, number),) = base.terms.items()
        for atom, power in monomial:
            if not isinstance(atom, (Name, Exponential)):
                raise Undecided(
                    f"{Poly.of_atom(atom)} to a symbolic power: give the base a number or a name of its own"
                )
            yield Poly.of_atom(atom), power
    else:
        number = base
    number = Fraction(number)
    if number <= 0:
        raise Undecided(f"{number} to a symbolic power: the base must be positive")
    yield from ((prime, power) for prime, power in _primes(number.numerator))
    yield from ((prime, -power) for prime, power in _primes(number.denominator))


def _primes(number: int) -> Iterator[tuple[int, int]]:
    if number > _LARGEST_BASE:
        raise Undecided(f"{number} to a symbolic power: the base is too large to be split into primes")
    for prime in count(2):
        if prime * prime > number:
            break
        power = 0
        while number % prime == 0:
            number //= prime
            power += 1
        if power:
            yield prime, power
    if number > 1:
        yield number, 1


def _exponential_in(factor: int | Poly) -> Exponential | None:
    if isinstance(factor, Poly):
        ((atom, _),) = next(iter(factor.terms))
        return atom if isinstance(atom, Exponential) else None
    return None
