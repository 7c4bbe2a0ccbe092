"""The canonical form: polynomials over integer atoms.

A *value* is an exact number (`int`, or `Fraction` where a quotient has not come out even) or a `Poly`. A `Poly` is a
sum of monomials with exact coefficients; a monomial is a product of powers of *atoms* (`atoms.py`): names, floors
(`floors.py`), minima and maxima (`extrema.py`), powers with symbolic exponents (`exponential.py`). Negative powers of
atoms are allowed, so that G·(C/G) is C.

A `Poly` has two faces. `terms` is the expanded normal form, which decides equality and feeds the floor rules.
`products` is the same value as the sum of products in which it arose (600·(H−4)·(W−4) rather than four monomials),
which is what a reader wants to see. Multiplying builds the second and leaves the first to the day somebody asks.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any, Union

from symshape.algebra.atoms import Atom, Name, order_of
from symshape.algebra.terms import (
    Monomial,
    Rational,
    Terms,
    accumulate,
    add_to,
    all_integral,
    content,
    exact_quotient,
    monomial_times,
    power_of_number,
    power_of_terms,
    sorted_monomial,
    tidy,
    times,
)
from symshape.errors import DivisionByZero, Undecided

__all__ = [
    "Atom",
    "Monomial",
    "Name",
    "Poly",
    "Rational",
    "Value",
    "added",
    "all_atoms",
    "canonical",
    "divide",
    "integral",
    "mentions",
    "multiplied",
    "name",
    "named",
    "names_of",
    "order_of",
    "power_of",
    "rational",
    "sorted_monomial",
    "substitute",
]

Value = Union[int, Fraction, "Poly"]
Factors = frozenset[tuple[Union[Atom, "Poly"], int]]

_TALLEST = 16  # products of sums of products of …: beyond, a factor is multiplied out


def name(text: str, *, integral: bool = True) -> Poly:
    """The polynomial that is one symbol.

    >>> name("H") + 1 - name("H")
    1
    """
    return Poly.of_atom(Name.interned(text, integral))


class Poly:
    """A polynomial over atoms; immutable. Arithmetic with numbers gives numbers back where the symbols cancel."""

    __slots__ = ("_hash", "_products", "_terms", "height", "plain", "shown")
    _terms: Terms | None
    _products: dict[Factors, Rational] | None
    _hash: int | None
    plain: bool  # whether the expanded form is the one in which the value arose
    height: int  # how many sums lie inside one another in the products
    shown: Any  # how `present` writes it, once asked

    def __init__(self, terms: Terms | None, products: dict[Factors, Rational] | None = None) -> None:
        self._terms = terms
        self._products = products
        self._hash = self.shown = None
        self.plain = terms is not None
        self.height = 0 if terms is not None or products is None else _height(products)

    @classmethod
    def of_atom(cls, atom: Atom) -> Poly:
        """The atom itself."""
        return cls({((atom, 1),): 1})

    # -- the two faces -----------------------------------------------------------------------------------------
    @property
    def terms(self) -> Terms:
        """Monomial → coefficient: the expanded normal form."""
        if self._terms is None:
            assert self._products is not None
            total: Terms = {}
            for factors, coefficient in self._products.items():
                part: Terms = {(): coefficient}
                for factor, power in factors:
                    inner: Terms = {((factor, 1),): 1} if isinstance(factor, Atom) else factor.terms
                    part = times(part, power_of_terms(inner, power))
                accumulate(total, part)
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
            elif not self._terms:
                self._products = {}
            else:
                number, common, primitive = content(self._terms)
                self._products = {frozenset((*common, (Poly(primitive), 1))): number}
        return self._products

    # -- arithmetic --------------------------------------------------------------------------------------------
    def __add__(self, other: Value) -> Value:
        if not self.plain:
            return self._beside(other)
        if type(other) is int:  # an offset on a size: by far the most frequent sum
            if not other:
                return self
            terms = self.terms.copy()
            total = terms.get((), 0) + other
            if total:
                terms[()] = total
            else:
                del terms[()]
            return Poly(terms)
        if not isinstance(other, Poly):
            other = Poly({(): other} if other else {})
        if not other.plain:
            return self._beside(other)
        terms = self.terms.copy()
        return _collected(accumulate(terms, other.terms))

    __radd__ = __add__

    def _beside(self, other: Value) -> Value:
        """The sum, with the products of both kept."""
        products = self.products.copy()
        beside: Mapping[Factors, Rational] = other.products if isinstance(other, Poly) else {frozenset(): other}
        for factors, coefficient in beside.items():
            add_to(products, factors, coefficient)
        return _from_products(products)

    def __neg__(self) -> Poly:
        return self._scaled(-1)

    def __sub__(self, other: Value) -> Value:
        return self + -other

    def __rsub__(self, other: Value) -> Value:
        return self._scaled(-1) + other

    def __mul__(self, other: Value) -> Value:
        if not isinstance(other, Poly):
            return self._scaled(other) if other else 0
        (f, a), (g, b) = self._as_product(), other._as_product()
        powers: dict[Atom | Poly, int] = dict(f)
        for factor, power in g:
            add_to(powers, factor, power)
        return _product(powers, tidy(a * b))

    __rmul__ = __mul__

    def __pow__(self, power: int) -> Value:
        if power == 0:
            return 1
        factors, coefficient = self._as_product()
        return _product({factor: p * power for factor, p in factors}, power_of_number(coefficient, power))

    def _scaled(self, number: Rational) -> Poly:
        if number == 1:
            return self
        if self.plain:
            return Poly({monomial: tidy(c * number) for monomial, c in self.terms.items()})
        return Poly(None, {factors: tidy(c * number) for factors, c in self.products.items()})

    def _as_product(self) -> tuple[Factors, Rational]:
        """One product: the value's own where it is one, else the whole value as a single factor."""
        products = self.products
        if len(products) == 1:
            ((factors, coefficient),) = products.items()
            return factors, coefficient
        if self.height >= _TALLEST:
            return Poly(self.terms)._as_product() if len(self.terms) else (frozenset(), 0)
        return frozenset(((self, 1),)), 1

    # -- comparison --------------------------------------------------------------------------------------------
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
            value = canonical(self)
            self._hash = hash(frozenset(self.terms.items()) if isinstance(value, Poly) else value)
        return self._hash

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Poly, (self._terms, None) if self.plain else (None, self._products))

    # -- questions ---------------------------------------------------------------------------------------------
    def atom_list(self) -> list[Atom]:
        """The atoms of the monomials, as often as they occur."""
        return [atom for monomial in self.terms for atom, _ in monomial]

    def atoms(self) -> frozenset[Atom]:
        """The atoms that occur in the monomials."""
        return frozenset(self.atom_list())

    def names(self) -> frozenset[Name]:
        """Every symbol the value depends on, inside floors too."""
        return frozenset().union(*(atom.names() for atom in self.atoms()))

    def __repr__(self) -> str:
        from symshape.algebra.present import present

        return repr(present(self))


# -- questions about any value ---------------------------------------------------------------------------------------
def canonical(value: Value) -> Value:
    """The value expanded, as a number where it is one."""
    if isinstance(value, Poly):
        terms = value.terms
        if not terms:
            return 0
        if len(terms) == 1 and () in terms:
            return terms[()]
        return value
    return tidy(value)


def integral(value: Value) -> bool:
    """Whether the value is an integer by its form, whatever integers its symbols are.

    >>> integral(name("H") + 1), integral(divide(name("H"), 2))
    (True, False)
    """
    return all_integral(value.terms) if isinstance(value, Poly) else value == int(value)


def all_atoms(*values: Value) -> tuple[Atom, ...]:
    """Every atom in the values and inside their atoms, each once, inner ones first."""
    found: dict[Atom, None] = {}

    def visit(value: Value) -> None:
        if isinstance(value, Poly):
            for atom in sorted(value.atoms() - found.keys(), key=lambda atom: atom.order):
                for part in atom.parts():
                    visit(part)
                found[atom] = None

    for value in values:
        visit(value)
    return tuple(found)


def names_of(value: Value) -> frozenset[Name]:
    """Every symbol the value depends on."""
    return value.names() if isinstance(value, Poly) else frozenset()


def mentions(value: Value | Atom, symbol: Name) -> bool:
    """Whether the symbol occurs in the value as it stands, where it would cancel too; nothing is multiplied out."""
    if isinstance(value, Poly) and not value.plain:
        return any(mentions(factor, symbol) for product in value.products for factor, _ in product)
    return not isinstance(value, (int, Fraction)) and symbol in value.names()


def named(values: Mapping[str, Value]) -> dict[Name, Value]:
    """Values by the names of symbols → by the symbols, integer or rational, that go by these names."""
    return {name: value for text, value in values.items() for name in (Name.interned(text, True), Name.rational(text))}


def rational(value: Value, texts: Iterable[str] | None = None) -> Value:
    """The value with its symbols, or those of some names, as rational numbers.

    >>> integral(name("w")), integral(rational(name("w")))
    (True, False)
    """
    wanted = [name for name in names_of(value) if texts is None or name.text in texts]
    return substitute(value, {name: Poly.of_atom(Name.rational(name.text)) for name in wanted}) if wanted else value


# -- sums, powers, quotients, substitution ---------------------------------------------------------------------------------
def added(values: Iterable[Value]) -> Value:
    """The sum, just as adding one value after the other gives it, but collected in one table.

    >>> added([name("H"), 3, name("H"), -3])
    2*H
    """
    table: dict[Any, Rational] = {}  # of monomials, and of products once a value is no plain sum
    plain = True
    for value in values:
        if plain and _is_plain(value):
            accumulate(table, value.terms if isinstance(value, Poly) else {(): value})
            continue
        if plain:
            plain, (table, value) = False, _first_products(_collected(table), value)
        accumulate(table, value.products if isinstance(value, Poly) else {frozenset(): value})
        if len(table) < 2 and _is_plain(one := _from_products(table)):
            plain, table = True, dict(one.terms) if isinstance(one, Poly) else {(): one}
    return _collected(table) if plain else _from_products(table)


def _first_products(left: Value, right: Value) -> tuple[dict[Any, Rational], Value]:
    """The products of one of two values, where one of them is no number, and the other value."""
    if isinstance(left, Poly):
        return left.products.copy(), right
    assert isinstance(right, Poly)
    return right.products.copy(), left


def multiplied(values: Iterable[Value]) -> Value:
    """The product."""
    return reduce(operator.mul, values, 1)


def _is_plain(value: Value) -> bool:
    return not isinstance(value, Poly) or value.plain


def power_of(base: Value, power: int) -> Value:
    """base**power for a power that is a number."""
    if isinstance(base, Poly):
        return base**power if power > 0 else divide(1, base**-power)
    return power_of_number(base, power)


def divide(left: Value, right: Value) -> Value:
    """The exact quotient of two values.

    >>> C, G = name("C"), name("G")
    >>> divide(C, G) * G == C
    True
    """
    left, right = canonical(left), canonical(right)
    if not isinstance(right, Poly):
        if right == 0:
            raise DivisionByZero("a formula divides by zero")
        if type(left) is type(right) is int and not left % right:
            return left // right
        return left * Fraction(1, right) if isinstance(left, Poly) else tidy(Fraction(left) / right)
    if len(right.terms) == 1:
        return left * Poly(power_of_terms(right.terms, -1))
    if left == 0:
        return 0
    number, monomial, above = content(left.terms if isinstance(left, Poly) else {(): left})
    scale, shared, below = content(right.terms)
    quotient = exact_quotient(above, below)
    if quotient is None:
        raise Undecided(f"{left} divided by {right} is no polynomial: give the divisor a number or a name of its own")
    step = monomial_times(monomial, tuple((atom, -power) for atom, power in shared))
    ratio = Fraction(number) / scale
    return canonical(Poly({monomial_times(m, step): tidy(c * ratio) for m, c in quotient.items()}))


def substitute(value: Value, values: Mapping[Name, Value], memo: dict[Atom, Value] | None = None) -> Value:
    """`value` with names replaced by other values, exactly; products stay products."""
    if not isinstance(value, Poly):
        return value
    memo = {} if memo is None else memo
    rows: Iterable[tuple[Iterable[tuple[Atom | Poly, int]], Rational]] = (
        value.terms.items() if value.plain else value.products.items()
    )
    total: Value = 0
    for factors, coefficient in rows:
        part: Value = coefficient
        for factor, power in factors:
            if isinstance(factor, Poly):
                put = substitute(factor, values, memo)
            elif factor in memo:
                put = memo[factor]
            else:
                put = memo[factor] = _put(factor, values, memo)
            if power != 1:
                put = power_of(put, power)
            part = part * put
        total = total + part
    return total if isinstance(total, Poly) else tidy(total)


def _put(atom: Atom, values: Mapping[Name, Value], memo: dict[Atom, Value]) -> Value:
    if isinstance(atom, Name):
        return values[atom] if atom in values else Poly.of_atom(atom)
    return atom.substituted(values, memo)


# -- values from their parts -----------------------------------------------------------------------------------------
def _collected(terms: Terms) -> Value:
    """A value from terms: a number where nothing else is left."""
    if not terms:
        return 0
    if len(terms) == 1 and () in terms:
        return terms[()]
    return Poly(terms)


def _product(powers: Mapping[Atom | Poly, int], coefficient: Rational) -> Value:
    """A value from the factors of one product."""
    if not powers or not coefficient:
        return coefficient
    atoms = {factor: power for factor, power in powers.items() if isinstance(factor, Atom)}
    if len(atoms) == len(powers):
        return Poly({sorted_monomial(atoms): coefficient})
    return Poly(None, {frozenset(powers.items()): coefficient})


def _from_products(products: dict[Factors, Rational]) -> Value:
    """A value from a sum of products."""
    if not products:
        return 0
    if len(products) == 1:
        ((factors, coefficient),) = products.items()
        return _product(dict(factors), coefficient)
    return Poly(None, products)


def _height(products: Iterable[Factors]) -> int:
    inner = (factor.height for factors in products for factor, _ in factors if isinstance(factor, Poly))
    return 1 + max(inner, default=0)
