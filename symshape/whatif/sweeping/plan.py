"""What a sweep asks at each setting, compiled: a plain function from a block of settings to a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from symshape.algebra.claims import claim_between
from symshape.algebra.poly import Value, names_of
from symshape.algebra.present import present
from symshape.algebra.vector import Program, Range, program_of
from symshape.algebra.vector_numpy import Runner, cut, fits
from symshape.declaration import as_value
from symshape.derivation import Derivation, LayerDerivation
from symshape.errors import UnknownName, UsageError
from symshape.notation import text
from symshape.whatif.sweeping.progress import Progress
from symshape.whatif.sweeping.space import Blocks, Space
from symshape.whatif.sweeping.table import Row, Table

__all__ = ["Plan", "plan", "quantity"]

_BLOCK = 2**20  # settings between two steps of the progress bar
_LONG = 2**25  # settings that take NumPy longer than numba takes to compile and run


@dataclass(frozen=True)
class Plan:
    """A space, and the program of the columns that follow those of its symbols."""

    space: Space
    names: tuple[str, ...]
    program: Program
    certain: frozenset[str] = frozenset()  # columns that have a value even where the network has none: W = H
    network: str = ""  # its name
    ties: Mapping[str, str] = field(default_factory=dict)  # the columns that follow from others, with their formulas

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the answer: the symbols, the names, and `valid`."""
        return (*self.space.columns, *self.names, "valid")

    @cached_property
    def ranges(self) -> Mapping[str, Range | None]:
        """What every column's values certainly lie between, over the whole space; None where no bound was found."""
        known = self.program.ranges([self._within[name] for name in self.program.names])
        found: dict[str, Range | None] = {**self._within}
        for name, step in zip(self.names, self.program.values, strict=True):
            found[name] = None if known is None else known[step]
        return found

    @cached_property
    def runner(self) -> Runner:
        """The program with the axes of this space."""
        return Runner(self.program, self.space.places, long=len(self.space) >= _LONG)

    def table(self, progress: Progress | None = None, explain: Callable[[Row], str] | None = None) -> Table:
        """The whole space in memory; `explain` says why a row is outside the domain."""
        values, valid = self._empty(self.space)
        blocks = Blocks(self.space, _BLOCK)
        for place, part in enumerate(blocks):
            box = blocks.box(place)
            inside = None if valid is None else cut(valid, box)
            self.runner.run(part.arrays(), [cut(out, box) for out in values], inside, self._within)
            if progress is not None:
                progress.add(len(part))
        return self._table(self.space, values, valid, explain)

    def block(self, part: Space) -> Table:
        """A part of the space, its columns of the same kinds as those of the whole."""
        values, valid = self._empty(part)
        self.runner.run(part.arrays(), values, valid, self._within)
        return self._table(part, values, valid)

    def _table(self, space: Space, values: list[Any], valid: Any, explain: Callable[[Row], str] | None = None) -> Table:
        columns = dict(zip(self.names, values, strict=True))
        return Table(space, columns, valid, self.ranges, self.certain, explain, self.network, self.ties)

    @cached_property
    def _within(self) -> Mapping[str, Range]:
        return {name: column.ends for name, column in self.space.columns.items()}

    def _empty(self, part: Space) -> tuple[list[Any], Any]:
        import numpy as np

        def empty(step: int, kind: Any) -> Any:
            needs = self.runner.needs(step)
            return np.empty([length if axis in needs else 1 for axis, length in enumerate(part.shape)], kind)

        ranges = [self.ranges[name] for name in self.names]
        kinds = [np.int64 if known is not None and fits(known) else object for known in ranges]
        values = [empty(step, kind) for step, kind in zip(self.program.values, kinds, strict=True)]
        return values, None if self.program.valid is None else empty(self.program.valid, bool)

    def described(self) -> dict[str, Any]:
        """What tells this question from others, as plain data."""
        return {
            "space": self.space.described(),
            "columns": list(self.names),
            "program": str(self.program),
        }


def plan(
    derivation: Derivation, metrics: Sequence[str], over: Mapping[str, Any], points: Mapping[str, Any] | None
) -> Plan:
    """The sweep of some metrics over values of the free symbols, compiled.

    What stands for a symbol in `over` is a range or a list (an axis), or a number or an expression in other symbols
    (a tie, such as W="H"). Raises `UnknownName` and `UsageError` for what cannot be asked.
    """
    if isinstance(metrics, str):
        metrics = (metrics,)
    if not metrics:
        raise UsageError("a sweep without metrics: name some, such as macs, params or output[1]")
    points = points or {}
    ties = {name: given for name, given in over.items() if _is_tie(given)}
    axes = {name: given for name, given in over.items() if name not in ties}
    for name in (*points, *over):
        if name not in derivation.symbols and name != "N":
            known = ", ".join((*derivation.symbols, "N"))
            raise UnknownName(f"{name} is not a free symbol here: the free symbols are {known}")
        if name in points and name in over:
            raise UsageError(f"{name} has values among the points and on an axis of its own")
    tied = {name: as_value(given) for name, given in ties.items()}
    names = (*points, *axes)
    for name, value in tied.items():
        if loose := sorted(symbol.text for symbol in names_of(value) if symbol.text not in names):
            raise UsageError(f"{name} = {value} is tied to {', '.join(loose)}, which has no values of its own here")
    batch = {"N": "N"} if "N" in names else {}
    study = derivation.at(**ties, **batch) if ties or batch else derivation
    wanted: dict[str, Value] = {name: quantity(study, name) for name in metrics}
    claims = [demand.claim for demand in study.domain.demands]
    free = {symbol.text for value in wanted.values() for symbol in names_of(value)}
    free |= {symbol.text for claim in claims for symbol in claim.names()}
    if missing := [name for name in (*study.symbols, "N") if name in free and name not in names]:
        raise UsageError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} still free: give values, such as "
            f"{missing[0]}=range(32, 257), or tie to another symbol"
        )
    if clash := [name for name in wanted if name in (*names, *tied, "valid")]:
        raise UsageError(f"{clash[0]} would be the name of two columns")
    space = Space.of(axes, points)
    if not space.axes:
        raise UsageError("nothing to sweep: give some symbol a range or a list of values")
    positive = [claim_between(">=", value, 1) for value in tied.values()]
    used = [name for name in names if name in space.columns]
    program = program_of([*tied.values(), *wanted.values()], [*positive, *claims], used)
    certain = frozenset(name for name, value in tied.items() if program_of([value], [], used).valid is None)
    said = {name: text(present(value)) for name, value in tied.items()}
    return Plan(space, (*tied, *wanted), program, certain, derivation.network.name, said)


def _is_tie(given: Any) -> bool:
    if isinstance(given, (str, int)):
        return True
    return not hasattr(given, "__len__")


_OUTPUT = re.compile(r"(?:(?P<layer>.+)\.)?output(?P<which>\d+)?\[(?P<axis>-?\d+)\]")


def quantity(derivation: Derivation, asked: str) -> Value:
    """What a column is to hold: a metric ("macs"), one of a layer ("conv1.macs"), or a size of an output.

    "output[1]" is the second axis of the network's output, the batch being the first; "conv1.output[1]" that of a
    layer, "output2[1]" that of the third of several outputs.

    >>> from symshape.zoo import named
    >>> d = named("lenet5").derive()
    >>> quantity(d, "dense.params"), quantity(d, "conv2d_1.output[1]")
    (1920*(floor(H/4) - 3)*(floor(W/4) - 3) + 120, floor(H/2) - 6)
    """
    found = _OUTPUT.fullmatch(asked)
    if found is None:
        layer, dot, metric = asked.rpartition(".")
        return derivation[layer].value(metric) if dot else derivation.value(metric)
    of: Derivation | LayerDerivation = derivation[found["layer"]] if found["layer"] else derivation
    which, axis = int(found["which"] or 0), int(found["axis"])
    shapes = of.outputs
    if which >= len(shapes):
        raise UnknownName(f"{asked}: there {'is 1 output' if len(shapes) == 1 else f'are {len(shapes)} outputs'}")
    if len(shapes) > 1 and found["which"] is None:
        raise UsageError(f"{asked}: which of {len(shapes)} outputs? Say output0[{axis}], output1[{axis}], …")
    if not -len(shapes[which]) <= axis < len(shapes[which]):
        raise UnknownName(f"{asked}: the output has {len(shapes[which])} axes, from 0 to {len(shapes[which]) - 1}")
    return shapes[which][axis]
