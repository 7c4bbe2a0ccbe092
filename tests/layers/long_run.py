"""The long differential run: every suite of this folder against the real frameworks, many examples, in rounds.

    python tests/layers/long_run.py run DIR --examples 100 --rounds 4     runs what DIR does not hold yet
    python tests/layers/long_run.py page DIR                              writes docs/differential.md from DIR

Each round of a suite is a pytest process of its own; its tally goes to DIR/SUITE.ROUND.json, what it said to a .log
beside it. Several processes may share a DIR: each takes what none has begun.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "differential.md"


def suites() -> list[Path]:
    """The files that compare with a framework."""
    return sorted(
        path for path in HERE.glob("test_*.py") if path.stem.endswith("_frameworks") or "_against_" in path.stem
    )


def run(folder: Path, examples: int, rounds: int) -> None:
    """Every suite once in each round, but for those that somebody has begun."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, rounds + 1):
        for suite in suites():
            target = folder / f"{suite.stem}.{number}.json"
            try:
                target.with_suffix(".log").open("x").close()
            except FileExistsError:
                continue
            _say(folder, f"begins {target.stem}")
            _say(folder, f"{_pytest(suite, target, examples)} {target.stem}: {_total(folder)} configurations in all")


def _pytest(suite: Path, target: Path, examples: int) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "CI"}  # there, draws are always the same
    environment |= {
        "SYMSHAPE_EXAMPLES": str(examples),
        "SYMSHAPE_TALLY": str(target.resolve()),
        "KERAS_BACKEND": "torch",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-m", "frameworks", "-p", "no:cacheprovider", str(suite)]
    with target.with_suffix(".log").open("w") as log:
        code = subprocess.run(command, cwd=ROOT, env=environment, stdout=log, stderr=log, check=False).returncode
    return "passed" if code == 0 else "FAILED"


def _say(folder: Path, what: str) -> None:
    with (folder / "progress.txt").open("a") as stream:
        stream.write(f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} {what}\n")


# Names that no suite draws, and why.
NOT_DRAWN = {
    **dict.fromkeys(
        ("Hashing", "IntegerLookup", "StringLookup"),
        "Keras makes it with TensorFlow only; tests/layers/test_preprocessing.py holds Keras's rules against ours",
    ),
    "GroupedQueryAttention": "the class of GroupQueryAttention, by which name it is drawn",
}


# -- the page ----------------------------------------------------------------------------------------------------------
def _tallies(folder: Path) -> Iterable[dict[str, Any]]:
    for path in sorted(folder.glob("*.json")):
        yield from json.loads(path.read_text(encoding="utf-8"))


def _total(folder: Path) -> int:
    return sum(row["accepted"] + row["refused"] for row in _tallies(folder))


HEAD = """# The differential suites

Every layer is held against the real Keras layer and the real PyTorch module: random options and sizes are drawn, ours is
derived with a symbol for every size and then evaluated, and output shapes, every weight's name, shape and kind, the
counts of parameters and, where the framework counts them, the operations must be the same. Where the framework refuses
a configuration we must refuse it, and the reverse. What was surprising is listed in [surprises.md](surprises.md).

`.ci/run` draws a few dozen configurations for each class. `SYMSHAPE_EXAMPLES` sets how many, and the long run is
`python tests/layers/long_run.py run DIR`, after which `python tests/layers/long_run.py page DIR` writes this page.
"""


def page(folder: Path) -> str:
    """The page as Markdown; refuses to write one of a run in which something failed or is missing."""
    failed = [line for line in (folder / "progress.txt").read_text().splitlines() if "FAILED" in line]
    if failed:
        sys.exit("not recorded, there were mismatches:\n" + "\n".join(failed))
    found: Counter[tuple[str, str, str, str]] = Counter()
    for row in _tallies(folder):
        for verdict in ("accepted", "refused"):
            found[row["suite"], row["framework"], row["kind"], verdict] += row[verdict]
    lines = [HEAD, "## The last long run", ""]
    open_ = [path.stem for path in sorted(folder.glob("*.log")) if not path.with_suffix(".json").exists()]
    lines += [f"- {datetime.now(timezone.utc):%Y-%m-%d}, {sum(found.values()):,} configurations, 0 mismatches"]
    lines += [f"- not finished when this was written: {', '.join(open_)}"] if open_ else []
    lines += [
        "- " + ", ".join((f"Python {platform.python_version()}", *map(_versioned, ("keras", "torch", "hypothesis"))))
    ]
    lines += ["", "| suite | configurations | refused by the framework |", "|---|---:|---:|"]
    for suite in sorted({key[0] for key in found}):
        lines.append(f"| `{suite}` | {_sum(found, 0, suite)} |")
    lines += ["", "## By class", "", "| framework | class | configurations | refused by the framework |"]
    lines += ["|---|---|---:|---:|"]
    for framework, kind in sorted({key[1:3] for key in found}):
        mine = Counter({key: count for key, count in found.items() if key[1] == framework})
        lines.append(f"| {framework} | {kind} | {_sum(mine, 2, kind)} |")
    lines += ["", "Not drawn:", "", *(f"- {name}: {reason}." for name, reason in NOT_DRAWN.items())]
    return "\n".join(lines) + "\n"


def _versioned(package: str) -> str:
    return f"{package} {version(package)}"


def _sum(found: Counter[tuple[str, str, str, str]], place: int, value: str) -> str:
    mine = {key: count for key, count in found.items() if key[place] == value}
    refused = sum(count for key, count in mine.items() if key[3] == "refused")
    return f"{sum(mine.values()):,} | {refused:,}"


def main() -> None:
    parser = argparse.ArgumentParser(description="The long differential run.")
    parser.add_argument("what", choices=["run", "page"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--examples", type=int, default=100, help="draws for each test in each round")
    parser.add_argument("--rounds", type=int, default=4)
    given = parser.parse_args()
    if given.what == "run":
        run(given.folder, given.examples, given.rounds)
    else:
        PAGE.write_text(page(given.folder), encoding="utf-8")


if __name__ == "__main__":
    main()
