"""Swin transformers: closed forms and sizes, and every member against torchvision and transformers."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.declaration import as_value

from .against import agrees_with_torch, quietly, torchvision_models

DEPTHS = {"n1": 2, "n2": 2, "n3": 6, "n4": 2}


def test_closed_forms():
    d = zoo.swin(padding="whole").derive()
    layers = {stage: as_value(f"n{stage}") for stage in (1, 2, 3, 4)}
    sizes = {stage: 2 ** (stage - 1) for stage in layers}
    table = sum(n * as_value(f"{sizes[stage]}*h*(2*M - 1)**2") for stage, n in layers.items())
    dense = sum(n * as_value(f"12*({sizes[stage]}*w)**2 + 13*{sizes[stage]}*w") for stage, n in layers.items())
    assert d.value("params") == table + dense + as_value("168*w**2 + 8123*w + 1000")
    # The paper's equation 2: 4hwC² + 2M²hwC for a stage's map of h × w, and 8hwC² for the layers after the attention.
    for stage, n in layers.items():
        attention = sum(d.part(f"stage{stage}/attention/{part}", "macs") for part in ("qkv", "products", "output"))
        places, width = as_value(f"H*W/{4**stage * 4}"), sizes[stage] * as_value("w")
        assert attention == n * (4 * places * width**2 + 2 * as_value("M**2") * places * width)
        assert d.part(f"stage{stage}/mlp", "macs") == n * 8 * places * width**2


def test_published_figures():
    assert zoo.swin_t().derive(H=224, W=224).params == 28_288_354
    whole = zoo.swin_t(padding="whole").derive()
    assert str(whole.macs) == "89481*H*W + 768000"
    assert whole.at(H=224, W=224).macs == zoo.swin_t().derive(H=224, W=224).macs == 4_490_566_656


def test_sizes():
    assert str(zoo.swin_t().derive().domain) == "H >= 4 and W >= 4"
    assert str(zoo.swin_b(padding="whole").derive().domain) == "H % 224 == 0 and W % 224 == 0"
    assert str(zoo.swin_v2_t(padding="whole").derive(W="H").domain) == "H % 256 == 0"
    assert str(zoo.swin_t().derive()["stage4"].output_shape) == "(N, floor((H + 28)/32), floor((W + 28)/32), 768)"


@pytest.mark.parametrize("version", [1, 2])
def test_depths_are_unrolled_alike(version):
    at = {**DEPTHS, "w": 24, "h": 3, "M": 5}
    general, special = zoo.swin(version=version).derive(), zoo.swin(**at, version=version).derive(H=123, W=64)
    for metric in ("params", "macs", "activations"):
        assert general.at(**at, H=123, W=64).value(metric) == special.value(metric)


@pytest.mark.frameworks
@pytest.mark.parametrize("name", ["swin_t", "swin_s", "swin_b", "swin_v2_t", "swin_v2_s", "swin_v2_b"])
def test_torchvision(name):
    make = getattr(torchvision_models(), name)
    native = 256 if "v2" in name else 224
    odd = [(175, 98)] if name.endswith("_t") else []  # the larger ones are the same code
    for H, W in [(native, native), *odd]:
        agrees_with_torch(name, make, (3, H, W), H=H, W=W)


@pytest.mark.frameworks
def test_transformers():
    import torch
    from transformers import SwinConfig, SwinForImageClassification

    with quietly(), torch.device("meta"):
        module = SwinForImageClassification(SwinConfig(num_labels=1000))
    assert zoo.swin_t().derive(H=224, W=224).params == sum(p.numel() for p in module.parameters())
