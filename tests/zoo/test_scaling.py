"""Scaled widths and depths: exact where published code computes in floats."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symshape.algebra.poly import Name, canonical, substitute
from symshape.errors import UsageError
from symshape.zoo.blocks.scaling import make_divisible, multiplier, rounded, times

WIDTHS = (16, 24, 32, 40, 48, 64, 72, 80, 96, 112, 120, 160, 184, 192, 200, 240, 320, 480, 576, 672, 960, 1024, 1280)
DECIMALS = ("0.25", "0.35", "0.5", "0.75", "1", "1.1", "1.2", "1.3", "1.4", "1.6", "1.8", "2", "2.2", "2.6", "3.1")


def test_multipliers():
    assert multiplier(1.4) == multiplier("1.4") == Fraction(7, 5)
    assert multiplier(2) == 2
    with pytest.raises(UsageError, match="positive"):
        multiplier(-0.5)


@pytest.mark.parametrize("function", [make_divisible, rounded])
def test_symbol_and_number_agree(function):
    alpha = Name.rational("alpha")
    for width in WIDTHS:
        general = function(width * multiplier("alpha"))
        for number in (Fraction(p, q) for q in (1, 3, 7, 20) for p in range(1, 60)):
            assert canonical(substitute(general, {alpha: number})) == function(width * number)


def test_widths_are_at_least_8_and_lose_at_most_a_tenth():
    for width in (Fraction(p, 7) for p in range(1, 2000)):
        wide = make_divisible(width)
        assert wide % 8 == 0
        assert wide >= max(8, Fraction(9, 10) * width)
        assert wide < width + 8 or wide == 8


@pytest.mark.frameworks
def test_published_functions():
    from keras.src.applications.efficientnet_v2 import round_filters, round_repeats
    from keras.src.applications.mobilenet_v2 import _make_divisible

    from .against import torchvision_models

    torchvision = torchvision_models()._utils._make_divisible
    for decimal in DECIMALS:
        for width in WIDTHS:
            scaled = make_divisible(width * multiplier(decimal))
            assert scaled == torchvision(width * float(decimal), 8) == _make_divisible(width * float(decimal), 8)
            assert rounded(width * multiplier(decimal)) == round_filters(width, float(decimal), 8, 8)
        for depth in range(1, 10):
            # 3.1 * 10 and the like come out right in floats; 1.1 * 10 would not, and no network has a 10 there
            assert times(depth, multiplier(decimal)) == round_repeats(depth, float(decimal))
