"""A declaration made concrete: its formulas on the actual axes, for inputs of known rank.

`Each(K)` becomes K_h·K_w in a formula and two entries in a shape, an axial formula becomes one formula per axis, and of
several forms of one formula the one that fits the options stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from symshape.algebra.claims import Truth, claiming
from symshape.algebra.evaluate import compiled
from symshape.algebra.poly import Value, canonical
from symshape.declaration.formula import Condition, Count, Formula, Weight, always, never
from symshape.declaration.window import Along
from symshape.errors import DeclarationError
from symshape.symbols import AXES, axis_symbol
from symshape.written import Each, Mul, Number, Symbol, Written, place, product

__all__ = ["Pattern", "Rule", "Signature", "Template", "concrete", "names_of_axes", "names_of_sizes"]

Pattern = tuple[Written, ...]


@dataclass(frozen=True)
class Template:
    """What a layer declares: shapes taken and given, rules, weights, conditions and counts."""

    takes: tuple[Pattern, ...]
    gives: tuple[Pattern, ...]
    rules: tuple[Formula, ...] = ()
    weights: tuple[Weight, ...] = ()
    where: tuple[Condition, ...] = ()
    counts: Mapping[str, tuple[Count, ...]] = field(default_factory=dict)
    asides: tuple[Formula, ...] = ()
    along: Mapping[Written, Along] = field(default_factory=dict)  # of an output size, the positions that are seen

    def giving(self, *patterns: Pattern) -> Template:
        """The same declaration with other outputs."""
        return replace(self, gives=patterns)


@dataclass(frozen=True)
class Rule:
    """One formula on one axis, compiled."""

    target: str
    tree: Written
    formula: Formula
    function: Callable[..., Value]
    names: tuple[str, ...]

    def __call__(self, values: Mapping[str, Value]) -> Value:
        return canonical(self.function(*[values[name] for name in self.names]))


@dataclass(frozen=True)
class Signature:
    """A template for inputs of known rank: symbols' names for the sizes taken, trees for everything else."""

    takes: tuple[tuple[str, ...], ...]
    gives: tuple[tuple[Written, ...], ...]
    rules: tuple[Rule, ...]
    weights: tuple[tuple[Weight, tuple[Written, ...]], ...]
    where: tuple[tuple[Condition, Written, Callable[[Mapping[str, Value]], Truth]], ...]
    counts: Mapping[str, tuple[tuple[Count, Written], ...]]
    asides: tuple[Rule, ...]
    axes: tuple[tuple[str, str], ...]
    torch_weights: tuple[tuple[Weight, tuple[Written, ...]], ...] = ()
    along: Mapping[Written, Along] = field(default_factory=dict)

    # -- signatures of layers that hold other layers -------------------------------------------------------------------
    def renamed(self, rename: Callable[[Symbol], Symbol]) -> Signature:
        """The same under other names for its symbols."""

        def shape(trees: Iterable[Written]) -> tuple[Written, ...]:
            return tuple(place(tree, rename) for tree in trees)

        def rules(given: Iterable[Rule]) -> Iterable[Rule]:
            for rule in given:
                tree = place(rule.tree, rename)
                yield Rule(rename(Symbol(rule.target)).name, tree, rule.formula, *compiled(tree))

        conditions = [(condition, place(tree, rename)) for condition, tree, _ in self.where]
        return replace(
            self,
            takes=tuple(tuple(rename(Symbol(name)).name for name in names) for names in self.takes),
            gives=tuple(map(shape, self.gives)),
            rules=tuple(rules(self.rules)),
            weights=tuple((weight, shape(trees)) for weight, trees in self.weights),
            where=tuple((condition, tree, claiming(tree)) for condition, tree in conditions),
            counts={name: tuple((count, place(t, rename)) for count, t in rows) for name, rows in self.counts.items()},
            asides=tuple(rules(self.asides)),
            torch_weights=tuple((weight, shape(trees)) for weight, trees in self.torch_weights),
        )

    def inside(self, part: Any, name: str) -> Signature:
        """The same for a layer that is part of another: its weights carry its name, and are frozen where it is."""

        def kept(weight: Weight) -> Weight:
            return replace(
                weight,
                name=f"{name}/{weight.name}",
                torch=(f"{name}.{weight.in_torch.name}", weight.in_torch.shape),
                trainable=weight.trainable and part.trainable,
                buffer=always if weight.buffer(part) else never,
            )

        return replace(
            self,
            weights=tuple((kept(weight), trees) for weight, trees in self.weights),
            torch_weights=tuple((kept(weight), trees) for weight, trees in self.torch_weights),
        )

    def times(self, factor: Written, told: str) -> Signature:
        """The same done over and over: every count multiplied; `told` says why."""

        def more(count: Count, tree: Written) -> tuple[Count, Written]:
            done = replace(count, reason=f"{count.reason}, {told}")
            return (count, tree) if tree == Number(0) else (done, factor * tree)

        counts = {name: tuple(more(count, tree) for count, tree in rows) for name, rows in self.counts.items()}
        return replace(self, counts=counts)


# The names of an input's leading axes, batch first, by how many there are; likewise of all its axes.
_LEADING = {1: ("N",), 2: ("N", "L"), 3: ("N", "H", "W"), 4: ("N", "D", "H", "W")}
_PACKS: dict[str, Callable[[int], tuple[str, ...]]] = {
    "X": lambda count: tuple(size for size, _ in AXES[count]),
    "A": lambda count: _LEADING.get(count) or ("N", *(f"A_{i}" for i in range(1, count))),
    "E": lambda count: (*(names_of_axes(count - 1)), "C") if count > 1 else ("N",)[:count],
}


def names_of_axes(count: int) -> tuple[str, ...]:
    """Names for `count` leading axes, the batch first.

    >>> names_of_axes(3)
    ('N', 'H', 'W')
    """
    return _PACKS["A"](count)


def names_of_sizes(rank: int) -> tuple[str, ...]:
    """Names for all sizes of a shape, the batch first and the channels last.

    >>> names_of_sizes(4), names_of_sizes(1)
    (('N', 'H', 'W', 'C'), ('N',))
    """
    return _PACKS["E"](rank)


def concrete(template: Template, layer: Any, ranks: Sequence[int], axes: tuple[tuple[str, str], ...]) -> Signature:
    """The signature of `template` for `layer` over inputs of these ranks."""
    packs: dict[str, tuple[str, ...]] = {}
    takes = tuple(_taken(pattern, rank, packs) for pattern, rank in zip(template.takes, ranks, strict=True))
    expander = _Expander(axes, packs)
    return Signature(
        takes=takes,
        gives=tuple(tuple(expander.shape(pattern)) for pattern in template.gives),
        rules=tuple(expander.rules(f for f in template.rules if f.when(layer))),
        weights=tuple((w, tuple(expander.shape(w.shape))) for w in template.weights if w.when(layer)),
        where=tuple(
            (condition, tree, claiming(tree))
            for condition in template.where
            if condition.when(layer)
            for tree in expander.on_axes(condition.relation)
        ),
        counts={
            name: tuple(
                (count.settled(layer), expander.whole(count.expression)) for count in counts if count.when(layer)
            )
            for name, counts in template.counts.items()
        },
        asides=tuple(expander.rules(f for f in template.asides if f.when(layer))),
        axes=axes,
        torch_weights=tuple((w, tuple(expander.shape(w.in_torch.shape))) for w in template.weights if w.when(layer)),
        along=template.along,
    )


def _taken(pattern: Pattern, rank: int, packs: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The names of an input's sizes, and in `packs` what each variable part of the pattern stands for."""
    names: list[str] = []
    for entry in pattern:
        if isinstance(entry, Each):
            assert isinstance(entry.arg, Symbol)
            pack = entry.arg.name
            packs[pack] = _PACKS[pack](rank - (len(pattern) - 1))
            names.extend(packs[pack])
        elif isinstance(entry, Symbol):
            names.append(entry.name)
        else:
            raise DeclarationError(f"a layer takes symbols, not {entry}")
    return tuple(names)


class _Expander:
    """Puts the actual axes into declared trees."""

    def __init__(self, axes: tuple[tuple[str, str], ...], packs: Mapping[str, tuple[str, ...]]) -> None:
        self.axes = axes
        self.packs = packs

    def many(self, entry: Each) -> list[Written]:
        symbol = entry.arg
        if not isinstance(symbol, Symbol):  # the same number on every axis
            return [symbol] * len(self.axes)
        if symbol.name in self.packs:
            return [Symbol(name) for name in self.packs[symbol.name]]
        return [axis_symbol(symbol, axis) for axis in self.axes]

    def shape(self, pattern: Iterable[Written]) -> Iterable[Written]:
        """A pattern's entries, each `Each` spread out."""
        for entry in pattern:
            if isinstance(entry, Each):
                yield from self.many(entry)
            else:
                yield self.whole(entry)

    def whole(self, tree: Written) -> Written:
        """A formula of the whole layer: `Each` is a product."""
        if isinstance(tree, Each):
            return product(self.many(tree))
        if isinstance(tree, Mul):
            return product(self.shape(tree.args)) if tree.args else Number(1)
        parts = tree.parts()
        return tree.rebuilt(tuple(self.whole(part) for part in parts)) if parts else tree

    def on_axes(self, tree: Written) -> Iterable[Written]:
        """A formula once per axis where it speaks of an axial symbol outside `Each`, else once."""
        if not any(symbol.axial for symbol in _outside_each(tree)):
            yield self.whole(tree)
            return
        for axis in self.axes:
            yield self.whole(_on_axis(tree, axis))

    def rules(self, formulas: Iterable[Formula]) -> Iterable[Rule]:
        done: set[str] = set()
        for formula in formulas:
            if formula.target.axial:
                pairs = [(axis_symbol(formula.target, a).name, _on_axis(formula.expression, a)) for a in self.axes]
            else:
                pairs = [(formula.target.name, formula.expression)]
            if pairs and pairs[0][0] in done:
                continue
            for target, tree in pairs:
                done.add(target)
                tree = self.whole(tree)
                yield Rule(target, tree, formula, *compiled(tree))


def _outside_each(tree: Written) -> Iterable[Symbol]:
    if isinstance(tree, Symbol):
        yield tree
    elif not isinstance(tree, Each):
        for part in tree.parts():
            yield from _outside_each(part)


def _on_axis(tree: Written, axis: tuple[str, str]) -> Written:
    if isinstance(tree, Each):
        return tree
    if isinstance(tree, Symbol):
        return axis_symbol(tree, axis) if tree.axial else tree
    parts = tree.parts()
    return tree.rebuilt(tuple(_on_axis(part, axis) for part in parts)) if parts else tree
