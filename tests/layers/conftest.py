"""At the end of a run: how many configurations were held against the frameworks."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .tally import TALLY, rows


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if TALLY:
        refused = sum(count for key, count in TALLY.items() if key[3])
        terminalreporter.write_line(
            f"{TALLY.total()} configurations held against the frameworks, of which they refuse {refused}"
        )


def pytest_sessionfinish(session: Any) -> None:
    if path := os.environ.get("SYMSHAPE_TALLY"):
        Path(path).write_text(json.dumps(rows(), indent=1), encoding="utf-8")
