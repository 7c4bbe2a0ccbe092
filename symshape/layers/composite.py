"""A network as one layer: what layers that hold others repeat where they hold a whole network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from symshape.algebra.claims import claiming
from symshape.algebra.evaluate import compiled
from symshape.algebra.poly import Value
from symshape.declaration import (
    DERIVED,
    ELSEWHERE,
    Application,
    Condition,
    Count,
    Formula,
    Kept,
    Layer,
    Signature,
    Template,
    inputs,
    outputs,
    own,
)
from symshape.declaration.signature import Pattern, Rule, names_of_sizes
from symshape.errors import GraphError
from symshape.layers.dense import Dense
from symshape.layers.holding import Part, _Holding, beside
from symshape.layers.source import InputLayer
from symshape.symbols import N
from symshape.written import Add, Ceiling, Div, Max, Mul, Number, Symbol, Written, equal, product, walk

__all__ = ["Composite", "Wired"]


@dataclass(frozen=True)
class Wired:
    """A layer and where its inputs come from: the place of the layer that gives each, and which of its outputs."""

    layer: Layer
    sources: tuple[tuple[int, int], ...] = ()


class Composite(_Holding):
    """Layers wired into a graph, sources first, as one layer; `Network.as_layer` makes it.

    Symbols of the layer in the i-th place carry i, those of the first input do not. `inputs` are the places where the
    inputs enter, `outputs` are places and which of the layer's outputs.

    >>> from symshape.layers.conv import Conv2D
    >>> from symshape.network import Input, Sequential
    >>> inner = Sequential(Input("H", "W", 3), Conv2D(8, 3), Conv2D(4, 3))
    >>> d = Sequential(Input("H", "W", 3), inner.as_layer).derive()
    >>> d.output_shape, d.params
    ((N, H - 4, W - 4, 4), 516)
    """

    nodes: tuple[Any, ...] = field()
    inputs: tuple[int, ...] = field()
    outputs: tuple[Any, ...] = field()

    window = ELSEWHERE
    example = staticmethod(
        lambda: Composite(
            (Wired(InputLayer(("N", "C"))), Wired(Dense(8), ((0, 0),)), Wired(Dense(4), ((1, 0),))), (0,), ((2, 0),)
        )
    )

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        return tuple(
            Part(wired.layer, wired.layer.name or str(place), _marked(place))
            for place, wired in enumerate(self.nodes)
            if wired.sources
        )

    @property
    def output_count(self) -> int:
        return len(self.outputs)

    def seeing(self, shapes: Sequence[tuple[Value, ...]]) -> Layer:
        if all(type(wired.layer).seeing is Layer.seeing for wired in self.nodes):
            return self
        coming = dict(zip(self.inputs, shapes, strict=True))
        made: list[Sequence[tuple[Value, ...]]] = []
        seen: list[Wired] = []
        for place, wired in enumerate(self.nodes):
            sources = [made[giver][output] for giver, output in wired.sources] or [coming[place]]
            call = Application(wired.layer, sources)
            made.append(call.outputs)
            seen.append(replace(wired, layer=call.layer))
        return self.replaced(nodes=tuple(seen))

    def composed(self, ranks: tuple[int, ...]) -> Signature:
        if len(ranks) != len(self.inputs):
            raise GraphError(f"{self.label} takes {len(self.inputs)} inputs, {len(ranks)} are connected")
        coming = dict(zip(self.inputs, ranks, strict=True))
        made: list[Signature] = []
        parts = {id(part.layer): part for part in reversed(self.parts)}
        first: dict[int, Signature] = {}  # of a layer used several times, its first application
        for place, wired in enumerate(self.nodes):
            if place in coming:
                made.append(_entrance(wired.layer, coming[place], _marked(place) if place else _kept))
                continue
            sizes = [made[giver].gives[output] for giver, output in wired.sources]
            step = _fed(wired.layer, sizes, _marked(place)).inside(wired.layer, parts[id(wired.layer)].name)
            made.append(_once(step, first.setdefault(id(wired.layer), step)))
        takes = tuple(made[place].takes[0] for place in self.inputs)
        gives = tuple(made[place].gives[output] for place, output in self.outputs)
        counted = dict.fromkeys(_ADDING_UP, ())  # what enters counts nothing
        steps = [step for place, step in enumerate(made) if place not in coming]
        whole = beside([replace(made[place], counts=counted) for place in coming] + steps)
        return replace(
            whole,
            takes=takes,
            gives=gives,
            counts={
                **{name: tuple(_worth_saying(whole.counts[name])) for name in _ADDING_UP if name in whole.counts},
                **_looked_up(steps),
                **self._kept(made),
            },
        )

    def _kept(self, made: Sequence[Signature]) -> Mapping[str, tuple[Any, ...]]:
        """What training keeps: a tensor inside once, as numbers of the composite's own; what enters and leaves as such."""
        if not all("keeps" in made[place].counts for place, wired in enumerate(self.nodes) if wired.sources):
            return {}
        homes: dict[tuple[int, int], tuple[int, int]] = {}
        kept: dict[tuple[int, int], Kept] = {}
        rows: list[tuple[Kept, Written]] = []
        for place, wired in enumerate(self.nodes):
            sources = [homes[source] for source in wired.sources]
            makes = [(place, output) for output in range(len(made[place].gives))]
            homes |= {tensor: sources[0] if wired.layer.view and sources else tensor for tensor in makes}
            for row, tree in made[place].counts["keeps"] if wired.sources else ():
                assert isinstance(row, Kept)
                if row.what in ("inputs", "outputs"):
                    met = sources if row.what == "inputs" else [homes[tensor] for tensor in makes]
                    kept |= dict.fromkeys(row.among(met), row)
                else:
                    rows.append((row, tree))
        entering = {(place, 0): number for number, place in enumerate(self.inputs)}
        leaving = {homes[tensor]: number for number, tensor in enumerate(self.outputs)}
        for (place, output), row in kept.items():
            if (place, output) in entering:
                rows.append((inputs(entering[place, output], width=row.width), Number(0)))
            elif (place, output) in leaving:
                rows.append((outputs(leaving[place, output]), Number(0)))
            else:
                size = product(made[place].gives[output])
                name = self.nodes[place].layer.label
                rows.append((own(size, f"what {name} gives", width=row.width), size))
        return {"keeps": tuple(rows)}


def _entrance(layer: Layer, rank: int, mark: Callable[[Symbol], Symbol]) -> Signature:
    """An input: its sizes are named as they come, with a mark but for the first input's and the batch."""
    assert isinstance(layer, InputLayer)
    template = Template((tuple(map(Symbol, names_of_sizes(len(layer.shape)))),), ())
    layer.check_arity(template, (rank,))
    sizes = tuple(size if size == N else mark(size) for size in map(Symbol, names_of_sizes(rank)))
    conditions = tuple(
        _claimed(Condition(equal(size, Number(own)), "the inner network is made for this size"))
        for size, own in zip(sizes, layer.shape, strict=True)
        if isinstance(own, int)
    )
    return Signature((tuple(size.name for size in sizes),), (sizes,), (), (), conditions, {}, (), ())


def _kept(symbol: Symbol) -> Symbol:
    return symbol


def _marked(place: int) -> Callable[[Symbol], Symbol]:
    return lambda symbol: Symbol(f"{symbol.name}_{place}", symbol.meaning, symbol.unit)


_COMES = DERIVED("shapes passed on")
_POSITIVE = "every output size is at least 1"
_FIT = "the shapes inside fit together"
_SHARED = "every application of a shared layer uses weights of one shape"


def _fed(layer: Layer, sizes: Sequence[Pattern], mark: Callable[[Symbol], Symbol]) -> Signature:
    """The layer's signature over sizes that other layers give: its symbols marked, those it takes bound to the sizes."""
    signature = layer.signature(tuple(map(len, sizes)))
    passed: dict[str, Symbol] = {}
    taken: dict[str, Written] = {}
    rules: list[Rule] = []
    equalities: list[tuple[Written, Written]] = []
    for names, shape in zip(signature.takes, sizes, strict=True):
        for name, size in zip(names, shape, strict=True):
            if name in layer.bindings:  # an option, which stands: it is asked of the input
                equalities.append((mark(Symbol(name)), size))
            elif name in taken:
                if taken[name] != size:
                    equalities.append((taken[name], size))
            else:
                taken[name] = size
                if isinstance(size, Symbol):
                    passed[name] = size
                else:
                    target = mark(Symbol(name))
                    formula = Formula(target, size, _COMES, reason="given by the layer before")
                    rules.append(Rule(target.name, size, formula, *compiled(size)))
    named = signature.renamed(lambda symbol: passed.get(symbol.name) or mark(symbol))
    known = {size for shape in sizes for size in shape}
    formed = {rule.target: rule.tree for rule in named.rules}
    made = dict.fromkeys(size for shape in named.gives for size in shape if size not in known)
    positive = [size for size in made if not _surely_positive(formed.get(str(size), size))]
    conditions = [
        *(Condition(equal(left, right), _FIT) for left, right in equalities),
        *(Condition(size >= 1, _POSITIVE) for size in positive),
    ]
    return replace(named, rules=(*rules, *named.rules), where=(*named.where, *map(_claimed, conditions)))


def _surely_positive(tree: Written) -> bool:
    """Whether the size is put together from sizes without taking anything away."""
    return all(isinstance(node, _GROWING) for node in walk(tree))


_GROWING = (Symbol, Number, Add, Mul, Div, Max, Ceiling)


def _claimed(condition: Condition) -> tuple[Condition, Written, Any]:
    return condition, condition.relation, claiming(condition.relation)


def _once(step: Signature, first: Signature) -> Signature:
    """A further application of a layer: no weights of its own, but weights of the same shapes are asked for."""
    if step is first:
        return step
    same: Iterator[tuple[Written, Written]] = (
        (here, there)
        for (_, mine), (_, its) in zip(first.weights, step.weights, strict=True)
        for here, there in zip(mine, its, strict=True)
        if here != there
    )
    conditions = tuple(_claimed(Condition(equal(here, there), _SHARED)) for here, there in same)
    return replace(step, weights=(), torch_weights=(), where=(*step.where, *conditions))


# Counts of operations add up. What training keeps does not: a tensor is kept once.
_ADDING_UP = ("macs", "work")


def _looked_up(steps: Sequence[Signature]) -> Mapping[str, tuple[Any, ...]]:
    """Where rows of some tables are looked up, the numbers read: those rows, and the other layers' weights."""
    if not any("looks_up" in step.counts for step in steps):
        return {}
    rows: list[Any] = []
    for step in steps:
        all_of_it = [(Count(product(shape), f"all of {weight.name}"), product(shape)) for weight, shape in step.weights]
        rows.extend(step.counts.get("looks_up") or all_of_it)
    return {"looks_up": tuple(rows)}


def _worth_saying(rows: Iterable[Any]) -> Iterable[Any]:
    """The counts that are more than 0; one of 0 where there are no others."""
    rows = tuple(rows)
    return [row for row in rows if row[1] != Number(0)] or rows[:1]
