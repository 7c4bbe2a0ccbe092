"""View → page: the parts of a report in reading order, each as sentences, tables and lines of formulas.

Templates lay these parts out and compute nothing; a part that has nothing to say is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from symshape.notation import Line
from symshape.report.charts.drawing import Drawing
from symshape.report.finding import Finding
from symshape.report.findings import told
from symshape.report.naming import gathered
from symshape.report.phrases import HEADINGS, LEFT, Phrases, shape_said
from symshape.report.picture import Picture, pictured
from symshape.report.prose import Cell, Column, Emphasis, Entry, Link, Rich, Steps, Strong, Table, listed
from symshape.report.view import (
    Approximation,
    CountStep,
    LayerView,
    Ref,
    Row,
    Share,
    SizeStep,
    View,
    WeightRow,
)
from symshape.written import By, Max, Number, Symbol, Written, product, walk

__all__ = ["Answer", "Group", "Page", "Section"]

LARGE = 40  # layers: beyond, no picture is drawn and long parts are folded away where a format can


@dataclass(frozen=True)
class Answer:
    """A line at the top: a label, what is said, and perhaps the general formula."""

    label: str
    said: Rich
    steps: Steps | None = None


@dataclass(frozen=True)
class Section:
    """One layer. A `brief` one has nothing to derive: it is a line in a list."""

    view: LayerView
    ref: Ref
    heading: Rich
    type: str
    about: Rich
    facts: Rich
    remarks: tuple[Rich, ...]  # what it reads, how often it is applied, conditions, what there is none of
    sizes: tuple[Entry, ...]
    weights: Table | None
    counts: tuple[Entry, ...]
    field: Rich
    brief: bool
    as_before: Rich

    @property
    def title(self) -> Rich:
        """The heading with the layer's type."""
        return (*self.heading, f" ({self.type})")

    @property
    def line(self) -> Rich:
        """A brief section in a line."""
        said = (*self.as_before, ".") if self.as_before else self.about
        more = [piece for remark in self.remarks for piece in (" ", *remark)]
        return (Strong(self.heading), f" ({self.type}): ", *said, *more, *((" ", *self.field) if self.field else ()))


@dataclass(frozen=True)
class Group:
    """Neighbouring brief sections, or one full section."""

    brief: bool
    sections: tuple[Section, ...]


class Page:
    """A report's parts, each computed when a template asks for it."""

    def __init__(self, view: View, title: str | None = None) -> None:
        self.view = view
        self.say = Phrases(view)
        self.title: Rich = self.say.title() if title is None else (title,)
        self.footer: Rich = self.say.footer()
        self.large = len(view.rows) > LARGE

    @property
    def headings(self) -> dict[str, str]:
        """The headings by part."""
        return HEADINGS if self.view.free else {**HEADINGS, "closed_forms": "Totals"}

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts before the layers, in reading order."""
        picture = ("picture",) if self.picture is not None else ()
        if self.large:
            return ("answers", *picture, "closed_forms", *self._apart, "memory", "domain", *self._asked, "table")
        return ("answers", "table", *picture, "closed_forms", *self._apart, "memory", "domain", *self._asked)

    @property
    def _apart(self) -> tuple[str, ...]:
        """The names of the parts that only some networks have."""
        shares = ("shares",) if self.shares is not None else ()
        return (*shares, *(("approximations",) if self.approximations else ()))

    @property
    def _asked(self) -> tuple[str, ...]:
        return ("findings",) if self.view.answers else ()

    @property
    def last_parts(self) -> tuple[str, ...]:
        """The names of the parts after the layers."""
        return ("sources", "glossary", "conventions", *(("notes",) if self.notes else ()))

    # -- the answer first --------------------------------------------------------------------------------------------
    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """Where it is valid, what goes in and comes out, what it costs."""
        return tuple(self._answers())

    def _answers(self) -> Iterable[Answer]:
        view, say = self.view, self.say
        yield Answer("Valid", say.valid())
        if view.bindings:
            yield Answer("With", say.bindings())
        yield Answer("Input", say.shapes(view.inputs, None))
        yield Answer("Output", say.shapes(view.outputs, view.outputs_at))
        macs, params = view.total("macs"), view.total("params")
        if isinstance(params.form, Number):
            yield Answer("Parameters", say.value_at(params.form, params.at))
        else:
            said = (*say.value_at(params.form, params.at), ", in general") if params.at is not None else ()
            yield Answer("Parameters", said, Steps((Line(LEFT["params"], "=", params.form),)))
        if macs.at is None and not isinstance(macs.form, Number):
            yield Answer("MACs", (), Steps((Line(LEFT["macs"], "=", macs.form),)))
        else:
            yield Answer("MACs", say.value_at(macs.form, macs.at))

    # -- the table ---------------------------------------------------------------------------------------------------
    @cached_property
    def table(self) -> Table:
        """Every layer with its shapes and costs, and the totals."""
        at = self.view.point != ()
        params, macs = self.view.total("params"), self.view.total("macs")
        columns = [Column(("#",), True), Column(("layer",)), Column(("output shape",))]
        if at:
            columns.append(Column(("at ", *self.say.at())))
        numeric = at or not self.view.free
        columns += [Column(("parameters",), numeric), Column(("MACs",), numeric)]
        foot = [Cell(), Cell((Strong(("total",)),)), *([Cell(), Cell()] if at else [Cell()])]
        foot += [Cell((Strong((_number(total.form, total.at),)),)) for total in (params, macs)]
        costs: Rich = (" Parameters and MACs are those at ", *self.say.at(), ".") if at else ()
        return Table(
            caption=("The layers, in order, with the shape of one example.", *costs),
            columns=tuple(columns),
            rows=tuple(self._row(row, at) for row in self.view.rows),
            foot=tuple(foot),
        )

    def _row(self, row: Row, at: bool) -> tuple[Cell, ...]:
        name = Cell((Link(Ref(row.number, row.name, row.anchor)), f" ({row.type})"))
        shapes = [Cell(listed(map(shape_said, row.shapes)))]
        if at:
            shapes.append(Cell(listed(map(shape_said, row.shapes_at or ()))))
        return (
            Cell((row.number,)),
            name,
            *shapes,
            self._cost(row.params, row.params_at, "params"),
            self._cost(row.macs, row.macs_at, "macs"),
        )

    def _cost(self, form: Written, at: int | None, name: str) -> Cell:
        shown, whole = _number(form, at), self.view.total(name)
        total = _number(whole.form, whole.at)
        share = None
        if isinstance(shown, Number) and isinstance(total, Number) and total.value:
            share = round(100 * shown.value / total.value)
        return Cell((shown,), share)

    # -- closed forms and domain -------------------------------------------------------------------------------------
    @cached_property
    def closed_forms(self) -> tuple[Entry, ...]:
        """The whole network's sizes and costs as formulas."""
        return tuple(self._closed_forms())

    def _closed_forms(self) -> Iterable[Entry]:
        view, say = self.view, self.say
        if view.last_map:
            lines = [Line(c.symbol, "=", c.form, say.note(c.form, c.at)) for c in view.last_map]
            said: Rich = () if view.last_map_of is None else (": the output of ", view.last_map_of)
            yield Entry(("Last map",), said, Steps(tuple(lines)))
        params, trainable = view.total("params"), view.total("trainable")
        for total in view.totals:
            if total.name in ("trainable", "non_trainable") and params.form == trainable.form:
                continue
            title = (
                f"{total.title}, all trainable" if params.form == trainable.form and total is params else total.title
            )
            meaning = "by the convention stated below" if total.name == "macs" else total.meaning
            grows: Rich = () if total.order is None else say.grows(total.order)
            line = Line(LEFT[total.name], "=", total.form, say.note(total.form, total.at))
            yield Entry((title,), (": ", meaning, *grows), Steps((line,)))

    # -- parts and approximations ------------------------------------------------------------------------------------
    @cached_property
    def shares(self) -> Table | None:
        """What each part of the network has of the costs."""
        shares = self.view.shares
        if not shares:
            return None
        at = self.view.point != ()
        columns, general = [Column(("part",))], {}
        for name, title in (("params", "parameters"), ("macs", "MACs")):
            forms = [getattr(share, name) for share in shares]
            general[name] = at and any(not isinstance(form, Number) for form in forms)
            columns.append(Column((title,), at or all(isinstance(form, Number) for form in forms)))
            columns += [Column(("in general",))] if general[name] else []
        rows = [
            (Cell((share.title,)), *self._apiece(share, "params", general), *self._apiece(share, "macs", general))
            for share in shares
        ]
        costs: Rich = (" Numbers are those at ", *self.say.at(), ".") if at else ()
        return Table(("What each part has of the parameters and the MACs.", *costs), tuple(columns), tuple(rows))

    def _apiece(self, share: Share, name: str, general: Mapping[str, bool]) -> Iterable[Cell]:
        form, at = getattr(share, name), getattr(share, f"{name}_at")
        yield self._cost(form, at, name)
        if general[name]:
            yield Cell((form,))

    @cached_property
    def approximations(self) -> tuple[Entry, ...]:
        """Well-known approximations, each beside the exact form, with the exact difference."""
        return tuple(map(self._approximation, self.view.approximations))

    def _approximation(self, row: Approximation) -> Entry:
        say = self.say
        off = say.off(row.exact_at, row.difference_at)
        lines = [Line(row.exact, "=", row.exact_closed, say.note(row.exact_closed, row.exact_at))]
        lines.append(Line(None, "≈", row.approximate))
        if row.approximate_closed != row.approximate:
            lines.append(Line(None, "=", row.approximate_closed))
        lines[-1] = lines[-1]._replace(note=say.note(row.approximate_closed, row.approximate_at))
        lines.append(Line(Symbol("difference"), "=", row.difference, say.note(row.difference, row.difference_at)))
        told: Rich = (": ", row.reason, "; ", off, " ", row.source) if off else (": ", row.reason, " ", row.source)
        return Entry((row.title,), told, Steps(tuple(lines)))

    @cached_property
    def domain(self) -> Rich:
        """Where the network is valid."""
        return self.say.domain()

    @cached_property
    def reasons(self) -> tuple[Rich, ...]:
        """The conditions that bind."""
        return tuple(self.say.reason(row) for row in self.view.reasons)

    # -- questions ---------------------------------------------------------------------------------------------------
    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The answers to what-if questions that go with the report."""
        return tuple(map(told, self.view.answers)) if self.view.answers else ()

    def drawing(self, finding: Finding, number: int) -> Drawing | None:
        """The picture of a finding, where there is one that can be read; `number` tells it from the page's others."""
        if finding.pictured is None:
            return None
        from symshape.report.charts.answers import chart_of
        from symshape.report.charts.plot import drawn

        chart = chart_of(finding.pictured)
        return None if chart is None else drawn(chart, f"chart-{number}")

    # -- memory ------------------------------------------------------------------------------------------------------
    @cached_property
    def memory(self) -> tuple[Answer, ...]:
        """What the weights take, what is live at most in use, and what training takes."""
        return tuple(self._memory())

    def _memory(self) -> Iterable[Answer]:
        say = self.say
        yield Answer("Weights", say.weights_kept())
        yield self._quantity("In use", say.peak(), "peak_activations")
        yield self._quantity("In training", say.trained(), "kept_bytes")

    def _quantity(self, label: str, said: Rich, name: str) -> Answer:
        """A quantity of memory: the number in a sentence, and the general formula where that can be read."""
        form = self.view.memory_of(name).form
        if form is None or isinstance(form, Number):
            return Answer(label, said)
        sums = max((len(tree.args) for tree in walk(form) if isinstance(tree, Max)), default=1)
        if sums > 1:  # too long to be read
            general: Rich = (f"the greatest of {sums} sums, which the JSON report lists",)
            return Answer(label, (*said, "; in general ", *general) if said else general)
        steps = Steps((Line(LEFT[name], "=", form),))
        unit = "in elements" if name == "peak_activations" else "in bytes of fp32"
        return Answer(label, (*said, f"; in general, {unit}") if said else (unit,), steps)

    # -- the picture -------------------------------------------------------------------------------------------------
    @cached_property
    def picture(self) -> Picture | None:
        """The graph, where it is small enough to be looked at."""
        return None if self.large else pictured(self.view)

    @property
    def no_picture(self) -> Rich:
        """Why there is none."""
        return self.say.no_picture(len(self.view.rows)) if self.large else ()

    # -- layers ------------------------------------------------------------------------------------------------------
    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Every layer in order; those of a nested network follow it."""
        return tuple(map(self._section, _flat(self.view.layers)))

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The sections, brief neighbours together."""
        made: list[Group] = []
        for brief, sections in groupby(self.sections, key=lambda section: section.brief):
            if brief:
                made.append(Group(True, tuple(sections)))
            else:
                made.extend(Group(False, (section,)) for section in sections)
        return tuple(made)

    def _section(self, layer: LayerView) -> Section:
        say = self.say
        brief = not (layer.sizes or layer.weights or layer.counts or layer.conditions or layer.inner)
        remarks = [say.applied(layer), *map(say.condition, layer.conditions)]
        if not brief:
            remarks.append(say.nothing(layer) if not layer.inner else ())
        return Section(
            view=layer,
            ref=layer.ref,
            heading=say.heading(layer),
            type=layer.type,
            about=_spaced(say.about(layer), say.reads(layer)),
            facts=say.facts(layer.facts),
            remarks=tuple(filter(None, remarks)),
            sizes=tuple(map(self._size, layer.sizes)),
            weights=self._weights(layer) if layer.weights else None,
            counts=tuple(self._counts(layer)),
            field=say.field(layer.fields, layer.field_note),
            brief=brief,
            as_before=() if layer.same_as is None else say.as_before(layer, layer.same_as),
        )

    def _size(self, step: SizeStep) -> Entry:
        lines = [Line(step.target, "=", step.written)]
        lines += [Line(None, "=", tree) for tree in (step.placed, step.closed) if tree is not None]
        form = step.closed if step.closed is not None else step.written
        lines[-1] = lines[-1]._replace(note=self.say.note(form, step.at))
        said = (*self.say.likewise(step.at, step.likewise), ": ", Emphasis(step.reason), " ", step.source)
        return Entry((self.say.size_name(step.target, step.axis),), said, Steps(tuple(lines)))

    def _counts(self, layer: LayerView) -> Iterable[Entry]:
        several = len(layer.counts) > 1
        for place, step in enumerate(layer.counts, 1):
            left = Symbol(f"MACs_{place}") if several else LEFT["macs"]
            said: Rich = (": ", Emphasis(step.reason), " ", step.source)
            yield Entry(("Multiply–accumulates",), said, Steps(tuple(self._count(left, step))))
        if several and layer.macs is not None:
            line = Line(LEFT["macs"], "=", layer.macs, self.say.note(layer.macs, layer.macs_at))
            yield Entry(("Together",), (), Steps((line,)))

    def _count(self, left: Symbol, step: CountStep) -> list[Line]:
        lines = [Line(left, "=", step.written)]
        lines += [Line(None, "=", tree) for tree in (step.placed, step.closed) if tree is not None]
        form = step.closed if step.closed is not None else step.written
        lines[-1] = lines[-1]._replace(note=self.say.note(form, step.at, step.at_placed))
        return lines

    def _weights(self, layer: LayerView) -> Table:
        rows = layer.weights
        symbolic = any(not isinstance(row.count, Number) for row in rows)
        general = symbolic and rows[0].at is not None
        columns = [Column(("weight",)), Column(("shape",)), Column(("numbers",))]
        columns.append(Column(("count",), general or not symbolic))
        if general:
            columns.append(Column(("in general",)))
        learned = sum(row.trainable for row in rows)
        foot: list[Cell] = []
        if len(rows) > 1 and layer.params is not None:
            total = _number(layer.params, layer.params_at)
            part = _number(layer.trainable, layer.trainable_at) if layer.trainable is not None else total
            label: Rich = ("sum",) if learned == len(rows) else ("sum, ", part, " trainable")
            foot = [Cell(label), Cell(), Cell(), Cell((Strong((total,)),))]
            foot += [Cell((Strong((layer.params,)),))] if general else []
        return Table(
            caption=("Weights of ", layer.name),
            columns=tuple(columns),
            rows=tuple(_weight(row, general) for row in rows),
            foot=tuple(foot),
        )

    # -- the end -----------------------------------------------------------------------------------------------------
    @cached_property
    def sources(self) -> tuple[tuple[int, Rich, str], ...]:
        """Each source by number, with its address if it has one."""
        return tuple(
            (source.number, (f"{source.citation[:1].upper()}{source.citation[1:]}.",), source.url)
            for source in self.view.sources
        )

    @property
    def glossary_intro(self) -> Rich:
        """How to read indices and brackets."""
        return self.say.glossary()

    @cached_property
    def glossary(self) -> tuple[tuple[Rich, Rich], ...]:
        """Each symbol with its meaning."""
        entries = sorted(self.view.glossary, key=lambda entry: (entry.symbol.name.upper(), entry.symbol.name))
        return tuple(((entry.symbol,), (entry.meaning, f" ({entry.unit})" if entry.unit else "")) for entry in entries)

    @cached_property
    def conventions(self) -> tuple[Rich, ...]:
        """What the numbers mean."""
        return tuple(self.say.conventions())

    @cached_property
    def notes(self) -> tuple[Rich, ...]:
        """What a reader of this network should know about its origin."""
        notes: list[Rich] = [(self.view.note,)] if self.view.note else []
        return (*notes, self.say.fixed_weights()) if self.view.fixed_weights else tuple(notes)


# -- pieces -----------------------------------------------------------------------------------------------------------
def _flat(layers: Iterable[LayerView]) -> Iterable[LayerView]:
    for layer in layers:
        yield layer
        yield from _flat(layer.inner)


def _spaced(*sentences: Rich) -> Rich:
    said = [sentence for sentence in sentences if sentence]
    return tuple(piece for place, sentence in enumerate(said) for piece in ((" ",) if place else ()) + sentence)


def _number(form: Written, at: int | None) -> Written:
    """The number at the point where there is one, otherwise the closed form."""
    return form if at is None else Number(at)


def _weight(row: WeightRow, general: bool) -> tuple[Cell, ...]:
    name: Rich = (row.name,) if row.trainable else (row.name, ", not trained")
    dims = row.dims if row.dims_at is None else row.dims_at
    cells = [
        Cell(name),
        Cell((By(row.shape) if row.shape else Number(1),)),
        Cell((gathered(product(dims)),)),
        Cell((_number(row.count, row.at),)),
    ]
    return (*cells, Cell((row.count,))) if general else tuple(cells)
