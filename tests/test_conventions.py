"""The page of conventions says what the code does."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from symshape.declaration import FAMILIES

DOCS = Path(__file__).resolve().parents[1] / "docs"


def conventions() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_conventions", DOCS / "make_conventions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current() -> None:
    made = conventions()
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run python docs/make_conventions.py"


def test_every_family_has_a_kind() -> None:
    assert {kind.family for kind in conventions().kinds()} == set(FAMILIES)
