"""More normalization: closed forms, conditions, errors."""

from __future__ import annotations

import pytest

from symshape.errors import ConditionError, GraphError, UsageError
from symshape.layers import (
    Conv2D,
    Conv2DTranspose,
    Dense,
    Flatten,
    GroupNormalization,
    InstanceNormalization2D,
    LocalResponseNormalization,
    RMSNormalization,
    SpectralNormalization,
    UnitNormalization,
)
from symshape.network import Input, Sequential


def alone(layer, *sizes):
    return Sequential(Input(*sizes), layer).derive()


def test_groups_share_the_channels():
    assert str(alone(GroupNormalization(groups=8), "H", "W", "C").params) == "2*C"
    assert alone(GroupNormalization(groups=8, axis=1, scale=False), 32, "W", "H").params == 32
    with pytest.raises(ConditionError, match="equal shares of the channels"):
        alone(GroupNormalization(groups=5), "H", "W", 32)
    assert str(alone(GroupNormalization(groups="G"), "H", "W", 6).domain["G"]) == "{n : n ≤ 3; or n = 6}"
    with pytest.raises(UsageError, match="one axis"):
        alone(GroupNormalization(groups=5, axis=(1, 2)), "H", "W", 32)


def test_every_channel_by_itself():
    assert alone(GroupNormalization(), "H", "W", 7).params == 14


def test_single_numbers_cannot_be_normalized_in_pytorch():
    layer = GroupNormalization(groups=4, axis=1, several=True)
    with pytest.raises(ConditionError, match="nothing to be normalized by"):
        alone(layer, 4).at(N=1)
    assert alone(layer, 4).at(N=2).params == 8


def test_instances():
    assert alone(InstanceNormalization2D(), 3, "H", "W").params == 0
    d = alone(InstanceNormalization2D(affine=True, tracked=True), "C", "H", "W")
    assert str(d.params) == "2*C"
    assert [w.weight.name for w in d["instance_normalization2d"].weights if w.buffer] == [
        "running_mean",
        "running_var",
        "num_batches_tracked",
    ]
    with pytest.raises(ConditionError, match="need more than one position"):
        alone(InstanceNormalization2D(), 3, 1, 1)
    with pytest.raises(ConditionError, match="as many channels as enter"):
        alone(InstanceNormalization2D(affine=True, in_channels=4), 3, "H", "W")


def test_root_mean_square():
    assert str(alone(RMSNormalization(), "L", "C").params) == "C"
    assert alone(RMSNormalization(shape=(4, 5)), "L", 4, 5).params == 20
    assert alone(RMSNormalization(scale=False), "L", 5).params == 0
    d = alone(RMSNormalization(axis=1), "L", 5)
    assert str(d.domain["L"]) == "{n : n = 5}"
    with pytest.raises(GraphError, match="no last 4 axes"):
        alone(RMSNormalization(shape=(1, 2, 3, 4)), "L", 5)


def test_unit_length():
    d = alone(UnitNormalization(axis=(1, 2)), "H", "W", 3)
    assert (str(d.output_shape), d.params) == ("(N, H, W, 3)", 0)
    with pytest.raises(GraphError, match="axis 4"):
        alone(UnitNormalization(axis=4), "H", "W", 3)


def test_neighbouring_channels():
    assert str(alone(LocalResponseNormalization(5), 3, "H", "W").output_shape) == "(N, 3, H, W)"
    with pytest.raises(GraphError, match="at least 3 dimensions"):
        alone(LocalResponseNormalization(5), 3)


def test_spectral():
    d = alone(SpectralNormalization(Conv2D(8, 3)), "H", "W", "C")
    plain = alone(Conv2D(8, 3), "H", "W", "C")
    assert (d.output_shape, d.macs, d.trainable) == (plain.output_shape, plain.macs, plain.trainable)
    assert d.non_trainable == 8
    assert [w.weight.name for w in d["spectral_normalization"].weights] == [
        "conv2d/kernel",
        "vector_u",
        "conv2d/bias",
    ]


def test_spectral_of_a_transposed_kernel_keeps_one_number_for_each_input_channel():
    assert alone(SpectralNormalization(Conv2DTranspose(8, 3)), "H", "W", 5).non_trainable == 5


def test_spectral_needs_a_kernel():
    with pytest.raises(GraphError, match="neither a kernel nor embeddings"):
        alone(SpectralNormalization(Flatten()), "H", 3)
    with pytest.raises(UsageError, match="at least 1 iteration"):
        SpectralNormalization(Dense(3), 0)
    with pytest.raises(UsageError, match="normalizes the weights of a layer"):
        SpectralNormalization(3)
