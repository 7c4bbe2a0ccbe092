"""Layers that move numbers: shapes in symbols, conditions, errors."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symshape.errors import ConditionError, GraphError, UnsupportedLayer, UsageError
from symshape.layers import (
    ChannelShuffle,
    CircularPadding2D,
    Fold,
    PixelShuffle,
    PixelUnshuffle,
    ReflectionPadding1D,
    ReplicationPadding3D,
    Unflatten,
    Unfold,
    Upsample,
)
from symshape.network import Input, Sequential


def alone(layer, *sizes):
    return Sequential(Input(*sizes), layer).derive()


@pytest.mark.parametrize(
    ("layer", "sizes", "shape"),
    [
        (PixelShuffle("r"), ("C*r**2", "H", "W"), "(N, C, H*r, W*r)"),
        (PixelShuffle(2), (5, 12, "H", "W"), "(N, 5, 3, 2*H, 2*W)"),
        (PixelUnshuffle(2), (3, "2*H", "2*W"), "(N, 12, H, W)"),
        (ChannelShuffle(3), (6, "H", "W"), "(N, 6, H, W)"),
        (Unfold(3, padding=1), ("C", "H", "W"), "(N, 9*C, H*W)"),
        (Fold((4, 6), 2, stride=2), ("4*C", 6), "(N, C, 4, 6)"),
        (Unflatten(1, (2, -1)), ("2*C",), "(N, 2, C)"),
        (ReflectionPadding1D((1, 2)), ("L", 3), "(N, L + 3, 3)"),
        (ReplicationPadding3D(1), ("D", "H", "W", 3), "(N, D + 2, H + 2, W + 2, 3)"),
        (CircularPadding2D(2, channels="first"), (3, "H", "W"), "(N, 3, H + 4, W + 4)"),
        (Upsample(7), (3, "H", "W"), "(N, 3, 7, 7)"),
        (Upsample(factor=2.0), (3, "L"), "(N, 3, 2*L)"),
        (Upsample(factor=(0.5, 2), mode="bilinear"), (3, "H", "W"), "(N, 3, floor(H/2), 2*W)"),
    ],
)
def test_shapes(layer, sizes, shape):
    d = alone(layer, *sizes)
    assert str(d.output_shape) == shape
    assert (d.params, d.macs) == (0, 0)


def test_shuffling_undoes_unshuffling():
    d = Sequential(Input(3, "H", "W"), PixelUnshuffle("r"), PixelShuffle("r")).derive()
    assert str(d.output_shape) == "(N, 3, H, W)"


@pytest.mark.parametrize(
    ("layer", "sizes", "message"),
    [
        (PixelShuffle(2), (6, 4, 4), "filled from channels"),
        (PixelUnshuffle(2), (6, 4, 5), "whole squares"),
        (ChannelShuffle(4), (6, 4, 4), "equal shares of the channels"),
        (Unfold(5), (3, 4, 8), "a window fits into the map"),
        (Fold((4, 6), 2, stride=2), (12, 5), "one column for each window"),
        (Fold((4, 6), 2, stride=2), (11, 6), "a number for each position"),
        (Fold(1, 2), (12, 6), "a window fits"),
        (Unflatten(1, (2, 3)), (7,), "make up the axis"),
        (Unflatten(1, (2, -1)), (7,), "divide the axis"),
        (ReflectionPadding1D(4), (4, 3), "shorter than the map"),
        (CircularPadding2D(5), (4, 8, 3), "goes round"),
        (Upsample(factor=0.25), (3, 3), "at least 1"),
    ],
)
def test_conditions(layer, sizes, message):
    with pytest.raises(ConditionError, match=message):
        alone(layer, *sizes)


def test_domain_of_an_unshuffle():
    assert str(alone(PixelUnshuffle(4), 3, "H", "W").domain["H"]) == "{n : n a multiple of 4}"


def test_factors_whose_products_would_be_rounded():
    with pytest.raises(UnsupportedLayer, match="lies below the fraction"):
        Upsample(factor=0.7)
    assert Upsample(factor=0.1).factor == (Fraction(1, 10),)
    for bad in (0, -1.0, float("nan"), "2"):
        with pytest.raises(UsageError):
            Upsample(factor=bad)


def test_bad_use():
    with pytest.raises(UsageError, match="either the size or the factor"):
        Upsample()
    with pytest.raises(UsageError, match="the mode is one of"):
        Upsample(2, mode="cubic")
    with pytest.raises(UsageError, match="no corners to align"):
        Upsample(2, aligned=True)
    with pytest.raises(GraphError, match="not for an input with 4 dimensions"):
        alone(Upsample(2, mode="linear"), 3, 4, 4)
    with pytest.raises(GraphError, match="at least 4 dimensions"):
        alone(PixelShuffle(2), 4, 4)
    with pytest.raises(GraphError, match="at least 3 dimensions"):
        alone(ChannelShuffle(2), 4)
    with pytest.raises(GraphError, match="axis 3"):
        alone(Unflatten(3, (1, 2)), 4, 4)
    with pytest.raises(UsageError, match="is no shape"):
        Unflatten(1, (-1, -1))


def test_maps_are_brought_to_a_size_with_channels_last():
    d = Sequential(Input("H", "W", "C"), Upsample((9, "2*W"), channels="last")).derive()
    assert str(d.output_shape) == "(N, 9, 2*W, C)"
