"""Exact sets of positive integers that are periodic from some point on: the answers to "for which sizes?".

    >>> H = PeriodicSet.congruent(16, [12]) & PeriodicSet.interval(188, None)
    >>> H.words("H")
    'H ≡ 12 (mod 16) and H ≥ 188'
    >>> H.nearest(200)
    (188, 204)
    >>> H | PeriodicSet.interval(32, 35)
    {n : 32 ≤ n ≤ 35; or n ≡ 12 (mod 16) and n ≥ 188}

A set is a tuple of disjoint runs, each a rule (period, residues) on a stretch of the integers, so a stretch of 10**12
costs no more than one of ten. The normal form, read from the top: each run reaches as far down as any rule goes, has
the least period, starts and ends at members, and is longer than two periods; what repeats less is written as points.
It is unique, except that a finite run with more than 32 residues may go unnoticed. So `==` compares members, exactly:

    two words of periods p and q that agree on p + q letters in a row agree wherever both are defined (Fine and Wilf).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby, islice, pairwise, zip_longest
from math import gcd, lcm
from operator import attrgetter, index
from typing import NamedTuple, SupportsIndex

from symshape.errors import Undecided, UsageError
from symshape.written import AllOf, AnyOf, Divides, Mod, Number, Relation, Symbol, Written

__all__ = ["LIMIT", "PeriodicSet", "Run"]

LIMIT = 10**6  # residue classes, or single members, that one operation may go through
_PIECES = 10**5  # pieces that a normal form may be made from
_POINTS = 10**4  # members above which a run stays one, however little it repeats
_PATTERN = 32  # residues of a rule that is recognised in points
_FEW = 4  # a run of so few members is said point by point


class Run(NamedTuple):
    """The numbers x with start <= x < stop (None: no end) and x mod period among the sorted residues."""

    start: int
    stop: int | None
    period: int
    residues: tuple[int, ...]

    # rank and member number what the rule alone describes, over all integers, and are inverse to each other
    def rank(self, n: int) -> int:
        """How many numbers from 0 to n - 1 follow the rule (negative for n < 0)."""
        turns, rest = divmod(n, self.period)
        return turns * len(self.residues) + bisect_left(self.residues, rest)

    def member(self, k: int) -> int:
        """The k-th number that follows the rule."""
        turns, place = divmod(k, len(self.residues))
        return turns * self.period + self.residues[place]

    def members(self) -> Iterator[int]:
        """The numbers of the run in increasing order."""
        first = self.rank(self.start)
        return map(self.member, count(first) if self.stop is None else range(first, self.rank(self.stop)))

    def falling(self) -> Iterator[int]:
        """The numbers of a run that ends in decreasing order."""
        return map(self.member, reversed(range(self.rank(self.start), self.rank(self.last + 1))))

    @property
    def size(self) -> int:
        """How many numbers a run that ends has."""
        assert self.stop is not None
        return self.rank(self.stop) - self.rank(self.start)

    @property
    def last(self) -> int:
        """The greatest number of a run that ends and is tight."""
        assert self.stop is not None
        return self.stop - 1

    def clip(self, n: int) -> int:
        """The number between start and stop that is closest to n."""
        return max(self.start, n if self.stop is None else min(n, self.stop))

    def on(self, start: int, stop: int | None) -> Run:
        """The same rule on another stretch."""
        return self._replace(start=start, stop=stop)


_NOTHING = Run(1, None, 1, ())
_EVERYTHING = Run(1, None, 1, (0,))
_start = attrgetter("start")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PeriodicSet:
    """An immutable set of positive integers, periodic from some point on; `runs` are disjoint and increasing.

    >>> swin = PeriodicSet.multiples(32) & PeriodicSet.multiples(7)
    >>> swin == PeriodicSet.multiples(224), 448 in swin, swin.count(1, 10**12)
    (True, True, 4464285714)
    >>> (~PeriodicSet.interval(3, 10**12)).words("H")
    'H = 1 or 2; or H ≥ 1000000000001'
    """

    runs: tuple[Run, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "runs", _settled(self.runs))

    # -- constructors -----------------------------------------------------------------------------------------
    @classmethod
    def everything(cls) -> PeriodicSet:
        """All positive integers."""
        return cls((_EVERYTHING,))

    @classmethod
    def nothing(cls) -> PeriodicSet:
        """The empty set."""
        return cls()

    @classmethod
    def interval(cls, low: int, high: int | None) -> PeriodicSet:
        """The positive integers from low to high, both included; None is no bound."""
        return cls((_EVERYTHING.on(max(low, 1), None if high is None else max(high, 0) + 1),))

    @classmethod
    def multiples(cls, m: int) -> PeriodicSet:
        """The positive multiples of m."""
        return cls.congruent(m, (0,))

    @classmethod
    def congruent(cls, m: int, residues: Iterable[int]) -> PeriodicSet:
        """The positive integers congruent modulo m to one of the residues."""
        if m < 1:
            raise UsageError(f"a modulus is at least 1, not {m}")
        classes = sorted({r % m for r in residues})
        _afford(len(classes))
        return cls((Run(1, None, m, tuple(classes)),))

    @classmethod
    def of(cls, values: Iterable[int]) -> PeriodicSet:
        """The positive integers among the values."""
        return cls(tuple(_blocks(sorted({value for value in values if value > 0}))))

    # -- Boolean algebra --------------------------------------------------------------------------------------
    def __and__(self, other: PeriodicSet) -> PeriodicSet:
        return PeriodicSet(tuple(run for a, b in _aligned(self.runs, other.runs) for run in _filtered(a, b, keep=True)))

    def __sub__(self, other: PeriodicSet) -> PeriodicSet:
        return PeriodicSet(
            tuple(run for a, b in _aligned(self.runs, other.runs) for run in _filtered(a, b, keep=False))
        )

    def __or__(self, other: PeriodicSet) -> PeriodicSet:
        return PeriodicSet(tuple(run for a, b in _aligned(self.runs, other.runs) for run in _joined(a, b)))

    def __invert__(self) -> PeriodicSet:
        return PeriodicSet.everything() - self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PeriodicSet):
            return NotImplemented
        return self.runs == other.runs or all(
            _split(a, b, reverse=False) is None for a, b in _aligned(self.runs, other.runs)
        )

    def __hash__(self) -> int:
        # what equal sets share, however they are cut into runs: the first members and the end
        return hash((*islice(self, _FEW), self.maximum() if self.is_finite else self.runs[-1]))

    def __le__(self, other: PeriodicSet) -> bool:
        return self & other == self

    def __bool__(self) -> bool:
        return bool(self.runs)

    # -- members ----------------------------------------------------------------------------------------------
    def __contains__(self, n: object) -> bool:
        return isinstance(n, SupportsIndex) and self.next_at_or_above(index(n)) == n

    def __iter__(self) -> Iterator[int]:
        """The members in increasing order, for ever if there is no last one."""
        for run in self.runs:
            yield from run.members()

    @property
    def is_finite(self) -> bool:
        """Whether there is a last member, or none at all."""
        return not self.runs or self.runs[-1].stop is not None

    def minimum(self) -> int | None:
        """The least member; None when there is none."""
        return self.next_at_or_above(1)

    def maximum(self) -> int | None:
        """The greatest member; None when there is none."""
        return self.runs[-1].last if self.runs and self.is_finite else None

    def count(self, low: int, high: int) -> int:
        """How many members lie from low to high, both included."""
        high = max(high, low - 1)
        return sum(run.rank(run.clip(high + 1)) - run.rank(run.clip(low)) for run in self.runs)

    def next_at_or_above(self, n: int) -> int | None:
        """The least member that is not below n."""
        i = bisect_right(self.runs, n, key=_start)
        for run in self.runs[max(i - 1, 0) : i + 1]:
            x = run.member(run.rank(max(n, run.start)))
            if run.stop is None or x < run.stop:
                return x
        return None

    def previous_at_or_below(self, n: int) -> int | None:
        """The greatest member that is not above n."""
        i = bisect_right(self.runs, n, key=_start)
        if i == 0:
            return None
        run = self.runs[i - 1]  # it starts at a member, so there is one
        return run.member(run.rank(run.clip(n + 1)) - 1)

    def nearest(self, n: int) -> tuple[int | None, int | None]:
        """The closest members on either side of n; n itself, twice, when it is one."""
        return self.previous_at_or_below(n), self.next_at_or_above(n)

    # -- speaking ---------------------------------------------------------------------------------------------
    def relation(self, symbol: Symbol) -> Written:
        """The set as a relation that the symbol fulfils.

        >>> H = Symbol("H")
        >>> PeriodicSet.interval(32, 35).relation(H), (~PeriodicSet.of([5])).relation(H)
        (32 <= H and H <= 35, H <= 4 or H >= 6)
        """
        if not self.runs:
            return symbol < 1
        choices: list[Written] = []
        for phrase in _phrases(self.runs):
            if isinstance(phrase, Run):
                choices.append(_run_relation(phrase, symbol))
            else:
                choices += [Relation("==", symbol, Number(x)) for x in phrase]
        return _one(choices, AnyOf)

    def words(self, name: str) -> str:
        """The set as a phrase about the named number.

        >>> PeriodicSet.of([3, 5, 9]).words("H"), PeriodicSet.congruent(32, [0, 29, 30, 31]).words("H")
        ('H = 3, 5 or 9', 'H ≡ 0, 29, 30 or 31 (mod 32)')
        """
        if not self.runs:
            return f"no {name}"
        return "; or ".join(
            _run_words(phrase, name) if isinstance(phrase, Run) else f"{name} = {_listed(phrase)}"
            for phrase in _phrases(self.runs)
        )

    def __repr__(self) -> str:
        return f"{{n : {self.words('n')}}}"


# -- two rules on one stretch -----------------------------------------------------------------------------------------
def _aligned(ours: Sequence[Run], theirs: Sequence[Run]) -> Iterator[tuple[Run, Run]]:
    """The two rules in force on every stretch between cuts of either, from 1 on."""
    cuts = sorted({1, *(x for run in (*ours, *theirs) for x in run[:2] if x is not None)})
    for start, stop in zip_longest(cuts, cuts[1:]):
        yield _rule_at(ours, start).on(start, stop), _rule_at(theirs, start).on(start, stop)


def _rule_at(runs: Sequence[Run], n: int) -> Run:
    i = bisect_right(runs, n, key=_start)
    return runs[i - 1] if i and runs[i - 1].clip(n + 1) > n else _NOTHING


def _partners(first: Run, second: Run) -> list[list[int]]:
    """For each residue of the first, the residues of the second it meets: those equal modulo the gcd of the periods."""
    common = gcd(first.period, second.period)
    classes: dict[int, list[int]] = {}
    for s in second.residues:
        classes.setdefault(s % common, []).append(s)
    return [classes.get(r % common, []) for r in first.residues]


def _filtered(first: Run, second: Run, keep: bool) -> Iterator[Run]:
    """The first rule's numbers that follow the second (keep) or do not, in whichever way is cheapest."""
    common = gcd(first.period, second.period)
    share = second.period // common  # how many residues of the second period one residue of the first meets
    partners = _partners(first, second)
    if all(len(met) in (0, share) for met in partners):
        residues = (r for r, met in zip(first.residues, partners, strict=True) if bool(met) is keep)
        yield first._replace(residues=tuple(residues))
        return

    work = sum(len(met) if keep else share for met in partners)
    if first.stop is not None and min(first.size, second.size) <= work:  # one by one
        sparse, other = (first, second) if first.size <= second.size else (second, first)
        _afford(sparse.size)
        if keep or sparse is first:
            follow = set(other.residues)
            yield from _blocks(x for x in sparse.members() if (x % other.period in follow) is keep)
        else:
            yield from _between(first, second.members())
        return

    _afford(work)
    inverse = pow(first.period // common, -1, share)
    lifted = (
        r + first.period * ((s - r) // common * inverse % share)  # Chinese remainders
        for r, met in zip(first.residues, partners, strict=True)
        for s in (met if keep else set(range(r % common, second.period, common)).difference(met))
    )
    yield first._replace(period=first.period * share, residues=tuple(sorted(lifted)))


def _joined(first: Run, second: Run) -> Iterator[Run]:
    """The numbers that follow either rule."""
    for a, b in ((first, second), (second, first)):
        if all(len(met) == b.period // gcd(a.period, b.period) for met in _partners(a, b)):
            yield b  # a adds nothing
            return

    period = lcm(first.period, second.period)
    work = sum(len(run.residues) * (period // run.period) for run in (first, second))
    if first.stop is not None and min(first.size, second.size) <= work:
        sparse, other = (first, second) if first.size <= second.size else (second, first)
        _afford(sparse.size)
        gaps = _between(other, sparse.members())
        yield from (run for pair in zip_longest(gaps, map(_point, sparse.members())) for run in pair if run)
        return

    _afford(work)
    lifted = {r + turn for run in (first, second) for turn in range(0, period, run.period) for r in run.residues}
    yield first._replace(period=period, residues=tuple(sorted(lifted)))


def _point(x: int) -> Run:
    return _EVERYTHING.on(x, x + 1)


def _between(run: Run, values: Iterable[int]) -> Iterator[Run]:
    """The run without the increasing values, in pieces."""
    start = run.start
    for x in values:
        yield run.on(start, x)
        start = x + 1
    yield run.on(start, run.stop)


def _split(first: Run, second: Run, reverse: bool) -> int | None:
    """Where the two rules first differ on their common stretch, read upwards or (reverse) downwards."""
    start, window = first.start, first.period + second.period  # Fine and Wilf: no need to look further
    stop = start + window if first.stop is None else first.stop
    low, high = (max(start, stop - window), stop) if reverse else (start, min(stop, start + window))
    step = reversed if reverse else iter
    sides = (map(run.member, step(range(run.rank(low), run.rank(high)))) for run in (first, second))
    for x, y in zip_longest(*sides, fillvalue=None):
        if x != y:
            return (max if reverse else min)(z for z in (x, y) if z is not None)
    return None


def _afford(amount: int, limit: int = LIMIT, what: str = "residue classes") -> None:
    if amount > limit:
        raise Undecided(f"the exact set of sizes needs {amount:,} {what}, more than the {limit:,} allowed")


# -- the normal form --------------------------------------------------------------------------------------------------
def _settled(pieces: Iterable[Run]) -> tuple[Run, ...]:
    """Disjoint pieces in increasing order, brought into normal form from the top down."""
    below = [part for piece in pieces for part in _parts(piece)]
    _afford(len(below), _PIECES, "pieces")
    settled: list[Run] = []
    while below:
        top = below[-1]
        best = _grown(top, top, below)
        for rule in _rules(below):
            if top.last - best.start < best.period + rule.period:  # else, by Fine and Wilf, it reaches no further
                best = min(best, _grown(rule, top, below), key=_start)
        while below and below[-1].start >= best.start:
            below.pop()
        if below and below[-1].last >= best.start:  # the piece beneath loses its upper part
            piece = below.pop()
            below += _parts(piece.on(piece.start, best.start))
        settled.append(best)
    return tuple(reversed(settled))


def _rules(runs: Sequence[Run]) -> Iterator[Run]:
    """The rules, besides its own, that may describe the top run and more: its neighbour's, and gaps that repeat."""
    if runs[-1].stop is None:
        return  # the infinite run has but one rule
    yield from runs[-2:-1]
    last = list(islice((x for run in reversed(runs) for x in run.falling()), 2 * _PATTERN + 1))
    gaps = [x - y for x, y in pairwise(last)]
    for k in range(1, len(gaps) // 2 + 1):
        if gaps[:k] == gaps[k : 2 * k]:
            period = last[0] - last[k]
            yield Run(1, None, period, tuple(sorted(x % period for x in last[:k])))


def _grown(rule: Run, top: Run, runs: Sequence[Run]) -> Run:
    """The run from the end of `top` down as far as the rule describes all; `top` where that repeats too little."""
    low = _reach(rule, top.start if rule is top else top.last + 1, runs)
    start = rule.member(rule.rank(low))
    if start < top.start and (top.stop is None or top.last - start >= 2 * rule.period):
        return _least_period(rule.on(start, top.stop))
    return top


def _reach(rule: Run, high: int, runs: Sequence[Run]) -> int:
    """The least n such that the rule describes the runs on [n, high)."""
    for other in _downwards(high, runs):
        differs = _split(other, rule, reverse=True)
        if differs is not None:
            return differs + 1
    return 1


def _downwards(high: int, runs: Sequence[Run]) -> Iterator[Run]:
    """What lies below high, from the top: the runs and the gaps between them."""
    for run in reversed(runs):
        if run.start < high:
            stop = run.clip(high)
            yield _NOTHING.on(stop, high)
            yield run.on(run.start, stop)
            high = run.start
    yield _NOTHING.on(1, high)


def _parts(piece: Run) -> Iterator[Run]:
    """The piece with tight ends; where it repeats too little to be a run, its stretches and points."""
    if not piece.residues:
        return
    first = piece.member(piece.rank(piece.start))
    if piece.stop is None:
        yield _least_period(piece.on(first, None))
        return
    stop = piece.member(piece.rank(piece.stop) - 1) + 1
    run = piece.on(first, stop)
    if stop - first > 2 * piece.period or run.size > _POINTS:
        yield _least_period(run)
    else:
        yield from _blocks(run.members())


def _blocks(values: Iterable[int]) -> Iterator[Run]:
    """Increasing values as stretches and points."""
    for _, block in groupby(enumerate(values), key=lambda indexed: indexed[1] - indexed[0]):
        stretch = [x for _, x in block]
        if len(stretch) > 2:
            yield _EVERYTHING.on(stretch[0], stretch[-1] + 1)
        else:
            yield from (_point(x) for x in stretch)


def _least_period(run: Run) -> Run:
    """The same numbers by the shortest rule: k copies of a pattern have a number of residues that k divides."""
    period, residues = run.period, run.residues
    for k in _primes(gcd(period, len(residues))):
        pattern = {r % (period // k) for r in residues}
        if len(pattern) * k == len(residues):
            period, residues = period // k, tuple(sorted(pattern))
    return run._replace(period=period, residues=residues)


def _primes(n: int) -> Iterator[int]:
    """The prime factors of n, each as often as it occurs."""
    p = 2
    while p * p <= n:
        while n % p == 0:
            yield p
            n //= p
        p += 1
    if n > 1:
        yield n


# -- phrases ----------------------------------------------------------------------------------------------------------
def _phrases(runs: Iterable[Run]) -> Iterator[Run | list[int]]:
    """What is said one after the other: a run by its rule, neighbouring small runs as one list of points."""

    def few(run: Run) -> bool:
        return run.stop is not None and (run.size == 1 or (run.period > 1 and run.size <= _FEW))

    for small, group in groupby(runs, key=few):
        if small:
            yield [x for run in group for x in run.members()]
        else:
            yield from group


def _bounds(run: Run) -> tuple[int | None, int | None]:
    """The least and the greatest member, where the rule alone would go on."""
    low = None if run.member(run.rank(1)) == run.start else run.start
    return low, None if run.stop is None else run.stop - 1


def _run_relation(run: Run, symbol: Symbol) -> Written:
    low, high = _bounds(run)
    said: list[Written] = []
    if run.period > 1:
        modulus = Number(run.period)
        said.append(
            _one(
                [
                    Relation("==", Mod(symbol, modulus), Number(r)) if r else Divides(modulus, symbol)
                    for r in run.residues
                ],
                AnyOf,
            )
        )
    if low is not None:
        said.append(symbol >= low if high is None else Number(low) <= symbol)
    if high is not None:
        said.append(symbol <= high)
    return _one(said or [symbol >= 1], AllOf)


def _run_words(run: Run, name: str) -> str:
    low, high = _bounds(run)
    said = []
    if run.residues != (0,):
        said.append(f"{name} ≡ {_listed(run.residues)} (mod {run.period})")
    elif run.period > 1:
        said.append(f"{name} a multiple of {run.period}")
    if low is not None and high is not None:
        said.append(f"{low} ≤ {name} ≤ {high}")
    elif low is not None:
        said.append(f"{name} ≥ {low}")
    elif high is not None:
        said.append(f"{name} ≤ {high}")
    return " and ".join(said) or f"every {name}"


def _listed(values: Sequence[int]) -> str:
    *others, last = map(str, values)
    return f"{', '.join(others)} or {last}" if others else last


def _one(parts: Sequence[Written], many: type[AllOf] | type[AnyOf]) -> Written:
    return parts[0] if len(parts) == 1 else many(tuple(parts))
