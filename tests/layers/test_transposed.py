"""Transposed convolutions: closed forms, conditions, errors."""

from __future__ import annotations

import pytest

from symshape.errors import ConditionError
from symshape.layers import Conv1DTranspose, Conv2DTranspose, MaxUnpooling2D
from symshape.network import Input, Network, Sequential


def alone(layer, *sizes):
    return Sequential(Input(*sizes), layer).derive()


@pytest.mark.parametrize(
    ("options", "height"),
    [
        ({"kernel": 5, "stride": 2, "padding": "same"}, "2*H"),
        ({"kernel": 5, "stride": 2, "padding": "valid"}, "2*H + 3"),
        ({"kernel": 1, "stride": 3, "padding": "valid"}, "3*H"),
        ({"kernel": 4, "stride": 2, "padding": 1}, "2*H"),
        ({"kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}, "2*H"),
        ({"kernel": 3, "stride": 1, "padding": 2, "dilation": 2}, "H"),
        ({"kernel": 2, "stride": 2, "padding": "same", "output_padding": 1}, "2*H - 1"),
        ({"kernel": "K", "stride": 1, "padding": 0}, "H + K - 1"),
    ],
)
def test_output_height(options, height):
    assert str(alone(Conv2DTranspose(8, **options), "H", "W", 3).output_shape[1]) == height


def test_weights_and_work():
    d = alone(Conv2DTranspose(8, 3, stride=2, groups=2), "H", "W", 4)
    assert [w.dims for w in d["conv2d_transpose"].weights] == [(3, 3, 4, 4), (8,)]
    assert d.params == 3 * 3 * 4 * 4 + 8
    assert d.at(H=10, W=10).macs == 10 * 10 * 4 * 3 * 3 * 4  # input positions, not output positions


def test_all_symbols():
    d = alone(Conv1DTranspose("F", "K", stride="S", padding="P"), "L", "C")
    at = d.at(L=7, C=3, F=4, K=5, S=2, P=1)
    assert at.output_shape[1:] == ((7 - 1) * 2 - 2 + 5, 4)
    assert at.params == 5 * 4 * 3 + 4


def test_a_stride_of_one_has_the_field_of_a_convolution():
    d = alone(Conv1DTranspose(1, 3, padding="same"), "L", 1)
    field = d["conv1d_transpose"].receptive_field["L"]
    assert (field.size, field.step, field.start) == (3, 1, -1)


def test_output_padding_stays_below_the_stride():
    with pytest.raises(ConditionError, match="output padding fills up less than one stride"):
        alone(Conv2DTranspose(8, 3, stride=2, output_padding=2), "H", "W", 3)


def test_groups_divide():
    with pytest.raises(ConditionError, match="equal share of the filters"):
        alone(Conv2DTranspose(7, 3, groups=2), "H", "W", 4)


def test_padding_may_eat_everything():
    d = alone(Conv1DTranspose(1, 3, padding=2), "L", 1)
    assert str(d.domain["L"]) == "{n : n ≥ 3}"
    with pytest.raises(ConditionError):
        d.at(L=2)


def test_unpooling():
    x, places = Input("H", "W", 3), Input("H", "W", 3)
    d = Network((x, places), MaxUnpooling2D(2)(x, places)).derive()
    assert str(d.output_shape) == "(N, 2*H, 2*W, 3)"
    assert (d.params, d.macs) == (0, 0)
    x, places = Input("H", "W", 3), Input("H", 5, 3)
    d = Network((x, places), MaxUnpooling2D(3, 2, 1)(x, places)).derive()
    assert [str(demand.claim.written()) for demand in d.demands][-1:] == ["5 == W"]
