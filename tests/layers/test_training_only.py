"""What only training runs keeps its weights and does nothing in use."""

from __future__ import annotations

import pytest

from symshape import Input, Sequential
from symshape.errors import UsageError
from symshape.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    GlobalAveragePooling2D,
    ReLU,
    TrainingOnly,
)

HEAD = (
    AveragePooling2D(5, stride=3),
    Conv2D(128, 1, bias=False, in_channels=768),
    BatchNormalization(statistics="buffers", in_channels=128),
    ReLU(),
    GlobalAveragePooling2D(),
    Dense(10, in_features=128),
)


def test_it_has_the_weights_of_its_layers_and_passes_its_input_whatever_the_size():
    d = Sequential(Input("H", "W", 768), TrainingOnly(HEAD)).derive()
    run = Sequential(Input(17, 17, 768), *HEAD).derive()
    assert str(d.output_shape) == "(N, H, W, 768)"
    assert (d.params, d.trainable, d.metric("buffers")) == (run.params, run.trainable, run.metric("buffers"))
    assert d.macs == 0
    assert str(d.domain) == "every size"
    assert [w.weight.name for w in d["training_only"].weights][:2] == ["conv2d/kernel", "batch_normalization/gamma"]


def test_widths_may_be_symbols():
    d = Sequential(Input("L", "C"), TrainingOnly((Dense("U", in_features="V"),))).derive()
    assert str(d.params) == "U*V + U"


def test_layers_that_do_not_say_what_they_take_are_refused():
    with pytest.raises(UsageError, match=r"conv2d/kernel depends on what enters its layer.*in_channels"):
        Sequential(Input("H", "W", 3), TrainingOnly((Conv2D(8, 3),))).derive()


def test_it_keeps_layers_only():
    with pytest.raises(UsageError, match="keeps layers, not 8"):
        TrainingOnly(8)
