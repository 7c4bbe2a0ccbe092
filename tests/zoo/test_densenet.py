"""DenseNets: closed forms in depths, growth and compression, and every member against torchvision and Keras."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.algebra.equality import equal_everywhere
from symshape.algebra.poly import divide
from symshape.declaration import as_value
from symshape.errors import ConditionError, UsageError

from .against import agrees_with_keras, agrees_with_torch, torchvision_models


def test_parameters_in_depths():
    d = zoo.densenet(k=32).derive()
    assert str(d.params) == (
        "2752*n1**2 + 2720*n1*n2 + 1296*n1*n3 + 520*n1*n4 + 50168*n1 + 2720*n2**2 + 2592*n2*n3 + 1040*n2*n4 + 48592*n2 "
        "+ 2592*n3**2 + 2080*n3*n4 + 53728*n3 + 2080*n4**2 + 68144*n4 + 21464"
    )
    assert d.at(n1=6, n2=12, n3=24, n4=16).params == 7_978_856
    assert str(d.domain) == "H >= 29 and W >= 29"


@pytest.mark.parametrize(
    ("n", "k", "theta"), [((1, 2, 3, 1), 5, "0.5"), ((2, 1, 1, 2), 12, "0.3"), ((1, 1, 2, 1), 4, 1)]
)
def test_depths_are_unrolled_alike(n, k, theta):
    knobs = {**dict(zip(("n1", "n2", "n3", "n4"), n, strict=True)), "k": k, "theta": theta}
    general = zoo.densenet(theta="theta").derive().at(**knobs, H=65, W=64)
    special = zoo.densenet(**knobs).derive(H=65, W=64)
    for metric in ("params", "macs", "activations"):
        assert general.value(metric) == special.value(metric)


def test_small_images_in_depth_and_growth():
    """The paper's table 2 has 0.8M, 15.3M and 25.6M parameters."""
    d = zoo.densenet_bc().derive()
    for L, k, params in ((100, 12, 769_162), (250, 24, 15_324_406), (190, 40, 25_624_430)):
        assert d.at(L=L, k=k).params == params
    assert str(zoo.densenet_bc(k=12, theta=1).derive().params) == "95*L**2 + 2702*L - 10134"


def test_small_images_layer_by_layer():
    """L = 6n + 4, and a growth that compression divides: the sum over the paper's layers, written out by hand."""
    n, k, channels = as_value("n"), as_value("4*m"), as_value("8*m")
    total = 27 * channels
    for number in (1, 2, 3):
        if number > 1:
            kept = divide(channels, 2)
            total, channels = total + 2 * channels + channels * kept, kept
        # Σ over the layers i of 2c + 4kc + 2·4k + 36k² with c = channels + ik
        total = total + n * (8 * k + 36 * k**2) + (2 + 4 * k) * (n * channels + divide(k * n * (n - 1), 2))
        channels = channels + n * k
    total = total + 2 * channels + 10 * channels + 10
    assert equal_everywhere(zoo.densenet_bc().derive(L="6*n + 4", k="4*m").value("params"), total)


def test_depth_is_a_multiple_of_6_and_4():
    assert str(zoo.densenet_bc().derive().domain).startswith("L % 6 == 4")
    with pytest.raises(UsageError, match="97/6"):
        zoo.densenet_bc(101, 12)
    with pytest.raises(ConditionError, match="a whole number of times, not 97/6"):
        zoo.densenet_bc().derive().at(L=101, k=12)


@pytest.mark.frameworks
@pytest.mark.parametrize("name", ["densenet121", "densenet161", "densenet169", "densenet201"])
@pytest.mark.parametrize("size", [(224, 224), (193, 127)])
def test_torchvision(name, size):
    agrees_with_torch(name, getattr(torchvision_models(), name), (3, *size), H=size[0], W=size[1])


@pytest.mark.frameworks
@pytest.mark.parametrize("name", ["densenet_bc_100_12", "densenet_bc_250_24", "densenet_bc_190_40"])
def test_small_images_from_torchvision_blocks(name):
    blocks = torchvision_models().densenet
    L, k = map(int, name.split("_")[2:])

    def make():
        from torch import nn

        layers, channels = [nn.Conv2d(3, 2 * k, 3, padding=1, bias=False)], 2 * k
        for number in range(3):
            if number:
                layers.append(blocks._Transition(channels, channels // 2))
                channels //= 2
            layers.append(blocks._DenseBlock((L - 4) // 6, channels, 4, k, 0.0))
            channels += (L - 4) // 6 * k
        head = (nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))
        return nn.Sequential(*layers, *head)

    agrees_with_torch(name, make, (3, 32, 32), H=32, W=32)


@pytest.mark.frameworks
@pytest.mark.parametrize("depth", [121, 169, pytest.param(201, marks=pytest.mark.slow)])
def test_keras(depth):
    import keras

    make = getattr(keras.applications, f"DenseNet{depth}")
    agrees_with_keras(f"densenet{depth}_keras", lambda: make(weights=None), H=224, W=224)
