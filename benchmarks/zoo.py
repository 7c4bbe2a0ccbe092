"""Families with symbolic depths beside their smallest members, in one run: `python benchmarks/zoo.py`.

Both are derived with their parameters and multiply–accumulates as closed forms, H and W (or L) free; the family has symbols for
its depths and otherwise the member's own knobs. Times are medians over fresh derivations, taken in turn and without the
garbage collector, as `timeit` does; the ratio is the median over the pairs, which a machine whose speed drifts leaves alone.
"""

from __future__ import annotations

import gc
import re
import statistics
import time

from symshape.network import Network
from symshape.zoo import FAMILIES
from symshape.zoo.family import Family

RUNS = 41
_DEPTH = re.compile(r"n(\d|_enc|_dec)?")


def derived_ms(network: Network) -> float:
    """The time of one derivation with its two totals, in milliseconds."""
    gc.disable()
    start = time.perf_counter()
    derivation = network.derive()
    for metric in ("params", "macs"):
        derivation.value(metric)
    taken = 1e3 * (time.perf_counter() - start)
    gc.enable()
    return taken


def smallest(family: Family[...]) -> str:
    """The member with the fewest parameters."""
    sizes = {name: family.preset(name) for name in family.presets}
    return min(sizes, key=lambda name: sizes[name].derive(**_native(sizes[name])).value("params"))  # type: ignore[return-value,arg-type]


def _native(network: Network) -> dict[str, int]:
    return {name: size for name, size in network.native.items() if name != "N"}


def main() -> None:
    """Print the times and their ratio, a line for each family."""
    print(f"{'family':18} {'smallest member':24} {'member':>9} {'symbolic':>9} {'ratio':>6}")
    for family in FAMILIES.values():
        depths = [name for name in family.symbols if _DEPTH.fullmatch(name)]
        if not depths:
            continue
        name = smallest(family)
        member = family.preset(name)
        general = family.preset(name, **{depth: depth for depth in depths})
        rows = [(derived_ms(member), derived_ms(general)) for _ in range(RUNS)][1:]
        one, other = (statistics.median(column) for column in zip(*rows, strict=True))
        ratio = statistics.median(b / a for a, b in rows)
        print(f"{family.name:18} {name:24} {one:6.1f} ms {other:6.1f} ms {ratio:6.2f}")


if __name__ == "__main__":
    main()
