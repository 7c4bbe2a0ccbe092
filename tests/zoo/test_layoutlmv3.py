"""LayoutLMv3: its closed form, and every member against transformers, text and image together."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.algebra.equality import equal_everywhere
from symshape.declaration import as_value

from .against import agrees_with_torch, transformer

PRESETS = zoo.FAMILIES["layoutlmv3"].presets


def test_closed_forms():
    d = zoo.layoutlmv3().derive()
    tables = "d*(V + T + 2) + 4*R*d_xy/2 + R*(d - 4*d_xy)"
    image = "d*(768 + 1) + d + 197*d"
    norms = "2*d + 2*d + 2*d"
    assert equal_everywhere(
        d.value("params"), as_value(f"{tables} + {image} + {norms} + h*(32 + 64 + 64) + n*(12*d**2 + 13*d)")
    )
    assert equal_everywhere(d.value("macs"), as_value("196*768*d + n*(12*d**2*(L + 197) + 2*d*(L + 197)**2)"))


@pytest.mark.parametrize(("knobs", "params"), [({}, 125_326_208), ({"T": 514, "segments": 1}, 125_326_976)])
def test_published_figures(knobs, params):
    assert zoo.layoutlmv3_base(**knobs).derive().params == params


def _agrees(name, length, **more):
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
    }

    def run(model):
        ids, boxes = (torch.zeros((1, length, *rest), dtype=torch.long) for rest in ((), (4,)))
        return model(ids, bbox=boxes, pixel_values=torch.zeros((1, 3, 224, 224))).to_tuple()

    make = transformer("LayoutLMv3Model", "LayoutLMv3Config", **config)
    agrees_with_torch(name, make, run=run, knobs=more, device="cpu", L=length)


@pytest.mark.frameworks
@pytest.mark.parametrize("name", PRESETS)
def test_transformers(name):
    _agrees(name, 77, n=2)


@pytest.mark.frameworks
@pytest.mark.slow
def test_in_full():
    _agrees("layoutlmv3_base", 510)
