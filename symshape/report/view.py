"""What a report says, as plain data: formulas as written trees, prose as text. Every format reads this alone.

Sizes of intermediate maps carry the number of the layer that makes them: H_1 is the height of layer 1's output. Layers
of a nested network are numbered within it (3.1, 3.2, …), a layer's second application is 3b.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symshape.written import Symbol, Written

__all__ = [
    "Approximation",
    "Cite",
    "ClosedForm",
    "ConditionRow",
    "CountStep",
    "Fact",
    "FieldRow",
    "LayerView",
    "Meaning",
    "MemoryRow",
    "Prose",
    "ReasonRow",
    "Ref",
    "Row",
    "Shape",
    "Share",
    "SizeStep",
    "SourceRow",
    "Total",
    "View",
    "WeightRow",
]

Prose = tuple[str | Written, ...]  # a sentence with symbols in it: ("a window of ", K, " fits")
Shape = tuple[Written, ...]  # batch first


@dataclass(frozen=True)
class Ref:
    """A layer to point at."""

    number: str
    name: str
    anchor: str


@dataclass(frozen=True)
class Cite:
    """A source by its number in the report's list, and the place inside it."""

    number: int
    place: str


@dataclass(frozen=True)
class Fact:
    """An option of a layer, or a size it reads, with its value: K = 5. A free symbol has itself as value."""

    symbol: Symbol
    value: Written


@dataclass(frozen=True)
class ClosedForm:
    """A size or cost of the whole network, and its value at the worked point (None without one)."""

    symbol: Symbol
    form: Written
    at: int | None = None


@dataclass(frozen=True)
class SizeStep:
    """How one output size comes about: formula as written, with values in place, and the closed form.

    A line that repeats the one before is None. `likewise` lists the other axes that follow the same formula.
    """

    target: Symbol
    axis: str  # "height", "width", … or "" where the size belongs to no axis
    written: Written
    placed: Written | None
    closed: Written | None
    at: int | None
    reason: Prose
    source: Cite
    likewise: tuple[tuple[str, ClosedForm], ...] = ()


@dataclass(frozen=True)
class WeightRow:
    """A weight: its shape in symbols, in values and at the worked point, and how many numbers that is."""

    name: str
    shape: Shape
    dims: Shape
    dims_at: Shape | None
    count: Written
    at: int | None
    trainable: bool


@dataclass(frozen=True)
class CountStep:
    """A cost of a layer: formula as written, with values in place, closed form, and at the worked point."""

    name: str
    written: Written
    placed: Written | None
    closed: Written | None
    at_placed: Written | None
    at: int | None
    reason: Prose
    source: Cite


@dataclass(frozen=True)
class FieldRow:
    """A layer's receptive field along one axis."""

    axis: str
    size: Written
    step: Written
    start: Written


@dataclass(frozen=True)
class ConditionRow:
    """A condition for the layer to be defined: as declared, with values in place, and why."""

    relation: Written
    here: Written
    reason: Prose
    open: bool  # depends on free symbols, so it is part of the domain


@dataclass(frozen=True)
class LayerView:
    """The derivation of one layer. Where an earlier layer is the same over the same sizes, `same_as` refers to it."""

    number: str
    name: str
    type: str
    anchor: str
    sentence: Prose
    inputs: tuple[Ref, ...]  # the layers it reads
    follows: bool  # whether that is just the layer before it
    outputs: tuple[Shape, ...]
    outputs_at: tuple[Shape, ...] | None
    facts: tuple[Fact, ...] = ()
    sizes: tuple[SizeStep, ...] = ()
    weights: tuple[WeightRow, ...] = ()
    params: Written | None = None
    params_at: int | None = None
    trainable: Written | None = None
    trainable_at: int | None = None
    counts: tuple[CountStep, ...] = ()
    macs: Written | None = None
    macs_at: int | None = None
    no_macs: Prose = ()  # why there are none
    fields: tuple[FieldRow, ...] = ()
    field_note: str = ""
    conditions: tuple[ConditionRow, ...] = ()
    calls: int = 1
    again: Ref | None = None  # the layer's first application, where this is a later one
    same_as: Ref | None = None
    inner: tuple[LayerView, ...] = ()  # of a nested network

    @property
    def ref(self) -> Ref:
        """The layer as others point at it."""
        return Ref(self.number, self.name, self.anchor)


@dataclass(frozen=True)
class Row:
    """A line of the summary table: symbolic and, where there is a worked point, in numbers."""

    number: str
    name: str
    type: str
    anchor: str
    shapes: tuple[Shape, ...]
    shapes_at: tuple[Shape, ...] | None
    params: Written
    params_at: int | None
    trainable: Written
    non_trainable: Written
    macs: Written
    macs_at: int | None


@dataclass(frozen=True)
class Total:
    """A metric over the whole network."""

    name: str
    title: str
    unit: str
    meaning: str
    form: Written
    at: int | None
    order: Written | None = None  # of growth in all free symbols; None where it does not grow by powers


@dataclass(frozen=True)
class MemoryRow:
    """A quantity of memory with the options it is for; `missing` says why there is none, where a layer has no rule."""

    name: str
    dtype: str
    optimizer: str
    unit: str
    form: Written | None
    at: int | None
    missing: str = ""


@dataclass(frozen=True)
class Share:
    """What a part of the network has of its costs; the last one is the rest, where the parts leave any."""

    title: str
    params: Written
    params_at: int | None
    macs: Written
    macs_at: int | None


@dataclass(frozen=True)
class Approximation:
    """A well-known approximation beside the exact form: both as written and as closed forms, and their difference."""

    title: str
    exact: Written
    exact_closed: Written
    exact_at: int | None
    approximate: Written
    approximate_closed: Written
    approximate_at: int | None
    difference: Written  # exact − approximate
    difference_at: int | None
    reason: str
    source: Cite


@dataclass(frozen=True)
class ReasonRow:
    """A condition that narrows the domain: the sizes it leaves, the condition itself, whose it is, and why."""

    symbol: str  # "" where the condition ties several symbols together
    words: str
    relation: Written
    claim: Written
    layer: str
    ref: Ref | None
    reason: str
    likewise: tuple[str, ...] = ()  # other symbols for which the same layer says the same


@dataclass(frozen=True)
class SourceRow:
    """An entry of the list of sources."""

    number: int
    citation: str
    url: str


@dataclass(frozen=True)
class Meaning:
    """An entry of the glossary."""

    symbol: Symbol
    meaning: str
    unit: str


@dataclass(frozen=True)
class View:
    """A whole report."""

    title: str
    version: str
    free: tuple[str, ...]  # the symbols left free
    bindings: tuple[ClosedForm, ...]  # what was bound for the whole report, such as W = H
    point: tuple[ClosedForm, ...]  # the worked point, such as H = 32, W = 32; empty without one
    note: str
    domain_words: str
    domain: Written | None  # None where every size is valid, or where the set is not known
    domain_unknown: str  # why the exact set is not known; empty where it is
    reasons: tuple[ReasonRow, ...]
    inputs: tuple[Shape, ...]
    inputs_at: tuple[Shape, ...] | None
    outputs: tuple[Shape, ...]
    outputs_at: tuple[Shape, ...] | None
    last_map: tuple[ClosedForm, ...]  # sizes of the last map that has axes
    last_map_of: Ref | None  # the layer that makes it
    totals: tuple[Total, ...]
    rows: tuple[Row, ...]
    layers: tuple[LayerView, ...]
    sources: tuple[SourceRow, ...]
    glossary: tuple[Meaning, ...]
    edges: tuple[tuple[str, str], ...]  # from layer number to layer number, for the picture
    convention: str
    batch: Written | None  # the batch that costs are for; None where they are for one example
    memory: tuple[MemoryRow, ...] = ()
    peak_at: Ref | None = None  # the layer that runs while most is in memory, at the worked point
    shares: tuple[Share, ...] = ()  # what the network tells apart
    approximations: tuple[Approximation, ...] = ()
    fields_at: tuple[ClosedForm, ...] = ()  # the sizes for which receptive fields are given that depend on them
    fixed_weights: bool = False
    answers: tuple[Any, ...] = ()  # of what-if questions, as they were given

    def memory_of(self, name: str, dtype: str = "") -> MemoryRow:
        """A quantity of memory by name, and by type where there are several."""
        return next(row for row in self.memory if row.name == name and dtype in ("", row.dtype))

    def total(self, name: str) -> Total:
        """The total of a metric by name."""
        return next(total for total in self.totals if total.name == name)
