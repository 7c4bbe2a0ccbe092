"""BERT: its closed forms, and every member against transformers, weight by weight and product by product."""

from __future__ import annotations

import pytest

from symshape import zoo
from symshape.errors import ConditionError, UsageError

from .against import agrees_with_torch, reading, transformer


def test_closed_forms_in_depth_and_width():
    d = zoo.bert().derive()
    assert str(d.params) == "d*n*(12*d + 13) + d*(d + 1) + d*(T + V + 4)"
    assert str(d.macs) == "2*L*d*n*(L + 6*d) + d**2"
    assert str(d.domain) == "L <= T and d % h == 0"
    here = d.at(n=12, d=768, h=12, V=30522, T=512, L=128)
    assert (here.params, here.macs) == (109_482_240, 11_174_215_680)


def test_parts_are_told_apart():
    d, parts = zoo.bert().derive(), zoo.FAMILIES["bert"].parts
    params = {title: str(d.part(parts[title][0], "params")) for title in parts if title != "head"}
    assert params == {
        "embedding": "d*(T + V + 4)",
        "attention": "2*d*n*(2*d + 3)",
        "feed-forward": "d*n*(8*d + 7)",
        "pooler": "d**2 + d",
    }
    here = zoo.bert_base().derive(L=128)
    products = here.part("encoder/attention/heads", "macs")
    assert products == 301_989_888
    assert here.macs - products == 10_872_225_792


@pytest.mark.parametrize("n", [0, 1, 3])
def test_depth_is_unrolled_alike(n):
    sizes = {"d": 32, "h": 4, "V": 50, "T": 20, "d_ff": 40}
    general, special = zoo.bert(d_ff="d_ff").derive().at(n=n, L=7, **sizes), zoo.bert(n, **sizes).derive(L=7)
    for metric in ("params", "macs", "activations"):
        assert general.value(metric) == special.value(metric)


def test_refuses_what_does_not_fit():
    with pytest.raises(ConditionError, match="every position has a row"):
        zoo.bert_base().derive(L=513)
    with pytest.raises(ConditionError, match="equal share"):
        zoo.bert(n=1, d=10, h=3).derive()
    with pytest.raises(UsageError, match="pooler"):
        zoo.bert(head="classes", pooler=False)


PRESETS = zoo.FAMILIES["bert"].presets


def _agrees(name, length, **more):
    knobs = {**PRESETS[name], **more}
    config = {
        "num_hidden_layers": knobs["n"],
        "hidden_size": knobs["d"],
        "num_attention_heads": knobs["h"],
        "intermediate_size": 4 * knobs["d"],
        "vocab_size": knobs["V"],
    }
    agrees_with_torch(
        name, transformer("BertModel", "BertConfig", **config), run=reading(length), knobs=more, L=length
    )


@pytest.mark.frameworks
@pytest.mark.parametrize("name", PRESETS)
def test_transformers(name):
    _agrees(name, 77, n=2)


@pytest.mark.frameworks
@pytest.mark.parametrize("length", [128, 77])
def test_transformers_in_full(length):
    _agrees("bert_base", length)


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_every_member_in_full(name):
    _agrees(name, 128)


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("kind", "knobs"),
    [
        ("BertForMaskedLM", {"head": "mlm", "pooler": False}),
        ("BertForSequenceClassification", {"head": "classes"}),
    ],
)
def test_heads(kind, knobs):
    make = transformer(kind, "BertConfig", num_hidden_layers=2)
    agrees_with_torch("bert_base", make, run=reading(33), knobs={**knobs, "n": 2}, L=33)
