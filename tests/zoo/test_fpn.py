"""Feature pyramids: closed forms, the sizes that doubling fits, and every member against torchvision."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.declaration import as_value

from .against import agrees_with_torch, torchvision_models


def test_closed_forms():
    d = zoo.fpn().derive()
    body, pyramid = as_value("17*n1 + 68*n2 + 272*n3 + 1088*n4 + 505"), as_value("4*(9*F**2 + 2*F) + 60*w*F")
    assert d.value("params") == body * as_value("w**2") + as_value("147*w") + pyramid
    assert str(d.output_shape[0]) == "(N, ceiling(H/4), ceiling(W/4), F)"
    assert str(d.output_shape[-1]) == "(N, ceiling(H/64), ceiling(W/64), F)"
    assert d.at(n1=3, n2=4, n3=6, n4=3, w=64, F=256).params == zoo.resnet50_fpn().derive().params == 26_799_296


def test_sizes():
    assert str(zoo.resnet50_fpn().derive().domain) == "every size"
    doubled = zoo.resnet50_fpn(upsampling="double").derive(W="H")
    assert str(doubled.domain) == "H % 32 == 0 or H % 32 == 29 or H % 32 == 30 or H % 32 == 31"
    assert doubled.output_shape[1:] == zoo.resnet50_fpn().derive(W="H").output_shape[1:]


def test_batch_normalization_is_frozen_or_learned():
    frozen, learned = zoo.resnet50_fpn().derive(), zoo.resnet50_fpn(statistics="buffers").derive()
    scales = 2 * 26_560
    assert learned.params == frozen.params + scales
    assert frozen.metric("buffers") == 2 * scales
    assert frozen.trainable == frozen.params


@pytest.mark.frameworks
@pytest.mark.parametrize("statistics", ["frozen", "buffers"])
@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnet101"])
def test_torchvision(name, statistics):
    torchvision_models()
    import torch
    from torchvision.models.detection.backbone_utils import resnet_fpn_backbone

    options = {} if statistics == "frozen" else {"norm_layer": torch.nn.BatchNorm2d}
    for H, W in ((800, 800), (217, 330)) if name == "resnet50" else ((217, 330),):
        made = []
        agrees_with_torch(
            f"{name}_fpn",
            lambda: resnet_fpn_backbone(backbone_name=name, weights=None, **options),
            run=lambda module, H=H, W=W, made=made: made.extend(module(torch.zeros(1, 3, H, W)).values()),
            knobs={"statistics": statistics},
            H=H,
            W=W,
        )
        ours = zoo.named(f"{name}_fpn").derive(H=H, W=W).output_shape
        assert [(h, w, c) for _, h, w, c in ours] == [(*map.shape[2:], map.shape[1]) for map in made]
