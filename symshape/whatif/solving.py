"""Questions turned round: which sizes and hyper-parameters give what is asked, all of them, with the reason.

Equations that give one symbol in terms of others tie it; what is left on one symbol is solved exactly, as a periodic
set; what still ties several symbols together stays as relations. A size that is asked for *every* value of a symbol
becomes equations between the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from operator import and_
from typing import Any

from symshape.algebra.claims import Both, Claim, Compare, Either, Truth, every, some
from symshape.algebra.identity import for_every
from symshape.algebra.monotone import direction, greatest_below
from symshape.algebra.periodic import PeriodicSet
from symshape.algebra.poly import Name, Poly, Value, canonical, integral, names_of, substitute
from symshape.algebra.present import present
from symshape.algebra.solve import solution
from symshape.declaration import Demand
from symshape.derivation import Derivation
from symshape.errors import ConditionError, Undecided, UnknownName, UsageError
from symshape.notation import text
from symshape.whatif.terms import Question, Terms, free_symbols, open_parts, relation_of, with_batch
from symshape.written import AllOf, Relation, Symbol, Written

__all__ = ["Solution", "solve"]


@dataclass(frozen=True)
class Solution:
    """Every setting for which the asked relations hold where the network is valid.

    `sets` are the allowed values by symbol, `ties` the symbols that follow from others, `joint` the relations that tie
    several symbols together, `reasons` which condition allows what, `best` the greatest or least setting asked for. It is
    false where a set is empty or a relation can never hold; joint relations that only contradict each other stay.
    """

    asked: tuple[str, ...]
    sets: Mapping[str, PeriodicSet]
    ties: Mapping[str, Written] = field(default_factory=dict)
    joint: tuple[Written, ...] = ()
    reasons: tuple[str, ...] = ()
    best: Mapping[str, int] | None = None
    refuted: bool = False  # no values at all can hold, whatever the symbols

    def __bool__(self) -> bool:
        return not self.refuted and all(map(bool, self.sets.values()))

    def __getitem__(self, symbol: str) -> PeriodicSet:
        try:
            return self.sets[symbol]
        except KeyError:
            raise UnknownName(f"{symbol} was not asked: {', '.join(self.sets) or 'no symbol'} was") from None

    @property
    def relation(self) -> Written:
        """The whole answer as one written relation."""
        if not self:
            empty = (name for name, allowed in self.sets.items() if not allowed)
            return Symbol(next(empty, next(iter(self.sets), "n"))) < 1
        parts: list[Written] = [Relation("==", Symbol(name), tree) for name, tree in self.ties.items()]
        parts += [allowed.relation(Symbol(name)) for name, allowed in self.sets.items() if not _all(allowed)]
        parts += self.joint
        if not parts:
            return Symbol(next(iter(self.sets), "n")) >= 1
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def words(self) -> str:
        """The answer as a phrase: "1 ≤ H ≤ 216 and W = H"."""
        if self.refuted:
            return "none"
        parts = [allowed.words(name) for name, allowed in self.sets.items() if not _all(allowed)]
        parts += [text(tree) for tree in self.joint]
        parts += [text(Relation("==", Symbol(name), tree)) for name, tree in self.ties.items()]
        return (
            " and ".join(f"({part})" if "; or" in part and len(parts) > 1 else part for part in parts) or "every size"
        )

    def data(self) -> dict[str, Any]:
        """The answer as plain data, for JSON."""
        return {
            "asked": list(self.asked),
            "possible": bool(self),
            "sets": {
                name: {
                    "words": allowed.words(name),
                    "relation": str(allowed.relation(Symbol(name))),
                    "least": allowed.minimum(),
                    "greatest": allowed.maximum(),
                }
                for name, allowed in self.sets.items()
            },
            "ties": {name: str(tree) for name, tree in self.ties.items()},
            "joint": [str(tree) for tree in self.joint],
            "best": None if self.best is None else dict(self.best),
            "reasons": list(self.reasons),
        }

    def __str__(self) -> str:
        return self.words()

    __repr__ = __str__


def solve(
    derivation: Derivation,
    *asked: Question,
    every: str | Iterable[str] = (),
    maximize: str | None = None,
    minimize: str | None = None,
    keep: Iterable[str] = (),
) -> Solution:
    """The settings of the derivation's free symbols at which all the asked relations hold, within its domain.

    A relation is text, such as "H_out == 7 and W_out == 7" or "macs <= 4e9 and H == W", or a sympy one. With `every`,
    the relations are to hold for every (large enough) value of those symbols, and the answer is about the others. The
    symbols in `keep` are never said to follow from others.

    Raises `UnknownName` for a name that stands for nothing here, `UsageError` where the symbol to be maximized has no
    greatest value, `Undecided` where the answer is beyond reach.

    >>> from symshape import zoo
    >>> solve(zoo.resnet50().derive(W="H"), "H_out == 7")
    193 ≤ H ≤ 224
    """
    trees = [relation_of(question) for question in asked]
    return _Search(
        derivation, trees, (every,) if isinstance(every, str) else tuple(every), maximize, minimize, keep
    ).solution()


_Asked = tuple[Written, Claim]  # a relation that was asked, and what of it is open


class _Search:
    def __init__(
        self,
        derivation: Derivation,
        trees: list[Written],
        every: tuple[str, ...],
        maximize: str | None,
        minimize: str | None,
        keep: Iterable[str],
    ) -> None:
        if maximize and minimize:
            raise UsageError("one symbol is maximized or minimized, not two")
        wanted = (*every, *filter(None, (maximize, minimize)))
        spoken = {symbol.name for tree in trees for symbol in tree.symbols}
        self.derivation = derivation = with_batch(derivation, {*wanted, *spoken})
        self.symbols = free_symbols(derivation)
        for name in wanted:
            if name not in self.symbols:
                raise UnknownName(f"{name} is not a free symbol here: there are {', '.join(self.symbols)}")
        self.trees = [part for tree in trees for part in _parts(tree)]
        self.every = [Name.interned(name, True) for name in every]
        self.goal = maximize or minimize
        self.greatest = bool(maximize)
        self.kept = {*keep, self.goal}
        self.ties: dict[str, Written] = {}
        self.fixed: dict[Name, Value] = {}  # symbols that have one value left
        self.reasons: list[str] = []

    def solution(self) -> Solution:
        asked, demands = self._claims()
        if asked is None:
            nothing = dict.fromkeys(self.symbols, PeriodicSet.nothing())
            return self._answer(nothing, (), refuted=True)
        terms = Terms(self.final).of(self.trees).values()
        names = {name for value in terms for name in names_of(value)} - {*self.every}
        names |= {name for _, claim in asked for name in claim.names()}
        free = sorted({name.text for name in names} | ({self.goal} if self.goal else set()), key=self._order)
        fixed = self.fixed
        sets: dict[str, PeriodicSet] = {}
        while True:  # a symbol that has one value left is put into what ties it to others
            sets = {name: self._allowed(Name.interned(name, True), asked, demands, sets.get(name)) for name in free}
            new = {
                Name.interned(name, True): only for name, found in sets.items() if (only := _only(found)) is not None
            }
            new = {name: only for name, only in new.items() if name not in fixed}
            if not new:
                lighter = [(tree, _lightened(claim, sets)) for tree, claim in asked]
                never = [tree for tree, truth in lighter if truth is False]
                if never:
                    self.reasons.append(f"{text(never[0])} does not hold where the rest does")
                    return self._answer(sets, (), refuted=True)
                opened = [(tree, part) for tree, truth in lighter for part in open_parts(truth)]
                if opened == asked:
                    break
                asked = opened
                continue
            fixed |= new
            refuted = [tree for tree, claim in asked if claim.put(new) is False]
            if refuted or any(demand.claim.put(new) is False for demand in demands):
                said = ", ".join(f"{name} = {value}" for name, value in new.items())
                self.reasons.append(f"with {said}, {text(refuted[0]) if refuted else 'the network'} does not hold")
                return self._answer(sets, (), refuted=True)
            asked = [(tree, part) for tree, claim in asked for part in _put(claim, new)]
            left = [Demand(d.layer, part, d.reason) for d in demands for part in _put(d.claim, new)]
            tied = {name for old in demands if old.claim.names() & new.keys() for name in old.claim.names()}
            demands = left  # which may leave few values to a symbol that was not asked: W, where the network fixes H·W
            free += sorted((name.text for name in tied if self._is_fixed(name, free, left)), key=self._order)
        joint = [claim for _, claim in asked if len(claim.names()) > 1]
        joint += [d.claim for d in demands if len(d.claim.names()) > 1 and names & d.claim.names()]
        return self._answer(sets, tuple(dict.fromkeys(claim.written() for claim in joint)))

    def _is_fixed(self, name: Name, free: list[str], demands: list[Demand]) -> bool:
        """Whether the network leaves finitely many values, or none, to a symbol that is not among the free ones yet."""
        if name.text in free or not name.integral:
            return False
        claims = {demand.claim for demand in demands if demand.claim.names() == {name}}
        try:
            return reduce(and_, (solution(claim, name) for claim in claims), PeriodicSet.everything()).is_finite
        except Undecided:
            return False

    def _answer(self, sets: Mapping[str, PeriodicSet], joint: tuple[Written, ...], refuted: bool = False) -> Solution:
        best = None if self.goal is None or refuted else self._best(sets, joint)
        asked = tuple(map(text, self.trees))
        return Solution(asked, sets, self.ties, joint, tuple(self.reasons), best, refuted)

    def _order(self, name: str) -> tuple[int, str]:
        return (self.symbols.index(name) if name in self.symbols else len(self.symbols), name)

    # -- what is left to decide ----------------------------------------------------------------------------------------
    def _claims(self) -> tuple[list[_Asked] | None, list[Demand]]:
        """The open claims once ties are put in and `every` is done with, and the domain's conditions; None: refuted."""
        derivation = self.derivation
        while True:
            terms = Terms(derivation)
            truths = [(tree, terms.claim([tree])) for tree in self.trees]
            for tree, truth in truths:
                if truth is False:
                    self.reasons.append(_refusal(tree, terms))
                    return None, []
            asked = [(tree, part) for tree, truth in truths for part in open_parts(truth)]
            tie = None if self.every else next(filter(None, (self._tie(claim) for _, claim in asked)), None)
            if tie is None:
                break
            name, value = tie
            self.ties[name] = present(value)
            try:
                derivation = derivation.at(**{name: value})
                derivation.domain  # noqa: B018 - the layers' conditions are looked at here, and may refuse
            except ConditionError as error:
                tied = Relation("==", Symbol(name), self.ties[name])
                self.reasons.append(f"with {text(tied)}, {error}" if error.layer else str(error))
                return None, []
        self.final = derivation
        for symbol in self.every:
            held = [(tree, for_every(claim, symbol)) for tree, claim in asked]
            for tree, truth in held:
                if truth is False:
                    self.reasons.append(f"{text(tree)} does not hold for every {symbol}")
                    return None, []
            asked = [(tree, part) for tree, truth in held for part in open_parts(truth)]
        demands = derivation.domain.demands
        return asked, [demand for demand in demands if not demand.claim.names() & {*self.every}]

    def _tie(self, claim: Claim) -> tuple[str, Value] | None:
        """A symbol that an equation gives in terms of others: W = H, or H = 2·W, or else W = 3·H/2."""
        if not isinstance(claim, Compare) or claim.op != "==":
            return None
        difference = canonical(claim.left - claim.right)
        if len(names_of(difference)) < 2:
            return None
        assert isinstance(difference, Poly)
        factors = {name: difference.terms.get(((name, 1),), 0) for name in difference.names() if name.integral}
        found: list[tuple[str, Value]] = []
        for name in sorted(factors, key=lambda name: self._order(name.text), reverse=True):
            if factors[name] and name.text not in self.kept:
                rest = canonical(Poly.of_atom(name) - difference * (1 / Fraction(factors[name])))
                if name not in names_of(rest):
                    found.append((name.text, rest))
        whole = (tie for tie in found if integral(tie[1]))
        return next(whole, found[0] if found else None)

    # -- one symbol ----------------------------------------------------------------------------------------------------
    def _allowed(
        self, symbol: Name, asked: list[_Asked], demands: list[Demand], known: PeriodicSet | None
    ) -> PeriodicSet:
        """Where every condition on the symbol alone holds; only what narrows the set further is a reason."""
        allowed = PeriodicSet.everything() if known is None else known
        for demand in demands:
            if demand.claim.names() == {symbol}:
                here = solution(demand.claim, symbol)
                if allowed & here != allowed:
                    self.reasons.append(f"{demand.layer} allows {here.words(symbol.text)}: {demand.reason}")
                allowed = allowed & here
        for tree, claim in asked:
            if claim.names() == {symbol}:
                here, why = _solved(claim, symbol)
                if allowed & here != allowed:
                    relation, said = text(tree), here.words(symbol.text)
                    self.reasons.append(
                        f"{relation}, as asked" if relation == said else f"{relation} allows {said}{why}"
                    )
                allowed = allowed & here
        return allowed

    def _best(self, sets: Mapping[str, PeriodicSet], joint: tuple[Written, ...]) -> Mapping[str, int] | None:
        assert self.goal is not None
        tied = [tree for tree in joint if Symbol(self.goal) in tree.symbols]
        if tied:
            others = sorted({s.name for tree in tied for s in tree.symbols} - {self.goal})
            raise Undecided(
                f"{text(tied[0])} ties {self.goal} to {', '.join(others)}: give {' and '.join(others)} a number or "
                f"tie it, such as {others[0]} == {self.goal}"
            )
        allowed = sets[self.goal]
        best = allowed.maximum() if self.greatest else allowed.minimum()
        if best is None and allowed:
            raise UsageError(f"there is no greatest {self.goal}: {allowed.words(self.goal)}")
        if best is None:
            return None
        if self.greatest:
            self.reasons.append(self._edge(best, self._beyond(best)))
        return {self.goal: best}

    def _beyond(self, best: int) -> int:
        """The next size at which the network is valid, or just the next one where it is at none."""
        assert self.goal is not None
        if self.goal not in self.final.symbols:
            return best + 1
        valid = self.final.domain[self.goal]
        return valid.nearest(best + 1)[1] or best + 1

    def _edge(self, best: int, beyond: int) -> str:
        """What the asked formulas are at the best size, and at the next one, which is too large."""
        assert self.goal is not None
        sides = [r.left for r in self.trees if isinstance(r, Relation) and r.op not in ("==", "!=")]
        name = Name.interned(self.goal, True)
        said = []
        for side in sides:
            value = canonical(substitute(Terms(self.final).value(side), self.fixed))
            if names_of(value) == {name}:
                at, after = (text(present(substitute(value, {name: size}))) for size in (best, beyond))
                said.append(f"{text(side)} is {at} at {self.goal} = {best} and {after} at {beyond}")
        return "; ".join(said) or f"{self.goal} = {beyond} is not allowed"


def _refusal(tree: Written, terms: Terms) -> str:
    values = {name: text(present(value)) for name, value in terms.of([tree]).items()}
    said = ", ".join(f"{name} = {value}" for name, value in values.items() if name != value)
    return f"{text(tree)} never holds: {said}" if said else f"{text(tree)} never holds"


def _put(claim: Claim, values: Mapping[Name, Value]) -> tuple[Claim, ...]:
    """What is left of a claim once values are put."""
    return (claim,) if not claim.names() & values.keys() else open_parts(claim.put(values))


def _lightened(claim: Claim, sets: Mapping[str, PeriodicSet]) -> Truth:
    """A choice between claims on several symbols, without what the symbols' own sets rule out or make sure of."""
    return _within(claim, sets) if isinstance(claim, Either) and len(claim.names()) > 1 else claim


def _within(claim: Claim, sets: Mapping[str, PeriodicSet]) -> Truth:
    if isinstance(claim, (Both, Either)) and len(claim.names()) > 1:
        join = every if isinstance(claim, Both) else some
        return join([_within(part, sets) for part in claim.claims])
    name = next(iter(claim.names())).text
    if len(claim.names()) > 1 or name not in sets:
        return claim
    try:
        here = sets[name] & solution(claim, Name.interned(name, True))
    except Undecided:
        return claim
    return True if here == sets[name] else claim if here else False


def _parts(tree: Written) -> Iterable[Written]:
    """The relations that all must hold."""
    if isinstance(tree, AllOf):
        for part in tree.args:
            yield from _parts(part)
    else:
        yield tree


def _only(found: PeriodicSet) -> int | None:
    """The one member, where there is no other."""
    return found.maximum() if found.is_finite and found.minimum() == found.maximum() else None


def _all(allowed: PeriodicSet) -> bool:
    return allowed == PeriodicSet.everything()


def _solved(claim: Claim, symbol: Name) -> tuple[PeriodicSet, str]:
    """Where the claim holds, and why where its form tells."""
    if isinstance(claim, Compare) and claim.op in ("<=", "<", ">=", ">"):
        rising = claim.left - claim.right if claim.op in ("<=", "<") else claim.right - claim.left
        strictly = "=" not in claim.op
        way = direction(rising, symbol)
        if way == 1:
            last = greatest_below(rising, symbol, 0, strictly=strictly)
            return PeriodicSet.interval(1, last), f", since the difference never falls as {symbol} grows"
        if way == -1 and (last := greatest_below(-rising, symbol, 0, strictly=not strictly)) is not None:
            return PeriodicSet.interval(last + 1, None), f", since the difference never rises as {symbol} grows"
    return solution(claim, symbol), ""
