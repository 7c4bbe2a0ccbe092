"""Least times on a machine, against the definition."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from symshape import zoo
from symshape.errors import UsageError


@pytest.mark.parametrize("dtype", ["fp32", "fp16"])
def test_every_layer(dtype):
    there = zoo.resnet18().derive(H=64, W=96)
    bounds = there.roofline(peak=3 * 10**12, bandwidth=7 * 10**10, dtype=dtype)
    total = Fraction(0)
    for layer, bound in zip(there, bounds.layers, strict=True):
        compute = Fraction(2 * layer.value("macs"), 3 * 10**12)
        memory = Fraction(layer.value("moved_bytes", dtype=dtype), 7 * 10**10)
        assert (bound.compute, bound.memory, bound.time) == (compute, memory, max(compute, memory))
        assert bound.bound == ("compute" if compute >= memory else "memory")
        total += max(compute, memory)
    assert bounds.time == total
    assert json.dumps(bounds.data())


def test_as_a_formula():
    general = zoo.lenet5().derive().roofline(10**12, 10**11)
    there = zoo.lenet5().derive(H=32, W=40).roofline(10**12, 10**11)
    from symshape.algebra.evaluate import evaluate

    assert evaluate(general.formula, {"H": 32, "W": 40}) == there.time
    assert {layer.bound for layer in general.layers} <= {"open", "memory", "compute"}


def test_refusals():
    with pytest.raises(UsageError, match="positive integer"):
        zoo.lenet5().derive().roofline(0, 10)
