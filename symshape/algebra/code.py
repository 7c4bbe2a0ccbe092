"""Value → exact Python: a function of integers that uses `//`, `*`, `+`, `max`, `min` and never a float.

    >>> from symshape.algebra.floors import ceil_div, floor_div
    >>> from symshape.algebra.poly import name
    >>> H, W = name("H"), name("W")
    >>> half = ceil_div(H, 2)
    >>> print(python_source(9408*half*ceil_div(W, 2) + floor_div(3*half, 4), ["H", "W"]))
    def value(H, W):
        f1 = (H + 1)//2
        return 9408*f1*((W + 1)//2) + (3*f1)//4

A quotient that the symbols leave open, such as C/G, is brought over one denominator, and a remainder is an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from keyword import iskeyword
from typing import Any, TypeGuard

from symshape.algebra.atoms import Atom, Name
from symshape.algebra.bounds import at_least, clearing_factor
from symshape.algebra.exponential import Exponential, exponential
from symshape.algebra.extrema import Extremum, max_of, min_of
from symshape.algebra.floors import Floor
from symshape.algebra.poly import Poly, Value, all_atoms, canonical, divide, integral, names_of, substitute
from symshape.algebra.series import Series
from symshape.algebra.terms import Monomial, Rational, Terms, all_integral, grading, monomial_times
from symshape.errors import ConditionError, DivisionByZero, Undecided, UnknownName, UsageError

__all__ = ["function", "python_source", "quotient"]

_GLOBALS: dict[str, Any] = {
    "max": max,
    "min": min,
    "sum": sum,
    "range": range,
    "divmod": divmod,
    "ConditionError": ConditionError,
    "DivisionByZero": DivisionByZero,
}
_SUM, _QUOTIENT, _PRODUCT, _POWER, _ATOM = range(5)

_DEEPEST = 20  # brackets in Horner's form
_WIDEST = 100  # terms in one bracket

Text = tuple[str, int]  # source, and how tightly it binds
Row = tuple[Rational, list[tuple[Text, int]]]  # a product: its number, and its factors with their powers
Of = Callable[[Atom], Text]  # how an atom is written: by its local name, or in full


def function(value: Value, names: Sequence[str]) -> Callable[..., int]:
    """The value as a function of its symbols, which take positive integers in the order of `names`.

    The function raises `ConditionError` where the value is not an integer.

    >>> from symshape.algebra.poly import name
    >>> function(divide(name("C"), name("G")), ["C", "G"])(12, 4)
    3
    """
    scope = {"__builtins__": {}, **_GLOBALS}
    source = _definition(value, names)
    try:  # what is run was written below from our own nodes: operators, digits, and names that are plain identifiers
        exec(source, scope)  # noqa: S102
    except (RecursionError, MemoryError, SyntaxError):
        raise Undecided(f"a formula of {len(source)} characters is too much for Python's compiler") from None
    return scope["value"]  # type: ignore[no-any-return]


def python_source(value: Value, names: Sequence[str]) -> str:
    """The text of a Python function `value` of the `names`, complete with its imports.

    A name that is no plain identifier is replaced by x1, x2, ….
    """
    definition = _definition(value, names)
    errors = [error.__name__ for error in (ConditionError, DivisionByZero) if f"raise {error.__name__}(" in definition]
    return f"from symshape.errors import {', '.join(errors)}\n\n\n{definition}" if errors else definition


def _definition(value: Value, names: Sequence[str]) -> str:
    slots = _slots(names)
    missing = sorted({name.text for name in names_of(value)} - slots.keys())
    if missing:
        raise UnknownName(
            f"{value} depends on {', '.join(missing)}, which is not among {', '.join(names) or 'no names'}"
        )
    above, below = quotient(value)
    locals_ = _fresh("f", slots.values())
    texts: dict[Atom, Text] = {}

    def of(atom: Atom) -> Text:
        if isinstance(atom, Name):
            return slots[atom.text], _ATOM
        return texts[atom] if atom in texts else _atom(atom, of)

    lines: list[str] = []
    for atom in _shared(above, below):
        local = next(locals_)
        lines += [*_guard(atom, of), f"{local} = {_atom(atom, of)[0]}"]
        texts[atom] = local, _ATOM
    lines += _result(value, _value(above, of)[0], _value(below, of)[0], below == 1 and integral(above))
    return "\n    ".join([f"def value({', '.join(slots.values())}):", *lines])


def _result(value: Value, above: str, below: str, whole: bool) -> list[str]:
    if whole:
        return [f"return {above}"]
    sentence = f"{value} is not an integer for these sizes"
    return [
        f"_q, _r = divmod({above}, {below})",
        "if _r:",
        f"    raise ConditionError({sentence!r})",
        "return _q",
    ]


def _guard(atom: Atom, of: Of) -> list[str]:
    """What refuses a divisor that is not positive, where its bounds leave that open."""
    if not _open_divisor(atom):
        return []
    sentence = f"floor division by {atom.divisor}: a divisor is positive"
    return [f"if {_value(atom.divisor, of)[0]} <= 0:", f"    raise DivisionByZero({sentence!r})"]


def _open_divisor(atom: Atom) -> TypeGuard[Floor]:
    return isinstance(atom, Floor) and isinstance(atom.divisor, Poly) and not at_least(atom.divisor, 1)


# -- names -----------------------------------------------------------------------------------------------------------
def _slots(names: Sequence[str]) -> dict[str, str]:
    """The argument that each name becomes."""
    if len(set(names)) < len(names):
        raise UsageError(f"an argument is named twice: {', '.join(names)}")
    slots = _fresh("x", names)
    return {name: name if _is_plain(name) else next(slots) for name in names}


def _is_plain(name: str) -> bool:
    hidden = name.startswith("_") or iskeyword(name) or name in _GLOBALS
    return name.isascii() and name.isidentifier() and not hidden


def _fresh(letter: str, taken: Iterable[str]) -> Iterator[str]:
    """letter1, letter2, …, without those that are taken."""
    return (local for local in (f"{letter}{place}" for place in count(1)) if local not in set(taken))


# -- one numerator and one denominator -------------------------------------------------------------------------------
def quotient(value: Value) -> tuple[Value, Value]:
    """Numerator and positive denominator, both integers by their form (as far as the symbols are)."""
    value = _of_integers(value)
    factor = clearing_factor(value)
    return (value, 1) if factor == 1 else (canonical(value * factor), factor)


def _of_integers(value: Value) -> Value:
    """The value with every fractional extremum or power inside it as a quotient of integral ones."""
    memo: dict[Atom, Value] = {}
    for atom in all_atoms(value):
        if isinstance(atom, Extremum) and not atom.integral:
            options = [substitute(option, {}, memo) for option in atom.parts()]
            factor = clearing_factor(*options)
            memo[atom] = divide((max_of if atom.greatest else min_of)(*(option * factor for option in options)), factor)
        elif isinstance(atom, Exponential) and not at_least(atom.exponent, 0):
            exponent = substitute(atom.exponent, {}, memo)
            up, down = (exponential(atom.base, max_of(e, 0)) for e in (exponent, -exponent))
            memo[atom] = divide(up, down)
    return substitute(value, {}, memo) if memo else value


# -- what is named ---------------------------------------------------------------------------------------------------
def _shared(*values: Value) -> list[Atom]:
    """The atoms that get a line of their own, inner ones first: those written more than once, or to be guarded."""
    uses: Counter[Atom] = Counter()

    def count_use(atom: Atom) -> Text:
        uses[atom] += 1
        return "x", _ATOM

    everything = all_atoms(*values)
    indices = {atom.place for atom in everything if isinstance(atom, Series)}  # known inside their sums only
    atoms = [atom for atom in everything if not isinstance(atom, Name) and not indices & atom.names()]
    for value in values:
        _value(value, count_use)
    for atom in atoms:
        _atom(atom, count_use)
    return [atom for atom in atoms if uses[atom] > 1 or _open_divisor(atom)]


# -- text ------------------------------------------------------------------------------------------------------------
def _value(value: Value, of: Of) -> Text:
    if not isinstance(value, Poly):
        return str(value), _ATOM if value >= 0 else _SUM
    return _sum(_products(value, of) if _shorter_as_products(value) else _horner(value.terms, of))


def _shorter_as_products(value: Poly) -> bool:
    """Whether the products in which the value arose are shorter than Horner's form, and have no fractions."""
    for factors, coefficient in value.products.items():
        if type(coefficient) is not int or any(power < 0 for _, power in factors):
            return False
        if len(value.products) == 1 and [power for _, power in factors] == [1]:
            return False  # the value itself as its only factor
        if not all(all_integral(factor.terms) for factor, _ in factors if isinstance(factor, Poly)):
            return False

    def blank(atom: Atom) -> Text:
        return "x", _ATOM

    return len(_sum(_products(value, blank))[0]) < len(_sum(_horner(value.terms, blank))[0])


def _products(value: Poly, of: Of) -> list[Row]:
    def text(factor: Atom | Poly) -> Text:
        return _value(factor, of) if isinstance(factor, Poly) else of(factor)

    rows: list[Row] = []
    for factors, coefficient in sorted(value.products.items(), key=lambda row: not row[0]):  # the number last
        rows.append((coefficient, sorted((text(factor), power) for factor, power in factors)))
    return rows


def _horner(terms: Terms, of: Of, depth: int = 0) -> list[Row]:
    """Terms that share an atom under one bracket, the most frequent atom first."""
    uses = Counter(atom for monomial in terms for atom, _ in monomial)
    if depth < _DEEPEST and uses and max(uses.values()) > 1:
        common = min(uses, key=lambda atom: (-uses[atom], atom.order))
        inside = {_without(monomial, common): c for monomial, c in terms.items() if common in dict(monomial)}
        outside = {monomial: c for monomial, c in terms.items() if common not in dict(monomial)}
        return [(1, [(of(common), 1), (_sum(_horner(inside, of, depth + 1)), 1)]), *_horner(outside, of, depth)]
    ordered = sorted(terms, key=grading)
    return [(terms[monomial], [(of(atom), power) for atom, power in monomial]) for monomial in ordered]


def _without(monomial: Monomial, atom: Atom) -> Monomial:
    """The monomial divided by the atom."""
    return monomial_times(monomial, ((atom, -1),))


def _sum(rows: list[Row]) -> Text:
    if len(rows) > _WIDEST:  # in brackets by the hundred: Python's compiler recurses along a sum
        rows = [(1, [(_sum(rows[start : start + _WIDEST]), 1)]) for start in range(0, len(rows), _WIDEST)]
    text = ""
    for coefficient, factors in rows:
        product = _product(max(coefficient, -coefficient), factors)
        if len(rows) == 1 and coefficient > 0:
            return product
        if text:
            text += (" + " if coefficient > 0 else " - ") + _bound(product, _QUOTIENT)
        else:
            text = _bound(product, _QUOTIENT) if coefficient > 0 else "-" + _bound(product, _PRODUCT)
    return text or "0", _SUM


def _product(number: Rational, factors: list[tuple[Text, int]]) -> Text:
    texts = [_power(text, power) for text, power in factors]
    if number != 1 or not texts:
        texts.insert(0, (str(number), _ATOM))
    return texts[0] if len(texts) == 1 else ("*".join(_bound(text, _PRODUCT) for text in texts), _PRODUCT)


def _power(text: Text, power: int) -> Text:
    if power == 1:
        return text
    if power == 2 and text[0].isidentifier():
        return f"{text[0]}*{text[0]}", _PRODUCT
    return f"{_bound(text, _ATOM)}**{power}", _POWER


def _bound(text: Text, least: int) -> str:
    """The source, in brackets where it binds less than it must."""
    return text[0] if text[1] >= least else f"({text[0]})"


def _atom(atom: Atom, of: Of) -> Text:
    return _ATOMS[type(atom)](atom, of)


def _floor(atom: Floor, of: Of) -> Text:
    return f"{_bound(_value(atom.number, of), _POWER)}//{_bound(_value(atom.divisor, of), _POWER)}", _QUOTIENT


def _extremum(atom: Extremum, of: Of) -> Text:
    options = ", ".join(_value(option, of)[0] for option in atom.parts())
    return f"{'max' if atom.greatest else 'min'}({options})", _ATOM


def _exponential(atom: Exponential, of: Of) -> Text:
    exponent = _value(atom.exponent, of)
    if atom.base == 2:
        return f"(1 << {_bound(exponent, _PRODUCT)})", _ATOM
    return f"{_bound(_value(atom.base, of), _ATOM)}**{_bound(exponent, _ATOM)}", _POWER


def _series(atom: Series, of: Of) -> Text:
    def inside(part: Atom) -> Text:
        if part is atom.place:
            return atom.place.text, _ATOM
        if _open_divisor(part):
            raise Undecided(f"{atom.term} summed over {atom.place}: a divisor might not be positive")
        return _atom(part, inside) if atom.place in part.names() else of(part)

    term = _value(atom.term, inside)[0]
    return f"sum({term} for {atom.place.text} in range({_value(atom.times, of)[0]}))", _ATOM


_ATOMS: dict[type[Atom], Callable[[Any, Of], Text]] = {
    Floor: _floor,
    Extremum: _extremum,
    Exponential: _exponential,
    Series: _series,
}
