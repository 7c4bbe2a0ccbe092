"""The page of built-in architectures says what the families are, and every member is valid at its own size."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

DOCS = Path(__file__).resolve().parents[1] / "docs"


def zoo_page() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_zoo", DOCS / "make_zoo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current() -> None:
    made = zoo_page()
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run python docs/make_zoo.py"
