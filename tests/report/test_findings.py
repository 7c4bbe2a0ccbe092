"""Answers to what-if questions as sections of a report, in every format and for a terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from symshape.errors import UsageError
from symshape.network import Network
from symshape.report import report
from symshape.report.findings import question_of, told
from symshape.report.formats.text import finding_text

QUESTIONS = ("solve", "compare", "sensitivity", "roofline", "explain", "search", "sweep")


def squeezed(text: str) -> str:
    return " ".join(text.replace("\N{NARROW NO-BREAK SPACE}", "").split())


def test_every_question_is_told(answers: list[Any]) -> None:
    assert {question_of(answer) for answer in answers} == set(QUESTIONS)
    for answer in answers:
        finding = told(answer)
        assert finding.heading
        assert finding.said or finding.table or finding.entries
    with pytest.raises(UsageError, match=r"the answers of .*solve.*, not a int"):
        told(3)


@pytest.mark.parametrize("ending", ["md", "tex", "html", "txt"])
def test_a_section_each(lenet: Network, answers: list[Any], ending: str) -> None:
    derivation = lenet.derive()
    without = report(derivation, format=ending)
    text = report(derivation, format=ending, answers=answers)
    assert "Questions" in text
    assert "Questions" not in without
    for words in ("Roofline", "Sensitivity of macs", "why max", "at 16 and", "25 of the 190 settings", "elasticity"):
        assert (words in squeezed(text.replace("\\_\\allowbreak{}", "_"))) is (words != "at 16 and"), words


def test_data(lenet: Network, answers: list[Any]) -> None:
    data = json.loads(report(lenet.derive(), format="json", answers=answers))["answers"]
    assert [entry["question"] for entry in data] == [question_of(answer) for answer in answers]
    assert data[0]["best"] == {"H": 34}
    assert data[-1]["columns"]["macs"][:7] == [None] * 6 + [data[-1]["columns"]["macs"][6]]


def test_on_a_terminal(answers: list[Any]) -> None:
    texts = [finding_text(answer, 80) for answer in answers]
    assert all(len(line) <= 80 for text in texts for line in text.splitlines())
    solved, none, *_ = map(squeezed, texts)
    assert solved.startswith("H = 34 16 ≤ H ≤ 34 and W = H – ")
    assert none.startswith("no H and W = H")
    assert "nearest H that works: 16" in texts[7]
    assert "T_out = HWC" in texts[8]
    assert "3 of 9 layers are the same" in texts[2]
    assert "are the same" not in texts[3]
