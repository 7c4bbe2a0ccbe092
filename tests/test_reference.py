"""The layer reference is what the declarations say."""

from pathlib import Path

import symshape.layers  # noqa: F401 - registers every layer
from symshape.declaration import registered
from symshape.report.reference import reference

PAGE = Path(__file__).resolve().parents[1] / "docs" / "layers.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), "run python -m symshape.report.reference > docs/layers.md"


def test_every_layer_has_its_section() -> None:
    text = reference()
    for name, layer in registered().items():
        if layer.__module__.startswith("symshape.layers."):
            assert f"\n### {name}\n" in text
