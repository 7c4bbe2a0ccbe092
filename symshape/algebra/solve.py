"""The positive integers at which a claim about one symbol holds, as an exact periodic set.

Claims about ⌊(aH + b)/c⌋ are inverted directly. Everything else goes by residue classes: on each class the claim is
about an integer polynomial, whose sign intervals are found exactly. A floor whose divisor is the unknown itself, as in
⌊27/S⌋, is constant from some size on; below it the sizes are tried one by one.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import ceil, floor, gcd

from symshape.algebra.atoms import Atom, Name
from symshape.algebra.bounds import clearing_factor
from symshape.algebra.claims import Both, Compare, Either, Part, Truth, claim_between, divisibility, every
from symshape.algebra.extrema import Extremum
from symshape.algebra.floors import Floor, modulo
from symshape.algebra.period import classes, degree, extrema_in, period
from symshape.algebra.periodic import LIMIT, PeriodicSet
from symshape.algebra.poly import Poly, Value, all_atoms, canonical, names_of, substitute
from symshape.algebra.signs import nonnegative, zeros
from symshape.algebra.terms import Rational
from symshape.errors import DivisionByZero, Undecided

__all__ = ["solution"]

_STEP = Name.interned("·t", True)


def solution(claim: Truth, symbol: Name) -> PeriodicSet:
    """Every positive integer value of `symbol`, the claim's only one, at which the claim holds.

    Sizes at which the claim is undefined do not count. Raises `Undecided` where the answer is beyond reach.

    >>> from symshape.algebra.floors import floor_div
    >>> from symshape.algebra.poly import name
    >>> last = floor_div(name("H"), 4) - 3
    >>> solution(claim_between("==", 16*last*last, 400), Name.interned("H", True))
    {n : 32 ≤ n ≤ 35}
    """
    if isinstance(claim, bool):
        return PeriodicSet.everything() if claim else PeriodicSet.nothing()
    if isinstance(claim, Both):
        return reduce(lambda a, b: a & b, (solution(part, symbol) for part in claim.claims))
    if isinstance(claim, Either):
        return reduce(lambda a, b: a | b, (solution(part, symbol) for part in claim.claims))
    assert isinstance(claim, (Compare, Part))
    if not symbol.integral:
        raise Undecided(f"{symbol} is a rational number: only integers are solved for")
    return _multiples(claim, symbol) if isinstance(claim, Part) else _comparison(claim, symbol)


def _comparison(claim: Compare, symbol: Name) -> PeriodicSet:
    difference = canonical(claim.left - claim.right)
    opened = extrema_in(difference)
    if opened is not None:
        return _by_cases(claim, opened, symbol)
    shrinking = _shrinking(difference, symbol)
    if shrinking:
        return _near_and_far(claim, shrinking, symbol)
    return _sign(claim.op, canonical(difference * clearing_factor(difference)), symbol)


def _sign(op: str, value: Value, symbol: Name) -> PeriodicSet:
    """Where value op 0, for an integer value."""
    if op == "<":
        return _sign(">=", -value - 1, symbol)
    if op == "<=":
        return _sign(">=", -value, symbol)
    if op == ">":
        return _sign(">=", value - 1, symbol)
    if op == "!=":
        return ~_sign("==", value, symbol)
    value = canonical(value)
    if not isinstance(value, Poly):
        return PeriodicSet.everything() if (value == 0 if op == "==" else value >= 0) else PeriodicSet.nothing()
    direct = _inverted(op, value, symbol)
    return direct if direct is not None else _by_classes(op, value, symbol)


# -- one floor: ct ≤ aH + b ≤ ct + c − 1 -----------------------------------------------------------------------------
def _inverted(op: str, value: Poly, symbol: Name) -> PeriodicSet | None:
    """k·⌊(aH + b)/c⌋ + q op 0 with a > 0, inverted; None for any other form."""
    shape = _single_floor(value, symbol)
    if shape is None:
        return None
    k, a, b, c, q = shape
    if op == "==":
        target = -Fraction(q) / k
        if target.denominator != 1:
            return PeriodicSet.nothing()
        low, high = c * target.numerator - b, c * target.numerator - b + c - 1
        return PeriodicSet.interval(ceil(Fraction(low) / a), floor(Fraction(high) / a))
    if k > 0:  # the floor is at least t
        t = ceil(-Fraction(q) / k)
        return PeriodicSet.interval(ceil(Fraction(c * t - b) / a), None)
    t = floor(-Fraction(q) / k)  # the floor is at most t
    return PeriodicSet.interval(1, floor(Fraction(c * t + c - 1 - b) / a))


def _single_floor(value: Poly, symbol: Name) -> tuple[Rational, Rational, Rational, int, Rational] | None:
    terms = dict(value.terms)
    q = terms.pop((), 0)
    if len(terms) != 1:
        return None
    ((monomial, k),) = terms.items()
    if len(monomial) != 1 or monomial[0][1] != 1:
        return None
    atom = monomial[0][0]
    if atom is symbol:
        return k, 1, 0, 1, q
    if not isinstance(atom, Floor) or not isinstance(atom.divisor, int):
        return None
    inner = dict(atom.number.terms)
    b = inner.pop((), 0)
    if list(inner) != [((symbol, 1),)]:
        return None
    (a,) = inner.values()
    return (k, a, b, atom.divisor, q) if a > 0 else None


# -- residue classes -------------------------------------------------------------------------------------------------
def _by_classes(op: str, value: Poly, symbol: Name) -> PeriodicSet:
    modulus = period(value, symbol)
    _affordable(modulus, value)
    always: list[int] = []
    pieces: list[PeriodicSet] = []
    for residue, part in classes(value, symbol, modulus, _STEP):
        coefficients = _coefficients(part, _STEP)
        if op == "==":
            roots = zeros(coefficients)
            if roots is None:
                always.append(residue)
            else:
                pieces.append(PeriodicSet.of(modulus * t + residue for t in roots))
            continue
        spans = nonnegative(coefficients)
        if spans == ((0, None),):
            always.append(residue)
            continue
        for low, high in spans:
            end = None if high is None else modulus * high + residue
            pieces.append(
                PeriodicSet.congruent(modulus, [residue]) & PeriodicSet.interval(modulus * low + residue, end)
            )
    return _united([PeriodicSet.congruent(modulus, always), *pieces])


def _united(sets: list[PeriodicSet]) -> PeriodicSet:
    """The union, by halves, so that equal runs meet early."""
    while len(sets) > 1:
        sets = [reduce(lambda a, b: a | b, sets[i : i + 2]) for i in range(0, len(sets), 2)]
    return sets[0]


def _coefficients(value: Value, symbol: Name) -> list[Rational]:
    """The coefficients of the value as a polynomial in the symbol, the constant first."""
    if not isinstance(value, Poly):
        return [value]
    found: list[Rational] = [0] * (degree(value, symbol) + 1)
    for monomial, coefficient in value.terms.items():
        if any(atom is not symbol for atom, _ in monomial):
            raise Undecided(f"{value} is no polynomial in {symbol} alone")
        found[monomial[0][1] if monomial else 0] = coefficient
    return found


# -- divisibility ----------------------------------------------------------------------------------------------------
def _multiples(claim: Part, symbol: Name) -> PeriodicSet:
    opened = extrema_in(claim.divisor) or extrema_in(claim.number)
    if opened is not None:
        return _by_cases(claim, opened, symbol)
    factor = clearing_factor(claim.divisor, claim.number)
    divisor, number = canonical(claim.divisor * factor), canonical(claim.number * factor)
    if isinstance(divisor, Poly):  # as a remainder: divisors of a number are found one by one
        return solution(claim_between("==", modulo(number, divisor), 0), symbol)
    assert isinstance(divisor, int)
    assert isinstance(number, Poly)
    modulus = period(number, symbol) * divisor
    if list(number.terms.keys() - {()}) == [((symbol, 1),)]:
        modulus = divisor // gcd(divisor, int(number.terms[((symbol, 1),)]))
    _affordable(modulus, number)
    members = (r for r, part in classes(number, symbol, modulus, _STEP) if _constant(part) % divisor == 0)
    return PeriodicSet.congruent(modulus, members)


def _constant(value: Value) -> Rational:
    return value.terms.get((), 0) if isinstance(value, Poly) else value


def _affordable(steps: int, value: Value) -> None:
    if steps > LIMIT:
        raise Undecided(f"{value} has more than {LIMIT:,} cases to go through ({steps:,})")


# -- floors whose divisor is the unknown -----------------------------------------------------------------------------
def _shrinking(value: Value, symbol: Name) -> list[Floor]:
    """The floors of the value that divide by something with the symbol in it."""
    return [atom for atom in all_atoms(value) if isinstance(atom, Floor) and symbol in names_of(atom.divisor)]


def _near_and_far(claim: Compare, shrinking: list[Floor], symbol: Name) -> PeriodicSet:
    settled = [_settled(atom, symbol) for atom in shrinking]
    start = max(low for low, _ in settled)
    _affordable(start, claim.left - claim.right)
    limits: dict[Atom, Value] = {atom: limit for atom, (_, limit) in zip(shrinking, settled, strict=True)}
    left, right = substitute(claim.left, {}, limits.copy()), substitute(claim.right, {}, limits.copy())
    far = solution(claim_between(claim.op, left, right), symbol) & PeriodicSet.interval(start, None)
    return far | PeriodicSet.of(size for size in range(1, start) if _holds(claim, symbol, size))


def _settled(atom: Floor, symbol: Name) -> tuple[int, int]:
    """From which size on ⌊p/q⌋ is constant, and that constant: 0 where 0 ≤ p < q, −1 where −q ≤ p < 0."""
    p, q = atom.number, atom.divisor
    for limit, tests in ((0, (p, q - p - 1)), (-1, (-p - 1, q + p))):
        spans = [nonnegative(_coefficients(test, symbol)) for test in tests]
        if all(span and span[-1][1] is None for span in spans):
            return max(1, *(span[-1][0] for span in spans)), limit
    raise Undecided(f"{Poly.of_atom(atom)} divides by {symbol} and never settles")


def _holds(claim: Compare, symbol: Name, size: int) -> bool:
    try:
        return claim.put({symbol: size}) is True
    except DivisionByZero:  # undefined there
        return False


# -- minima and maxima: one case per option --------------------------------------------------------------------------
def _by_cases(claim: Compare | Part, opened: Extremum, symbol: Name) -> PeriodicSet:
    op = ">=" if opened.greatest else "<="
    cases = []
    for chosen in opened.parts():
        rules: list[Truth] = [claim_between(op, chosen, other) for other in opened.parts() if other is not chosen]
        cases.append(solution(every([*rules, _with(claim, opened, chosen)]), symbol))
    return _united(cases)


def _with(claim: Compare | Part, opened: Extremum, chosen: Value) -> Truth:
    """The claim with one extremum settled: substitution looks into its memo before it looks inside an atom."""
    memo: dict[Atom, Value] = {opened: chosen}
    if isinstance(claim, Part):
        return divisibility(substitute(claim.divisor, {}, memo), substitute(claim.number, {}, memo))
    return claim_between(claim.op, substitute(claim.left, {}, memo), substitute(claim.right, {}, memo))
