"""Adaptive pooling: shapes, fields, errors."""

from __future__ import annotations

import pytest

from symshape.errors import ConditionError, UsageError
from symshape.layers import (
    AdaptiveAveragePooling2D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    FractionalMaxPooling2D,
    FractionalMaxPooling3D,
)
from symshape.network import Input, Network, Sequential


def test_the_size_asked_for_whatever_enters():
    d = Sequential(Input("H", "W", 512), AdaptiveAveragePooling2D(7)).derive()
    assert str(d.output_shape) == "(N, 7, 7, 512)"
    assert (d.params, d.macs) == (0, 0)
    assert d.at(H=3, W=100).output_shape[1:] == (7, 7, 512)


def test_open_and_symbolic_sizes():
    d = Sequential(Input("H", "W", "C"), AdaptiveMaxPooling2D((None, "S"))).derive()
    assert str(d.output_shape) == "(N, H, S, C)"


def test_indices_are_a_second_output():
    x = Input(3, "H", "W")
    values, indices = AdaptiveMaxPooling2D(2, channels="first", return_indices=True)(x)
    assert str(Network(x, (values, indices)).derive().output_shape) == "[(N, 3, 2, 2), (N, 3, 2, 2)]"


def test_one_position_sees_everything():
    def field(size):
        return Sequential(Input("L", 3), AdaptiveMaxPooling1D(size)).derive()["adaptive_max_pooling1d"].receptive_field

    assert field(1).reason == "the whole input"
    assert "depends on the position" in field(2).reason


def test_bad_sizes():
    with pytest.raises(UsageError, match="2 sizes are wanted"):
        AdaptiveAveragePooling2D((1, 2, 3))
    with pytest.raises(ConditionError, match="at least 1"):
        Sequential(Input("H", "W", 3), AdaptiveAveragePooling2D((0, 2))).derive()


def test_windows_at_random():
    d = Sequential(Input("H", "W", 3), FractionalMaxPooling2D(2, ratio=0.5)).derive()
    assert str(d.output_shape) == "(N, floor(H/2), floor(W/2), 3)"
    assert str(d.domain["H"]) == "{n : n ≥ 2}"
    with pytest.raises(ConditionError, match="lie closest"):
        Sequential(Input(6, 6, 3), FractionalMaxPooling2D(3, size=5)).derive()
    with pytest.raises(ConditionError, match="lie closest"):
        Sequential(Input(6, 6, 6, 3), FractionalMaxPooling3D(2, size=5)).derive()
    with pytest.raises(UsageError, match="either the size or the ratio"):
        FractionalMaxPooling2D(2)
    with pytest.raises(UsageError, match="ratios between 0 and 1"):
        FractionalMaxPooling2D(2, ratio=1.5)
