"""VGGs: closed forms in depths and width, and every member against torchvision and Keras."""

from __future__ import annotations

import pytest

from symshape import zoo

from .against import agrees_with_keras, agrees_with_torch, torchvision_models

MEMBERS = ["vgg11", "vgg13", "vgg16", "vgg19"]
BLOCKS = ("n1", "n2", "n3", "n4", "n5")


def test_parameters_in_depths_and_width():
    d = zoo.vgg().derive()
    assert str(d.params) == (
        "9*n1*w**2 + n1*w + 36*n2*w**2 + 2*n2*w + 144*n3*w**2 + 4*n3*w + 576*n4*w**2 + 8*n4*w + 576*n5*w**2 + 8*n5*w "
        "- 387*w**2 + 1605659*w + 20882408"
    )
    assert str(d.domain) == "H >= 32 and W >= 32"


@pytest.mark.parametrize(
    ("name", "millions"),  # table 2 of the paper: A, B, D and E
    [("vgg11", 133), ("vgg13", 133), ("vgg16", 138), ("vgg19", 144)],
)
def test_parameters_of_the_paper(name, millions):
    assert round(zoo.named(name).derive().params / 1e6) == millions


def test_depths_are_unrolled_alike():
    depths, sizes = dict(zip(BLOCKS, (1, 2, 3, 1, 2), strict=True)), {"H": 97, "W": 64}
    general, special = zoo.vgg().derive().at(**depths, w=8, **sizes), zoo.vgg(**depths, w=8).derive(**sizes)
    for metric in ("params", "macs", "activations"):
        assert general.value(metric) == special.value(metric)


def test_without_the_averaging_the_dense_layers_grow_with_the_map():
    d = zoo.vgg16_keras().derive()
    assert str(d.params) == "2097152*floor(H/32)*floor(W/32) + 35597096"
    assert d.at(H=224, W=224).params == zoo.vgg16().derive().params == 138_357_544


def test_receptive_field_in_depths():
    """A. Araujo, W. Norris and J. Sim, Computing receptive fields of convolutional neural networks, 2019: 212 for VGG-16."""
    field = zoo.vgg().derive().receptive_fields["max_pooling2d_4"]["H"]
    assert str(field.size) == "2*n1 + 4*n2 + 8*n3 + 16*n4 + 32*n5 + 32"
    assert zoo.vgg16().derive().receptive_fields["max_pooling2d_4"]["H"].size == 212


@pytest.mark.frameworks
@pytest.mark.parametrize("name", [*MEMBERS, *(f"{name}_bn" for name in MEMBERS)])
@pytest.mark.parametrize("size", [(224, 224), (193, 127)])
def test_torchvision(name, size):
    agrees_with_torch(name, getattr(torchvision_models(), name), (3, *size), H=size[0], W=size[1])


@pytest.mark.frameworks
@pytest.mark.parametrize("depth", [16, pytest.param(19, marks=pytest.mark.slow)])
def test_keras(depth):
    import keras

    make = getattr(keras.applications, f"VGG{depth}")
    agrees_with_keras(f"vgg{depth}_keras", lambda: make(weights=None), H=224, W=224)
