"""MaxViT: closed forms and sizes, and the published member against torchvision."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.declaration import as_value

from .against import agrees_with_torch, torchvision_models


def test_closed_forms():
    d = zoo.maxvit().derive(H=448, W=224)
    layers = {stage: as_value(f"n{stage}") for stage in (1, 2, 3, 4)}
    width = {stage: 2 ** (stage - 1) * as_value("w") for stage in layers}
    places = {stage: 448 * 224 // 4 ** (stage + 1) for stage in layers}
    parts = {title: sum(d.part(path, "macs") for path in paths) for title, paths in zoo.maxvit().parts.items()}
    # In every layer each position meets 49 others twice: those of its window and those of its grid.
    assert parts["attention, products"] == sum(n * 2 * 2 * 49 * width[k] * places[k] for k, n in layers.items())
    assert parts["attention, linear"] == sum(n * 2 * 4 * width[k] ** 2 * places[k] for k, n in layers.items())
    assert parts["feed-forward"] == sum(n * 2 * 8 * width[k] ** 2 * places[k] for k, n in layers.items())


def test_published_figures():
    d = zoo.maxvit_t().derive()
    assert d.params == 30_919_624
    assert zoo.maxvit().derive().at(n1=2, n2=2, n3=5, n4=2, w=64, h=2, H=224, W=224).macs == d.at(H=224, W=224).macs
    assert (
        str(zoo.maxvit_t().derive(W="H").domain) == "H % 224 == 0 or H % 224 == 221 or H % 224 == 222 or H % 224 == 223"
    )


@pytest.mark.frameworks
@pytest.mark.parametrize("size", [224, 221, 448])
def test_torchvision(size):
    make = torchvision_models().maxvit_t
    agrees_with_torch("maxvit_t", lambda: make(input_size=(size, size)), (3, size, size), H=size, W=size)
