"""Convolutional LSTMs against Keras."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .differential import many
from .recurrence import BATCHES, FEATURES, FLAGS, agrees_with_keras, conv_lstm, covered, rarely

pytestmark = pytest.mark.frameworks
LARGEST = {1: 8, 2: 6, 3: 4}


def test_all_are_compared():
    assert covered("conv_lstm", "keras") == {f"ConvLSTM{rank}D" for rank in LARGEST}


def positions(size, kernel, stride, dilation, same):
    return -(-size // stride) if same else (size - dilation * (kernel - 1) - 1) // stride + 1


@pytest.mark.parametrize("rank", sorted(LARGEST))
@many
@given(data=st.data())
def test_keras(rank, data):
    draw = data.draw
    spec = draw(conv_lstm(rank, "layer"))
    axes = rank + draw(rarely(st.just(0), draw(st.sampled_from([-1, 1]))))
    spatial = [draw(st.integers(1, LARGEST[rank])) for _ in range(axes)]
    batch, steps, channels = draw(BATCHES), draw(st.integers(1, 3)), draw(FEATURES)
    first = spec.options["data_format"] == "channels_first"
    shapes = [(batch, steps, channels, *spatial) if first else (batch, steps, *spatial, channels)]
    states = None
    if axes == rank and draw(FLAGS):
        several = [spec.options[name] for name in ("kernel_size", "strides", "dilation_rate")]
        by_axis = zip(spatial, *((one,) * rank if isinstance(one, int) else one for one in several), strict=True)
        same = spec.options["padding"].lower() == "same"
        out = [max(1, positions(s, k, max(1, stride), d, same)) for s, k, stride, d in by_axis]
        if out[0] > 1 and draw(rarely(st.just(False), True)):  # run on zeros, PyTorch broadcasts a map of one position
            out[0] += 2
        filters = max(1, spec.options["filters"])
        shapes.extend([(batch, filters, *out) if first else (batch, *out, filters)] * 2)
        states = [None, None]
    agrees_with_keras(spec, shapes, states)
