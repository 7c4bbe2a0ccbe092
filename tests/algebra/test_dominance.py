"""Leaving out what is never the greatest: sound at every point, and sharp enough to be of use."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra.dominance import greatest, never_less
from symshape.algebra.floors import ceil_div, floor_div
from symshape.algebra.poly import Name, name, substitute

H, W = name("H"), name("W")
LEAST = {Name.interned("H", True): 16, Name.interned("W", True): 3}


@st.composite
def values(draw):
    """Sums of products of sizes such as layers have."""

    def size(symbol):
        shifted = symbol + draw(st.integers(-3, 3))
        return draw(st.sampled_from((floor_div, ceil_div)))(shifted, draw(st.integers(1, 4))) + draw(st.integers(-2, 2))

    return sum((draw(st.integers(1, 40)) * size(H) * size(W) for _ in range(draw(st.integers(1, 3)))), start=0)


def at(value, h, w):
    return substitute(value, {Name.interned("H", True): h, Name.interned("W", True): w})


@settings(max_examples=40, deadline=None, database=None)
@given(st.lists(values(), min_size=1, max_size=4), st.sampled_from(({}, LEAST)), st.integers(0, 30), st.integers(0, 30))
def test_the_greatest_is_the_greatest(options, least, more_h, more_w):
    point = tuple(least.get(Name.interned(s, True), 1) + more for s, more in (("H", more_h), ("W", more_w)))
    assert at(greatest(options, least), *point) == max(at(option, *point) for option in options)


def test_what_can_be_seen():
    pooled = floor_div(H, 2)
    assert never_less(3 * H * W + 8 * (H - 4) * (W - 3), 8 * (H - 4) * (W - 3), LEAST)
    assert never_less(H, pooled, {})
    assert not never_less(pooled, H, {})
    assert greatest([24 * floor_div(H, 2) * W, 16 * H * W], LEAST) == 16 * H * W
    assert greatest([5, 7], {}) == 7


def test_a_condition_decides():
    assert never_less(H * H, 10 * H, {Name.interned("H", True): 10})
    assert not never_less(H * H, 10 * H, {Name.interned("H", True): 9})
