"""EfficientNet: one closed form in width and depth, and every member against torchvision and Keras."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.zoo.efficientnet import FAMILY

from .against import agrees_with_keras, agrees_with_torch, torchvision_models

SIZES = {name: knobs["resolution"] for name, knobs in FAMILY.presets.items()}
TORCHVISION = [name for name in SIZES if not name.endswith("_keras")]
SLOW = ("efficientnet_b5", "efficientnet_b6", "efficientnet_b7")


def test_published_figures():
    d = zoo.efficientnet_b0().derive(H=224, W=224)
    assert (d.params, d.macs) == (5_288_548, 385_814_752)
    keras = zoo.efficientnet_b0_keras().derive(H=224, W=224)
    assert (keras.params, keras.non_trainable, keras.macs) == (5_330_571, 42_023, 385_814_752)


def test_one_form_for_all_members():
    d = zoo.efficientnet().derive(W="H")
    assert str(d.domain) == "every size"
    assert "ceiling(4*d)" in str(d.params)
    for name in ("efficientnet_b0", "efficientnet_b3", "efficientnet_b7"):
        member = FAMILY.presets[name]
        there = d.at(w=member["w"], d=member["d"], H=member["resolution"])
        special = zoo.named(name).derive(H=member["resolution"], W=member["resolution"])
        for metric in ("params", "macs", "activations"):
            assert there.value(metric) == special.value(metric)


def test_note_says_which_form():
    assert "4 times as wide as the last stage (torchvision)" in zoo.efficientnet_b0().note
    assert "7 numbers that are not trained (Keras)" in zoo.efficientnet_b0_keras().note


@pytest.mark.frameworks
@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvision(name):
    make = getattr(torchvision_models(), name)
    agrees_with_torch(name, make, (3, SIZES[name], SIZES[name]), H=SIZES[name], W=SIZES[name])


@pytest.mark.frameworks
@pytest.mark.parametrize("name", ["efficientnet_b0", "efficientnet_b3"])
def test_torchvision_odd_size(name):
    agrees_with_torch(name, getattr(torchvision_models(), name), (3, 193, 127), H=193, W=127)


@pytest.mark.frameworks
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in TORCHVISION])
def test_keras(name):
    import keras

    make = getattr(keras.applications, f"EfficientNetB{name[-1]}")
    agrees_with_keras(f"{name}_keras", lambda: make(weights=None), H=SIZES[name], W=SIZES[name])
