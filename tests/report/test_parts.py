"""Parts and approximations: what a family's report tells apart, in every format, and that the numbers add up."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest

from symshape import zoo
from symshape.algebra.equality import equal_everywhere
from symshape.declaration import as_value
from symshape.errors import UnknownName, UsageError
from symshape.network import Estimate
from symshape.report import report
from symshape.report.build import build


@pytest.fixture(scope="module")
def small() -> Any:
    return zoo.bert_tiny(V=1000).derive()


@pytest.mark.parametrize(
    "name",
    [
        *("bert", "bert_tiny", "roberta_base", "gpt", "gpt2", "llama", "llama_3_8b", "mixtral_8x7b", "t5", "t5_small"),
        *("layoutlm_base", "layoutlmv3_base", "resnet50"),
    ],
)
def test_parts_add_up(name: str) -> None:
    view = build(zoo.named(name).derive())
    if not view.shares:
        assert not zoo.family_of(name).parts
        return
    derivation = zoo.named(name).derive()
    for metric in ("params", "macs"):
        forms = [getattr(share, metric) for share in view.shares]
        total: Any = 0
        for form in forms:
            total = total + as_value(form)
        assert equal_everywhere(total, derivation.value(metric))


def test_every_part_is_somewhere() -> None:
    """A part that no member has would be a name misspelt."""
    for family in zoo.FAMILIES.values():
        members = [family(), *map(family.preset, family.presets)]
        for knob, words in family.knobs.items():
            for choice in () if isinstance(words, str) else words:
                with suppress(UsageError):  # some choices go with others only
                    members.append(family(**{knob: choice}))
        found = {name for network in members for name in network.layers}
        for title, paths in family.parts.items():
            assert {path.partition("/")[0] for path in paths} & found, f"{family.name}: {title}"


def test_numbers_at_the_point(small: Any) -> None:
    view = build(small)
    shares = {share.title: (share.params_at, share.macs_at) for share in view.shares}
    assert sum(params or 0 for params, _ in shares.values()) == view.total("params").at
    assert sum(macs or 0 for _, macs in shares.values()) == view.total("macs").at
    step = view.approximations[1]
    assert str(step.exact) == "6*MACs"
    assert (step.exact_at, step.approximate_at) == (6 * small.at(L=128).macs, 6 * small.params * 128)
    assert step.difference_at == step.exact_at - step.approximate_at


def test_approximations_in_symbols() -> None:
    view = build(zoo.bert().derive())
    first = view.approximations[0]
    assert (str(first.exact), str(first.approximate)) == ("params", "12*n*d**2")
    assert "n**2" not in str(first.difference)
    assert "12*d**2*n" not in str(first.difference)
    meanings = {entry.symbol.name: entry.meaning for entry in view.glossary}
    assert meanings["n"] == "number of encoder layers"
    assert meanings["T"] == "most positions that a text may have"


def test_what_a_formula_may_speak_of() -> None:
    network = zoo.bert_tiny()
    network.estimates = (Estimate("wrong", "params", "12*m*d**2", "no symbol m"),)
    with pytest.raises(UnknownName, match="speaks of m"):
        build(network.derive())


def test_an_edited_network_keeps_no_estimates() -> None:
    deeper = zoo.bert_tiny().replace("encoder", times=5)
    assert deeper.estimates == ()
    assert [share.title for share in build(deeper.derive()).shares][:2] == ["embedding", "attention"]


@pytest.mark.parametrize("format", ["md", "tex", "html", "txt"])
def test_every_format_shows_them(small: Any, format: str) -> None:
    text = report(small, format=format)
    for heading in ("Part by part", "Well-known approximations"):
        assert text.count(heading) >= 1
    for word in ("embedding", "attention", "feed-forward", "pooler", "6·N·D", "too high"):
        assert word in text


def test_in_json(small: Any) -> None:
    read = json.loads(report(small, format="json"))
    assert [share["title"] for share in read["shares"]] == ["embedding", "attention", "feed-forward", "pooler"]
    assert read["approximations"][0]["approximate"] == "12*n*d**2"


def test_active_parameters_where_they_are_fewer() -> None:
    text = report(zoo.mixtral_8x7b().derive(), format="txt")
    assert "active = 12\u202f879\u202f925\u202f248" in text
    assert "Active parameters" not in report(zoo.bert_tiny().derive(), format="txt")


@pytest.mark.parametrize("family", ["bert", "gpt", "llama", "t5"])
def test_sources_of_approximations_are_listed(family: str) -> None:
    view = build(zoo.FAMILIES[family]().derive())
    listed = {row.number for row in view.sources}
    assert {row.source.number for row in view.approximations} <= listed
    assert listed == set(range(1, len(listed) + 1))
