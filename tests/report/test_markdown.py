"""Markdown as GitHub reads it: tables stay tables, math stays math, names stay names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from symshape.network import Network
from symshape.report import report

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
OUR_HTML = re.compile(r'</?(?:details|summary)>\n?|<a id="layer-[\w.-]+">|</a>|</?span>|<br>')


def tokens(text: str) -> Iterator[Token]:
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def formulas(text: str) -> Iterator[str]:
    """Every formula, inline and set apart, checking that each inline one is a code span between dollars."""
    for token in PARSER.parse(text):
        if token.type == "fence" and token.info == "math":
            yield token.content
        children = token.children or []
        for place, child in enumerate(children):
            if child.type == "code_inline":
                assert children[place - 1].content.endswith("$"), child.content
                assert children[place + 1].content.startswith("$"), child.content
                yield child.content


def balanced(formula: str) -> bool:
    bare = re.sub(r"\\[\\{}$&#%_|]", "", formula)
    ends = Counter(re.findall(r"\\(begin|end|left|right)\b", bare))
    return bare.count("{") == bare.count("}") and ends["begin"] == ends["end"] and ends["left"] == ends["right"]


def test_math_survives(everything: list[Network]) -> None:
    for network in everything:
        text = report(network.derive(), format="md")
        found = list(formulas(text))
        outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        fences = len(re.findall(r"^```math$", text, flags=re.MULTILINE))
        assert len(found) == outside.count("$`") + fences
        for formula in found:
            assert balanced(formula), formula
            assert "operatorname" not in formula
            assert not re.search(r"(?<!\\)\|", formula)
            assert "$" not in formula


def test_tables_have_as_many_cells_as_columns(everything: list[Network]) -> None:
    for network in everything:
        text = report(network.derive(), format="md")
        kinds = Counter(token.type for token in PARSER.parse(text))
        assert kinds["table_open"] == 2 + sum(1 for line in text.splitlines() if line.startswith("| weight |"))
        for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
            rows = block.splitlines()
            assert len({row.count("|") for row in rows}) == 1, block


def test_numbers_are_grouped_by_thin_spaces(lenet: Network) -> None:
    text = report(lenet.derive(), format="md")
    assert "62\u202f958 at 32 × 32" in text
    assert "| 28\u00a0×\u00a028\u00a0×\u00a08 | 608 | 470\u202f400 |" in text
    assert r"470\,400" in text


def test_the_picture_is_a_diagram(residual: Network) -> None:
    (diagram,) = [t.content for t in PARSER.parse(report(residual.derive(), format="md")) if t.info == "mermaid"]
    assert diagram.startswith("flowchart TD\n")
    assert "n1 --> n5" in diagram
    assert '["1 · conv2d<br>16 × 16 × 8"]' in diagram


def test_large_networks_have_no_picture_and_a_folded_table(published: Callable[[str], Network]) -> None:
    text = report(published("ResNet50").derive(), format="md")
    assert "mermaid" not in text
    assert "A picture of 177 layers would not be readable" in text
    assert "<summary>All 177 layers</summary>" in text
    assert sum(token.type == "table_open" for token in PARSER.parse(text)) > 10


def test_every_link_leads_somewhere(everything: list[Network]) -> None:
    for network in everything:
        text = report(network.derive(), format="md")
        targets = set(re.findall(r'<a id="([\w.-]+)">', text))
        links = {str(token.attrs["href"]) for token in tokens(text) if token.type == "link_open"}
        assert {link[1:] for link in links if link.startswith("#")} <= targets


@pytest.mark.parametrize("bound", [{}, {"H": 4, "W": 4}])
def test_hostile_names_are_only_names(hostile: Network, bound: dict[str, int]) -> None:
    text = report(hostile.derive(**bound), format="md")
    for token in tokens(text):
        if token.type in ("html_inline", "html_block"):
            assert re.fullmatch(f"(?:{OUR_HTML.pattern}|\\s)*", token.content), token.content
        assert token.type not in ("image", "code_block"), token.content
        if token.type == "link_open":
            href = str(token.attrs["href"])
            assert href.startswith("#layer-") or href.startswith("https://"), href
        if token.type == "fence":
            assert token.info in ("math", "mermaid"), token.info
    heads = [token for token in PARSER.parse(text) if token.type == "heading_open" and token.tag == "h1"]
    assert len(heads) == 1
    list(formulas(text))
    (diagram,) = [token.content for token in PARSER.parse(text) if token.info == "mermaid"]
    for line in diagram.splitlines()[1:]:
        plain = re.sub(r"#\d+;|<br>", "", line)
        assert re.fullmatch(r'    n\d+(?:\["[^]["<>(){}|`$&;#]*"\]| --> n\d+)', plain), line


def test_hostile_titles_are_only_titles(lenet: Network) -> None:
    text = report(lenet.derive(), format="md", title="<b>x</b>\n# y `z` $a$ [b](c)")
    (head,) = [token for token in PARSER.parse(text) if token.type == "inline" and token.level == 1][:1]
    assert not [c for c in head.children or () if c.type in ("code_inline", "link_open")]
    assert "<b>" not in text
