"""Layer by layer: what is said about each, in which order, and what is left out as it says nothing new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from symshape.algebra.claims import Claim
from symshape.algebra.evaluate import evaluate
from symshape.algebra.poly import Poly, Value, canonical
from symshape.algebra.present import present
from symshape.declaration import DERIVED, Application
from symshape.derivation import Derivation
from symshape.layers.source import InputLayer
from symshape.metrics.macs import macs as macs_of
from symshape.metrics.receptive_field import Fields
from symshape.network import Node
from symshape.report.building.fields import field_rows
from symshape.report.building.pieces import ref_to, shape, whole
from symshape.report.building.sentences import sentence, words
from symshape.report.building.study import Study
from symshape.report.naming import (
    AXIS_WORDS,
    Local,
    Names,
    gathered,
    plain_name,
    renamed,
    silence,
    stem_of,
    tidied,
    typeset,
)
from symshape.report.view import (
    Cite,
    ClosedForm,
    ConditionRow,
    CountStep,
    Fact,
    LayerView,
    Ref,
    SizeStep,
    WeightRow,
)
from symshape.written import Symbol, Written, place

__all__ = ["Walk"]

_BY_DEFAULT = {"d": 1, "G": 1, "M": 1, "P": 0, "P_begin": 0, "P_end": 0}  # options not worth a word at these values
_BROADCASTING = DERIVED("joining element by element")


class Walk:
    """The layers of one network: the whole one, or one nested in it."""

    def __init__(
        self,
        study: Study,
        derivation: Derivation,
        there: Derivation | None,
        fields: Mapping[str, Fields],
        within: str = "",
        entering: Sequence[Any] = (),
    ) -> None:
        self.study, self.register = study, study.register
        self.derivation = derivation
        self.there = there
        self.fields = fields
        self.within = within
        self.entering = entering
        first = 1 if within else 0
        self.numbers = {name: f"{within}{number}" for number, name in enumerate(derivation.layers, first)}
        self.refs: list[Ref] = []  # of each application
        self.untold: set[Symbol] = set()  # sizes with a name but without a derivation, until a fact tells them

    def layers(self) -> Iterable[LayerView]:
        names = Names(self.register.taken, self.entering)
        seen: dict[object, Ref] = {}
        firsts: dict[str, Ref] = {}
        applied: dict[str, int] = {}
        nodes = self.derivation.network.nodes
        there = self.there.calls if self.there is not None else (None,) * len(nodes)
        for place_, (node, call, at) in enumerate(zip(nodes, self.derivation.calls, there, strict=True)):
            again = applied[node.name] = applied.get(node.name, 0) + 1
            number = self.numbers[node.name] + _letter(again)
            ref = ref_to(number, node.name)
            self.refs.append(ref)
            entering = [names.of(source.node, source.output) for source in node.sources]
            local = names.enter(node, call, number)
            self.untold |= local.introduced
            plain = self._plain(node, call, at, ref, place_, firsts.get(node.name))
            firsts.setdefault(node.name, ref)
            key = self._likeness(node, call)
            if key in seen:
                yield replace(plain, same_as=seen[key])
            elif isinstance(call, Derivation):
                assert at is None or isinstance(at, Derivation)
                seen[key] = ref
                inner = Walk(self.study, call, at, {}, f"{number}.", entering)
                yield replace(plain, inner=tuple(inner.layers()))
            elif isinstance(call.layer, InputLayer):
                yield plain
            else:
                seen[key] = ref
                self.register.own(call.label, firsts[node.name])
                yield self._derived(plain, node, call, at, local)
            if isinstance(call, Application):
                self._last_map(call, at, local, ref)

    def _likeness(self, node: Node, call: Application | Derivation) -> object:
        """What makes two layers derive alike: class, options and input shapes."""
        calls = self.derivation.calls
        inputs = tuple(calls[source.node].outputs[source.output] for source in node.sources)
        if isinstance(call, Derivation):
            return node.name, inputs
        options = tuple(sorted((k, repr(v)) for k, v in call.layer.configured().items() if k != "name"))
        return type(call.layer), options, inputs

    def _last_map(self, call: Application, there: Any, local: Local, ref: Ref) -> None:
        """Remember the sizes of the last map that still has axes: what convolutional networks are asked for most."""
        shape = call.outputs[0]
        named = ((local.names.get(f"{size}_out"), place_) for size, place_ in _axes_of(call))
        places = [(symbol, place_) for symbol, place_ in named if symbol is not None]
        if places and len(shape) > 2:
            self.register.last_map = (
                ref,
                tuple(
                    ClosedForm(symbol, present(shape[at]), None if there is None else whole(there.outputs[0][at]))
                    for symbol, at in places
                ),
            )

    def _plain(self, node: Node, call: Any, there: Any, ref: Ref, place_: int, first: Ref | None) -> LayerView:
        layer = self.derivation.layers[node.name]
        at = None if self.there is None else self.there.layers[node.name]
        sources = dict.fromkeys(source.node for source in node.sources)

        def of_layer(metric: str) -> Written:
            return present(self._per_example(layer.value(metric)))

        def there_of(metric: str) -> int | None:
            return None if at is None else whole(self._per_example(at.value(metric), there=True))

        return LayerView(
            number=ref.number,
            name=node.name,
            type=layer.type,
            anchor=ref.anchor,
            sentence=sentence(layer),
            inputs=tuple(self.refs[source] for source in sources),
            follows=list(sources) == [place_ - 1],
            outputs=tuple(map(shape, call.outputs)),
            outputs_at=None if there is None else tuple(map(shape, there.outputs)),
            params=of_layer("params"),
            params_at=there_of("params"),
            trainable=of_layer("trainable"),
            trainable_at=there_of("trainable"),
            macs=present(self._per_example(_macs(call))),
            macs_at=None if there is None else whole(self._per_example(_macs(there), there=True)),
            calls=len(layer.calls),
            again=first,
        )

    def _derived(self, plain: LayerView, node: Node, call: Application, there: Any, local: Local) -> LayerView:
        sizes = (*self._sizes(call, there, local), *self._joins(call, there, local))
        weights = () if plain.again is not None else tuple(self._weights(call, there, local))
        counts = tuple(self._counts(call, there, local))
        conditions = tuple(self._conditions(call, local))
        shown = {symbol for step in sizes for symbol in step.written.symbols}
        shown |= {symbol for row in weights for tree in row.shape for symbol in tree.symbols}
        shown |= {symbol for step in counts for symbol in step.written.symbols}
        shown |= {symbol for row in conditions for symbol in row.relation.symbols}
        sentence = typeset(words(call), local.names)
        shown |= {piece for piece in sentence if isinstance(piece, Symbol)}
        rows, note = field_rows(self.derivation, self.fields, node)
        return replace(
            plain,
            sentence=sentence,
            facts=tuple(self._facts(call, local, shown)),
            sizes=sizes,
            weights=weights,
            counts=counts,
            no_macs=() if counts else self._no_macs(call),
            fields=rows,
            field_note=note,
            conditions=conditions,
        )

    # -- facts --------------------------------------------------------------------------------------------------------
    def _facts(self, call: Application, local: Local, shown: set[Symbol]) -> Iterable[Fact]:
        """Options that are not the default or that a formula speaks of; of the sizes read, those that need a number."""
        said: set[Symbol] = set()
        options = call.layer.bindings
        for name in dict.fromkeys((*options, *(name for taken in call.signature.takes for name in taken))):
            symbol, value = local.names.get(name, Symbol(name)), call.values[name]
            if name in options:
                wanted = symbol in shown or not (_is_default(name, value) or name.startswith(("P_begin", "P_end")))
            else:
                derived = name in local.names and symbol not in self.untold
                wanted = symbol in shown and not derived and plain_name(value) != symbol.name
            if wanted and symbol not in said and value != -1:  # −1: what is left, by a formula of its own
                said.add(symbol)
                self.untold.discard(symbol)
                self.register.meet(symbol)
                yield Fact(symbol, present(value))

    # -- sizes --------------------------------------------------------------------------------------------------------
    def _sizes(self, call: Application, there: Any, local: Local) -> Sequence[SizeStep]:
        steps: list[SizeStep] = []
        for rule in call.signature.rules:
            tree = tidied(rule.tree, silence(call.values, batch=True))
            target, axis = local.names[rule.target], AXIS_WORDS.get(rule.target.removesuffix("_out"), "")
            at = None if there is None else there.values[rule.target]
            reason, source = typeset(rule.formula.reason, local.names), self.register.cite(rule.formula.source)
            step = self._step(target, axis, tree, call, local, call.values[rule.target], at, reason, source)
            if steps and steps[-1].source == step.source and _likewise(steps[-1], step):
                form = ClosedForm(step.target, step.closed if step.closed is not None else step.written, step.at)
                steps[-1] = replace(steps[-1], likewise=(*steps[-1].likewise, (axis or target.name, form)))
            else:
                steps.append(step)
        return steps

    def _joins(self, call: Application, there: Any, local: Local) -> Iterable[SizeStep]:
        """Sizes that got a name here without a rule: where inputs of different sizes are joined."""
        for target, output, place_ in local.fresh:
            tree, value = call.signature.gives[output][place_], call.outputs[output][place_]
            at = None if there is None else there.outputs[output][place_]
            source = self.register.cite(_BROADCASTING)
            axis = AXIS_WORDS.get(stem_of(target.name), "")
            yield self._step(target, axis, tree, call, local, value, at, ("a size of 1 is repeated",), source)

    def _step(
        self,
        target: Symbol,
        axis: str,
        tree: Written,
        call: Application,
        local: Local,
        value: Value,
        at: Value | None,
        reason: tuple[str | Written, ...],
        source: Cite,
    ) -> SizeStep:
        written = renamed(tree, local.names)
        placed, closed = place(tree, call.shown), present(value)
        self.register.meet(*written.symbols, target)
        return SizeStep(
            target=target,
            axis=axis,
            written=written,
            placed=None if placed in (written, closed) else placed,
            closed=None if closed == written else closed,
            at=whole(at) if isinstance(canonical(value), Poly) and at is not None else None,
            reason=reason,
            source=source,
        )

    # -- weights and counts -------------------------------------------------------------------------------------------
    def _weights(self, call: Application, there: Any, local: Local) -> Iterable[WeightRow]:
        at = {weight.weight.name: weight for weight in there.weights} if there is not None else {}
        silent = silence(call.values, batch=True)
        for weight in call.weights:
            name = weight.weight.name
            declared = tuple(renamed(tidied(tree, silent), local.names) for tree in weight.trees)
            self.register.meet(*(symbol for tree in declared for symbol in tree.symbols))
            yield WeightRow(
                name=name,
                shape=declared,
                dims=shape(weight.dims),
                dims_at=shape(at[name].dims) if name in at else None,
                count=present(weight.count),
                at=whole(at[name].count) if name in at else None,
                trainable=weight.trainable,
            )

    def _counts(self, call: Application, there: Any, local: Local) -> Iterable[CountStep]:
        silent = silence(call.values, batch=self.study.batch is not None)
        for count, tree, value in call.counts("macs") or ():
            value = self._per_example(value)
            if canonical(value) == 0:
                continue
            shown = tidied(tree, silent)
            written = gathered(renamed(shown, local.names))
            placed, closed = gathered(place(shown, call.shown)), present(value)
            self.register.meet(*written.symbols)
            open_ = there is not None and isinstance(canonical(value), Poly)
            yield CountStep(
                name="MACs",
                written=written,
                placed=None if placed in (written, closed) else placed,
                closed=None if closed == written else closed,
                at_placed=place(shown, there.shown) if open_ else None,
                at=whole(self._per_example(evaluate(tree, there.values), there=True)) if open_ else None,
                reason=typeset(count.reason, local.names),
                source=self.register.cite(count.source),
            )

    def _no_macs(self, call: Application) -> tuple[str | Written, ...]:
        return next((typeset(count.reason, {}) for count, _, _ in call.counts("macs") or ()), ())

    def _per_example(self, value: Value, there: bool = False) -> Value:
        whole = self.study.there if there else self.study.derivation
        assert whole is not None
        return whole.per_example(value)

    # -- conditions and fields ----------------------------------------------------------------------------------------
    def _conditions(self, call: Application, local: Local) -> Iterable[ConditionRow]:
        """Conditions that depend on free symbols, and those in which an option takes part."""
        options = {name for name, value in call.layer.bindings.items() if not _is_default(name, value)}
        said: set[Written] = set()
        for condition, tree, claim in call.signature.where:
            truth = claim(call.values)
            if not isinstance(truth, Claim) and not any(symbol.name in options for symbol in tree.symbols):
                continue
            if not isinstance(truth, Claim) and any(_silenced(call, symbol) for symbol in tree.symbols):
                continue
            here = truth.written() if isinstance(truth, Claim) else place(tree, call.shown)
            if here in said:
                continue
            said.add(here)
            relation = renamed(tree, local.names)
            self.register.meet(*relation.symbols)
            yield ConditionRow(relation, here, typeset(condition.reason, local.names), isinstance(truth, Claim))


# -- pieces -----------------------------------------------------------------------------------------------------------
def _letter(application: int) -> str:
    """What tells a layer's later applications from its first: 3, 3b, 3c.

    >>> [_letter(1), _letter(2), _letter(27)]
    ['', 'b', 'x27']
    """
    return "" if application == 1 else chr(ord("a") + application - 1) if application < 24 else f"x{application}"


def _axes_of(call: Application) -> Iterable[tuple[str, int]]:
    """(axis, place in the output shape) of every spatial axis of the output."""
    targets = {f"{size}_out": size for size, _ in call.signature.axes}
    for place_, size in enumerate(call.signature.gives[0]):
        if isinstance(size, Symbol) and size.name in targets:
            yield targets[size.name], place_


def _is_default(name: str, value: object) -> bool:
    stem = name if name in _BY_DEFAULT else name.rpartition("_")[0]
    return stem in _BY_DEFAULT and value == _BY_DEFAULT[stem]


def _silenced(call: Application, symbol: Symbol) -> bool:
    return silence(call.values, batch=True)(symbol)


def _macs(call: Application | Derivation) -> Value:
    """The multiply–accumulates of one application."""
    return call.value("macs") if isinstance(call, Derivation) else macs_of(call)


def _likewise(one: SizeStep, other: SizeStep) -> bool:
    """Whether another axis follows the step's formula: the same tree, the same closed form up to the axis' name."""
    here, there = one.target.name.split("_")[0], other.target.name.split("_")[0]

    def moved(symbol: Symbol) -> Written:
        head, _, tail = symbol.name.partition("_")
        return Symbol(f"{there}_{tail}" if tail else there) if head == here else symbol

    def same(mine: Written | None, theirs: Written | None) -> bool:
        return (None if mine is None else place(mine, moved)) == theirs

    return same(one.written, other.written) and same(one.closed, other.closed)
