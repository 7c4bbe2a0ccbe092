"""Derivation → view: what is said about each layer, in which order, and what is left out as it says nothing new."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from symshape.algebra.claims import Claim
from symshape.algebra.evaluate import evaluate
from symshape.algebra.parse import parse
from symshape.algebra.poly import Name, Poly, Value, canonical, substitute
from symshape.algebra.present import present
from symshape.algebra.smooth import order
from symshape.declaration import DERIVED, Application, Source, as_value
from symshape.derivation import Derivation, LayerDerivation
from symshape.derivation.repetition import Repetition
from symshape.domain import Domain, Reason
from symshape.errors import ConditionError, MissingRule, Undecided, UnknownName, UsageError
from symshape.layers.source import InputLayer
from symshape.metrics import METRICS
from symshape.metrics.macs import macs as macs_of
from symshape.metrics.receptive_field import Fields, Unclear, receptive_fields
from symshape.metrics.widths import DTYPES
from symshape.network import Estimate, Node
from symshape.notation import text
from symshape.notation.layout import MINUS
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
from symshape.report.phrases import LEFT
from symshape.report.view import (
    Approximation,
    Cite,
    ClosedForm,
    ConditionRow,
    CountStep,
    Fact,
    FieldRow,
    LayerView,
    Meaning,
    MemoryRow,
    ReasonRow,
    Ref,
    Row,
    Shape,
    Share,
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
    "active": "Active parameters",
    "trainable": "Trainable",
    "non_trainable": "Non-trainable",
    "macs": "MACs",
    "activations": "Activation elements",
}
# What is said of memory: each metric with its options.
MEMORY: tuple[tuple[str, Mapping[str, str]], ...] = (
    *(("param_bytes", {"dtype": dtype}) for dtype in DTYPES),
    ("peak_activations", {}),
    ("peak_bytes", {"dtype": "fp32"}),
    ("kept_bytes", {"dtype": "fp32"}),
    ("gradient_bytes", {"dtype": "fp32"}),
    ("optimizer_bytes", {"dtype": "fp32", "optimizer": "adam"}),
    ("training_bytes", {"dtype": "fp32", "optimizer": "adam"}),
)
_BY_DEFAULT = {"d": 1, "G": 1, "M": 1, "P": 0, "P_begin": 0, "P_end": 0}  # options not worth a word at these values
LONGEST_FIELD = 60  # characters; a longer formula says nothing to a reader
_BROADCASTING = DERIVED("joining element by element")


def build(derivation: Derivation, point: Mapping[str, int] | None = None) -> View:
    """The view of a derivation.

    `point` gives numbers for the free symbols, shown beside every closed form; what it leaves out comes from the
    model's file. Without one, the sizes in the file are used, where it has them all and they are valid.

    Raises `ConditionError` where no size at all, or not the given point, is valid; `UnknownName` and `UsageError` for a
    point that names no free symbol or misses one.
    """
    return _Builder(derivation, point).view()


class _Builder:
    def __init__(self, derivation: Derivation, point: Mapping[str, int] | None) -> None:
        self.derivation = derivation
        self.point, self.there = _worked_point(derivation, point)
        self.batch = derivation.bindings.get("N")
        self.shaped = _naming_the_batch(derivation)
        self.shaped_there = None if self.there is None else _naming_the_batch(self.there)
        self.numbers = {name: str(number) for number, name in enumerate(derivation.layers)}
        self.sources: dict[tuple[str, str], int] = {}
        self.symbols: dict[str, Symbol] = {}
        self.taken = frozenset({*derivation.network.symbols, *derivation.symbols} - {"N"})
        self.last_map: tuple[Ref | None, tuple[ClosedForm, ...]] = (None, ())
        self.owners: dict[str, Ref | None] = {}  # by the label that conditions carry; None where two layers share it

    # -- the whole ----------------------------------------------------------------------------------------------------
    def view(self) -> View:
        derivation, network = self.derivation, self.derivation.network
        domain, unknown = self._domain()
        fields, fields_at = self._fields()
        layers = tuple(_Walk(self, derivation, self.there, fields).layers())
        for name in derivation.symbols:
            self.meet(Symbol(name))
        return View(
            title=network.name,
            version=version("symshape"),
            free=derivation.symbols,
            bindings=tuple(
                ClosedForm(Symbol(name), present(value), _whole(value)) for name, value in derivation.bindings.items()
            ),
            point=tuple(ClosedForm(Symbol(name), Number(value), value) for name, value in self.point.items()),
            note=network.note,
            domain_words="" if domain is None else domain.words(),
            domain=None if domain is None else domain.relation,
            domain_unknown=unknown,
            reasons=() if domain is None else tuple(self._reasons(domain)),
            inputs=_inputs(self.shaped),
            inputs_at=None if self.shaped_there is None else _inputs(self.shaped_there),
            outputs=tuple(map(_shape, self.shaped.outputs)),
            outputs_at=None if self.shaped_there is None else tuple(map(_shape, self.shaped_there.outputs)),
            last_map=self.last_map[1],
            last_map_of=self.last_map[0],
            totals=tuple(self._totals()),
            rows=tuple(self._rows()),
            layers=layers,
            sources=tuple(SourceRow(number, citation, url) for (citation, url), number in self.sources.items()),
            glossary=tuple(Meaning(Symbol(name), s.meaning, s.unit) for name, s in self.symbols.items()),
            edges=tuple(dict.fromkeys(self._edges())),
            convention=METRICS["macs"].meaning,
            shares=tuple(self._shares()),
            approximations=tuple(map(self._approximation, network.estimates)),
            batch=None if self.batch is None else present(self.batch),
            memory=tuple(self._memory()),
            peak_at=self._peak_at(),
            fields_at=fields_at,
            fixed_weights=derivation.fixed_weights,
        )

    def _domain(self) -> tuple[Domain | None, str]:
        domain = self.derivation.domain
        try:
            if domain.empty:
                raise _nowhere(domain)
            domain.relation  # noqa: B018 - may be out of reach
        except Undecided as error:
            return None, str(error)
        return domain, ""

    def _fields(self) -> tuple[Mapping[str, Fields], tuple[ClosedForm, ...]]:
        """Every layer's receptive field, and the sizes for which those are given that are others at other sizes."""
        general = receptive_fields(self.derivation)
        depending = {name for name, fields in general.items() if _depends(fields)}
        sizes, there = self.point, self.there
        if there is None:  # some symbol has no number: at least the sizes in the file
            native = self.derivation.network.native
            sizes = {name: native[name] for name in self.derivation.symbols if name in native}
            try:
                there = self.derivation.at(**sizes)
            except ConditionError:
                sizes = {}
        if not depending or not sizes or there is None:
            return general, ()
        here = receptive_fields(there)
        at = tuple(ClosedForm(Symbol(name), Number(value), value) for name, value in sizes.items())
        return {name: here[name] if name in depending else general[name] for name in general}, at

    def _totals(self) -> Iterable[Total]:
        for name, title in TITLES.items():
            entry = METRICS[name]
            if name == "active" and self.derivation.value(name) == self.derivation.value("params"):
                continue
            value = self.derivation.value(name)
            at = None if self.there is None else _whole(self.there.value(name))
            yield Total(name, title, entry.unit, entry.meaning, present(value), at, _order(value))

    def _memory(self) -> Iterable[MemoryRow]:
        for name, options in MEMORY:
            about = (name, options.get("dtype", ""), options.get("optimizer", ""), METRICS[name].unit)
            try:
                form = present(self.derivation.value(name, **options))
            except (MissingRule, Undecided) as error:
                yield MemoryRow(*about, None, None, str(error))
                continue
            yield MemoryRow(*about, form, None if self.there is None else _whole(self.there.value(name, **options)))

    def _peak_at(self) -> Ref | None:
        """The first layer of the network at which the peak is reached; one inside a nested network is that network."""
        if self.there is None:
            return None
        schedule = self.there.schedule
        peak = self.there.value("peak_activations")
        steps = zip(schedule.steps, schedule.live(), strict=True)
        name = next(step.outer for step, tensors in steps if canonical(schedule.elements(tensors)) == peak)
        return Ref(self.numbers[name], name, _anchor(self.numbers[name]))

    # -- parts and approximations ---------------------------------------------------------------------------------------
    def _shares(self) -> Iterable[Share]:
        """The parts that this network has, and what they leave."""
        layers, parts = self.derivation.network.layers, self.derivation.network.parts
        here = {title: [path for path in paths if path.partition("/")[0] in layers] for title, paths in parts.items()}
        if not any(here.values()):
            return
        rest = [self._cost((), metric) for metric in ("params", "macs")]
        for title, paths in here.items():
            if paths:
                costs = [self._cost(paths, metric) for metric in ("params", "macs")]
                rest = [(a - b, None if x is None else x - y) for (a, x), (b, y) in zip(rest, costs, strict=True)]
                yield _share(title, *costs)
        if any(canonical(value) != 0 for value, _ in rest):
            yield _share("the rest", *rest)

    def _cost(self, paths: Sequence[str], metric: str) -> tuple[Value, Any]:
        """A metric over the paths, or over the whole network for none: in general, and at the worked point."""
        at = (self.derivation, self.there)
        if not paths:
            general, there = (None if d is None else d.value(metric) for d in at)
        else:
            general, there = (None if d is None else sum((d.part(p, metric) for p in paths), start=0) for d in at)
        assert general is not None
        return general, there

    def _approximation(self, estimate: Estimate) -> Approximation:
        exact, approximate = parse(estimate.exact), parse(estimate.approximate)
        rows = [(self._estimated(tree), self._estimated(tree, there=True)) for tree in (exact, approximate)]
        (true, true_at), (near, near_at) = rows
        self.meet(*(symbol for symbol in approximate.symbols if symbol.name in self.taken))
        return Approximation(
            title=estimate.title,
            exact=place(exact, _as_left),
            exact_closed=present(true),
            exact_at=None if true_at is None else _whole(true_at),
            approximate=place(approximate, _as_left),
            approximate_closed=present(near) if near != as_value(approximate) else place(approximate, _as_left),
            approximate_at=None if near_at is None else _whole(near_at),
            difference=present(canonical(true - near)),
            difference_at=None if true_at is None or near_at is None else _whole(true_at - near_at),
            reason=estimate.reason,
            source=self.cite(estimate.source),
        )

    def _estimated(self, tree: Written, there: bool = False) -> Any:
        """The value of an estimate's formula; raises `UnknownName` for a name that stands for nothing here."""
        derivation = self.there if there else self.derivation
        if derivation is None:
            return None
        network, values = derivation.network, {}
        bound = {Name.interned(name, True): value for name, value in derivation.bindings.items()}
        for name in {symbol.name for symbol in tree.symbols}:
            if name in METRICS:
                values[name] = derivation.value(name)
            elif name in network.settings or name in network.symbols:
                values[name] = canonical(substitute(as_value(network.settings.get(name, name)), bound))
            else:
                raise UnknownName(f"{network.name}: the estimate {tree} speaks of {name}, which is no metric or symbol")
        return evaluate(tree, values)

    def _edges(self) -> Iterable[tuple[str, str]]:
        nodes = self.derivation.network.nodes
        for node in nodes:
            for source in node.sources:
                yield self.numbers[nodes[source.node].name], self.numbers[node.name]

    # -- the table ----------------------------------------------------------------------------------------------------
    def _rows(self) -> Iterable[Row]:
        for name, layer in self.derivation.layers.items():
            there = None if self.there is None else self.there.layers[name]
            number = self.numbers[name]
            yield Row(
                number=number,
                name=name,
                type=layer.type,
                anchor=_anchor(number),
                shapes=tuple(map(_shape, self.shaped.layers[name].outputs)),
                shapes_at=None
                if self.shaped_there is None
                else tuple(map(_shape, self.shaped_there.layers[name].outputs)),
                params=present(layer.value("params")),
                params_at=None if there is None else _whole(there.value("params")),
                trainable=present(layer.value("trainable")),
                non_trainable=present(layer.value("non_trainable")),
                macs=present(layer.value("macs")),
                macs_at=None if there is None else _whole(there.value("macs")),
            )

    # -- the domain ---------------------------------------------------------------------------------------------------
    def _reasons(self, domain: Domain) -> Iterable[ReasonRow]:
        rows: dict[object, ReasonRow] = {}
        for name in domain.names:
            for reason in _binding(domain.reasons(name)):
                demand = reason.demand
                key = (demand.layer, demand.reason, reason.allowed.words("n"))
                if key in rows:
                    rows[key] = replace(rows[key], likewise=(*rows[key].likewise, name))
                    continue
                rows[key] = ReasonRow(
                    symbol=name,
                    words=reason.allowed.words(name),
                    relation=reason.allowed.relation(Symbol(name)),
                    claim=demand.claim.written(),
                    layer=demand.layer,
                    ref=self._owner(demand.layer),
                    reason=demand.reason,
                )
        yield from rows.values()
        for demand in domain.joint:
            tree = demand.claim.written()
            yield ReasonRow("", text(tree), tree, tree, demand.layer, self._owner(demand.layer), demand.reason)

    def _owner(self, label: str) -> Ref | None:
        return self.owners.get(label) or self.owners.get(label.rpartition(", ")[0])

    def own(self, label: str, ref: Ref) -> None:
        """Remember whose conditions carry this label."""
        known = self.owners.setdefault(label, ref)
        if known is not None and known.name != ref.name:
            self.owners[label] = None

    # -- sources and symbols ------------------------------------------------------------------------------------------
    def cite(self, source: Source) -> Cite:
        """The source's number in the list, and the place in it."""
        return Cite(self.sources.setdefault((source.citation, source.url), len(self.sources) + 1), source.place)

    def meet(self, *symbols: Symbol) -> None:
        """Remember symbols for the glossary, by their stems: H_3 is explained once, as the sizes of layers."""
        for symbol in sorted(symbols, key=lambda s: s.name):
            name = symbol.name if symbol.name in self.taken else stem_of(symbol.name)
            if name not in self.symbols and (entry := self._meaning(name)) is not None:
                self.symbols[name] = entry

    def _meaning(self, name: str) -> Symbol | None:
        if name not in self.taken:
            return describe(name)
        if name in self.derivation.network.meanings:
            return Symbol(name, self.derivation.network.meanings[name])
        for node in self.derivation.network.nodes:
            if isinstance(node.operation, InputLayer):
                continue
            for option, value in getattr(node.operation, "bindings", {}).items():
                if plain_name(value) == name:
                    base = option.rpartition("_")[0]  # K for K_h: the symbol stands for every axis that has it
                    known = describe(option if option.rpartition("_")[2] not in ("d", "h", "w") else base or option)
                    meaning = known.meaning if known is not None else "an option"
                    return Symbol(name, f"{meaning}, of {node.name}", known.unit if known is not None else "")
        known = describe(name) or describe(name.partition("_")[0])
        if known is None:
            return Symbol(name, "a size of the input")
        return Symbol(name, known.meaning.replace("input map", "network's input"), known.unit)


class _Walk:
    """The layers of one network: the whole one, or one nested in it."""

    def __init__(
        self,
        report: _Builder,
        derivation: Derivation,
        there: Derivation | None,
        fields: Mapping[str, Fields],
        within: str = "",
        entering: Sequence[Any] = (),
    ) -> None:
        self.report = report
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
        names = Names(self.report.taken, self.entering)
        seen: dict[object, Ref] = {}
        firsts: dict[str, Ref] = {}
        applied: dict[str, int] = {}
        nodes = self.derivation.network.nodes
        there = self.there.calls if self.there is not None else (None,) * len(nodes)
        for place_, (node, call, at) in enumerate(zip(nodes, self.derivation.calls, there, strict=True)):
            again = applied[node.name] = applied.get(node.name, 0) + 1
            number = self.numbers[node.name] + _letter(again)
            ref = Ref(number, node.name, _anchor(number))
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
                inner = _Walk(self.report, call, at, {}, f"{number}.", entering)
                yield replace(plain, inner=tuple(inner.layers()))
            elif isinstance(call.layer, InputLayer):
                yield plain
            else:
                seen[key] = ref
                self.report.own(call.label, firsts[node.name])
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
            self.report.last_map = (
                ref,
                tuple(
                    ClosedForm(symbol, present(shape[at]), None if there is None else _whole(there.outputs[0][at]))
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
            return None if at is None else _whole(self._per_example(at.value(metric), there=True))

        return LayerView(
            number=ref.number,
            name=node.name,
            type=layer.type,
            anchor=ref.anchor,
            sentence=_sentence(layer),
            inputs=tuple(self.refs[source] for source in sources),
            follows=list(sources) == [place_ - 1],
            outputs=tuple(map(_shape, call.outputs)),
            outputs_at=None if there is None else tuple(map(_shape, there.outputs)),
            params=of_layer("params"),
            params_at=there_of("params"),
            trainable=of_layer("trainable"),
            trainable_at=there_of("trainable"),
            macs=present(self._per_example(_macs(call))),
            macs_at=None if there is None else _whole(self._per_example(_macs(there), there=True)),
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
        sentence = typeset(_words(call), local.names)
        shown |= {piece for piece in sentence if isinstance(piece, Symbol)}
        rows, note = self._field(node)
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
                self.report.meet(symbol)
                yield Fact(symbol, present(value))

    # -- sizes --------------------------------------------------------------------------------------------------------
    def _sizes(self, call: Application, there: Any, local: Local) -> Sequence[SizeStep]:
        steps: list[SizeStep] = []
        for rule in call.signature.rules:
            tree = tidied(rule.tree, silence(call.values, batch=True))
            target, axis = local.names[rule.target], AXIS_WORDS.get(rule.target.removesuffix("_out"), "")
            at = None if there is None else there.values[rule.target]
            reason, source = typeset(rule.formula.reason, local.names), self.report.cite(rule.formula.source)
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
            source = self.report.cite(_BROADCASTING)
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
        self.report.meet(*written.symbols, target)
        return SizeStep(
            target=target,
            axis=axis,
            written=written,
            placed=None if placed in (written, closed) else placed,
            closed=None if closed == written else closed,
            at=_whole(at) if isinstance(canonical(value), Poly) and at is not None else None,
            reason=reason,
            source=source,
        )

    # -- weights and counts -------------------------------------------------------------------------------------------
    def _weights(self, call: Application, there: Any, local: Local) -> Iterable[WeightRow]:
        at = {weight.weight.name: weight for weight in there.weights} if there is not None else {}
        silent = silence(call.values, batch=True)
        for weight in call.weights:
            name = weight.weight.name
            shape = tuple(renamed(tidied(tree, silent), local.names) for tree in weight.trees)
            self.report.meet(*(symbol for tree in shape for symbol in tree.symbols))
            yield WeightRow(
                name=name,
                shape=shape,
                dims=_shape(weight.dims),
                dims_at=_shape(at[name].dims) if name in at else None,
                count=present(weight.count),
                at=_whole(at[name].count) if name in at else None,
                trainable=weight.trainable,
            )

    def _counts(self, call: Application, there: Any, local: Local) -> Iterable[CountStep]:
        silent = silence(call.values, batch=self.report.batch is not None)
        for count, tree, value in call.counts("macs") or ():
            value = self._per_example(value)
            if canonical(value) == 0:
                continue
            shown = tidied(tree, silent)
            written = gathered(renamed(shown, local.names))
            placed, closed = gathered(place(shown, call.shown)), present(value)
            self.report.meet(*written.symbols)
            open_ = there is not None and isinstance(canonical(value), Poly)
            yield CountStep(
                name="MACs",
                written=written,
                placed=None if placed in (written, closed) else placed,
                closed=None if closed == written else closed,
                at_placed=place(shown, there.shown) if open_ else None,
                at=_whole(self._per_example(evaluate(tree, there.values), there=True)) if open_ else None,
                reason=typeset(count.reason, local.names),
                source=self.report.cite(count.source),
            )

    def _no_macs(self, call: Application) -> tuple[str | Written, ...]:
        return next((typeset(count.reason, {}) for count, _, _ in call.counts("macs") or ()), ())

    def _per_example(self, value: Value, there: bool = False) -> Value:
        whole = self.report.there if there else self.report.derivation
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
            self.report.meet(*relation.symbols)
            yield ConditionRow(relation, here, typeset(condition.reason, local.names), isinstance(truth, Claim))

    def _field(self, node: Node) -> tuple[tuple[FieldRow, ...], str]:
        """The receptive field, where it is not that of a layer read here."""
        fields = self.fields.get(node.name)
        if not fields:
            return (), ""
        before = [self.fields.get(self.derivation.network.nodes[source.node].name) for source in node.sources]
        if isinstance(fields, Unclear):
            known = [other.reason for other in before if isinstance(other, Unclear)]
            silent = fields.reason in known or fields.reason.endswith("declares no window")
            return (), "" if silent else fields.reason
        if fields in before:
            return (), ""
        try:
            rows = tuple(
                FieldRow(AXIS_WORDS.get(axis, axis), present(field.size), present(field.step), present(field.start))
                for axis, field in fields.items()
            )
        except Undecided:  # too long to be written
            rows = ()
        short = rows and all(len(str(row.size)) <= LONGEST_FIELD for row in rows)
        return (rows, "") if short else ((), "it depends on the input's size")


# -- pieces -----------------------------------------------------------------------------------------------------------
def _inputs(derivation: Derivation) -> tuple[Shape, ...]:
    return tuple(_shape(derivation.calls[place_].outputs[0]) for place_ in derivation.network.inputs)


def _naming_the_batch(derivation: Derivation) -> Derivation:
    """The derivation, with N for a batch that has a number and does not come first: shapes are told without it."""
    entrances = [derivation.network.nodes[place_].operation for place_ in derivation.network.inputs]
    second = any(isinstance(layer, InputLayer) and "N" in map(str, layer.shape[1:]) for layer in entrances)
    if not second or "N" not in derivation.bindings:
        return derivation
    others = {name: value for name, value in derivation.bindings.items() if name != "N"}
    return Derivation(derivation.network, others, fixed_weights=derivation.fixed_weights)


def _order(value: Value) -> Written | None:
    try:
        return present(order(value)) if isinstance(value, Poly) else None
    except Undecided:
        return None


def _worked_point(derivation: Derivation, point: Mapping[str, int] | None) -> tuple[dict[str, int], Derivation | None]:
    """The numbers to show beside closed forms, and the derivation there."""
    native = derivation.network.native
    chosen = {name: native[name] for name in derivation.symbols if name in native}
    if point is None:
        if not derivation.symbols or len(chosen) < len(derivation.symbols):
            return {}, None
        try:
            return chosen, derivation.at(**chosen)
        except ConditionError:  # the file's own size does not suit the edits or bindings: show closed forms alone
            return {}, None
    for name in point:
        if name not in derivation.symbols:
            known = ", ".join(derivation.symbols) or "none"
            raise UnknownName(f"the point names {name}, which is not free here: the free symbols are {known}")
    if not derivation.symbols:
        return {}, None
    chosen |= point
    missing = [name for name in derivation.symbols if name not in chosen]
    if missing:
        raise UsageError(f"the point gives no number for {', '.join(missing)}")
    chosen = {name: chosen[name] for name in derivation.symbols}
    return chosen, derivation.at(**chosen)


def _whole(value: Value) -> int | None:
    """The value as a number; None where a symbol is left (the batch)."""
    value = canonical(value)
    return value if isinstance(value, int) else None


def _share(title: str, params: tuple[Value, Any], macs: tuple[Value, Any]) -> Share:
    forms = [(present(canonical(value)), None if at is None else _whole(at)) for value, at in (params, macs)]
    return Share(title, *forms[0], *forms[1])


def _as_left(symbol: Symbol) -> Written:
    """A metric's name as formulas show it."""
    return LEFT.get(symbol.name, symbol)


def _shape(sizes: Iterable[Value]) -> Shape:
    return tuple(map(present, sizes))


def _depends(fields: Fields) -> bool:
    """Whether a field is another one at other sizes."""
    if isinstance(fields, Unclear):
        return False
    return any(isinstance(value, Poly) for field in fields.values() for value in (field.size, field.step, field.start))


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


def _sentence(layer: LayerDerivation) -> tuple[str | Written, ...]:
    """What the layer does: the first paragraph of its declaration's docstring."""
    first = layer.calls[0]
    if not isinstance(first, Application):
        count = len(first) - len(first.network.inputs)
        layers = f"{count} layer{'s' if count != 1 else ''}"
        if isinstance(first, Repetition):
            return (
                f"A block of {layers}, applied ",
                present(first.times),
                " times, with weights of its own each time.",
            )
        return (f"A network of {layers}, used as one.",)
    return typeset(_words(first), {})


def _words(call: Application) -> str:
    """The first paragraph of the declaration's docstring, with the values of options that are plain numbers."""
    text = " ".join((type(call.layer).__doc__ or "").strip().split("\n\n")[0].split())
    return _OPTION.sub(lambda match: _option(call.layer, match.group(1)), text)


_OPTION = re.compile(r"`(\w+)`")


def _option(layer: object, name: str) -> str:
    value = getattr(layer, name, None)
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    return f"{name} {value}".replace("-", MINUS) if type(value) is int else name


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


def _binding(reasons: Sequence[Reason]) -> list[Reason]:
    """The reasons without those that the others imply."""
    kept = list(reasons)
    for reason in reasons:
        others = [other for other in kept if other is not reason]
        if not others:
            break
        allowed = others[0].allowed
        for other in others[1:]:
            allowed = allowed & other.allowed
        if allowed & reason.allowed == allowed:
            kept = others
    return kept


def _nowhere(domain: Domain) -> ConditionError:
    name = next(name for name in domain.names if not domain[name])
    reasons = domain.reasons(name)
    said = "; ".join(f"{r.demand.layer} allows {r.allowed.words(name)}" for r in reasons[-2:])
    return ConditionError(
        f"no {name} is valid for this network: {said}", layer=reasons[-1].demand.layer, condition=str(domain)
    )


def _anchor(number: str) -> str:
    return f"layer-{number.replace('.', '-')}"
