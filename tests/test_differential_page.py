"""Every class that a layer is read from was held against its framework in the recorded long run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import symshape.layers  # noqa: F401 - registers every layer
from symshape.declaration import registered

PAGE = Path(__file__).resolve().parents[1] / "docs" / "differential.md"
DRAWN = re.compile(r"^\| (\w+) \| (\w+) \| ([\d,]+) \|", re.MULTILINE)
EXPLAINED = re.compile(r"^- (\w+): ", re.MULTILINE)


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_every_class_was_compared(framework: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    drawn = {kind for of, kind, count in DRAWN.findall(text) if of == framework and int(count.replace(",", "")) >= 10}
    explained = set(EXPLAINED.findall(text)) if framework == "keras" else set()
    names = {dialect.name for layer in registered().values() for dialect in getattr(layer, framework)}
    missing = sorted(names - drawn - explained)
    assert not missing, (
        f"the long run has fewer than 10 configurations of these, see tests/layers/long_run.py: {missing}"
    )
