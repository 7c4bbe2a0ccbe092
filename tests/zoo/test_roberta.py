"""RoBERTa: BERT's closed form with other tables, and every member against transformers."""

from __future__ import annotations

import pytest

from symshape import zoo

from .against import agrees_with_torch, reading, transformer


def test_is_bert_with_other_tables():
    roberta, bert = zoo.roberta().derive(), zoo.bert(segments=1).derive()
    assert roberta.params == bert.params
    assert roberta.macs == bert.macs
    assert str(roberta.domain) == "L + 2 <= T and d % h == 0"
    assert zoo.roberta_base().derive().params == 124_645_632


PRESETS = zoo.FAMILIES["roberta"].presets


def _agrees(name, length, kind="Model", **more):
    knobs = {**PRESETS[name], **more}
    config = {
        "num_hidden_layers": knobs["n"],
        "hidden_size": knobs["d"],
        "num_attention_heads": knobs["h"],
        "intermediate_size": 4 * knobs["d"],
        "vocab_size": knobs["V"],
        "max_position_embeddings": knobs["T"],
        "type_vocab_size": 1,
    }
    code = "XLMRoberta" if name.startswith("xlm") else "Roberta"
    make = transformer(f"{code}{kind}", f"{code}Config", **config)
    agrees_with_torch(name, make, run=reading(length), knobs=more, L=length)


@pytest.mark.frameworks
@pytest.mark.parametrize("name", PRESETS)
def test_transformers(name):
    _agrees(name, 131, n=2)


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_every_member_in_full(name):
    _agrees(name, 512)


@pytest.mark.frameworks
def test_head():
    _agrees("roberta_base", 77, kind="ForMaskedLM", n=2, head="mlm", pooler=False)
