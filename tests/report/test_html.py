"""One HTML file that is well formed, needs nothing else and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from symshape.network import Network
from symshape.report import report

HTML = "{http://www.w3.org/1999/xhtml}"
MATH = "{http://www.w3.org/1998/Math/MathML}"
SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ElementTree.Element:
    assert text.startswith("<!DOCTYPE html>\n")
    return ElementTree.fromstring(text.split("\n", 1)[1])


def test_it_is_well_formed_and_needs_nothing_else(everything: list[Network]) -> None:
    for network in everything:
        text = report(network.derive(), format="html")
        root = parsed(text)
        assert {element.tag.replace(HTML, "") for element in root.iter()}.isdisjoint(
            {"script", "img", "iframe", "object", "embed", "link", "form", "video", "audio", "base"}
        )
        for element in root.iter():
            assert "src" not in element.attrib
            assert not any(name.startswith("on") for name in element.attrib)
            href = element.get("href", "#")
            assert href.startswith("#") or (element.tag == f"{HTML}a" and href.startswith("https://")), href
        style = root.find(f".//{HTML}style")
        assert style is not None
        assert "url(" not in (style.text or "")
        assert "@import" not in (style.text or "")


def test_the_policy_forbids_everything_but_styles(lenet: Network) -> None:
    root = parsed(report(lenet.derive(), format="html"))
    (policy,) = [m.get("content") for m in root.iter(f"{HTML}meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")


def test_ids_are_unique_and_every_link_leads_somewhere(everything: list[Network]) -> None:
    for network in everything:
        root = parsed(report(network.derive(), format="html"))
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
        links = [element.get("href", "") for element in root.iter() if element.get("href", "").startswith("#")]
        assert {link[1:] for link in links} <= set(ids)


def test_it_reads_well_without_eyes(lenet: Network) -> None:
    root = parsed(report(lenet.derive(), format="html"))
    assert root.get("lang") == "en"
    assert len(list(root.iter(f"{HTML}h1"))) == 1
    for tag in ("header", "nav", "main", "footer"):
        assert root.find(f".//{HTML}{tag}") is not None
    body = root.find(f"{HTML}body")
    assert body is not None
    assert body[0].get("href") == "#main"  # the link that skips the contents comes first
    for table in root.iter(f"{HTML}table"):
        heads = list(table.iter(f"{HTML}th"))
        assert heads
        assert all(head.get("scope") in ("col", "row") for head in heads)
    captions = [table for table in root.iter(f"{HTML}table") if table.find(f"{HTML}caption") is not None]
    assert len(captions) == 6  # the layers, and the weights of five
    for region in root.iter(f"{HTML}div"):
        if region.get("role") == "region":
            assert region.get("aria-label")
            assert region.get("tabindex") == "0"


def test_formulas_are_mathml(lenet: Network) -> None:
    root = parsed(report(lenet.derive(), format="html"))
    formulas = list(root.iter(f"{MATH}math"))
    assert len(formulas) > 50
    for formula in formulas:
        assert {element.tag for element in formula.iter()} <= {
            f"{MATH}{tag}"
            for tag in (
                *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msub", "msup", "msubsup"),
                *("mtable", "mtr", "mtd"),
            )
        }


def test_light_and_dark(lenet: Network) -> None:
    text = report(lenet.derive(), format="html")
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_a_chain_is_drawn_as_boxes_and_a_graph_with_arrows(lenet: Network, residual: Network) -> None:
    chain = parsed(report(lenet.derive(), format="html"))
    (drawn,) = [entry for entry in chain.iter(f"{HTML}ol") if entry.get("class") == "chain"]
    assert len(list(drawn)) == 9
    graph = parsed(report(residual.derive(), format="html"))
    (svg,) = list(graph.iter(f"{SVG}svg"))
    assert len(list(svg.iter(f"{SVG}rect"))) == 9
    assert len([path for path in svg.iter(f"{SVG}path") if path.get("class") == "way"]) == 9


def test_large_networks_have_no_picture(published: Callable[[str], Network]) -> None:
    text = report(published("EfficientNetB0").derive(), format="html")
    root = parsed(text)
    assert root.find(f".//{SVG}svg") is None
    assert 'class="long"' in text


@pytest.mark.parametrize("bound", [{}, {"H": 4, "W": 4}])
def test_hostile_names_are_only_names(hostile: Network, bound: dict[str, int]) -> None:
    text = report(hostile.derive(**bound), format="html")
    root = parsed(text)
    assert {element.tag.replace(HTML, "") for element in root.iter()}.isdisjoint({"script", "img"})
    shown = " ".join(root.itertext())
    assert "</script><script>alert(1)</script>" in shown
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202e\ud800]", text)
