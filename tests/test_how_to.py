"""The code of the pages that tell how to do something runs, in order, and says what is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.mark.parametrize(("page", "count"), [("residual_network.md", 6), ("questions.md", 11)])
def test_every_block_runs(page: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```$", (DOCS / page).read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) == count
    exec(compile("\n".join(blocks), page, "exec"), {})  # noqa: S102 - a page of this repository
    for written in tmp_path.glob("*.tex"):
        assert "\\documentclass" in written.read_text(encoding="utf-8")
