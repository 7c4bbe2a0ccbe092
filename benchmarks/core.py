"""The figures of the core, side by side in one run: `python benchmarks/core.py`.

Times inside a process are medians over fresh objects; whole processes are timed in turn with the process they are
compared with, so that a machine whose speed drifts slows both. Byte-compile the packages first (an install does).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import symshape
from symshape import Input, Sequential, layers

METRICS = ("params", "trainable", "non_trainable", "macs", "activations")


def median_ms(task: Callable[[], object], runs: int = 21) -> float:
    """The median time of a task in milliseconds, after one run to warm up."""
    task()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def lenet() -> None:
    """LeNet-5 built anew and derived with every metric and its domain, H and W free."""
    d = symshape.zoo.lenet5().derive()
    for metric in METRICS:
        d.value(metric)
    d.domain["H"], d.domain["W"]


def chain(length: int) -> Callable[[], object]:
    """The closed form of a new chain of convolutions with all paddings and some strides."""

    def task() -> object:
        steps = [
            layers.Conv2D(8, 3, stride=1 + (i % 100 == 0), padding="same" if i % 2 else "valid") for i in range(length)
        ]
        net = Sequential(Input("H", "W", 3), *steps)
        start = time.perf_counter()
        net.derive().outputs  # noqa: B018 - the closed form is what is timed
        return time.perf_counter() - start

    return task


def derive_ms(length: int, runs: int = 7) -> float:
    """The median time to derive a new chain, its construction apart."""
    task = chain(length)
    task()
    return 1e3 * statistics.median(task() for _ in range(runs))  # type: ignore[type-var]


def process_s(first: list[str], second: list[str], runs: int = 7) -> tuple[float, float]:
    """Median wall seconds of two commands run in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for run in range(runs + 1):
        for place, command in enumerate((first, second)):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if run:
                times[place].append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def main() -> None:
    """Print every figure beside its bound."""
    python = sys.executable
    print(f"LeNet-5, every metric and the domain   {median_ms(lenet):8.2f} ms   (bound 5)")
    for length in (250, 500, 1000):
        print(f"closed form of {length:4d} convolutions      {derive_ms(length):8.2f} ms   (bound 50 at 1000, linear)")
    sympy = [python, "-c", "import sympy"]
    help_s, sympy_s = process_s([python, "-m", "symshape", "--help"], sympy)
    print(f"symshape --help                        {help_s:8.3f} s    {help_s / sympy_s:.2f} × import sympy")
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("md", "html", "tex", "txt", "json"):
            out = str(Path(folder) / f"lenet5.{ending}")
            report_s, sympy_s = process_s([python, "-m", "symshape", "report", "lenet5", "-o", out], sympy)
            ratio = report_s / sympy_s
            name = f"symshape report lenet5 -o x.{ending}"
            print(f"{name:38} {report_s:8.3f} s    {ratio:.2f} × import sympy   (bound 3)")
    summary_s, sympy_s = process_s([python, "-m", "symshape", "summary", "lenet5", "--json"], sympy)
    print(f"symshape summary lenet5 --json         {summary_s:8.3f} s    {summary_s / sympy_s:.2f} × import sympy")


if __name__ == "__main__":
    main()
