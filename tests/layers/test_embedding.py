"""Embeddings: closed forms, conditions, errors."""

from __future__ import annotations

import pytest

from symshape.errors import ConditionError, GraphError, UsageError
from symshape.layers import Embedding, EmbeddingBag, ReversibleEmbedding
from symshape.network import Input, Network, Sequential


def test_a_row_for_each_token():
    d = Sequential(Input("L"), Embedding("V", "E")).derive()
    assert str(d.output_shape) == "(N, L, E)"
    assert str(d.params) == "E*V"
    assert d.macs == 0


def test_tokens_in_a_grid():
    d = Sequential(Input("H", "W"), Embedding(10, 4)).derive()
    assert str(d.output_shape) == "(N, H, W, 4)"


@pytest.mark.parametrize("index", [-11, 10])
def test_padding_lies_within_the_vocabulary(index):
    with pytest.raises(ConditionError, match="within the vocabulary"):
        Sequential(Input("L"), Embedding(10, 4, padding_index=index)).derive()
    d = Sequential(Input("L"), Embedding("V", 4, padding_index=index)).derive()
    assert str(d.domain["V"]) == "{n : n ≥ 11}"


def test_bags():
    rows = Sequential(Input("L"), EmbeddingBag(10, 4)).derive()
    assert str(rows.output_shape) == "(N, 4)"
    tokens, offsets = Input(batch="L"), Input(batch="B")
    for last, bags in ((False, "B"), (True, "B - 1")):
        d = Network((tokens, offsets), EmbeddingBag(10, 4, last_offset=last)(tokens, offsets)).derive()
        assert str(d.output_shape) == f"({bags}, 4)"


def test_bad_bags():
    with pytest.raises(GraphError, match="bags as the rows"):
        Sequential(Input("L", "M"), EmbeddingBag(10, 4)).derive()
    with pytest.raises(UsageError, match="sum, mean or max"):
        EmbeddingBag(10, 4, mode="median")


def test_backwards():
    d = Sequential(Input("L", 8), ReversibleEmbedding("V", 8, reverse=True)).derive()
    assert str(d.output_shape) == "(N, L, V)"
    assert str(d.macs) == "8*L*V"
    assert d.at(V=5).params == 40
    untied = Sequential(Input("L", 8), ReversibleEmbedding(5, 8, tied=False, reverse=True)).derive()
    assert untied.params == 80
