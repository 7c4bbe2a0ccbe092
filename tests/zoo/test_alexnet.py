"""AlexNet in torchvision's form and in that of 2012."""

from __future__ import annotations

import pytest

from symshape import zoo

from .against import agrees_with_torch, torchvision_models


def test_torchvision_form():
    d = zoo.alexnet().derive()
    assert d.params == 61_100_840
    assert str(d.domain) == "H >= 63 and W >= 63"
    assert d.at(H=224, W=224).macs == 714_188_480


def test_the_original_of_2012():
    """Section 3.5 gives the neurons of layers 2 to 5 (its 253,440 of layer 1 are no map of 96 channels)."""
    d = zoo.alexnet_2012().derive(H=227, W=227)
    assert d.params == 60_965_224
    assert [d[f"conv2d_{layer}"].activations for layer in (1, 2, 3, 4)] == [186_624, 64_896, 64_896, 43_264]
    assert [d[name].params for name in ("conv2d_1", "conv2d_3", "conv2d_4")] == [307_456, 663_936, 442_624]


def test_receptive_field():
    """A. Araujo, W. Norris and J. Sim, Computing receptive fields of convolutional neural networks, 2019: 195, steps of 32."""
    field = zoo.alexnet().derive().receptive_fields["max_pooling2d_2"]["H"]
    assert (field.size, field.step) == (195, 32)


@pytest.mark.frameworks
@pytest.mark.parametrize("size", [(224, 224), (193, 127)])
def test_torchvision(size):
    agrees_with_torch("alexnet", torchvision_models().alexnet, (3, *size), H=size[0], W=size[1])


def original():
    """The layers of the paper's figure 2."""
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(3, 96, 11, 4), nn.ReLU(), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Flatten()),
        *(nn.Linear(9216, 4096), nn.Linear(4096, 4096), nn.Linear(4096, 1000)),
    )


@pytest.mark.frameworks
def test_the_original_built_by_hand():
    agrees_with_torch("alexnet_2012", original, (3, 227, 227), H=227, W=227)
