"""Inception-ResNet v2: linear in the numbers of its blocks, and against timm and Keras."""

from __future__ import annotations

import pytest

from symshape import zoo

from .against import agrees_with_keras, agrees_with_torch, torchvision_models


def test_parameters_in_depths():
    d = zoo.inception_resnet().derive()
    assert str(d.params) == "123168*n1 + 1126784*n2 + 2035424*n3 + 11721864"
    assert d.at(n1=10, n2=20, n3=10).params == zoo.inception_resnet_v2().derive().params == 55_843_464
    assert zoo.inception_resnet_v2_keras().derive().params == 55_873_736
    assert str(d.domain) == "H >= 75 and W >= 75"


def test_depths_are_unrolled_alike():
    depths, sizes = {"n1": 2, "n2": 1, "n3": 1}, {"H": 97, "W": 128}
    general = zoo.inception_resnet().derive().at(**depths, **sizes)
    special = zoo.inception_resnet(**depths).derive(**sizes)
    for metric in ("params", "macs", "activations"):
        assert general.value(metric) == special.value(metric)


def test_receptive_field_in_depths():
    """A. Araujo, W. Norris and J. Sim, Computing receptive fields of convolutional neural networks, 2019: 3039."""
    field = zoo.inception_resnet().derive().receptive_fields["last_block_c"]["H"]
    assert str(field.size) == "32*n1 + 96*n2 + 64*n3 + 159"
    field = zoo.inception_resnet_v2().derive().receptive_fields["last_block_c"]["H"]
    assert (field.size, field.step, field.start) == (3039, 32, -1482)


@pytest.mark.frameworks
@pytest.mark.parametrize("size", [(299, 299), (193, 128)])
def test_timm(size):
    torchvision_models()
    import timm

    make = lambda: timm.create_model("inception_resnet_v2")  # noqa: E731
    agrees_with_torch("inception_resnet_v2", make, (3, *size), H=size[0], W=size[1])


@pytest.mark.frameworks
@pytest.mark.slow
def test_keras():
    import keras

    make = keras.applications.InceptionResNetV2
    agrees_with_keras("inception_resnet_v2_keras", lambda: make(weights=None), H=299, W=299)
