"""Equations that must hold for every value of a symbol: what they say about the others.

Two floors of one size, ⌊(H + a)/c⌋ + p and ⌊(H + b)/d⌋ + q, agree for every large H exactly if c = d and
a + cp = b + dq: the steps say c = d, and then the first size at which they step. A size that is no floor is ⌊H/1⌋.
"""

from __future__ import annotations

from symshape.algebra.atoms import Name
from symshape.algebra.claims import Both, Claim, Compare, Truth, claim_between, every
from symshape.algebra.floors import Floor
from symshape.algebra.poly import Poly, Value, canonical, names_of, substitute
from symshape.errors import Undecided

__all__ = ["for_every"]


def for_every(claim: Truth, symbol: Name) -> Truth:
    """What the claim leaves to the other symbols if it is to hold for every value of `symbol` that is large enough.

    Raises `Undecided` for a claim that is not an equation between single floors of the symbol.

    >>> from symshape.algebra.floors import floor_div
    >>> from symshape.algebra.poly import name
    >>> H, K, S, P = map(name, "HKSP")
    >>> size = floor_div(H + 2*P - K, S) + 1
    >>> print(for_every(claim_between("==", size, H), Name.interned("H", True)).written())
    S == 1 and 2*P + 1 == K
    """
    if isinstance(claim, bool) or symbol not in claim.names():
        return claim
    if isinstance(claim, Both):
        return every([for_every(part, symbol) for part in claim.claims])
    if isinstance(claim, Compare) and claim.op == "==":
        left, right = _single(claim.left, symbol), _single(claim.right, symbol)
        if left is not None and right is not None:
            (a, c), (b, d) = left, right
            same = claim_between("==", c, d)
            if isinstance(same, Compare) and not isinstance(d, Poly):
                a, c = _with(a, c, d), d
            return every([same, claim_between("==", *_balanced(canonical(a - b)))])
    raise Undecided(
        f"whether {_said(claim)} for every {symbol}: only equations between single floors of {symbol} are decided"
    )


def _said(claim: Claim) -> str:
    return str(claim.written())


def _single(value: Value, symbol: Name) -> tuple[Value, Value] | None:
    """(a, c) of a value that is ⌊(symbol + a)/c⌋; its offset goes inside."""
    if symbol not in names_of(value):
        return None
    assert isinstance(value, Poly)
    moving = [monomial for monomial in value.terms if any(symbol in atom.names() for atom, _ in monomial)]
    if len(moving) != 1 or len(moving[0]) != 1 or moving[0][0][1] != 1 or value.terms[moving[0]] != 1:
        return None
    atom = moving[0][0][0]
    rest = canonical(value - Poly.of_atom(atom))
    if atom is symbol:
        return rest, 1
    if not isinstance(atom, Floor) or symbol in names_of(atom.divisor):
        return None
    inside = canonical(atom.number - Poly.of_atom(symbol))
    return None if symbol in names_of(inside) else (canonical(inside + rest * atom.divisor), atom.divisor)


def _balanced(difference: Value) -> tuple[Value, Value]:
    """What is added and what is taken away, so that an equation needs no minus sign."""
    if not isinstance(difference, Poly):
        return difference, 0
    more, less = ({m: c * sign for m, c in difference.terms.items() if c * sign > 0} for sign in (1, -1))
    return canonical(Poly(more)), canonical(Poly(less))


def _with(offset: Value, divisor: Value, known: Value) -> Value:
    """The offset where the divisor, if it is a symbol alone, has its known value."""
    names = names_of(divisor)
    if len(names) == 1 and divisor == Poly.of_atom(next(iter(names))):
        return canonical(substitute(offset, {next(iter(names)): known}))
    return offset
