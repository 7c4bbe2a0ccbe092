"""PyTorch's transformer layers against PyTorch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .differential import agrees_with_torch, many, quietly

pytestmark = pytest.mark.frameworks
size = st.integers(1, 5)


def layer_options(draw):
    """Options of an encoder or decoder layer; now and then heads that do not divide the features."""
    heads = draw(st.integers(1, 3))
    return {
        "d_model": heads * draw(st.integers(1, 3)) + (draw(st.integers(0, 9)) == 0),
        "nhead": heads,
        "dim_feedforward": draw(size),
        "batch_first": draw(st.booleans()),
        "norm_first": draw(st.booleans()),
        "bias": draw(st.booleans()),
        "activation": draw(st.sampled_from(["relu", "gelu"])),
    }


def sequences(draw, options, count):
    """Input shapes that fit, now and then not."""
    batch, width = draw(size), options["d_model"]
    shapes = []
    for _ in range(count):
        length, wrong = draw(size), draw(st.integers(0, 12)) == 0
        shape = (batch, length) if options["batch_first"] else (length, batch)
        shapes.append((*shape, width + wrong))
    if count > 1 and draw(st.integers(0, 12)) == 0:
        at = 0 if options["batch_first"] else 1
        shapes[1] = tuple(n + 1 if place == at else n for place, n in enumerate(shapes[1]))
    return shapes


@pytest.mark.parametrize(("kind", "inputs"), [("TransformerEncoderLayer", 1), ("TransformerDecoderLayer", 2)])
@many
@given(data=st.data())
def test_layers(kind, inputs, data):
    options = layer_options(data.draw)
    agrees_with_torch(kind, options, *sequences(data.draw, options, inputs), free=data.draw(st.booleans()))


@pytest.mark.parametrize(("kind", "inputs"), [("Encoder", 1), ("Decoder", 2)])
@many
@given(data=st.data())
def test_stacks(kind, inputs, data):
    options = layer_options(data.draw)
    nested = {f"{kind.lower()}_layer": (f"Transformer{kind}Layer", options)}
    if data.draw(st.booleans()):
        width = options["d_model"] + (data.draw(st.integers(0, 9)) == 0)
        bias = data.draw(st.booleans())
        nested["norm"] = ("LayerNorm", {"normalized_shape": width, "bias": bias})
    stack = {"num_layers": data.draw(st.integers(1, 3))}
    agrees_with_torch(f"Transformer{kind}", stack, *sequences(data.draw, options, inputs), nested=nested)


@many
@given(data=st.data())
def test_transformer(data):
    options = layer_options(data.draw)
    options |= {f"num_{kind}_layers": data.draw(st.integers(1, 3)) for kind in ("encoder", "decoder")}
    agrees_with_torch("Transformer", options, *sequences(data.draw, options, 2))


@pytest.mark.parametrize("kind", ["Encoder", "Decoder"])
def test_an_open_depth_counts_what_the_same_number_counts(kind):
    import torch

    from symshape.layers import (
        TransformerDecoder,
        TransformerDecoderLayer,
        TransformerEncoder,
        TransformerEncoderLayer,
    )
    from symshape.network import Input, Network

    made_of = {"Encoder": TransformerEncoderLayer, "Decoder": TransformerDecoderLayer}[kind]
    stack = {"Encoder": TransformerEncoder, "Decoder": TransformerDecoder}[kind](made_of("heads", "ff"), "depth")
    inputs = [Input("T", "E")] if kind == "Encoder" else [Input("T", "E"), Input("S", "E")]
    d = Network(inputs, stack(*inputs)).derive()
    layer = getattr(torch.nn, f"Transformer{kind}Layer")(12, 3, 7, device="meta")
    with quietly():
        module = getattr(torch.nn, f"Transformer{kind}")(layer, 5)
    theirs = sum(parameter.numel() for parameter in module.parameters())
    lengths = {"T": 4} if kind == "Encoder" else {"T": 4, "S": 6}
    assert d.at(**lengths, E=12, heads=3, ff=7, depth=5).params == theirs
