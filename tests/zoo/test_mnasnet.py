"""MNASNets: the closed form in the width multiplier, and every member against torchvision."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.zoo.mnasnet import FAMILY

from .against import agrees_with_torch, torchvision_models


def test_one_form_for_all_members():
    d = zoo.mnasnet().derive(H=97, W=64)
    assert str(d.domain) == "every size"
    for name, knobs in FAMILY.presets.items():
        there, special = d.at(**knobs), zoo.named(name).derive(H=97, W=64)
        assert (there.params, there.macs) == (special.params, special.macs)


@pytest.mark.frameworks
@pytest.mark.parametrize("name", FAMILY.presets)
@pytest.mark.parametrize("size", [(224, 224), (193, 127)])
def test_torchvision(name, size):
    agrees_with_torch(name, getattr(torchvision_models(), name), (3, *size), H=size[0], W=size[1])
