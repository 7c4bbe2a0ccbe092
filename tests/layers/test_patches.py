"""Patches and windows: shapes, conditions, and the same work in PyTorch."""

from __future__ import annotations

import pytest

from symshape.errors import ConditionError
from symshape.layers import JoinWindows, PatchEmbedding, Windows
from symshape.network import Input, Network, Sequential


def test_patches_fill_the_map():
    d = Sequential(Input("H", "W", 3), PatchEmbedding("d", "P")).derive()
    assert str(d.output_shape) == "(N, H/P, W/P, d)"
    assert d.at(H=224, W=64, P=16, d=768).macs == 14 * 4 * 768 * 16 * 16 * 3
    assert str(d.at(P=16).domain) == "H % 16 == 0 and W % 16 == 0"
    with pytest.raises(ConditionError, match="whole patches"):
        d.at(H=225, W=64, P=16, d=768)


def test_windows_and_back():
    net = Network.of(lambda x: JoinWindows(("H", "W"), 7)(Windows(7)(x)), "H", "W", "C")
    d = net.derive()
    assert str(d["windows"].output_shape) == "(N, ceiling(H/7), ceiling(W/7), 49, C)"
    assert str(d.output_shape) == "(N, H, W, C)"
    assert str(d.domain) == "every size"
    whole = Sequential(Input("H", "W", "C"), Windows((7, 4), whole=True)).derive()
    assert str(whole.output_shape) == "(N, H/7, W/4, 28, C)"
    assert str(whole.domain) == "H % 7 == 0 and W % 4 == 0"


def test_windows_that_do_not_make_the_map():
    with pytest.raises(ConditionError, match="a window for each part"):
        Sequential(Input(2, 3, 49, "C"), JoinWindows((15, 20), 7)).derive()
    with pytest.raises(ConditionError, match="a position for each"):
        Sequential(Input(2, 3, 48, "C"), JoinWindows((14, 20), 7)).derive()


@pytest.mark.frameworks
@pytest.mark.parametrize(("size", "kernel"), [((14, 21), (7, 7)), ((15, 9), (4, 5)), ((3, 2), (7, 1))])
def test_against_torch(size, kernel):
    import torch
    from torch.nn.functional import pad

    (H, W), (high, wide) = size, kernel
    x = pad(torch.zeros(2, H, W, 5), (0, 0, 0, -W % wide, 0, -H % high))
    taken = x.unfold(1, high, high).unfold(2, wide, wide).flatten(-2).transpose(-2, -1)
    d = Sequential(Input("H", "W", "C"), Windows(kernel)).derive(H=H, W=W, C=5, N=2)
    assert d.output_shape == tuple(taken.shape)
    if x.shape[1:3] == size:
        module = torch.nn.Conv2d(5, 6, kernel, kernel)
        ours = Sequential(Input("H", "W", "C"), PatchEmbedding(6, kernel)).derive(H=H, W=W, C=5, N=2)
        assert ours.output_shape == tuple(module(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1).shape)
        (call,) = ours["patch_embedding"].calls
        assert [w.dims for w in call.torch_weights] == [tuple(p.shape) for p in module.parameters()]
