"""Operations by PyTorch's convention, against PyTorch's own counter."""

from __future__ import annotations

import pytest

import symshape
from symshape.errors import MissingRule


def test_two_for_each_multiply_accumulate():
    d = symshape.zoo.lenet5().derive(H=32, W=32)
    assert d.metric("flops") == 2 * d.macs == 1_698_640
    assert str(d.network.derive()["conv2d"].metric("flops")) == "1200*(H - 4)*(W - 4)"


def test_a_layer_without_a_rule_is_named():
    from symshape.metrics import metric

    class Call:
        label = "odd (Odd)"

        def counts(self, name):
            return None

    with pytest.raises(MissingRule, match=r"odd \(Odd\): the layer declares no rule for the metric flops"):
        metric("flops").of(Call())


@pytest.mark.frameworks
def test_as_pytorch_counts():
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(3, 8, 5, stride=2, groups=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1, ceil_mode=True)
    )
    model.extend([nn.Conv2d(8, 8, 3, groups=4, padding="same"), nn.Flatten(2), nn.LazyLinear(10)])
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(2, 3, 32, 33))
    d = symshape.load(model, input_shape=(3, "H", "W")).derive(N=2, H=32, W=33)
    assert d.metric("flops") == counter.get_total_flops()
