"""LeCun's layers: weights and operations as his paper counts them."""

from __future__ import annotations

import pytest

from symshape import Input, Sequential
from symshape.errors import ConditionError, UsageError
from symshape.layers import RadialBasis, Subsampling2D, TableConv2D

TABLE = ((0, 1), (1, 2), (0, 1, 2))


def test_subsampling_has_a_coefficient_and_a_bias_for_each_channel():
    d = Sequential(Input("H", "W", "C"), Subsampling2D(2)).derive()
    assert str(d.output_shape) == "(N, floor(H/2), floor(W/2), C)"
    assert str(d.params) == "2*C"
    assert d.macs == 0
    assert str(d.receptive_fields["subsampling2d"]["H"].size) == "2"


def test_connections_of_a_table():
    d = Sequential(Input("H", "W", "C"), TableConv2D(TABLE, "K")).derive()
    assert str(d.params) == "7*K**2 + 3"
    assert str(d.at(K=5).macs) == "175*(H - 4)*(W - 4)"
    assert d.domain["C"].words("C") == "C ≥ 3"


def test_a_table_of_all_channels_is_a_convolution():
    from symshape.layers import Conv2D

    full = tuple(tuple(range(6)) for _ in range(16))
    ours = Sequential(Input("H", "W", 6), TableConv2D(full, 5, stride=2, padding=1)).derive()
    conv = Sequential(Input("H", "W", 6), Conv2D(16, 5, stride=2, padding=1)).derive()
    for quantity in ("params", "macs", "output_shape"):
        assert getattr(ours, quantity) == getattr(conv, quantity)


@pytest.mark.parametrize("layer", [Subsampling2D(3, padding="same"), TableConv2D(TABLE, 3, padding="same")])
def test_padding_by_a_word(layer):
    d = Sequential(Input("H", "W", 3), layer).derive()
    kept = "ceiling(H/3)" if isinstance(layer, Subsampling2D) else "H"
    assert str(d.output_shape[1]) == kept
    assert d.at(H=9, W=9).receptive_fields[d.network.nodes[-1].name]["H"].size == 3


def test_a_table_that_names_a_channel_too_many_is_refused():
    with pytest.raises(ConditionError, match="the input has every channel that the table names"):
        Sequential(Input("H", "W", 2), TableConv2D(TABLE, 3)).derive()


@pytest.mark.parametrize("table", [3, (), ((),), ((0, 0),), ((-1,),), ((0.5,),), (0, 1)])
def test_what_is_no_table_is_refused(table):
    with pytest.raises(UsageError, match="a row for each filter"):
        TableConv2D(table, 3)


def test_distances():
    d = Sequential(Input("L", "C"), RadialBasis("U", trainable=False)).derive()
    assert str(d.output_shape) == "(N, L, U)"
    assert str(d.non_trainable) == "C*U"
    assert str(d.macs) == "C*L*U"
