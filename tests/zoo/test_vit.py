"""Vision transformers: closed forms, and every member against torchvision, timm and transformers."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.declaration import as_value

from .against import agrees_with_torch, quietly, torchvision_models


def test_closed_forms():
    d = zoo.vit().derive()
    assert d.value("params") == as_value("n*(12*d**2 + 13*d) + (3*P**2 + 1005)*d + 1000 + H*W/P**2*d")
    encoder = d.part("encoder/attention/products", "macs")
    assert encoder == as_value("2*n*d*(H*W/P**2 + 1)**2")
    linear = sum(d.part(f"encoder/{part}", "macs") for part in ("attention/qkv", "attention/output", "mlp"))
    assert linear == as_value("12*n*d**2*(H*W/P**2 + 1)")
    assert d.value("macs") == linear + encoder + as_value("3*d*H*W + 1000*d")


def test_published_figures():
    d = zoo.vit_b_16().derive(H=224, W=224)
    assert (d.params, d.macs) == (86_567_656, 17_563_828_224)
    assert zoo.vit().derive().at(n=12, d=768, h=12, P=16, H=224, W=224).params == d.params
    assert zoo.deit_tiny_distilled().derive(H=224, W=224).params == 5_910_800


def test_sizes():
    assert str(zoo.vit_b_16().derive().domain) == "H % 16 == 0 and W % 16 == 0"
    assert str(zoo.vit_h_14().derive(W="H", fixed_weights=True).domain) == "H == 224"
    free = zoo.vit_b_16(positions="interpolated").derive()
    assert free.params == 86_567_656
    assert str(free.domain) == "H % 16 == 0 and W % 16 == 0"


@pytest.mark.parametrize("knobs", [{}, {"distilled": True}, {"positions": "interpolated", "resolution": 64}])
def test_depths_are_unrolled_alike(knobs):
    at = {"n": 3, "d": 12, "h": 2, "P": 16}
    general, special = zoo.vit(**knobs).derive(), zoo.vit(**at, **knobs).derive(H=64, W=32)
    for metric in ("params", "macs", "activations"):
        assert general.at(**at, H=64, W=32).value(metric) == special.value(metric)


@pytest.mark.frameworks
@pytest.mark.parametrize("name", ["vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14"])
def test_torchvision(name):
    make = getattr(torchvision_models(), name)
    for size in (224, 448) if name == "vit_b_16" else (224,):
        agrees_with_torch(name, lambda size=size: make(image_size=size), (3, size, size), apart=False, H=size, W=size)


@pytest.mark.frameworks
@pytest.mark.parametrize("size", ["tiny", "small", "base"])
@pytest.mark.parametrize("distilled", ["", "_distilled"])
def test_timm(size, distilled):
    torchvision_models()
    import timm

    model = f"deit_{size}{distilled}_patch16_224"
    for sizes in ((224, 224), (96, 176)):
        agrees_with_torch(
            f"deit_{size}{distilled}",
            lambda sizes=sizes: timm.create_model(model, img_size=sizes),
            (3, *sizes),
            H=sizes[0],
            W=sizes[1],
        )


@pytest.mark.frameworks
def test_positions_are_interpolated_as_in_timm():
    torchvision_models()
    import timm
    import torch

    with quietly(), torch.device("meta"):
        model = timm.create_model("deit_tiny_patch16_224", dynamic_img_size=True).eval()
        made = model.forward_features(torch.zeros(1, 3, 96, 176))
        with pytest.raises(AssertionError):
            model(torch.zeros(1, 3, 96, 180))
    d = zoo.deit_tiny(positions="interpolated").derive(H=96, W=176)
    assert d.params == sum(p.numel() for p in model.parameters())
    assert d["norm"].output_shape[1:] == tuple(made.shape)[1:]


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("name", "config", "model"),
    [
        ("vit_b_16", "ViTConfig", "ViTForImageClassification"),
        ("deit_base", "DeiTConfig", "DeiTForImageClassification"),
        ("deit_base_distilled", "DeiTConfig", "DeiTForImageClassificationWithTeacher"),
    ],
)
def test_transformers(name, config, model):
    import torch
    import transformers

    with quietly(), torch.device("meta"):
        module = getattr(transformers, model)(getattr(transformers, config)(num_labels=1000))
    # transformers' DeiT has the distillation token even where nothing listens to it.
    unheard = 2 * 768 if model == "DeiTForImageClassification" else 0
    ours = zoo.named(name).derive(H=224, W=224).params
    assert ours + unheard == sum(p.numel() for p in module.parameters())
