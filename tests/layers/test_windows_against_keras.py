"""Receptive fields against Keras: which inputs an output really depends on, found by running the layers on numbers."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from symshape.importers import load

from .keras_side import DRAWN, keras

pytestmark = pytest.mark.frameworks

KERNEL, STRIDE = st.integers(1, 4), st.integers(1, 3)
CONVOLUTION = st.fixed_dictionaries(
    {"kernel_size": KERNEL, "padding": st.sampled_from(["valid", "same", "causal"])},
    optional={"strides": STRIDE, "dilation_rate": st.integers(1, 3)},
).filter(lambda options: options.get("strides", 1) == 1 or options.get("dilation_rate", 1) == 1)
POOLING = st.fixed_dictionaries({"pool_size": KERNEL, "strides": STRIDE, "padding": st.sampled_from(["valid", "same"])})
SIDES = st.tuples(st.integers(0, 3), st.integers(0, 3))
LAYERS = st.one_of(
    st.tuples(st.just("Conv1D"), CONVOLUTION),
    st.tuples(st.just("AveragePooling1D"), POOLING),
    st.tuples(st.just("ZeroPadding1D"), st.fixed_dictionaries({"padding": SIDES})),
    st.tuples(st.just("Cropping1D"), st.fixed_dictionaries({"cropping": SIDES})),
)


@DRAWN
@given(st.lists(LAYERS, min_size=1, max_size=4), st.integers(8, 40))
def test_outputs_depend_on_their_receptive_field(layers: list[tuple[str, dict[str, Any]]], length: int) -> None:
    import torch

    k = keras()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # taps without gaps, all of them 1, so that every input in reach counts
        made = [getattr(k.layers, kind)(**_filled(kind, options)) for kind, options in layers]
        try:
            model = k.Sequential([k.Input((length, 1)), *made])
        except ValueError:
            assume(False)
        values = torch.zeros(1, length, 1, requires_grad=True)
        outputs = model(values)
        derivation = load(model.to_json()).derive().at(L=length)
    field = list(derivation)[-1].receptive_field["L"]
    for position in range(outputs.shape[1]):
        (slope,) = torch.autograd.grad(outputs[0, position, 0], values, retain_graph=True, allow_unused=True)
        seen = set(torch.nonzero(slope[0, :, 0]).flatten().tolist())
        start = field.start + position * field.step
        reach = set(range(max(start, 0), min(start + field.size, length)))
        assert seen <= reach
        if all(options.get("dilation_rate", 1) == 1 for _, options in layers) and _gapless(layers):
            event("exactly the field")
            assert seen == reach


def _filled(kind: str, options: dict[str, Any]) -> dict[str, Any]:
    if kind != "Conv1D":
        return options
    return {**options, "filters": 1, "use_bias": False, "kernel_initializer": "ones"}


def _gapless(layers: list[tuple[str, dict[str, Any]]]) -> bool:
    """Whether no stride jumps over what an earlier window of fewer taps saw, and no padding stands in between."""
    moved = False
    for kind, options in layers:
        if kind == "ZeroPadding1D" or (moved and options.get("padding") in ("same", "causal")):
            return False  # what lies in padding between the layers is seen by nobody
        moved = True
    strides = [options.get("strides", 1) for _, options in layers]
    sizes = [options.get("kernel_size", options.get("pool_size", 1)) for _, options in layers]
    return all(size >= stride for size, stride in zip(sizes, strides, strict=True))
