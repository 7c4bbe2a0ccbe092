"""LaTeX that any compiler accepts, whatever layers are called; compiling it is in test_rendering."""

from __future__ import annotations

import re

import pytest

from symshape.network import Network
from symshape.notation import text
from symshape.report import report
from symshape.report.formats.latex import WIDTH
from symshape.report.prose import pieces, stacked
from symshape.written import Add, Symbol, symbols

COMMANDS = re.compile(r"\\([A-Za-z]+)")


def body(text: str) -> str:
    return text.split("\\begin{document}")[1].split("\\end{document}")[0]


def check(text: str) -> None:
    """Braces and environments are closed in the order in which they were opened, and nothing reads files."""
    assert text.count("\\begin{document}") == text.count("\\end{document}") == 1
    bare = re.sub(r"\\[\\{}$&#%_ ,!]", "", body(text))
    assert not re.search(r"\\(?:input|include|write|openin|read|csname|catcode)\b", text)
    stack: list[str] = []
    for match in re.finditer(r"\\(begin|end)\{(\w+\*?)\}|[{}]", bare):
        if match.group(1) == "begin":
            stack.append(match.group(2))
        elif match.group(1) == "end":
            assert stack.pop() == match.group(2)
        elif match.group() == "{":
            stack.append("{")
        else:
            assert stack.pop() == "{"
    assert stack == []
    assert bare.count("$") % 2 == 0
    assert "%" not in bare


def test_everything_is_closed(everything: list[Network]) -> None:
    for network in everything:
        check(report(network.derive(), format="tex"))


@pytest.mark.parametrize("bound", [{}, {"H": 4, "W": 4}])
def test_hostile_names_are_only_names(hostile: Network, bound: dict[str, int], lenet: Network) -> None:
    text = report(hostile.derive(**bound), format="tex")
    check(text)
    usual = set(COMMANDS.findall(report(lenet.derive(), format="tex")))
    unusual = set(COMMANDS.findall(body(text))) - usual
    assert unusual <= {
        *("textbackslash", "textasciitilde", "textasciigrave", "textless", "textgreater", "textbar", "textquotedbl"),
        *("texttt", "textasciicircum", "ensuremath", "textsubscript", "textsuperscript"),
    }, unusual


def test_long_sums_are_broken_into_even_lines() -> None:
    from symshape.notation import Line
    from symshape.report.prose import folded

    letters = symbols("abcdefgh ijklmnop qrstuvwx ABCDEFGH IJKLMNOP QRSTUVWX")
    total = Add(tuple(a * b for a, b in zip(letters, reversed(letters), strict=True)))
    lines = folded([Line(Symbol("x"), "=", total, ("at ", letters[0], ": ", letters[1]))], 60)
    assert [line.sign for line in lines] == ["=", "+", "+", "="]
    assert lines[-1].near
    sizes = [stacked(line.right) for line in lines[:-1] if line.right is not None]
    assert max(sizes) <= 60
    assert max(sizes) - min(sizes) < 30


def test_a_factor_that_stands_alone_on_a_line_keeps_its_brackets() -> None:
    a, b = symbols("a_long_name another_long_name")
    (_, first), (dot, second) = pieces((a + 1) * (b - 1), 20)
    assert (text(first), dot, text(second)) == ("(a_long_name + 1)", "·", "(another_long_name − 1)")


def test_closed_forms_of_large_networks_fit_the_page(published: object) -> None:
    text = report(published("InceptionV3").derive(), format="tex")  # type: ignore[operator]
    block = text.split("\\mathrm{MACs} &=")[1].split("\\end{aligned}")[0]
    assert block.count("\\\\") == 2  # two lines of terms, and the number
    assert WIDTH > 80


def test_large_tables_come_after_the_answers(published: object, lenet: Network) -> None:
    large = report(published("ResNet50").derive(), format="tex")  # type: ignore[operator]
    assert large.index("\\section{Closed forms}") < large.index("\\section{The layers}")
    small = report(lenet.derive(), format="tex")
    assert small.index("\\section{The layers}") < small.index("\\section{Closed forms}")


def test_references_lead_somewhere(everything: list[Network]) -> None:
    for network in everything:
        text = report(network.derive(), format="tex")
        targets = set(re.findall(r"\\target\{([\w.-]+)\}", text))
        assert set(re.findall(r"\\hyperlink\{([\w.-]+)\}", text)) <= targets
