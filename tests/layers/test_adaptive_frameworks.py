"""Adaptive pooling against Keras and PyTorch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .differential import agrees_with_keras, agrees_with_torch, many

pytestmark = pytest.mark.frameworks
size = st.integers(1, 6)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["Average", "Max"])
@many
@given(data=st.data())
def test_keras(kind, rank, data):
    draw = data.draw
    wanted = st.integers(0, 6) if draw(st.integers(0, 5)) == 0 else size
    last = draw(st.booleans())
    options = {
        "output_size": draw(wanted) if draw(st.booleans()) else tuple(draw(wanted) for _ in range(rank)),
        "data_format": "channels_last" if last else "channels_first",
    }
    spatial = tuple(draw(size) for _ in range(rank))
    shape = (draw(size), *spatial, draw(size)) if last else (draw(size), draw(size), *spatial)
    agrees_with_keras(f"Adaptive{kind}Pooling{rank}D", options, shape, free=draw(st.booleans()))


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["Avg", "Max"])
@many
@given(data=st.data())
def test_torch(kind, rank, data):
    draw = data.draw
    wanted = st.one_of(st.none(), st.integers(0, 6), size, size)
    options = {"output_size": draw(size) if draw(st.booleans()) else tuple(draw(wanted) for _ in range(rank))}
    if kind == "Max":
        options["return_indices"] = draw(st.booleans())
    shape = (draw(size), draw(size), *(draw(size) for _ in range(rank)))
    agrees_with_torch(f"Adaptive{kind}Pool{rank}d", options, shape, free=draw(st.booleans()))


RATIOS = [0.5, 0.75, 0.25, 0.1, 0.2, 0.4, 0.9, 1.0]


@pytest.mark.parametrize("rank", [2, 3])
@many
@given(data=st.data())
def test_torch_fractional(rank, data):
    draw = data.draw

    def per_axis(numbers):
        return draw(st.one_of(numbers, st.tuples(*[numbers] * rank)))

    options = {"kernel_size": per_axis(st.integers(1, 3)), "return_indices": draw(st.booleans())}
    if draw(st.booleans()):
        options["output_size"] = per_axis(st.integers(1, 5))
    else:
        options["output_ratio"] = per_axis(st.sampled_from(RATIOS))
    shape = (draw(size), draw(size), *(draw(st.integers(1, 9)) for _ in range(rank)))
    free = "output_size" in options and draw(st.booleans())
    agrees_with_torch(f"FractionalMaxPool{rank}d", options, shape, meta=False, free=free)
