"""EfficientNetV2: one closed form in width and depth, and every member against torchvision and Keras."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.zoo.efficientnet_v2 import FAMILY

from .against import agrees_with_keras, agrees_with_torch, torchvision_models

SIZES = {name: knobs["resolution"] for name, knobs in FAMILY.presets.items()}
KERAS = [name for name in SIZES if name.endswith("_keras")]


def test_published_figures():
    assert zoo.efficientnet_v2_s().derive().params == 21_458_488
    assert zoo.efficientnet_v2_l().derive().params == 118_515_272


def test_one_form_for_the_scaled_members():
    d = zoo.efficientnet_v2(table="b", statistics="weights").derive(H=97, W=64)
    assert str(d.domain) == "every size"
    for name in ("efficientnet_v2_b0_keras", "efficientnet_v2_b1_keras", "efficientnet_v2_b3_keras"):
        member = FAMILY.presets[name]
        there, special = d.at(w=member["w"], d=member["d"]), zoo.named(name).derive(H=97, W=64)
        assert (there.params, there.macs) == (special.params, special.macs)


@pytest.mark.frameworks
@pytest.mark.parametrize("letter", "sml")
@pytest.mark.parametrize("odd", [False, True])
def test_torchvision(letter, odd):
    name = f"efficientnet_v2_{letter}"
    size = (193, 127) if odd else (SIZES[name], SIZES[name])
    agrees_with_torch(name, getattr(torchvision_models(), name), (3, *size), H=size[0], W=size[1])


@pytest.mark.frameworks
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n[-7] in "ml" else n for n in KERAS])
def test_keras(name):
    import keras

    make = getattr(keras.applications, f"EfficientNetV2{name[16:-6].upper()}")
    agrees_with_keras(name, lambda: make(weights=None), H=SIZES[name], W=SIZES[name])
