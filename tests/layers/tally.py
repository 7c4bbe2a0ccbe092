"""How many configurations were held against a framework, by suite and class, accepted and refused.

pytest says the sum at the end; with SYMSHAPE_TALLY the whole table is written to that file as JSON.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

__all__ = ["TALLY", "compared", "rows"]

TALLY: Counter[tuple[str, str, str, bool]] = Counter()


def compared(framework: str, kind: str, *, refused: bool) -> None:
    """Note one configuration of a framework's class that was compared; `refused`: by the framework."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "")
    TALLY[Path(test.partition("::")[0]).stem, framework, kind, refused] += 1


def rows() -> list[dict[str, object]]:
    """The table: {suite, framework, kind, accepted, refused} by suite, framework and class."""
    keys = dict.fromkeys(key[:3] for key in sorted(TALLY))
    return [
        {
            "suite": suite,
            "framework": framework,
            "kind": kind,
            "accepted": TALLY[suite, framework, kind, False],
            "refused": TALLY[suite, framework, kind, True],
        }
        for suite, framework, kind in keys
    ]
