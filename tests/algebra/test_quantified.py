"""Claims at every place: decided at an end, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symshape.algebra.claims import Both, Claim, Compare, claim_between
from symshape.algebra.floors import floor_div
from symshape.algebra.poly import Name, Poly, name
from symshape.algebra.quantified import everywhere
from symshape.errors import Undecided

K = Name.place("k")
k, n, H = Poly.of_atom(K), name("n"), name("H")
HN = Name.interned("H", True), Name.interned("n", True)


@given(
    st.integers(-3, 3),
    st.integers(-5, 5),
    st.sampled_from([">=", "<=", ">", "<", "=="]),
    st.integers(1, 20),
    st.integers(1, 5),
)
def test_linear(slope, offset, op, height, times):
    claim = claim_between(op, H + slope * k + offset, 7)
    if not isinstance(claim, Claim):
        return
    whole = everywhere(claim, K, n)
    here = dict(zip(HN, (height, times), strict=True))
    decided = whole if isinstance(whole, bool) else whole.put(here)
    assert decided == all(claim.put({**here, K: place}) is True for place in range(times))


def test_one_by_one_for_a_number():
    claim = Compare(">=", floor_div(H - k * k, 2), 1)
    whole = everywhere(claim, K, 3)
    assert isinstance(whole, Both)
    assert everywhere(Compare(">=", H, 3), K, n) == Compare(">=", H, 3)


def test_no_direction():
    with pytest.raises(Undecided, match="give numbers"):
        everywhere(Compare(">=", H + 5 * k - k * k, 1), K, n)
