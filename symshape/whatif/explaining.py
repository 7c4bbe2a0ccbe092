"""Why: the chain of steps that leads to a size, why a setting is refused, and the nearest settings that work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from symshape.algebra.periodic import PeriodicSet
from symshape.algebra.poly import Value, canonical
from symshape.algebra.present import present
from symshape.declaration import Application
from symshape.derivation import Derivation
from symshape.errors import ConditionError, Undecided, UnknownName
from symshape.notation import text
from symshape.written import By, Symbol, Written

__all__ = ["Explanation", "Link", "explain"]


@dataclass(frozen=True)
class Link:
    """One layer on the way: its output's shape, and the formulas that made it: written, with values in place, and worth."""

    name: str
    type: str
    shape: tuple[Value, ...]
    formulas: tuple[tuple[str, Written, Written, Written], ...]  # target, as written, with values in place, the value


@dataclass(frozen=True)
class Explanation:
    """The chain that leads to a layer, and, where the setting is refused, why and what is near that works.

    `nearest` gives, by symbol, the closest allowed values below and above, the other symbols as they are.
    """

    layer: str
    chain: tuple[Link, ...]
    refused: str = ""
    condition: str = ""
    nearest: Mapping[str, tuple[int | None, int | None]] | None = None

    def words(self) -> str:
        """The explanation as lines of text."""
        lines = [self.refused] if self.refused else []
        for link in self.chain:
            lines.append(f"{link.name} ({link.type}): {text(By(tuple(map(present, link.shape[1:]))))}")
            lines += [
                f"    {' = '.join(map(text, dict.fromkeys((Symbol(target), *steps))))}"
                for target, *steps in link.formulas
            ]
        for symbol, (below, above) in (self.nearest or {}).items():
            ways = [str(size) for size in dict.fromkeys((below, above)) if size is not None]
            lines.append(f"nearest {symbol} that works: {' and '.join(ways) or 'none'}")
        return "\n".join(lines)

    def data(self) -> dict[str, Any]:
        """The explanation as plain data, for JSON."""
        return {
            "layer": self.layer,
            "refused": self.refused,
            "condition": self.condition,
            "chain": [
                {
                    "name": link.name,
                    "type": link.type,
                    "shape": [str(present(size)) for size in link.shape],
                    "formulas": [
                        {"target": target, "written": str(written), "placed": str(placed), "value": str(value)}
                        for target, written, placed, value in link.formulas
                    ],
                }
                for link in self.chain
            ],
            "nearest": {name: list(pair) for name, pair in (self.nearest or {}).items()},
        }

    def __str__(self) -> str:
        return self.words()


def explain(derivation: Derivation, layer: str = "", **at: int) -> Explanation:
    """Why a setting is refused, or how the sizes of `layer` (the last one if none is named) come about.

    Raises `UnknownName` for a layer or symbol that does not exist.

    >>> from symshape import zoo
    >>> print(explain(zoo.lenet5().derive(), H=15, W=32).words().splitlines()[-1])
    nearest H that works: 16
    """
    for name in at:
        if name not in derivation.symbols:
            raise UnknownName(f"{name} is not a free symbol here: there are {', '.join(derivation.symbols)}")
    try:
        there = derivation.at(**at) if at else derivation
    except ConditionError as error:
        return _refusal(derivation, error, at)
    chosen = layer or there.network.nodes[there.network.outputs[0].node].name
    return Explanation(chosen, _chain(there, chosen))


def _refusal(derivation: Derivation, error: ConditionError, at: Mapping[str, int]) -> Explanation:
    culprit = error.layer.split(" (")[0]
    places = list(_paths_to(derivation, culprit))
    chain = _chain(derivation, places[0]) if len(places) == 1 else ()
    nearest: dict[str, tuple[int | None, int | None]] = {}
    for name, size in at.items():
        allowed = _allowed(derivation, name, {other: value for other, value in at.items() if other != name})
        if allowed is not None and size not in allowed:
            nearest[name] = allowed.nearest(size)
    return Explanation(culprit, chain, str(error), error.condition, nearest)


def _allowed(derivation: Derivation, name: str, others: Mapping[str, int]) -> PeriodicSet | None:
    """The values of one symbol that work beside the others; if those are refused too, that work at all."""
    for given in (others, {}):
        try:
            return derivation.at(**given).domain[name]
        except (ConditionError, Undecided):
            continue
    return None


def _paths_to(derivation: Derivation, layer: str) -> Iterator[str]:
    """The paths of all layers of that name, in nested networks too."""
    for name, found in derivation.layers.items():
        if name == layer:
            yield name
        elif isinstance(found.calls[0], Derivation):
            yield from (f"{name}/{inner}" for inner in _paths_to(found.calls[0], layer))


def _chain(derivation: Derivation, path: str) -> tuple[Link, ...]:
    """The layers on the first way from an input to the layer, each with what it does to the sizes."""
    head, _, rest = path.partition("/")
    nodes = derivation.network.nodes
    places = [place for place, node in enumerate(nodes) if node.name == head]
    inner = derivation.calls[places[0]] if places else None
    if inner is None or (rest and not isinstance(inner, Derivation)):
        raise UnknownName(f"{derivation.network.name} has no layer {path}: it has {', '.join(derivation.layers)}")
    way = [places[0]]
    while nodes[way[-1]].sources:
        way.append(nodes[way[-1]].sources[0].node)
    if not rest:
        return tuple(_link(derivation, place) for place in reversed(way))
    assert isinstance(inner, Derivation)
    within = (
        replace(link, name=f"{head}/{link.name}") for link in _chain(inner, rest)[1:]
    )  # its input is told already
    return (*(_link(derivation, place) for place in reversed(way[1:])), *within)


def _link(derivation: Derivation, place: int) -> Link:
    node, call = derivation.network.nodes[place], derivation.calls[place]
    formulas: list[tuple[str, Written, Written, Written]] = []
    if isinstance(call, Application):
        for rule in call.signature.rules:
            if canonical(call.values[rule.target]) not in map(canonical, call.inputs[0] if call.inputs else ()):
                value = present(call.values[rule.target])
                formulas.append((rule.target, rule.tree, call.placed(rule), value))
        kind = type(call.layer).__name__
    else:
        kind = derivation.layers[node.name].type
    return Link(node.name, kind, call.outputs[0], tuple(formulas))
