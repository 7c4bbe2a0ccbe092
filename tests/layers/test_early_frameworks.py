"""LeCun's layers against what they are in PyTorch: convolutions over the channels of each row, sums, distances."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape import Input, Sequential
from symshape.layers import RadialBasis, Subsampling2D, TableConv2D

pytestmark = pytest.mark.frameworks

ROWS = st.lists(st.integers(0, 4), min_size=1, max_size=5, unique=True)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(ROWS, min_size=1, max_size=6),
    st.fixed_dictionaries({"stride": st.integers(1, 3), "padding": st.integers(0, 2), "dilation": st.integers(1, 2)}),
    st.integers(1, 4),
    st.booleans(),
)
def test_convolution_by_table(table, options, kernel, bias):
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    d = Sequential(Input(11, 8, 5), TableConv2D(table, kernel, bias=bias, **options)).derive()
    with torch.device("meta"):
        image = torch.zeros(1, 5, 11, 8)
        filters = [torch.nn.Conv2d(len(row), 1, kernel, bias=bias, **options) for row in table]
        with FlopCounterMode(display=False) as counter:
            maps = [conv(image[:, row]) for conv, row in zip(filters, table, strict=True)]
        out = torch.cat(maps, 1)
    assert d.output_shape[1:] == (*out.shape[2:], out.shape[1])
    assert d.params == sum(p.numel() for conv in filters for p in conv.parameters())
    assert 2 * d.macs == counter.get_total_flops()


@settings(max_examples=40, deadline=None)
@given(st.integers(4, 12), st.integers(1, 4), st.none() | st.integers(1, 3))
def test_subsampling(size, kernel, stride):
    import torch

    d = Sequential(Input(size, size, 3), Subsampling2D(kernel, stride)).derive()
    out = torch.nn.AvgPool2d(kernel, stride, divisor_override=1)(torch.zeros(1, 3, size, size))
    assert d.output_shape[1:] == (*out.shape[2:], 3)


def test_distances():
    import torch

    out = torch.cdist(torch.zeros(7, 84), torch.zeros(10, 84))
    d = Sequential(Input(7, 84), RadialBasis(10)).derive()
    assert d.output_shape[1:] == tuple(out.shape)
    assert d.params == 840
