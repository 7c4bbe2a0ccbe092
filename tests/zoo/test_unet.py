"""U-Nets: what the paper says of their sizes, and both forms against an implementation written from the paper."""

from __future__ import annotations

from typing import Any

import pytest

from symshape import zoo

from .against import agrees_with_torch


def test_the_paper():
    d = zoo.unet_2015().derive()
    assert d.params == 31_030_658
    assert d.at(H=572, W=572).output_shape == (d.output_shape[0], 388, 388, 2)
    assert str(d["down3_pool"].output_shape) == "(N, floor((H - 60)/16), floor((W - 60)/16), 512)"
    assert d.at(H=572, W=572)["down3_pool"].output_shape[1:] == (32, 32, 512)
    assert d["bottom4_conv2"].receptive_field["H"].size == 140
    convolutions = [layer for layer in d if layer.type in ("Conv2D", "Conv2DTranspose")]
    assert len(convolutions) == 23, "in total the network has 23 convolutional layers"


def test_parameters_in_the_width():
    assert str(zoo.unet().derive().params) == "7574*w**2 + 118*w + 2"


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_sizes_that_fit(depth):
    step = 2**depth
    d = zoo.unet(depth=depth).derive(W="H")
    lost = 12 * step - 8
    least = lost + min(step, 4)
    assert str(d.domain) == f"H % {step} == {-4 % step} and H >= {least}"
    for H in (least, least + step, least + 7 * step):
        assert d.at(H=H).output_shape[1] == H - lost
    padded = zoo.unet(depth=depth, padding="same").derive(W="H")
    assert str(padded.domain) == f"H % {step} == 0"
    assert padded.at(H=3 * step).output_shape[1] == 3 * step


def from_the_paper(w: int, depth: int, padded: bool, channels: int, classes: int) -> Any:
    """Figure 1 and section 2 of the paper, in PyTorch."""
    import torch
    from torch import nn

    def pair(before: int, after: int) -> nn.Sequential:
        convolutions = [nn.Conv2d(size, after, 3, padding=int(padded)) for size in (before, after)]
        return nn.Sequential(convolutions[0], nn.ReLU(), convolutions[1], nn.ReLU())

    class UNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            widths = [w * 2**level for level in range(depth + 1)]
            self.down = nn.ModuleList(map(pair, (channels, *widths), widths))
            self.up = nn.ModuleList(nn.ConvTranspose2d(2 * size, size, 2, stride=2) for size in widths[:-1])
            self.after = nn.ModuleList(pair(2 * size, size) for size in widths[:-1])
            self.classes = nn.Conv2d(w, classes, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            kept = []
            for down in self.down[:-1]:
                kept.append(down(x))
                x = nn.functional.max_pool2d(kept[-1], 2)
            x = self.down[-1](x)
            for level in reversed(range(depth)):
                x, beside = self.up[level](x), kept[level]
                (top, high), (left, wide) = (
                    ((beside.shape[axis] - x.shape[axis]) // 2, x.shape[axis]) for axis in (2, 3)
                )
                x = torch.cat([beside[:, :, top : top + high, left : left + wide], x], 1)
                x = self.after[level](x)
            return self.classes(x)

    return UNet()


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("name", "padded", "channels", "sizes"),
    [
        ("unet_2015", False, 1, [(572, 572), (188, 204)]),
        ("unet_same", True, 3, [(512, 512), (48, 80)]),
    ],
)
def test_against_an_implementation(name, padded, channels, sizes):
    for H, W in sizes:
        agrees_with_torch(name, lambda: from_the_paper(64, 4, padded, channels, 2), (channels, H, W), H=H, W=W)
