"""Every layer name of the installed frameworks is covered, or has its reason; the page says the same."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"


def coverage() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_coverage", DOCS / "make_coverage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.frameworks
@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_every_name_is_covered_or_explained(framework: str) -> None:
    silent = [name for name, layer, reason in coverage().rows(framework) if not layer and not reason]
    assert not silent, f"declare these or give a reason in docs/make_coverage.py: {silent}"


@pytest.mark.frameworks
def test_the_page_is_current() -> None:
    assert coverage().PAGE.read_text(encoding="utf-8") == coverage().page(), "run python docs/make_coverage.py"
