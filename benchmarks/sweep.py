"""Sweeps beside what one would write by hand, in one run: `python benchmarks/sweep.py`. Needs NumPy and pyarrow.

Each pair is timed in turn, so that a machine whose speed drifts slows both; medians, and their ratio. Where PyTorch is
installed, ResNet-50 is also rebuilt for each setting on the meta device, with hooks that count, as the usual tools do.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import symshape

CHUNK = 16_384
TERMS = ((9408, 2), (245760, 4), (1310720, 8), (7471104, 16), (14417920, 32))


def hand_written(heights: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """ResNet-50's MACs with `//` in preallocated buffers, chunk by chunk: what a careful user would write."""
    out = np.empty(len(heights), np.int64)
    a, b = np.empty(CHUNK, np.int64), np.empty(CHUNK, np.int64)
    for start in range(0, len(heights), CHUNK):
        height, width, total = (array[start : start + CHUNK] for array in (heights, widths, out))
        x, y = a[: len(height)], b[: len(height)]
        total.fill(2048000)
        for cost, stride in TERMS:
            np.add(height, stride - 1, out=x)
            np.floor_divide(x, stride, out=x)
            np.add(width, stride - 1, out=y)
            np.floor_divide(y, stride, out=y)
            np.multiply(x, y, out=x)
            np.multiply(x, cost, out=x)
            np.add(total, x, out=total)
    return out


def plain(heights: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """The same as one NumPy expression."""
    return sum(cost * ((heights + s - 1) // s) * ((widths + s - 1) // s) for cost, s in TERMS) + 2048000


def in_turn(*tasks: Callable[[], object], runs: int = 9) -> list[float]:
    """The median seconds of each task."""
    times: list[list[float]] = [[] for _ in tasks]
    for run in range(runs + 1):
        for place, task in enumerate(tasks):
            start = time.perf_counter()
            task()
            if run:
                times[place].append(time.perf_counter() - start)
    return [statistics.median(each) for each in times]


def one_point(derivation: symshape.Derivation) -> float:
    """Seconds of one evaluation by the plain function: the least of many short loops."""
    function = derivation.function("macs", "H", "W")
    best = 1.0
    for _ in range(2000):
        start = time.perf_counter()
        for _ in range(200):
            function(224, 333)
        best = min(best, (time.perf_counter() - start) / 200)
    return best


def points(derivation: symshape.Derivation) -> float:
    """10⁶ points, H and W side by side; seconds."""
    random = np.random.default_rng(0)
    heights, widths = random.integers(32, 1025, (2, 10**6))
    found: list[np.ndarray] = []

    def ours() -> None:
        found[:] = [derivation.sweep("macs", points={"H": heights, "W": widths})["macs"]]

    asked, loop, expression = in_turn(ours, lambda: hand_written(heights, widths), lambda: plain(heights, widths))
    assert (found[0] == hand_written(heights, widths)).all()
    print(f"10^6 points                   {1e3 * asked:8.1f} ms")
    print(f"  hand-written loop with //   {1e3 * loop:8.1f} ms   ours takes {asked / loop:.2f} of it (bound 1.3)")
    print(f"  one NumPy expression        {1e3 * expression:8.1f} ms   ours takes {asked / expression:.2f} of it")
    return asked


def grid(derivation: symshape.Derivation) -> None:
    """10⁷ settings, H × W."""
    sizes = range(32, 32 + 3163)
    column, row = np.array(sizes).reshape(-1, 1), np.array(sizes).reshape(1, -1)
    found: list[np.ndarray] = []

    def ours() -> None:
        found[:] = [derivation.sweep("macs", H=sizes, W=sizes).grid("macs")]

    asked, expression = in_turn(ours, lambda: plain(column, row))
    assert (found[0] == plain(column, row)).all()
    print(f"10^7 settings of a grid       {1e3 * asked:8.1f} ms   (bound 100)")
    print(f"  one NumPy expression        {1e3 * expression:8.1f} ms   ours takes {asked / expression:.2f} of it")


def long_row(derivation: symshape.Derivation) -> None:
    """A row of 4·10⁷ points, which is compiled where numba is installed."""
    heights, widths = np.random.default_rng(1).integers(32, 1025, (2, 4 * 10**7))

    def ours() -> object:
        return derivation.sweep("macs", points={"H": heights, "W": widths})

    asked, loop = in_turn(ours, lambda: hand_written(heights, widths), runs=3)
    print(f"4*10^7 points                 {1e3 * asked:8.1f} ms")
    print(f"  hand-written loop with //   {1e3 * loop:8.1f} ms   ours takes {asked / loop:.2f} of it")


STREAM = """
import sys, time
import symshape
from symshape.whatif import sweep_to

sides, path = int(sys.argv[1]), sys.argv[2]
resnet = symshape.zoo.resnet50().derive()
start = time.perf_counter()
sweep_to(resnet, path, "macs", H=range(32, 32 + sides), W=range(32, 32 + 10_000))
seconds = time.perf_counter() - start
with open("/proc/self/status") as status:  # ru_maxrss would count the process that this one was forked from
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(seconds, peak / 1024)
"""


def stream() -> None:
    """Peak memory of processes that stream more and more settings to disk."""
    for sides in (300, 1000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-c", STREAM, str(sides), str(Path(folder) / "data")]
            seconds, peak = map(float, subprocess.run(command, check=True, capture_output=True).stdout.split())
            size = sum(path.stat().st_size for path in (Path(folder) / "data").iterdir()) / 2**20
        settings = f"{sides * 10_000:11,} settings"
        print(f"streamed to Parquet: {settings}   {seconds:6.1f} s   peak {peak:4.0f} MB   {size:5.0f} MB on disk")


def rebuilt(per_setting: float) -> None:
    """One setting by rebuilding ResNet-50 with PyTorch on the meta device, and counting in hooks."""
    try:
        import torch
        from torch import nn
    except ImportError:
        print("PyTorch is not installed: nothing is rebuilt")
        return

    total = 0

    def count(module: nn.Module, given: object, out: torch.Tensor) -> None:
        nonlocal total
        if isinstance(module, nn.Conv2d):
            total += out[0].numel() * module.weight[0].numel()
        elif isinstance(module, nn.Linear):
            total += module.weight.numel()

    def conv(taken: int, given: int, kernel: int, stride: int = 1) -> list[nn.Module]:
        return [nn.Conv2d(taken, given, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(given)]

    class Block(nn.Module):
        def __init__(self, taken: int, width: int, stride: int) -> None:
            super().__init__()
            inner = [*conv(taken, width, 1), nn.ReLU(), *conv(width, width, 3, stride), nn.ReLU()]
            self.main = nn.Sequential(*inner, *conv(width, 4 * width, 1))
            self.side = nn.Sequential(*(conv(taken, 4 * width, 1, stride) if stride * 4 * width != taken else ()))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return (self.main(x) + self.side(x)).relu()

    def resnet50() -> nn.Module:
        blocks: list[nn.Module] = []
        taken = 64
        for width, count, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
            for place in range(count):
                blocks.append(Block(taken, width, 1 if place else stride))
                taken = 4 * width
        head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000)]
        return nn.Sequential(*conv(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1), *blocks, *head)

    def one() -> None:
        nonlocal total
        total = 0
        with torch.device("meta"), torch.no_grad():
            model = resnet50()
            for module in model.modules():
                module.register_forward_hook(count)
            model(torch.empty(1, 3, 224, 224))

    (seconds,) = in_turn(one, runs=5)
    assert total == 4089184256
    ratio = seconds / per_setting
    print(
        f"one setting by rebuilding     {1e3 * seconds:8.1f} ms   {ratio:,.0f} times a setting of the sweep (bound 10^5)"
    )


def main() -> None:
    """Print every figure beside its bound."""
    resnet = symshape.zoo.resnet50().derive()
    print(f"one setting by the function   {1e6 * one_point(resnet):8.2f} us   (bound 1)")
    asked = points(resnet)
    rebuilt(asked / 10**6)
    grid(resnet)
    long_row(resnet)
    stream()


if __name__ == "__main__":
    main()
