"""ResNets: the closed forms of the paper's table, and every member against torchvision, timm and Keras."""

from __future__ import annotations

import pytest

from symshape import zoo

from .against import agrees_with_keras, agrees_with_torch, torchvision_models


def test_parameters_in_depths_and_width():
    d = zoo.resnet().derive()
    assert str(d.params) == (
        "17*n1*w**2 + 12*n1*w + 68*n2*w**2 + 24*n2*w + 272*n3*w**2 + 48*n3*w + 1088*n4*w**2 + 96*n4*w "
        "+ 505*w**2 + 32269*w + 1000"
    )
    assert d.at(n1=3, n2=4, n3=6, n4=3, w=64).params == 25_557_032
    assert str(d.domain) == "every size"


@pytest.mark.parametrize("depths", [(1, 1, 1, 1), (2, 1, 3, 1)])
def test_depths_are_unrolled_alike(depths):
    n = dict(zip(("n1", "n2", "n3", "n4"), depths, strict=True))
    sizes = {"H": 97, "W": 64}
    general, special = zoo.resnet().derive().at(**n, w=8, **sizes), zoo.resnet(**n, w=8).derive(**sizes)
    for metric in ("params", "macs", "activations"):
        assert general.value(metric) == special.value(metric)


def test_published_figures():
    d = zoo.resnet50().derive()
    assert d.at(H=224, W=224).macs == 4_089_184_256
    assert str(d["stage4_others"].output_shape) == "(N, ceiling(H/32), ceiling(W/32), 2048)"
    assert zoo.resnet50_keras().derive(H=224, W=224).params == 25_636_712


@pytest.mark.frameworks
@pytest.mark.parametrize(
    "name",
    [
        *("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "wide_resnet50_2", "wide_resnet101_2"),
        *("resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d"),
    ],
)
@pytest.mark.parametrize("size", [(224, 224), (193, 127)])
def test_torchvision(name, size):
    agrees_with_torch(name, getattr(torchvision_models(), name), (3, *size), H=size[0], W=size[1])


@pytest.mark.frameworks
def test_timm():
    torchvision_models()
    import timm

    agrees_with_torch("seresnet50", lambda: timm.create_model("seresnet50"), (3, 224, 224), H=224, W=224)


@pytest.mark.frameworks
@pytest.mark.parametrize("depth", [50, 101, 152])
def test_keras(depth):
    import keras

    make = getattr(keras.applications, f"ResNet{depth}")
    agrees_with_keras(f"resnet{depth}_keras", lambda: make(weights=None), H=224, W=224)
