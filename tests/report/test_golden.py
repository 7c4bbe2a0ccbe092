"""LeNet-5 in every format, held against files that were looked at.

After an intended change: `SYMSHAPE_GOLDEN=write pytest tests/report/test_golden.py`, then read the difference.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from symshape.network import Network
from symshape.report import report

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("ending", ["md", "tex", "html", "txt", "json"])
def test_lenet5(lenet: Network, ending: str) -> None:
    text = report(lenet.derive(), format=ending)
    text = text.replace(version("symshape"), "VERSION")
    path = GOLDEN / f"lenet5.{ending}"
    if os.environ.get("SYMSHAPE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
