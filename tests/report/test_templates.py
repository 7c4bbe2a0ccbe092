"""Templates: ours compute nothing, a user's override ours block by block, and none can say too much."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from symshape.derivation import Derivation
from symshape.errors import FormatError
from symshape.network import Network
from symshape.report import report
from symshape.report.build import build
from symshape.report.folder import template_folder
from symshape.report.format import Options
from symshape.report.formats import chosen
from symshape.report.view import View

ENDINGS = ("md", "tex", "html", "txt")
TEX = {
    "block_start_string": "<%",
    "block_end_string": "%>",
    "variable_start_string": "<<",
    "variable_end_string": ">>",
    "comment_start_string": "<#",
    "comment_end_string": "#>",
}
MARK = "MARKED BY HAND"
PARTS = (
    *(
        "title",
        "answers",
        "table",
        "closed_forms",
        "closed_form",
        "memory",
        "domain",
        "layers",
        "layer",
        "brief",
        "size",
    ),
    *("findings", "finding", "weights", "count", "sources", "glossary", "conventions", "notes", "footer"),
)


def source(ending: str) -> str:
    return (template_folder() / f"report.{ending}.j2").read_text(encoding="utf-8")


def tree(ending: str) -> nodes.Template:
    return Environment(**(TEX if ending == "tex" else {})).parse(source(ending))  # type: ignore[arg-type]


def blocks(ending: str) -> list[str]:
    return [block.name for block in tree(ending).find_all(nodes.Block)]


def child(ending: str, *overridden: tuple[str, str]) -> str:
    begin, end = ("<%", "%>") if ending == "tex" else ("{%", "%}")
    said = [f'{begin} extends "base/report.{ending}.j2" {end}']
    said += [f"{begin} block {name} {end}{text}{begin} endblock {end}" for name, text in overridden]
    return "\n".join(said)


@pytest.fixture(scope="module")
def derived(lenet: Network) -> Derivation:
    return lenet.derive()


@pytest.fixture(scope="module")
def view(derived: Derivation) -> View:
    return replace(build(derived), answers=(derived.solve("H_out == 5"),))


def rendered(view: View, folder: Path, ending: str, text: str) -> str:
    (folder / f"report.{ending}.j2").write_text(text, encoding="utf-8")
    return chosen(None, ending).render(view, Options(templates=folder))


# -- ours --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ending", ENDINGS)
def test_templates_lay_out_and_compute_nothing(ending: str) -> None:
    arithmetic = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.Neg)
    assert not list(tree(ending).find_all((*arithmetic, nodes.Concat)))
    assert "safe" not in {found.name for found in tree(ending).find_all(nodes.Filter)}


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_part_is_a_named_block(ending: str) -> None:
    assert set(PARTS) <= set(blocks(ending))


# -- a user's ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("ending", "name"), [(ending, name) for ending in ENDINGS for name in blocks(ending)])
def test_one_block_can_be_replaced_alone(view: View, tmp_path: Path, ending: str, name: str) -> None:
    text = rendered(view, tmp_path, ending, child(ending, (name, MARK))).replace(r"\_\allowbreak{}", "_")
    assert MARK in text
    if name not in ("layers", "layer"):
        assert "conv2d_1" in text
    if name != "footer":
        assert "Derived by symshape" in text


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_replaced_block_can_keep_what_was_there(view: View, tmp_path: Path, ending: str) -> None:
    said = "<< super() >>" if ending == "tex" else "{{ super() }}"
    text = rendered(view, tmp_path, ending, child(ending, ("footer", said)))
    assert text.rstrip() == chosen(None, ending).render(view, Options()).rstrip()


def test_a_whole_template_of_ones_own(view: View, tmp_path: Path) -> None:
    text = rendered(
        view,
        tmp_path,
        "md",
        "{% for section in page.sections %}{{ section.view.name }}: {{ section.view.params }}\n{% endfor %}",
    )
    assert text.splitlines()[1:4] == ["conv2d: 608", "max_pooling2d: 0", "conv2d_1: 3216"]


def test_formats_without_a_template_of_ones_own_keep_ours(derived: Derivation, tmp_path: Path) -> None:
    (tmp_path / "report.md.j2").write_text(MARK)
    assert report(derived, format="txt", templates=tmp_path) == report(derived, format="txt")


def test_a_folder_that_does_not_exist_is_named(derived: Derivation, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="nowhere"):
        report(derived, format="md", templates=tmp_path / "nowhere")


# -- and none can say too much -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ nonsense }}", "nonsense"),
        ("{{ page.nonsense }}", "nonsense"),
        ("{{ page.view.layers[99].name }}", "99"),
        ("{{ page }}", "Page cannot be printed"),
        ("{{ page.sections[0].weights }}", "NoneType cannot be printed"),
        ("{{ page.__class__ }}", "__class__"),
        ("{{ page.view.total.__globals__ }}", "__globals__"),
        ("{% if %}", "line 1"),
        ('{% include "../../../etc/passwd" %}', "passwd"),
        ('{% extends "base/nothing.j2" %}', "nothing"),
    ],
)
def test_a_broken_template_is_one_clear_error(view: View, tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(FormatError, match=re.escape(says)) as caught:
        rendered(view, tmp_path, "md", text)
    assert str(caught.value).startswith("the template report.md.j2") or "template" in str(caught.value)


@pytest.mark.parametrize(
    ("ending", "escaped"),
    [("md", "&lt;b&gt;"), ("html", "&lt;b&gt;"), ("tex", r"\textless{}b\textgreater{}"), ("txt", "<b>")],
)
def test_what_a_template_prints_is_escaped(lenet: Network, tmp_path: Path, ending: str, escaped: str) -> None:
    named = Network.of_nodes(lenet.nodes, lenet.inputs, lenet.outputs, "<b>")
    printed = "<< page.view.title >>" if ending == "tex" else "{{ page.view.title }}"
    assert rendered(build(named.derive()), tmp_path, ending, printed) == escaped
