"""Preprocessing layers: shapes in symbols, conditions, errors."""

from __future__ import annotations

import pytest

import symshape
from symshape.errors import ConditionError, GraphError, UnsupportedLayer, UsageError
from symshape.layers import (
    Augmentation,
    CategoryEncoding,
    CenterCrop,
    Discretization,
    Hashing,
    Lookup,
    Resizing,
)
from symshape.network import Input, Sequential


def alone(layer, *sizes):
    return Sequential(Input(*sizes), layer).derive()


@pytest.mark.parametrize(
    ("layer", "sizes", "shape"),
    [
        (Resizing("S", 224), ("H", "W", 3), "(N, S, 224, 3)"),
        (CenterCrop(5, 6, channels="first"), (3, "H", "W"), "(N, 3, 5, 6)"),
        (Augmentation(), ("H", "W", "C"), "(N, H, W, C)"),
        (CategoryEncoding("V"), ("L",), "(N, V)"),
        (CategoryEncoding(10, mode="one_hot"), (1,), "(N, 10)"),
        (CategoryEncoding(10, mode="one_hot"), (4, 1), "(N, 4, 10)"),
        (CategoryEncoding(10, mode="one_hot"), (4, 2), "(N, 4, 2, 10)"),
        (Discretization(boundaries=4), ("L",), "(N, L)"),
        (Discretization(boundaries=4, mode="count"), ("L", 7), "(N, 7, 5)"),
        (Discretization(6, mode="one_hot"), ("L",), "(N, L, 6)"),
        (Hashing(8), ("L",), "(N, L)"),
        (Hashing(8, mode="one_hot"), (1,), "(N, 8)"),
        (Hashing(8, mode="multi_hot"), ("L",), "(N, 8)"),
        (Lookup(), ("L",), "(N, L)"),
        (Lookup("V", mode="tf_idf"), ("L",), "(N, V)"),
        (Lookup(5, most=9, padded=True, mode="multi_hot"), ("L",), "(N, 9)"),
    ],
)
def test_shapes(layer, sizes, shape):
    d = alone(layer, *sizes)
    assert str(d.output_shape) == shape
    assert (d.params, d.macs) == (0, 0)


def test_rows_take_the_place_of_a_single_number_also_later():
    d = alone(CategoryEncoding(10, mode="one_hot"), "L")
    assert str(d.output_shape) == "(N, L, 10)"
    assert str(d.domain["L"]) == "{n : n ≥ 2}"
    assert str(d.at(L=1).output_shape) == "(N, 10)"
    assert str(d.at(L=3).output_shape) == "(N, 3, 10)"


def test_colour_is_wanted():
    with pytest.raises(ConditionError, match="grey or coloured"):
        alone(Augmentation(channel_counts=(1, 3)), "H", "W", 4)


def test_bad_use():
    with pytest.raises(UsageError, match="not both"):
        Resizing(3, 3, crop=True, pad=True)
    with pytest.raises(UsageError, match="the mode is one of"):
        CategoryEncoding(3, mode="int")
    with pytest.raises(GraphError, match="for inputs of 2 dimensions"):
        alone(CategoryEncoding(3), "L", 2)
    with pytest.raises(GraphError, match="at least 2 dimensions"):
        alone(Discretization(3, mode="count"))
    with pytest.raises(UsageError, match="number of bins"):
        Discretization()
    with pytest.raises(ConditionError, match="plans another shape than it makes"):
        alone(Hashing(3, mode="one_hot"), 4)
    with pytest.raises(UsageError, match="not known yet"):
        Lookup(mode="count")


def model(kind, **config):
    """A Keras file of one layer."""
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {
            "name": "model",
            "layers": [
                {
                    "module": "keras.layers",
                    "class_name": "InputLayer",
                    "config": {"batch_shape": [None, 4], "name": "x"},
                },
                {"module": "keras.layers", "class_name": kind, "config": {"name": "layer", **config}},
            ],
        },
        "registered_name": "Sequential",
    }


# Keras cannot make these without TensorFlow: what it writes of them is taken from their get_config.
VOCABULARY = {
    "invert": False,
    "max_tokens": 20,
    "num_oov_indices": 1,
    "oov_token": -1,
    "mask_token": None,
    "output_mode": "multi_hot",
    "sparse": False,
    "pad_to_max_tokens": False,
    "idf_weights": None,
    "vocabulary": [3, 5, 7],
    "vocabulary_size": 4,
    "oov_method": "floormod",
    "salt": None,
}


@pytest.mark.parametrize(
    ("kind", "config", "shape"),
    [
        ("Hashing", {"num_bins": 7, "salt": None, "mask_value": None, "output_mode": "count", "sparse": False}, (7,)),
        ("IntegerLookup", {**VOCABULARY, "vocabulary_dtype": "int64"}, (4,)),
        ("StringLookup", {**VOCABULARY, "encoding": "utf-8"}, (4,)),
        ("StringLookup", {**VOCABULARY, "encoding": "utf-8", "pad_to_max_tokens": True}, (20,)),
        ("StringLookup", {**VOCABULARY, "encoding": "utf-8", "output_mode": "int", "vocabulary_size": None}, (4,)),
    ],
)
def test_layers_that_need_tensorflow(kind, config, shape):
    network = symshape.load(model(kind, **config))
    assert network.derive(**{k: v for k, v in network.native.items() if k != "N"}).output_shape[1:] == shape


def test_sparse_rows_are_not_covered():
    with pytest.raises(UnsupportedLayer, match="sparse"):
        symshape.load(model("IntegerLookup", **{**VOCABULARY, "sparse": True}))
