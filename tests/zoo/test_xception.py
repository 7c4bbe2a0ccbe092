"""Xception: in the depth and width of its middle flow, and against Keras."""

from __future__ import annotations

import pytest

from symshape import zoo

from .against import agrees_with_keras, agrees_with_torch, quietly, torchvision_models


def test_parameters_in_depth_and_width():
    d = zoo.xception_n().derive()
    assert str(d.params) == "3*n*w**2 + 39*n*w + 2*w**2 + 2603*w + 7008776"
    assert d.at(n=8, w=728).params == zoo.xception().derive().params == 22_910_480


def test_published_figures():
    d = zoo.xception().derive(H=299, W=299)
    assert (d.params, d.non_trainable, d.macs) == (22_910_480, 54_528, 8_357_403_496)
    assert zoo.legacy_xception().derive().params == 22_910_480 - 54_528


def test_depths_are_unrolled_alike():
    sizes = {"H": 97, "W": 64}
    general, special = zoo.xception_n().derive().at(n=3, w=16, **sizes), zoo.xception(n=3, w=16).derive(**sizes)
    for metric in ("params", "macs", "activations"):
        assert general.value(metric) == special.value(metric)


@pytest.mark.frameworks
def test_keras():
    import keras

    make = keras.applications.Xception
    agrees_with_keras("xception", lambda: make(weights=None), H=299, W=299)


@pytest.mark.frameworks
def test_products_of_keras():
    import keras
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    size = (71, 96)
    with quietly():
        model = keras.applications.Xception(weights=None, input_shape=(*size, 3))
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model(torch.zeros(1, *size, 3))
    assert 2 * zoo.xception().derive(H=size[0], W=size[1]).macs == counter.get_total_flops()


@pytest.mark.frameworks
@pytest.mark.parametrize("size", [(299, 299), (150, 149)])
def test_timm(size):
    """Its separable convolutions are two modules each."""
    torchvision_models()
    import timm

    make = lambda: timm.create_model("legacy_xception")  # noqa: E731
    agrees_with_torch("legacy_xception", make, (3, *size), H=size[0], W=size[1])
