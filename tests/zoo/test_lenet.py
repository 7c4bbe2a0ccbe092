"""LeNet-5 as in the tutorials and as in 1998."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.errors import UsageError


def test_the_tutorial():
    d = zoo.lenet5().derive(H=32, W=32)
    assert (d.params, d.macs) == (62_958, 849_320)
    assert str(zoo.lenet5().derive().domain) == "H >= 16 and W >= 16"


def test_the_original():
    """Section II.B of the paper: trainable parameters layer by layer, 60,000 in all, and the fixed output vectors."""
    d = zoo.lenet5_1998().derive(H=32, W=32)
    parameters = {"c1": 156, "s2": 12, "c3": 1_516, "s4": 32, "c5": 48_120, "f6": 10_164, "output": 0}
    assert {name: d[name].trainable for name in parameters} == parameters
    assert (d.trainable, d.non_trainable) == (60_000, 840)
    assert d.output_shape[1:] == (10,)
    assert str(zoo.lenet5_1998().derive().domain) == "H >= 32 and W >= 32"


def test_the_connections_of_the_original():
    """340,908 in all: products and biases of convolutions, sums and biases of subsampling, distances."""
    d = zoo.lenet5_1998().derive(H=32, W=32)
    biases = sum(d[name].activations for name in ("c1", "s2", "c3", "s4", "c5", "f6"))
    sums = 4 * (d["s2"].activations + d["s4"].activations)
    assert d["c1"].macs + d["c1"].activations == 122_304
    assert d["c3"].macs + d["c3"].activations == 151_600
    assert d.macs + biases + sums == 340_908


def test_the_original_has_one_table_only():
    with pytest.raises(UsageError, match="F1 = 6 and F2 = 16 filters, not for 8 and 16"):
        zoo.lenet(8, 16, form="original")
