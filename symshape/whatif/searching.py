"""All integer settings of several knobs that meet several constraints, by branch and prune, and the best among them.

The settings are a box: the values of each knob side by side. The bounds of every formula over a box decide it whole: all
of it fits, or none; what is open is cut in half, down to single settings, which are decided exactly. So nothing is
missed, and most settings are never looked at.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush, merge
from itertools import accumulate, islice, product
from math import prod
from os import PathLike
from typing import Any

from symshape.algebra.claims import Compare
from symshape.algebra.monotone import direction, greatest_below
from symshape.algebra.periodic import PeriodicSet
from symshape.algebra.poly import Name, Poly, names_of, substitute
from symshape.algebra.vector import Program, program_of
from symshape.derivation import Derivation
from symshape.errors import ConditionError, UnknownName, UsageError
from symshape.notation import text
from symshape.whatif.solving import Solution, solve
from symshape.whatif.terms import Question, Terms, free_symbols, open_parts, relation_of, with_batch
from symshape.written import Number, Written

__all__ = ["Found", "Goal", "search"]

_MOST_VALUES = 10_000_000  # of one knob
_GOLDEN = 2654435769  # the golden section of 2³²: its multiples are spread evenly, out of step with every period
Box = tuple[tuple[int, int], ...]  # for each knob the first of its values and the one behind the last


@dataclass(frozen=True)
class Goal:
    """A quantity to make small or large."""

    term: str
    least: bool

    @classmethod
    def read(cls, given: str) -> Goal:
        """A goal from "macs:min" or "H_out:max"."""
        term, colon, way = given.rpartition(":")
        if not colon or way not in ("min", "max"):
            raise UsageError(f"{given!r} is no goal such as macs:min or H_out:max")
        return cls(term, way == "min")


@dataclass(frozen=True)
class Found:
    """The settings that meet the constraints.

    Iterating gives them in order as {knob: value, term: value}; `count` is how many there are, exactly. `front` are those that
    no other beats in every goal, `looked` how many boxes were looked at for the `total` settings, `ties` the symbols that
    follow from the knobs.
    """

    asked: tuple[str, ...]
    knobs: Mapping[str, Sequence[int]]
    ties: Mapping[str, Written]
    terms: tuple[str, ...]
    goals: tuple[Goal, ...]
    looked: int
    reasons: tuple[str, ...]
    shown: int  # how many settings are listed where the answer is shown; `count` is of all
    _program: Program = field(repr=False)
    _boxes: tuple[Box, ...] = field(repr=False)
    network: str = ""  # its name

    @property
    def count(self) -> int:
        """How many settings there are."""
        return sum(prod(end - start for start, end in box) for box in self._boxes)

    @property
    def total(self) -> int:
        """How many settings were to be searched."""
        return prod(len(values) for values in self.knobs.values())

    def __len__(self) -> int:
        return self.count

    def __bool__(self) -> bool:
        return bool(self._boxes)

    def __iter__(self) -> Iterator[dict[str, int]]:
        values = list(self.knobs.values())
        lists = (product(*(v[start:end] for v, (start, end) in zip(values, box, strict=True))) for box in self._boxes)
        return map(self._row, merge(*lists))

    def sample(self, most: int) -> Iterator[dict[str, int]]:
        """At most so many of the settings, spread evenly but in step with no knob; the same every time."""
        count = self.count
        if count <= most:
            yield from self
            return
        ends = list(accumulate(prod(end - start for start, end in box) for box in self._boxes))
        for turn in range(most):
            start, end = count * turn // most, count * (turn + 1) // most
            place = start + ((end - start) * (turn * _GOLDEN % 2**32) >> 32)
            which = bisect_right(ends, place)
            rest = place - (ends[which - 1] if which else 0)
            setting: list[int] = []
            for values, (low, high) in reversed(list(zip(self.knobs.values(), self._boxes[which], strict=True))):
                rest, along = divmod(rest, high - low)
                setting.insert(0, values[low + along])
            yield self._row(setting)

    def _row(self, setting: Sequence[int]) -> dict[str, int]:
        found = self._program.at(*setting)
        assert found is not None
        return {**dict(zip(self.knobs, setting, strict=True)), **dict(zip(self.terms, found, strict=True))}

    @cached_property
    def front(self) -> tuple[dict[str, int], ...]:
        """The Pareto front: every setting that no other beats in one goal without losing in another."""
        if not self.goals:
            raise UsageError("a front needs goals, such as pareto=('macs:min', 'params:max')")
        return tuple(sorted(map(self._row, _front(self)), key=lambda row: tuple(row.values())))

    def words(self) -> str:
        """How many there are, out of how many, and why nothing is missed."""
        count, total, looked = (text(Number(number)) for number in (self.count, self.total, self.looked))
        said = f"{count} of {total} settings of {', '.join(self.knobs)}"
        return f"{said}; every one was decided, {looked} boxes and settings were looked at"

    def data(self) -> dict[str, Any]:
        """The answer as plain data, for JSON; at most `shown` settings are listed, the count is of all."""
        return {
            "asked": list(self.asked),
            "knobs": {name: len(values) for name, values in self.knobs.items()},
            "ties": {name: str(tree) for name, tree in self.ties.items()},
            "count": self.count,
            "total": self.total,
            "looked": self.looked,
            "settings": list(islice(self, self.shown)),
            "front": list(self.front) if self.goals else [],
            "reasons": list(self.reasons),
        }

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write all settings to a CSV file: a line of names, then a line for each; with goals, whether it is on the front."""
        from symshape.whatif.settings_files import write_csv

        write_csv(self, path)

    def to_json(self, path: str | PathLike[str]) -> None:
        """Write the answer of `data`, with all settings, to a JSON file; integers from 2⁵³ on are strings."""
        from symshape.whatif.settings_files import write_json

        write_json(self, path)

    def to_svg(self, path: str | PathLike[str], title: str | None = None, log: str | None = None) -> None:
        """Draw the settings by the first two goals into an SVG file, with the front before them.

        Of more than 2000 settings an even sample is drawn behind the whole front. `log` names the logarithmic axes ("x", "y",
        "xy" or "none"); without it the values decide.

        Raises `UsageError` where there are fewer than two goals, or no settings.
        """
        from symshape.report import draw

        draw(self, path, title=title, log=log)

    def __repr__(self) -> str:
        return f"<Found: {self.words()}>"


def search(
    derivation: Derivation,
    *asked: Question,
    over: Mapping[str, Iterable[int] | PeriodicSet] | None = None,
    pareto: Sequence[str] = (),
    terms: Sequence[str] = (),
    shown: int = 50,
) -> Found:
    """All settings of the free symbols for which the relations hold, within the domain.

    `over` gives each knob its values (a range, a list, a periodic set); a knob without any must be bounded by a relation
    that gets harder to meet as it grows. `pareto` names goals such as "macs:min", `terms` further quantities to show;
    where the answer is printed, the first `shown` settings are listed.

    Raises `UsageError` for a knob that nothing bounds, `UnknownName` for a name that stands for nothing.

    >>> from symshape import zoo
    >>> found = search(zoo.resnet50().derive(), "macs <= 4e9 and W == H and H % 32 == 0", pareto=["macs:max"])
    >>> found.count, found.front[0]["H"]
    (6, 192)
    """
    goals = tuple(map(Goal.read, pareto))
    trees = [relation_of(question) for question in asked]
    spoken = {symbol.name for tree in trees for symbol in tree.symbols}
    derivation = with_batch(derivation, {*spoken, *(over or {})})
    answer = solve(derivation, *trees, keep=over or ())  # a knob with values of its own stays one
    tied = _tied(derivation, answer)
    ranges = {
        name: given if isinstance(given, (range, PeriodicSet)) else list(given) for name, given in (over or {}).items()
    }
    knobs = _knobs(tied, answer, ranges, trees, goals)
    columns = tuple(dict.fromkeys((*(goal.term for goal in goals), *terms)))
    resolved = Terms(tied)
    claims = [resolved.claim(trees), *(demand.claim for demand in tied.domain.demands)]
    program = program_of([resolved.value(term) for term in columns], claims, list(knobs))
    boxes, looked = _fitting(program, knobs) if answer or not answer.refuted else ((), 0)
    name, fits = derivation.network.name, tuple(sorted(boxes))
    return Found(answer.asked, knobs, answer.ties, columns, goals, looked, answer.reasons, shown, program, fits, name)


def _tied(derivation: Derivation, answer: Solution) -> Derivation:
    """The derivation with the symbols put that follow from others, unless the network refuses them."""
    tied = derivation
    try:
        for name, tree in answer.ties.items():
            tied = tied.at(**{name: tree})
        tied.domain  # noqa: B018 - the layers' conditions are looked at here
    except ConditionError:  # then no setting fits, and every knob of the answer has no values
        return derivation
    return tied


def _knobs(
    tied: Derivation,
    answer: Solution,
    over: Mapping[str, Iterable[int] | PeriodicSet],
    trees: Sequence[Written],
    goals: Sequence[Goal],
) -> dict[str, Sequence[int]]:
    """The values of each knob: those given, of which the relations on that knob alone allow some."""
    symbols = free_symbols(tied)
    for name in over:
        if name not in symbols:
            raise UnknownName(f"{name} is not a free symbol here: there are {', '.join(symbols)}")
    resolved = Terms(tied)
    used = [resolved[goal.term] for goal in goals]
    spoken = {name.text for value in used for name in names_of(value)} | set(over) | set(answer.sets)
    spoken |= {symbol.name for tree in answer.joint for symbol in tree.symbols if symbol.name in symbols}
    knobs: dict[str, Sequence[int]] = {}
    for name in symbols:
        if name not in spoken:
            continue
        allowed = answer.sets.get(name, PeriodicSet.everything()) & _valid(tied, name)
        given = over.get(name)
        if isinstance(given, PeriodicSet):
            allowed, given = allowed & given, None
        if given is not None:
            knobs[name] = sorted({value for value in given if value in allowed})
            continue
        if not allowed.is_finite:
            allowed = allowed & PeriodicSet.interval(1, _bound(tied, name, trees, over))
        if allowed.count(1, allowed.maximum() or 0) > _MOST_VALUES:
            raise UsageError(f"{name} has more than {_MOST_VALUES:,} values: give it a range")
        knobs[name] = list(allowed)
    return knobs


def _bound(tied: Derivation, name: str, trees: Sequence[Written], over: Mapping[str, Iterable[int]]) -> int:
    """The greatest value of a knob beyond which some relation cannot hold, whatever the other knobs are."""
    truth = Terms(tied).claim(trees)
    for claim in open_parts(truth):
        if isinstance(claim, Compare) and claim.op in ("<=", "<", ">=", ">"):
            rising = claim.left - claim.right if claim.op in ("<=", "<") else claim.right - claim.left
            least = {symbol: _least(tied, symbol.text, over) for symbol in names_of(rising)}
            # Counted from their least values on: below, outside the domain, a cost need not rise.
            rising = substitute(rising, {symbol: Poly.of_atom(symbol) + (start - 1) for symbol, start in least.items()})
            symbol = Name.interned(name, True)
            if all(direction(rising, other) == 1 for other in {symbol, *least}):
                found = greatest_below(substitute(rising, dict.fromkeys(least.keys() - {symbol}, 1)), symbol, 0)
                if found is not None:
                    return found + least[symbol] - 1
    raise UsageError(
        f"nothing bounds {name}: give it a range, such as over={{{name!r}: range(1, 513)}}, or a relation such as macs <= 4e9"
    )


def _least(tied: Derivation, name: str, over: Mapping[str, Iterable[int]]) -> int:
    given = over.get(name)
    if given is None or isinstance(given, PeriodicSet):
        return _valid(tied, name).minimum() or 1
    return min(given, default=1)


def _valid(tied: Derivation, name: str) -> PeriodicSet:
    return tied.domain[name] if name in tied.symbols else PeriodicSet.everything()  # any batch will do


# -- branch and prune --------------------------------------------------------------------------------------------------
def _ranges(program: Program, knobs: Mapping[str, Sequence[int]], box: Box) -> Any:
    ends = zip(knobs.values(), box, strict=True)
    return program.ranges([(values[start], values[end - 1]) for values, (start, end) in ends])


def _fitting(program: Program, knobs: Mapping[str, Sequence[int]]) -> tuple[list[Box], int]:
    """The boxes in which every setting fits, which together hold all that fit; and how many were looked at."""
    whole: Box = tuple((0, len(values)) for values in knobs.values())
    if any(start == end for start, end in whole):
        return [], 0
    if program.valid is None:
        return [whole], 1
    fitting: list[Box] = []
    looked, stack = 0, [whole]
    while stack:
        box = stack.pop()
        looked += 1
        if all(end - start == 1 for start, end in box):
            setting = (values[start] for values, (start, _) in zip(knobs.values(), box, strict=True))
            if program.at(*setting) is not None:
                fitting.append(box)
            continue
        ranges = _ranges(program, knobs, box)
        truth = (0, 1) if ranges is None else ranges[program.valid]
        if truth == (1, 1):
            fitting.append(box)
        elif truth != (0, 0):
            stack.extend(_halves(box))
    return fitting, looked


def _halves(box: Box) -> tuple[Box, Box]:
    widest = max(range(len(box)), key=lambda place: box[place][1] - box[place][0])
    start, end = box[widest]
    middle = (start + end) // 2
    return (
        (*box[:widest], (start, middle), *box[widest + 1 :]),
        (*box[:widest], (middle, end), *box[widest + 1 :]),
    )


# -- the best ----------------------------------------------------------------------------------------------------------
Point = tuple[int, ...]


def _front(found: Found) -> list[Point]:
    """The settings whose goals no other setting beats; boxes that cannot hold one are dropped by their bounds."""
    program, knobs, count = found._program, found.knobs, len(found.goals)
    signs = [1 if goal.least else -1 for goal in found.goals]
    front: dict[Point, list[Point]] = {}  # goals, all to be small → settings

    def hopeful(box: Box) -> Point | None:
        """The best that a box could hold, goal by goal; None beyond all bounds."""
        ranges = _ranges(program, knobs, box)
        if ranges is None:
            return None
        found_ = [ranges[step] for step in program.values[:count]]
        return tuple(low if sign > 0 else -high for (low, high), sign in zip(found_, signs, strict=True))

    queue: list[tuple[Point, Box]] = []

    def enter(box: Box) -> None:
        best = hopeful(box)
        heappush(queue, (best if best is not None else (-(10**1000),) * count, box))

    for box in found._boxes:
        enter(box)
    while queue:
        best, box = heappop(queue)
        if any(_beats(known, best) for known in front):
            continue
        if any(end - start > 1 for start, end in box):
            for half in _halves(box):
                enter(half)
            continue
        setting = tuple(values[start] for values, (start, _) in zip(knobs.values(), box, strict=True))
        values = program.at(*setting)
        assert values is not None
        goals = tuple(sign * value for sign, value in zip(signs, values, strict=False))
        if not any(_beats(known, goals) for known in front):
            front = {known: rows for known, rows in front.items() if not _beats(goals, known)}
            front.setdefault(goals, []).append(setting)
    return [setting for settings in front.values() for setting in settings]


def _beats(one: Point, other: Point) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
