"""The roofline: no layer can be faster than its arithmetic at the machine's peak, nor than its bytes at its bandwidth.

    time ≥ max(operations/peak, bytes/bandwidth)

Times are exact fractions of a second. A layer's bytes are all it reads and writes once; a machine that keeps tensors in
its caches between layers may move fewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symshape.algebra.extrema import max_of
from symshape.algebra.poly import Poly, Value, added, canonical, divide
from symshape.algebra.present import present
from symshape.derivation import Derivation
from symshape.errors import UsageError
from symshape.metrics.intensity import WILLIAMS
from symshape.written import Written

__all__ = ["Bound", "Machine", "Roofline", "roofline"]

SOURCE = WILLIAMS


@dataclass(frozen=True)
class Machine:
    """A machine's peak in operations (FLOP) per second, its memory bandwidth in bytes per second, and its number type."""

    peak: int
    bandwidth: int
    dtype: str = "fp32"

    def __post_init__(self) -> None:
        for what, value in (("peak", self.peak), ("bandwidth", self.bandwidth)):
            if type(value) is not int or value < 1:
                raise UsageError(f"the machine's {what} is a positive integer, not {value!r}")

    @property
    def ridge(self) -> Fraction:
        """The operations per byte from which on arithmetic is the bound."""
        return Fraction(self.peak, self.bandwidth)


@dataclass(frozen=True)
class Bound:
    """One layer's least time in seconds: `compute` and `memory` are the two bounds, `time` the greater."""

    name: str
    type: str
    operations: Value
    moved: Value
    compute: Value
    memory: Value

    @property
    def time(self) -> Value:
        """The greater of the two bounds."""
        return max_of(self.compute, self.memory)

    @property
    def bound(self) -> str:
        """Which of the two it is, "compute" or "memory"; "open" where it depends on the symbols."""
        difference = canonical(self.compute - self.memory)
        if isinstance(difference, Poly):
            return "open"
        return "compute" if difference >= 0 else "memory"


@dataclass(frozen=True)
class Roofline:
    """Every layer's bound for a machine, and their sum."""

    machine: Machine
    layers: tuple[Bound, ...]

    @property
    def time(self) -> Value:
        """The least time of all layers one after the other, in seconds."""
        return canonical(added(layer.time for layer in self.layers))

    @property
    def formula(self) -> Written:
        """The least time as a formula, in seconds."""
        return present(self.time)

    def data(self) -> dict[str, Any]:
        """The bounds as plain data, for JSON; times are fractions of a second, as text."""

        def said(value: Value) -> int | str:
            value = canonical(value)
            return value if isinstance(value, int) else str(present(value))

        return {
            "machine": {
                "peak": self.machine.peak,
                "bandwidth": self.machine.bandwidth,
                "dtype": self.machine.dtype,
                "ridge": str(self.machine.ridge),
            },
            "layers": [
                {
                    "name": layer.name,
                    "type": layer.type,
                    "operations": said(layer.operations),
                    "bytes": said(layer.moved),
                    "compute": said(layer.compute),
                    "memory": said(layer.memory),
                    "bound": layer.bound,
                }
                for layer in self.layers
            ],
            "time": said(self.time),
        }


def roofline(derivation: Derivation, machine: Machine | Mapping[str, Any]) -> Roofline:
    """The least time of every layer on a machine, by two operations for each multiply–accumulate.

    Raises `UsageError` for a machine without peak or bandwidth, `MissingRule` where a layer does not say what it moves.

    >>> from symshape import zoo
    >>> bounds = roofline(zoo.lenet5().derive(H=32, W=32), Machine(peak=10**12, bandwidth=10**11))
    >>> [layer.bound for layer in bounds.layers][1:3]
    ['compute', 'memory']
    """
    if not isinstance(machine, Machine):
        machine = Machine(**machine)
    options = {"dtype": machine.dtype}
    layers = []
    for layer in derivation:
        operations, moved = layer.value("flops"), layer.value("moved_bytes", **options)
        compute, memory = divide(operations, machine.peak), divide(moved, machine.bandwidth)
        layers.append(Bound(layer.name, layer.type, operations, moved, compute, memory))
    return Roofline(machine, tuple(layers))
