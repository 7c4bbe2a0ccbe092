"""SqueezeNet in the width of its first fire modules, and against torchvision."""

from __future__ import annotations

import pytest

from symshape import zoo

from .against import agrees_with_torch, torchvision_models


def test_published_figures():
    """torchvision lists 1,248,424 and 1,235,496 parameters, and 21 and 17 as the smallest sizes."""
    d = zoo.squeezenet().derive()
    assert str(d.params) == "2800*w**2 + 32276*w + 15208"
    assert d.at(w=16).params == zoo.squeezenet1_0().derive().params == 1_248_424
    assert zoo.squeezenet1_1().derive().params == 1_235_496
    assert str(d.domain) == "H >= 21 and W >= 21"
    assert str(zoo.squeezenet1_1().derive().domain) == "H >= 17 and W >= 17"


@pytest.mark.frameworks
@pytest.mark.parametrize("name", ["squeezenet1_0", "squeezenet1_1"])
@pytest.mark.parametrize("size", [(224, 224), (193, 127)])
def test_torchvision(name, size):
    agrees_with_torch(name, getattr(torchvision_models(), name), (3, *size), H=size[0], W=size[1])
