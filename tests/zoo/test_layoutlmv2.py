"""LayoutLMv2 behind its image backbone: its closed form, and transformers' model with a map in the backbone's place."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.algebra.equality import equal_everywhere
from symshape.declaration import as_value

from .against import agrees_with_torch, transformer

PRESETS = zoo.FAMILIES["layoutlmv2"].presets


def test_closed_forms():
    d = zoo.layoutlmv2().derive()
    tables = "d*(V + T + 2) + 2*R*d_xy + R*(d - 4*d_xy)"
    layer = "12*d**2 + 13*d - d"  # keys have no bias
    rest = "257*d + 4*d + h*(32 + 64 + 64) + d**2 + d"
    assert equal_everywhere(d.value("params"), as_value(f"{tables} + {rest} + n*({layer})"))
    assert equal_everywhere(d.value("macs"), as_value("49*256*d + d**2 + n*(12*d**2*(L + 49) + 2*d*(L + 49)**2)"))


def _agrees(name, length, monkeypatch, **more):
    import torch

    knobs = {**PRESETS[name], **more}
    config = {
        "num_hidden_layers": knobs["n"],
        "hidden_size": knobs["d"],
        "num_attention_heads": knobs["h"],
        "intermediate_size": 4 * knobs["d"],
        "vocab_size": knobs["V"],
        "max_position_embeddings": knobs["T"],
        "max_2d_position_embeddings": knobs["R"],
        "coordinate_size": knobs["d_xy"],
        "shape_size": (knobs["d"] - 4 * knobs["d_xy"]) // 2,
        "detectron2_config_args": {},
    }

    class Map(torch.nn.Module):
        """What the backbone gives, in a row."""

        def __init__(self, config):
            super().__init__()

        def forward(self, image):
            return torch.zeros((1, 49, 256))

    make = transformer("LayoutLMv2Model", "LayoutLMv2Config", **config)
    from transformers.models.layoutlmv2 import modeling_layoutlmv2

    monkeypatch.setattr(modeling_layoutlmv2, "requires_backends", lambda *_: None)
    monkeypatch.setattr(modeling_layoutlmv2, "LayoutLMv2VisualBackbone", Map)
    # initializing asks detectron2 for its layers, of which there are none here
    monkeypatch.setattr(modeling_layoutlmv2.LayoutLMv2PreTrainedModel, "_init_weights", lambda *_: None)

    def run(model):
        ids, boxes = (torch.zeros((1, length, *rest), dtype=torch.long) for rest in ((), (4,)))
        return model(ids, bbox=boxes, image=torch.zeros((1, 3, 224, 224))).to_tuple()

    agrees_with_torch(name, make, run=run, knobs=more, L=length)


@pytest.mark.frameworks
@pytest.mark.parametrize("name", PRESETS)
def test_transformers(name, monkeypatch):
    _agrees(name, 77, monkeypatch, n=2)


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_every_member_in_full(name, monkeypatch):
    _agrees(name, 512, monkeypatch)
