"""Inception v4: linear in the numbers of its blocks, and against timm."""

from __future__ import annotations

import pytest

from symshape import zoo

from .against import agrees_with_torch, torchvision_models


def test_parameters_in_depths():
    d = zoo.inception_v4_n().derive()
    assert str(d.params) == "317632*n1 + 2936256*n2 + 4553088*n3 + 7196232"
    assert d.at(n1=4, n2=7, n3=3).params == zoo.inception_v4().derive().params == 42_679_816
    assert str(d.domain) == "H >= 75 and W >= 75"


def test_depths_are_unrolled_alike():
    depths, sizes = {"n1": 2, "n2": 1, "n3": 2}, {"H": 97, "W": 128}
    general, special = zoo.inception_v4_n().derive().at(**depths, **sizes), zoo.inception_v4(**depths).derive(**sizes)
    for metric in ("params", "macs", "activations"):
        assert general.value(metric) == special.value(metric)


def test_receptive_field_in_depths():
    """A. Araujo, W. Norris and J. Sim, Computing receptive fields of convolutional neural networks, 2019: 2071."""
    field = zoo.inception_v4_n().derive().receptive_fields["blocks_c"]["H"]
    assert str(field.size) == "32*n1 + 192*n2 + 128*n3 + 215"
    field = zoo.inception_v4().derive().receptive_fields["blocks_c"]["H"]
    assert (field.size, field.step, field.start) == (2071, 32, -998)


@pytest.mark.frameworks
@pytest.mark.parametrize("size", [(299, 299), (193, 128)])
def test_timm(size):
    torchvision_models()
    import timm

    make = lambda: timm.create_model("inception_v4")  # noqa: E731
    agrees_with_torch("inception_v4", make, (3, *size), H=size[0], W=size[1])
