"""Derivation → view: what is said about each layer, in which order, and what is left out because it says nothing new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from symshape.algebra.evaluate import evaluate
from symshape.algebra.poly import Poly, Value, canonical
from symshape.algebra.present import present
from symshape.declaration import Application, Source
from symshape.derivation import Derivation, LayerDerivation
from symshape.domain import Domain
from symshape.errors import ConditionError
from symshape.layers.source import InputLayer
from symshape.metrics import METRICS
from symshape.metrics.receptive_field import Field, Unclear, receptive_fields
from symshape.network import Node
from symshape.report.naming import Names, renamed, silence, tidied
from symshape.report.view import (
    ClosedForm,
    CountStep,
    Fact,
    FieldRow,
    LayerView,
    ReasonRow,
    Row,
    SizeStep,
    SourceRow,
    Total,
    View,
    WeightRow,
)
from symshape.symbols import describe
from symshape.written import Number, Symbol, Written, place

__all__ = ["build"]

TITLES = {
    "params": "Parameters",
    "trainable": "Trainable",
    "non_trainable": "Non-trainable",
    "macs": "MACs",
    "activations": "Activation elements",
}
_AXIS_WORDS = {"L": "length", "D": "depth", "H": "height", "W": "width"}
_BY_DEFAULT = {"d": 1, "G": 1, "M": 1, "P": 0}  # options not worth a word at these values


def build(derivation: Derivation, point: Mapping[str, int] | None = None) -> View:
    """The view of a derivation.

    `point` gives numbers for the free symbols, shown beside every closed form; by default the sizes in the model's file,
    where it has them and they are valid.
    """
    return _Builder(derivation, point).view()


class _Builder:
    def __init__(self, derivation: Derivation, point: Mapping[str, int] | None) -> None:
        self.derivation = derivation
        self.point, self.there = _worked_point(derivation, point)
        self.batch = "N" in derivation.bindings
        self.numbers = {name: number for number, name in enumerate(derivation.layers)}
        self.sources: dict[Source, int] = {}
        self.symbols: dict[str, Symbol] = {}
        self.fields = receptive_fields(derivation)

    # -- the whole ---------------------------------------------------------------------------------------------------
    def view(self) -> View:
        derivation, network = self.derivation, self.derivation.network
        layers = tuple(self._layers())
        domain = derivation.domain
        if domain.empty:
            raise _nowhere(domain)
        return View(
            title=network.name,
            version=version("symshape"),
            free=derivation.symbols,
            bindings=tuple(ClosedForm(Symbol(n), present(v)) for n, v in derivation.bindings.items()),
            point=tuple(ClosedForm(Symbol(n), Number(v), v) for n, v in self.point.items()),
            note=network.note,
            domain_words=domain.words(),
            domain=domain.relation,
            reasons=tuple(_reasons(domain)),
            outputs=tuple(tuple(map(present, shape)) for shape in derivation.outputs),
            outputs_at=None if self.there is None else tuple(tuple(map(present, s)) for s in self.there.outputs),
            closed_forms=tuple(self._last_map()),
            totals=tuple(self._totals()),
            rows=tuple(self._rows()),
            layers=layers,
            sources=tuple(
                SourceRow(number, source.citation, source.place, source.url) for source, number in self.sources.items()
            ),
            glossary=tuple(self.symbols.values()),
            edges=tuple(self._edges()),
            convention=METRICS["macs"].meaning,
            fixed_weights=derivation.fixed_weights,
        )

    def _totals(self) -> Iterable[Total]:
        for name, title in TITLES.items():
            entry = METRICS[name]
            at = None if self.there is None else _whole(self.there.value(name))
            yield Total(name, title, entry.unit, entry.meaning, present(self.derivation.value(name)), at)

    def _last_map(self) -> Iterable[ClosedForm]:
        """The sizes of the last map that still has axes: what convolutional networks are asked for most."""
        for node, call, there in reversed(list(self._calls())):
            shape = call.outputs[0]
            if isinstance(call, Application) and call.signature.axes and len(shape) > 2:
                for axis, place_ in _axes_of(call):
                    at = None if there is None else _whole(there.outputs[0][place_])
                    yield ClosedForm(Symbol(f"{axis}_{self.numbers[node.name]}"), present(shape[place_]), at)
                return

    def _calls(self) -> Iterable[tuple[Node, Any, Any]]:
        derivation = self.derivation
        there = self.there.calls if self.there is not None else (None,) * len(derivation.calls)
        return zip(derivation.network.nodes, derivation.calls, there, strict=True)

    def _edges(self) -> Iterable[tuple[int, int]]:
        nodes = self.derivation.network.nodes
        for node in nodes:
            for source in node.sources:
                yield self.numbers[nodes[source.node].name], self.numbers[node.name]

    # -- the table ---------------------------------------------------------------------------------------------------
    def _rows(self) -> Iterable[Row]:
        for name, layer in self.derivation.layers.items():
            there = None if self.there is None else self.there.layers[name]
            yield Row(
                number=self.numbers[name],
                name=name,
                type=layer.type,
                anchor=_anchor(self.numbers[name]),
                shapes=_shapes(layer),
                shapes_at=None if there is None else _shapes(there),
                params=present(layer.value("params")),
                params_at=None if there is None else _whole(there.value("params")),
                trainable=present(layer.value("trainable")),
                non_trainable=present(layer.value("non_trainable")),
                macs=present(layer.value("macs")),
                macs_at=None if there is None else _whole(there.value("macs")),
            )

    # -- layers --------------------------------------------------------------------------------------------------------
    def _layers(self) -> Iterable[LayerView]:
        names = Names()
        seen: dict[object, tuple[int, str]] = {}
        done: set[str] = set()
        nodes = self.derivation.network.nodes
        for node, call, there in self._calls():
            local = names.enter(node, call, self.numbers[node.name])
            if node.name in done:
                continue
            done.add(node.name)
            inputs = tuple((self.numbers[nodes[s.node].name], nodes[s.node].name) for s in node.sources)
            yield self._layer(node, call, there, local, inputs, seen)

    def _layer(
        self,
        node: Node,
        call: Any,
        there: Any,
        local: Mapping[str, Symbol],
        inputs: tuple[tuple[int, str], ...],
        seen: dict[object, tuple[int, str]],
    ) -> LayerView:
        number, layer = self.numbers[node.name], self.derivation.layers[node.name]
        plain = LayerView(
            number=number,
            name=node.name,
            type=layer.type,
            anchor=_anchor(number),
            sentence=_sentence(layer),
            inputs=inputs,
            calls=len(layer.calls),
            params=present(layer.value("params")),
            params_at=None if there is None else _whole(self._there(node.name).value("params")),
        )
        if not isinstance(call, Application):
            return plain
        key = _likeness(call)
        if key in seen and not isinstance(call.layer, InputLayer):
            return replace(plain, same_as=seen[key])
        seen[key] = (number, node.name)
        rows, note = self._field(node.name)
        return replace(
            plain,
            facts=tuple(self._facts(call, local)),
            sizes=tuple(self._sizes(call, there, local)),
            weights=tuple(self._weights(call, there, local)),
            counts=tuple(self._counts(call, there, local)),
            field_rows=rows,
            field_note=note,
            conditions=tuple((renamed(tree, local), condition.reason) for condition, tree, _ in call.signature.where),
        )

    def _there(self, name: str) -> LayerDerivation:
        assert self.there is not None
        return self.there.layers[name]

    def _facts(self, call: Application, local: Mapping[str, Symbol]) -> Iterable[Fact]:
        said: set[str] = set()
        bound = {**call.layer.bindings}
        for taken in call.signature.takes:
            bound.update({name: call.values[name] for name in taken if name not in local and name != "N"})
        for name in bound:
            symbol = local.get(name, Symbol(name))
            value = call.values[name]
            base = symbol.name.split("_")[0]
            if symbol.name in said or symbol.name.startswith(("P_begin", "P_end", "T_")) or value == _BY_DEFAULT.get(base):
                continue
            if isinstance(value, Poly) and name in {n for taken in call.signature.takes for n in taken}:
                continue
            said.add(symbol.name)
            self._meet(symbol)
            yield Fact(symbol, present(value))

    def _sizes(self, call: Application, there: Any, local: Mapping[str, Symbol]) -> Iterable[SizeStep]:
        steps: list[SizeStep] = []
        for rule in call.signature.rules:
            target = local[rule.target]
            value = call.values[rule.target]
            tree = tidied(rule.tree, silence(call.values, batch=True))
            written = renamed(tree, local)
            placed, closed = place(tree, call.shown), present(value)
            at = None if there is None else _whole(there.values[rule.target])
            self._meet(*written.symbols, target)
            stem = rule.target.removesuffix("_out")
            if steps and steps[-1].reason == rule.formula.reason and _likewise(steps[-1], target, written, closed):
                other = (_AXIS_WORDS.get(stem, stem), ClosedForm(target, closed, at))
                steps[-1] = replace(steps[-1], likewise=(*steps[-1].likewise, other))
                continue
            steps.append(
                SizeStep(
                    target=target,
                    axis=_AXIS_WORDS.get(stem, ""),
                    written=written,
                    placed=None if placed in (written, closed) else placed,
                    closed=None if closed == written else closed,
                    at=at if isinstance(value, Poly) else None,
                    reason=rule.formula.reason,
                    source=self._cite(rule.formula.source),
                )
            )
        return steps

    def _weights(self, call: Application, there: Any, local: Mapping[str, Symbol]) -> Iterable[WeightRow]:
        at = {w.weight.name: _whole(w.count) for w in there.weights} if there is not None else {}
        for weight in call.weights:
            silent = silence(call.values, batch=True)
            shape = tuple(renamed(tidied(tree, silent), local) for tree in weight.trees)
            self._meet(*(symbol for tree in shape for symbol in tree.symbols))
            yield WeightRow(
                name=weight.weight.name,
                shape=shape,
                dims=tuple(map(present, weight.dims)),
                count=present(weight.count),
                at=at.get(weight.weight.name),
                trainable=weight.trainable,
            )

    def _counts(self, call: Application, there: Any, local: Mapping[str, Symbol]) -> Iterable[CountStep]:
        for count, tree, value in call.counts("macs") or ():
            value = self.derivation.per_example(value)
            if canonical(value) == 0:
                continue
            shown = tidied(tree, silence(call.values, self.batch))
            written, placed, closed = renamed(shown, local), place(shown, call.shown), present(value)
            self._meet(*written.symbols)
            at = at_placed = None
            if there is not None and isinstance(canonical(value), Poly):
                at_placed = place(shown, there.shown)
                at = _whole(self._at_point(tree, there))
            yield CountStep(
                name="MACs",
                written=written,
                placed=None if placed == closed else placed,
                closed=closed,
                at_placed=at_placed,
                at=at,
                reason=count.reason,
                source=self._cite(count.source),
            )

    def _at_point(self, tree: Written, there: Application) -> Value:
        assert self.there is not None
        return self.there.per_example(evaluate(tree, there.values))

    def _field(self, name: str) -> tuple[tuple[FieldRow, ...], str]:
        fields = self.fields[name]
        if isinstance(fields, Unclear):
            return (), fields.reason
        rows = [
            FieldRow(_AXIS_WORDS.get(axis, axis), present(f.size), present(f.step), present(f.start))
            for axis, f in fields.items()
            if isinstance(f, Field)
        ]
        return tuple(rows), ""

    # -- sources and symbols -------------------------------------------------------------------------------------------
    def _cite(self, source: Source) -> int:
        return self.sources.setdefault(source, len(self.sources) + 1)

    def _meet(self, *symbols: Symbol) -> None:
        """Remember symbols for the glossary, by their stems: H_3 is explained once, as the sizes of layers."""
        for symbol in sorted(symbols, key=lambda s: s.name):
            stem, _, tail = symbol.name.rpartition("_")
            name = stem if tail.isdigit() and stem else symbol.name
            entry = describe(name)
            if entry is not None and entry.meaning:
                self.symbols.setdefault(name, entry)


# -- pieces ----------------------------------------------------------------------------------------------------------------
def _worked_point(
    derivation: Derivation, point: Mapping[str, int] | None
) -> tuple[dict[str, int], Derivation | None]:
    """The numbers to show beside closed forms, and the derivation there."""
    if not derivation.symbols:
        return {}, None
    if point is not None:
        chosen = {name: point[name] for name in derivation.symbols if name in point}
        if len(chosen) < len(derivation.symbols):
            return {}, None
        return chosen, derivation.at(**chosen)
    native = derivation.network.native
    chosen = {name: native[name] for name in derivation.symbols if name in native}
    if len(chosen) < len(derivation.symbols):
        return {}, None
    try:
        return chosen, derivation.at(**chosen)
    except ConditionError:  # the file's own size does not suit the edits or bindings: show closed forms alone
        return {}, None


def _whole(value: Value) -> int | None:
    """The value as a number; None where a symbol is left (the batch)."""
    value = canonical(value)
    return value if isinstance(value, int) else None


def _shapes(layer: LayerDerivation) -> tuple[tuple[Written, ...], ...]:
    return tuple(tuple(map(present, shape)) for shape in layer.outputs)


def _axes_of(call: Application) -> Iterable[tuple[str, int]]:
    """(axis, place in the output shape) of every spatial axis of the output."""
    targets = {f"{size}_out": size for size, _ in call.signature.axes}
    for place_, size in enumerate(call.signature.gives[0]):
        if isinstance(size, Symbol) and size.name in targets:
            yield targets[size.name], place_


def _sentence(layer: LayerDerivation) -> str:
    """What the layer does: the first paragraph of its declaration's docstring."""
    if not isinstance(layer.calls[0], Application):
        return f"A network of {len(layer.calls[0])} layers, used as one."
    text = type(layer.operation).__doc__ or ""
    return " ".join(text.strip().split("\n\n")[0].split())


def _likeness(call: Application) -> object:
    """What makes two layers derive alike: class, options and input shapes."""
    options = tuple(sorted((k, repr(v)) for k, v in call.layer.configured().items() if k != "name"))
    return type(call.layer), options, call.inputs


def _likewise(step: SizeStep, target: Symbol, written: Written, closed: Written) -> bool:
    """Whether another axis follows the step's formula: the same tree, the same closed form up to the axis' name."""
    here, there = step.target.name.split("_")[0], target.name.split("_")[0]

    def moved(symbol: Symbol) -> Written:
        head, _, tail = symbol.name.partition("_")
        return Symbol(f"{there}_{tail}" if tail else there) if head == here else symbol

    base = step.closed if step.closed is not None else step.written
    return place(step.written, moved) == written and place(base, moved) == closed


def _reasons(domain: Domain) -> Iterable[ReasonRow]:
    for name in domain.names:
        for reason in domain.reasons(name):
            yield ReasonRow(name, reason.allowed.words(name), reason.demand.layer, reason.demand.reason)


def _nowhere(domain: Domain) -> ConditionError:
    name = next(name for name in domain.names if not domain[name])
    reasons = domain.reasons(name)
    said = "; ".join(f"{r.demand.layer} allows {r.allowed.words(name)}" for r in reasons[-2:])
    return ConditionError(
        f"no {name} is valid for this network: {said}", layer=reasons[-1].demand.layer, condition=str(domain)
    )


def _anchor(number: int) -> str:
    return f"layer-{number}"
