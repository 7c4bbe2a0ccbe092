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


@pytest.mark.frameworks
@pytest.mark.parametrize("name", zoo.FAMILIES["roberta"].presets)
def test_transformers(name):
    knobs = zoo.FAMILIES["roberta"].presets[name]
    config = {
        "num_hidden_layers": knobs["n"],
        "hidden_size": knobs["d"],
        "num_attention_heads": knobs["h"],
        "intermediate_size": 4 * knobs["d"],
        "vocab_size": knobs["V"],
        "max_position_embeddings": knobs["T"],
        "type_vocab_size": 1,
    }
    kind = "XLMRoberta" if name.startswith("xlm") else "Roberta"
    agrees_with_torch(name, transformer(f"{kind}Model", f"{kind}Config", **config), run=reading(131), L=131)


@pytest.mark.frameworks
def test_head():
    make = transformer("RobertaForMaskedLM", "RobertaConfig", vocab_size=50265, max_position_embeddings=514, type_vocab_size=1)
    agrees_with_torch("roberta_base", make, run=reading(512), knobs={"head": "mlm", "pooler": False}, L=512)
