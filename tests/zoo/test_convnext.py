"""ConvNeXts: the closed form in depths and width, and every member against torchvision and Keras."""

from __future__ import annotations

import pytest

from symshape import zoo

from .against import agrees_with_keras, agrees_with_torch, torchvision_models


def test_parameters_in_depths_and_width():
    d = zoo.convnext().derive()
    assert str(d.params) == (
        "8*n1*w**2 + 58*n1*w + 32*n2*w**2 + 116*n2*w + 128*n3*w**2 + 232*n3*w + 512*n4*w**2 + 464*n4*w "
        "+ 168*w**2 + 8095*w + 1000"
    )
    assert d.at(n1=3, n2=3, n3=9, n4=3, w=96).params == 28_589_128
    assert str(d.domain) == "H >= 32 and W >= 32"


def test_depths_are_unrolled_alike():
    n = {"n1": 2, "n2": 1, "n3": 3, "n4": 0}
    sizes = {"H": 97, "W": 64}
    general, special = zoo.convnext().derive().at(**n, w=8, **sizes), zoo.convnext(**n, w=8).derive(**sizes)
    for metric in ("params", "macs", "activations"):
        assert general.value(metric) == special.value(metric)


@pytest.mark.frameworks
@pytest.mark.parametrize("size", ["tiny", "small", "base", "large"])
@pytest.mark.parametrize("image", [(224, 224), (193, 127)])
def test_torchvision(size, image):
    name = f"convnext_{size}"
    agrees_with_torch(name, getattr(torchvision_models(), name), (3, *image), H=image[0], W=image[1])


@pytest.mark.frameworks
@pytest.mark.parametrize(
    "size", ["tiny", *(pytest.param(size, marks=pytest.mark.slow) for size in ("small", "base", "large", "xlarge"))]
)
def test_keras(size):
    import keras

    make = getattr(keras.applications, "ConvNeXtXLarge" if size == "xlarge" else f"ConvNeXt{size.title()}")
    agrees_with_keras(f"convnext_{size}_keras", lambda: make(weights=None), H=224, W=224)
