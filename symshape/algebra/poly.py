"""The canonical form: polynomials over integer atoms.

A *value* is an exact number (`int`, or `Fraction` where a quotient has not come out even) or a `Poly`. A `Poly` is a sum
of monomials with exact coefficients; a monomial is a product of powers of *atoms*: names and floors (`floors.py`),
minima and maxima (`extrema.py`). Negative powers of atoms are allowed, so that G·(C/G) is C.

Atoms are interned: two equal atoms are one object, so comparing polynomials is comparing dictionaries of identities.
The table of atoms holds weak references only; when the last polynomial that uses an atom goes, the atom goes, and
nothing grows with the process.

A `Poly` has two faces. `terms` is the expanded normal form, which decides equality and feeds the floor rules.
`products` is the same value as the sum of products in which it arose (600·(H−4)·(W−4) rather than four monomials), which
is what a reader wants to see. Multiplying builds the second and leaves the first to the day somebody asks.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction
from functools import reduce
from itertools import count
from math import gcd, lcm
from threading import Lock
from typing import Any, Union
from weakref import WeakValueDictionary

from symshape.errors import Undecided

__all__ = [
    "Atom",
    "Monomial",
    "Name",
    "Poly",
    "Rational",
    "Value",
    "canonical",
    "divide",
    "name",
    "sorted_monomial",
    "substitute",
]

Rational = Union[int, Fraction]
Value = Union[int, Fraction, "Poly"]
Monomial = tuple[tuple["Atom", int], ...]
Factors = frozenset[tuple[Union["Atom", "Poly"], int]]

_interned: WeakValueDictionary[Hashable, Atom] = WeakValueDictionary()
_serials = count()
_lock = Lock()


class Atom:
    """An indivisible integer-valued quantity. Equality is identity; `serial` orders the atoms of a monomial."""

    __slots__ = ("__weakref__", "key", "serial", "shown")
    key: tuple[Any, ...]
    serial: int
    shown: Any  # how `present` writes it and where it stands in a term, once asked

    @classmethod
    def interned(cls, *key: Any) -> Any:
        """The one atom of this class with this key."""
        whole = (cls, key)
        atom = _interned.get(whole)
        if atom is None:
            with _lock:
                atom = _interned.get(whole)
                if atom is None:
                    atom = object.__new__(cls)
                    atom.key = key
                    atom.serial = next(_serials)
                    atom.shown = None
                    _interned[whole] = atom
        return atom

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self).interned, self.key)

    @property
    def integral(self) -> bool:
        """Whether the atom takes integer values only."""
        return True

    def names(self) -> frozenset[Name]:
        """The names the atom depends on."""
        raise NotImplementedError

    def substituted(self, values: Mapping[Name, Value], memo: dict[Atom, Value]) -> Value:
        """The atom's value when names take `values`."""
        raise NotImplementedError


class Name(Atom):
    """A symbol: a positive integer, or a positive rational when made with `integral=False`."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """The symbol's name."""
        return str(self.key[0])

    @property
    def integral(self) -> bool:
        return bool(self.key[1])

    def names(self) -> frozenset[Name]:
        return frozenset((self,))

    def substituted(self, values: Mapping[Name, Value], memo: dict[Atom, Value]) -> Value:
        return values[self] if self in values else Poly.of_atom(self)

    def __repr__(self) -> str:
        return self.text


def name(text: str, *, integral: bool = True) -> Poly:
    """The polynomial that is one symbol.

    >>> name("H") + 1 - name("H")
    1
    """
    return Poly.of_atom(Name.interned(text, integral))


class Poly:
    """A polynomial over atoms; immutable. Arithmetic with numbers gives numbers back where the symbols cancel."""

    __slots__ = ("__weakref__", "_hash", "_products", "_terms", "plain", "shown")
    _terms: dict[Monomial, Rational] | None
    _products: dict[Factors, Rational] | None
    _hash: int | None
    plain: bool  # whether the expanded form is the one in which the value arose

    def __init__(self, terms: dict[Monomial, Rational] | None, products: dict[Factors, Rational] | None = None) -> None:
        self._terms = terms
        self._products = products
        self._hash = None
        self.plain = terms is not None
        self.shown: Any = None  # how `present` writes it, once asked

    @classmethod
    def of_atom(cls, atom: Atom) -> Poly:
        """The atom itself."""
        return cls({((atom, 1),): 1})

    # -- the two faces ---------------------------------------------------------------------------------------------
    @property
    def terms(self) -> dict[Monomial, Rational]:
        """Monomial → coefficient: the expanded normal form."""
        if self._terms is None:
            assert self._products is not None
            total: dict[Monomial, Rational] = {}
            for factors, coefficient in self._products.items():
                part: dict[Monomial, Rational] = {(): coefficient}
                for factor, power in factors:
                    part = _times(part, _power_terms(factor, power))
                _accumulate(total, part)
            self._terms = total
        return self._terms

    @property
    def products(self) -> dict[Factors, Rational]:
        """{(factor, power), …} → coefficient: the sum of products in which the value arose."""
        if self._products is None:
            assert self._terms is not None
            if len(self._terms) == 1:
                ((monomial, coefficient),) = self._terms.items()
                self._products = {frozenset(monomial): coefficient}
            else:
                content, common, primitive = _content(self._terms)
                factor: Poly = self if content == 1 and not common else Poly(primitive)
                self._products = {frozenset((*common, (factor, 1))): content}
        return self._products

    # -- arithmetic ------------------------------------------------------------------------------------------------
    def __add__(self, other: Value) -> Value:
        if isinstance(other, Poly):
            if self.plain and other.plain:
                return _collected(_accumulate(dict(self.terms), other.terms))
            products = dict(self.products)
            for factors, coefficient in other.products.items():
                _add_to(products, factors, coefficient)
            return _from_products(products)
        if not other:
            return self
        if self.plain:
            terms = dict(self.terms)
            _add_to(terms, (), other)
            return Poly(terms)
        products = dict(self.products)
        _add_to(products, frozenset(), other)
        return _from_products(products)

    __radd__ = __add__

    def __neg__(self) -> Poly:
        return self._scaled(-1)

    def __sub__(self, other: Value) -> Value:
        return self + -other

    def __rsub__(self, other: Value) -> Value:
        return self._scaled(-1) + other

    def __mul__(self, other: Value) -> Value:
        if isinstance(other, Poly):
            (f, a), (g, b) = self._as_product(), other._as_product()
            coefficient = a * b
            powers = dict(f)
            for factor, power in g:
                _add_to(powers, factor, power)
            return _from_products({frozenset(powers.items()): _tidy(coefficient)})
        return self._scaled(other) if other else 0

    __rmul__ = __mul__

    def __pow__(self, power: int) -> Value:
        if power == 0:
            return 1
        factors, coefficient = self._as_product()
        scale = Fraction(coefficient) ** power
        return _from_products({frozenset((factor, p * power) for factor, p in factors): _tidy(scale)})

    def _scaled(self, number: Rational) -> Poly:
        if number == 1:
            return self
        if self.plain:
            return Poly({m: _tidy(c * number) for m, c in self.terms.items()})
        return Poly(None, {f: _tidy(c * number) for f, c in self.products.items()})

    def _as_product(self) -> tuple[Factors, Rational]:
        """One product: the value's own where it is one, else the whole value as a single factor."""
        products = self.products
        if len(products) == 1:
            ((factors, coefficient),) = products.items()
            return factors, coefficient
        return frozenset(((self, 1),)), 1

    # -- comparison ------------------------------------------------------------------------------------------------
    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, Poly):
            return self.terms == other.terms
        if isinstance(other, (int, Fraction)):
            return self.terms == ({(): other} if other else {})
        return NotImplemented

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Poly, (self._terms, None) if self.plain else (None, self._products))

    # -- questions -------------------------------------------------------------------------------------------------
    def atoms(self) -> frozenset[Atom]:
        """The atoms that occur in the monomials."""
        return frozenset(atom for monomial in self.terms for atom, _ in monomial)

    def names(self) -> frozenset[Name]:
        """Every symbol the value depends on, inside floors too."""
        return frozenset().union(*(atom.names() for atom in self.atoms()))

    def __repr__(self) -> str:
        from symshape.algebra.present import present

        return repr(present(self))


# -- numbers and normal forms --------------------------------------------------------------------------------------------
def canonical(value: Value) -> Value:
    """The value expanded, as a number where it is one."""
    if isinstance(value, Poly):
        terms = value.terms
        if not terms:
            return 0
        if len(terms) == 1 and () in terms:
            return terms[()]
        return value
    return _tidy(value)


def divide(left: Value, right: Value) -> Value:
    """The exact quotient of two values.

    >>> C, G = name("C"), name("G")
    >>> divide(C, G) * G == C
    True
    """
    left, right = canonical(left), canonical(right)
    if not isinstance(right, Poly):
        if right == 0:
            raise ZeroDivisionError("a formula divides by zero")
        if not isinstance(left, Poly):
            return _tidy(Fraction(left) / right)
        return left._scaled(_tidy(1 / Fraction(right)))
    if len(right.terms) == 1:
        return left * right**-1
    if not isinstance(left, Poly):
        raise Undecided(f"{left} divided by {right} is no polynomial: give the divisor a number or a name of its own")
    quotient = _exact_quotient(left, right)
    if quotient is None:
        raise Undecided(f"{left} divided by {right} is no polynomial: give the divisor a number or a name of its own")
    return quotient


def substitute(value: Value, values: Mapping[Name, Value], memo: dict[Atom, Value] | None = None) -> Value:
    """`value` with names replaced by other values, exactly; products stay products."""
    if not isinstance(value, Poly):
        return value
    memo = {} if memo is None else memo

    def of(factor: Atom | Poly) -> Value:
        if isinstance(factor, Poly):
            return substitute(factor, values, memo)
        if factor not in memo:
            memo[factor] = factor.substituted(values, memo)
        return memo[factor]

    rows: Iterable[tuple[Iterable[tuple[Atom | Poly, int]], Rational]] = (
        value.terms.items() if value.plain else value.products.items()
    )
    total: Value = 0
    for factors, coefficient in rows:
        part: Value = coefficient
        for factor, power in factors:
            put = of(factor)
            part = part * put**power if power > 0 else divide(part, put**-power)
        total = total + part
    return _tidy(total) if not isinstance(total, Poly) else total


def _tidy(number: Rational) -> Rational:
    """A Fraction that is an integer, as an int."""
    if isinstance(number, Fraction) and number.denominator == 1:
        return number.numerator
    return number


def _add_to(table: dict[Any, Any], key: Hashable, number: Any) -> None:
    """table[key] += number, with zeros removed."""
    total = table.get(key, 0) + number
    if total:
        table[key] = _tidy(total)
    else:
        table.pop(key, None)


def _accumulate(into: dict[Monomial, Rational], terms: Mapping[Monomial, Rational]) -> dict[Monomial, Rational]:
    for monomial, coefficient in terms.items():
        _add_to(into, monomial, coefficient)
    return into


def _collected(terms: dict[Monomial, Rational]) -> Value:
    """A value from terms: a number where nothing else is left."""
    if not terms:
        return 0
    if len(terms) == 1 and () in terms:
        return terms[()]
    return Poly(terms)


def _from_products(products: dict[Factors, Rational]) -> Value:
    if not products:
        return 0
    if len(products) == 1:
        ((factors, coefficient),) = products.items()
        if not factors:
            return coefficient
        if all(isinstance(factor, Atom) for factor, _ in factors):
            monomial = sorted_monomial({atom: power for atom, power in factors})  # type: ignore[misc]
            return Poly({monomial: coefficient})
    return Poly(None, products)


# -- monomials -------------------------------------------------------------------------------------------------------------
def sorted_monomial(powers: Mapping[Atom, int]) -> Monomial:
    """The monomial of these powers, its atoms in order."""
    return tuple(sorted(((a, p) for a, p in powers.items() if p), key=_serial))


def _serial(item: tuple[Atom, int]) -> int:
    return item[0].serial


def _monomial_times(left: Monomial, right: Monomial) -> Monomial:
    if not left:
        return right
    if not right:
        return left
    powers = dict(left)
    for atom, power in right:
        powers[atom] = powers.get(atom, 0) + power
    return sorted_monomial(powers)


def _times(left: Mapping[Monomial, Rational], right: Mapping[Monomial, Rational]) -> dict[Monomial, Rational]:
    total: dict[Monomial, Rational] = {}
    for m, a in left.items():
        for n, b in right.items():
            _add_to(total, _monomial_times(m, n), a * b)
    return total


def _power_terms(factor: Atom | Poly, power: int) -> dict[Monomial, Rational]:
    if isinstance(factor, Atom):
        return {((factor, power),): 1}
    if power < 0:
        inverse = factor**power if len(factor.terms) == 1 else None
        if not isinstance(inverse, Poly):
            raise Undecided(f"1/({factor}) is no polynomial")
        return inverse.terms
    return reduce(_times, [factor.terms] * power)


def _content(terms: Mapping[Monomial, Rational]) -> tuple[Rational, Monomial, dict[Monomial, Rational]]:
    """terms = number × monomial × primitive part, whose leading coefficient is positive."""
    denominator = lcm(*(Fraction(c).denominator for c in terms.values()))
    number: Rational = Fraction(gcd(*(int(c * denominator) for c in terms.values())), denominator)
    leading = max(terms, key=lambda m: (sum(p for _, p in m), [(-a.serial, p) for a, p in m]))
    if terms[leading] < 0:
        number = -number
    shared = dict(min(terms, key=len))
    for monomial in terms:
        powers = dict(monomial)
        shared = {atom: min(power, powers[atom]) for atom, power in shared.items() if atom in powers}
    common = sorted_monomial({atom: power for atom, power in shared.items() if power > 0})
    inverse = tuple((atom, -power) for atom, power in common)
    number = _tidy(number)
    primitive = {_monomial_times(m, inverse): _tidy(Fraction(c) / number) for m, c in terms.items()}
    return number, common, primitive


def _exact_quotient(left: Poly, right: Poly) -> Value | None:
    """left / right by long division, where nothing remains."""
    atoms = sorted(left.atoms() | right.atoms(), key=lambda atom: atom.serial)

    def order(monomial: Monomial) -> list[int]:  # graded lexicographic
        powers = dict(monomial)
        return [sum(powers.values()), *(powers.get(atom, 0) for atom in atoms)]

    lead = max(right.terms, key=order)
    inverse = tuple((atom, -power) for atom, power in lead)
    rest = dict(left.terms)
    quotient: dict[Monomial, Rational] = {}
    while rest:
        top = max(rest, key=order)
        step = _monomial_times(top, inverse)
        if any(power < 0 for _, power in step):
            return None
        factor = _tidy(Fraction(rest[top]) / right.terms[lead])
        _add_to(quotient, step, factor)
        _accumulate(rest, _times({step: -factor}, right.terms))
    return _collected(quotient)
