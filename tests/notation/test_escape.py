"""Whatever a layer is called, its name is shown and does nothing else."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from symshape.notation import escape_html, escape_latex, escape_markdown, escape_text

HOSTILE = [
    "max_pooling2d",
    "_private_",
    "__init__",
    "a|b",
    "a\\|b\\",
    "`code`",
    "$x$ and $`y`$",
    "</script><script>alert(1)</script>",
    "<img src=x onerror='alert(\"1\")'>",
    "&lt;&#60;",
    "![i](javascript:x) [l](u) [r]: u",
    "*bold* ~~struck~~",
    "# heading",
    "> quote",
    "- item",
    "+ item",
    "1. item",
    "12) item",
    "---",
    "===",
    "    code",
    "first\n\n# second\r\n| cell |",
    "\tindented",
    "www.example.org https://example.org me@example.org @me",
    "\\input{/etc/passwd}\\write18{x} 50% #1 ^^M ~ {",
    "\x00\x1b[2Jcleared\x7f\x9b",
    "left\u202eright \u2066 \ufeff \ufffe",
    "\u2028\u2029\x85",
    "层 ñandú ẞ 🙂 👩\u200d🔬",
    "",
]
names = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=12),
    st.text(st.sampled_from("\\|`*_[]()<>&$#~!-+=.:/@ \n\tw1a"), max_size=12),
)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("conv\n2d", "conv 2d"),
        ("a\r\n\tb", "a b"),
        ("\x00\x1b\x7f", "␀␛\N{REPLACEMENT CHARACTER}"),
        ("a\u202eb\ufeff\ud800", "a\N{REPLACEMENT CHARACTER}b" + 2 * "\N{REPLACEMENT CHARACTER}"),
        ("层 ñ 🙂 👩\u200d🔬 62\u202f958", "层 ñ 🙂 👩\u200d🔬 62\u202f958"),
    ],
)
def test_text(name: str, shown: str) -> None:
    assert escape_text(name) == shown


@given(names)
def test_html_shows_the_name(name: str) -> None:
    escaped = escape_html(name)
    assert not set("<>\"'") & set(escaped)
    assert unescape(escaped) == escape_text(name)
    element = ElementTree.fromstring(f'<p title="{escaped}">{escaped}</p>')
    assert (element.text or "") == element.get("title") == escape_text(name)


def paragraph(markdown: str) -> str:
    return str(MARKDOWN.render(markdown)).removeprefix("<p>").removesuffix("</p>\n")


def cell(markdown: str) -> str:
    (content,) = re.findall("<td>(.*)</td>", MARKDOWN.render(f"| name |\n|---|\n| {markdown} |\n"))
    return str(content)


def emphasised(markdown: str) -> str:
    return paragraph(f"**x{markdown}x**").removeprefix("<strong>x").removesuffix("x</strong>")


@given(names)
def test_markdown_shows_the_name(name: str) -> None:
    escaped = escape_markdown(name)
    for place in (paragraph, cell, emphasised):
        html = re.sub("<span>([$@])</span>", r"\1", place(escaped))
        assert "<" not in html
        assert unescape(html).strip() == escape_text(name).strip()


@given(names)
def test_markdown_leaves_nothing_to_tables_math_and_links(name: str) -> None:
    escaped = escape_markdown(name)
    assert not set("|`$@\n") & set(escaped)
    assert "://" not in escaped
    assert "www." not in escaped.lower()


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("max_pooling2d", "max_pooling2d"),
        ("_x_", r"\_x\_"),
        ("*a* [b] <c>", r"\*a\* \[b\] &lt;c&gt;"),
        ("a|b", "a&#124;b"),
        ("3. x", r"3\. x"),
        ("3.5", r"3\.5"),
        ("5×5, K − 1", "5×5, K − 1"),
    ],
)
def test_markdown(name: str, escaped: str) -> None:
    assert escape_markdown(name) == escaped


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("max_pooling2d", r"max\_pooling2d"),
        ("\\input{x}", r"\textbackslash{}input\{x\}"),
        ("50% & #1 $", r"50\% \& \#1 \$"),
        (
            '~^`|<>"',
            r"\textasciitilde{}\textasciicircum{}\textasciigrave{}\textbar{}\textless{}\textgreater{}\textquotedbl{}",
        ),
        ("[x]*", "{[}x{]}{*}"),  # \\[x] and \\* mean something at the end of a table's row
        ("a--b", "a-{}-b"),
        ("a\n\nb", "a b"),
        ("e\u0301", "é"),
        ("62\u202f958 ≥ α", r"62\,958 \ensuremath{\ge} \ensuremath{\alpha}"),
        ("H₁ 2ⁿ", r"H\textsubscript{1} 2\textsuperscript{n}"),
        ("层\x1b", r"\texttt{U+5C42}\texttt{U+001B}"),
        ("×—“é”", "×—“é”"),
    ],
)
def test_latex(name: str, escaped: str) -> None:
    assert escape_latex(name) == escaped


@given(names)
def test_latex_has_only_known_commands(name: str) -> None:
    escaped = escape_latex(name)
    assert escaped.isprintable()
    rest = re.sub(r"\\(text[a-z]+|ensuremath)\{(\\?[\w+-]*)\}|\\[{}$&#%_,]|-\{\}|[',]\{\}|\{[]*[]\}", "", escaped)
    assert not set('\\{}$&#%_^`|<>"[]*') & set(rest)
