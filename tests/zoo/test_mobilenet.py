"""MobileNets, v1 to v3: closed forms in the width multiplier, and every member against torchvision and Keras."""

from __future__ import annotations

import pytest

from symshape import zoo

from .against import agrees_with_keras, agrees_with_torch, keras_macs, quietly, torchvision_models

ALPHAS = {"_035": 0.35, "_050": 0.5, "_075": 0.75, "": 1.0, "_130": 1.3, "_140": 1.4}


def test_published_figures():
    assert zoo.mobilenet().derive(H=224, W=224).macs == 568_740_352
    assert zoo.mobilenet_v2().derive(H=224, W=224).macs == 300_774_272
    assert zoo.mobilenet_v2_keras().derive().params == 3_538_984


def test_v1_pads_behind_at_every_size():
    behind, same = zoo.mobilenet().derive(), zoo.mobilenet(padding="same").derive()
    assert str(behind.layers["middle"].output_shape) == "(N, floor((H + 1)/16), floor((W + 1)/16), 512)"
    assert str(same.layers["middle"].output_shape) == "(N, ceiling(H/16), ceiling(W/16), 512)"


def test_v1_in_the_multiplier():
    d = zoo.mobilenet_v1(n=5).derive(H=224, W=224)
    assert str(d.domain).startswith("floor(32*alpha) >= 1")
    for name, alpha in (("mobilenet", 1), ("mobilenet_075", "0.75"), ("mobilenet_025", "0.25")):
        there, preset = d.at(alpha=alpha), zoo.named(name).derive(H=224, W=224)
        assert (there.params, there.macs) == (preset.params, preset.macs)


@pytest.mark.parametrize("form", ["", "_keras"])
def test_v2_in_the_multiplier(form):
    preset = f"mobilenet_v2{form}"
    d = zoo.named(preset, alpha="alpha").derive(H=97, W=64)
    assert str(d.domain) == "every size"
    for alpha in ("0.35", "1", "1.4"):
        there, special = d.at(alpha=alpha), zoo.named(preset, alpha=alpha).derive(H=97, W=64)
        assert (there.params, there.macs) == (special.params, special.macs)


@pytest.mark.frameworks
@pytest.mark.parametrize("suffix", ALPHAS)
@pytest.mark.parametrize("size", [(224, 224), (193, 127)])
def test_v2_torchvision(suffix, size):
    make = torchvision_models().mobilenet_v2
    alpha = ALPHAS[suffix]
    agrees_with_torch(f"mobilenet_v2{suffix}", lambda: make(width_mult=alpha), (3, *size), H=size[0], W=size[1])


@pytest.mark.frameworks
@pytest.mark.parametrize("suffix", ALPHAS)
def test_v2_keras(suffix):
    import keras

    make = keras.applications.MobileNetV2
    agrees_with_keras(f"mobilenet_v2{suffix}_keras", lambda: make(alpha=ALPHAS[suffix], weights=None), H=224, W=224)


@pytest.mark.frameworks
@pytest.mark.parametrize(("suffix", "alpha"), [("", 1.0), ("_075", 0.75), ("_050", 0.5), ("_025", 0.25)])
def test_v1_keras(suffix, alpha):
    import keras

    agrees_with_keras(
        f"mobilenet{suffix}", lambda: keras.applications.MobileNet(alpha=alpha, weights=None), H=224, W=224
    )


@pytest.mark.parametrize("table", ["large", "small"])
@pytest.mark.parametrize("form", ["", "_keras"])
def test_v3_in_the_multiplier(table, form):
    preset = f"mobilenet_v3_{table}{form}"
    d = zoo.named(preset, alpha="alpha").derive(H=97, W=64)
    assert str(d.domain) == "every size"
    for alpha in ("0.75", "1", "1.5"):
        there, special = d.at(alpha=alpha), zoo.named(preset, alpha=alpha).derive(H=97, W=64)
        assert (there.params, there.macs) == (special.params, special.macs)


@pytest.mark.frameworks
@pytest.mark.parametrize(("suffix", "alpha"), [("", 1.0), ("_075", 0.75)])
@pytest.mark.parametrize("table", ["large", "small"])
@pytest.mark.parametrize("size", [(224, 224), (193, 127)])
def test_v3_torchvision(table, suffix, alpha, size):
    models = torchvision_models()
    torchvision = models.mobilenetv3

    def make():
        rows, last = torchvision._mobilenet_v3_conf(f"mobilenet_v3_{table}", width_mult=alpha)
        return torchvision.MobileNetV3(rows, last)

    agrees_with_torch(f"mobilenet_v3_{table}{suffix}", make, (3, *size), H=size[0], W=size[1])


@pytest.mark.frameworks
@pytest.mark.parametrize(("suffix", "alpha"), [("", 1.0), ("_075", 0.75)])
@pytest.mark.parametrize("table", ["large", "small"])
def test_v3_keras(table, suffix, alpha):
    import keras

    make = getattr(keras.applications, f"MobileNetV3{table.title()}")
    agrees_with_keras(f"mobilenet_v3_{table}{suffix}_keras", lambda: make(alpha=alpha, weights=None), H=224, W=224)


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("name", "keras_name"),
    [
        ("mobilenet", "MobileNet"),
        ("mobilenet_v2_keras", "MobileNetV2"),
        ("mobilenet_v3_small_keras", "MobileNetV3Small"),
        ("efficientnet_b0_keras", "EfficientNetB0"),
        ("efficientnet_v2_b0_keras", "EfficientNetV2B0"),
    ],
)
def test_keras_built_for_other_sizes(name, keras_name):
    import keras

    for height, width in ((224, 224), (193, 127), (67, 98)):
        with quietly():
            model = getattr(keras.applications, keras_name)(input_shape=(height, width, 3), weights=None)
        assert zoo.named(name).derive(H=height, W=width).macs == keras_macs(model)
