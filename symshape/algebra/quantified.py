"""Claims at every place from 0 to n − 1: what is left of them when the place is gone.

A difference that grows (or shrinks) from place to place is least (or greatest) at an end, so an inequality holds
everywhere if it holds there.
"""

from __future__ import annotations

from symshape.algebra.atoms import Name
from symshape.algebra.bounds import at_least
from symshape.algebra.claims import Both, Claim, Compare, Truth, claim_between, every
from symshape.algebra.poly import Poly, Value, canonical, substitute
from symshape.errors import Undecided

__all__ = ["everywhere"]


def everywhere(claim: Claim, place: Name, times: Value) -> Truth:
    """The claim at every place = 0 … times − 1, for times ≥ 1; raises `Undecided` where no end decides.

    >>> from symshape.algebra.poly import name
    >>> k = Name.place("k")
    >>> everywhere(Compare(">=", name("H") - 4*Poly.of_atom(k), 1), k, name("n"))
    Compare(op='>=', left=H - 4*n + 4, right=1)
    """
    if place not in claim.names():
        return claim
    if not isinstance(times, Poly):
        return every([claim.put({place: number}) for number in range(int(times))])
    if isinstance(claim, Both):
        return every([everywhere(part, place, times) for part in claim.claims])
    if isinstance(claim, Compare) and (decided := _at_the_end(claim, place, times - 1)) is not None:
        return decided
    raise Undecided(f"whether {claim.written()} at every {place} from 0 to {times - 1} is out of reach: give numbers")


def _at_the_end(claim: Compare, place: Name, last: Value) -> Truth | None:
    """The claim at the end where it is hardest to meet; None where the difference has no direction."""
    difference = canonical(claim.left - claim.right)
    change = canonical(substitute(difference, {place: Poly.of_atom(place) + 1}) - difference)
    grows, shrinks = at_least(change, 0), at_least(-change, 0)
    if claim.op == "==":
        if at_least(change, 1) or at_least(-change, 1):  # it holds at one place at the most
            return every([claim.put({place: 0}), claim_between("==", last, 0)])
    elif claim.op != "!=" and (grows or shrinks):
        return claim.put({place: 0 if grows == (claim.op in (">", ">=")) else last})
    return None
