"""What a report says, as plain data: formulas as written trees, prose as text. Every renderer reads this and nothing else.

Sizes of intermediate maps carry the number of the layer that makes them: H_1 is the height of layer 1's output.
"""

from __future__ import annotations

from dataclasses import dataclass

from symshape.written import Symbol, Written

__all__ = [
    "ClosedForm",
    "CountStep",
    "Fact",
    "FieldRow",
    "LayerView",
    "ReasonRow",
    "Row",
    "SizeStep",
    "SourceRow",
    "Total",
    "View",
    "WeightRow",
]


@dataclass(frozen=True)
class Fact:
    """An option of a layer with its value: K = 5."""

    symbol: Symbol
    value: Written


@dataclass(frozen=True)
class ClosedForm:
    """A size or cost of the whole network, and its value at the worked point (None without one)."""

    symbol: Written
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
    reason: str
    source: int
    likewise: tuple[tuple[str, ClosedForm], ...] = ()


@dataclass(frozen=True)
class WeightRow:
    """A weight: its shape in symbols and in values, and how many numbers that is."""

    name: str
    shape: tuple[Written, ...]
    dims: tuple[Written, ...]
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
    reason: str
    source: int


@dataclass(frozen=True)
class FieldRow:
    """A layer's receptive field along one axis."""

    axis: str
    size: Written
    step: Written
    start: Written


@dataclass(frozen=True)
class LayerView:
    """The derivation of one layer. Where an earlier layer is the same over the same sizes, `same_as` refers to it."""

    number: int
    name: str
    type: str
    anchor: str
    sentence: str
    inputs: tuple[tuple[int, str], ...]  # (number, name) of the layers it reads
    facts: tuple[Fact, ...] = ()
    sizes: tuple[SizeStep, ...] = ()
    weights: tuple[WeightRow, ...] = ()
    params: Written | None = None
    params_at: int | None = None
    counts: tuple[CountStep, ...] = ()
    field_rows: tuple[FieldRow, ...] = ()
    field_note: str = ""
    conditions: tuple[tuple[Written, str], ...] = ()
    calls: int = 1
    same_as: tuple[int, str] | None = None


@dataclass(frozen=True)
class Row:
    """A line of the summary table: symbolic and, where there is a worked point, in numbers."""

    number: int
    name: str
    type: str
    anchor: str
    shapes: tuple[tuple[Written, ...], ...]
    shapes_at: tuple[tuple[Written, ...], ...] | None
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


@dataclass(frozen=True)
class ReasonRow:
    """A condition that narrows the domain: in words, by which layer, and why."""

    symbol: str
    words: str
    layer: str
    reason: str


@dataclass(frozen=True)
class SourceRow:
    """An entry of the list of sources."""

    number: int
    citation: str
    place: str
    url: str


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
    domain: Written | None
    reasons: tuple[ReasonRow, ...]
    outputs: tuple[tuple[Written, ...], ...]
    outputs_at: tuple[tuple[Written, ...], ...] | None
    closed_forms: tuple[ClosedForm, ...]  # sizes of the last map
    totals: tuple[Total, ...]
    rows: tuple[Row, ...]
    layers: tuple[LayerView, ...]
    sources: tuple[SourceRow, ...]
    glossary: tuple[Symbol, ...]
    edges: tuple[tuple[int, int], ...]  # from layer number to layer number, for the picture
    convention: str
    fixed_weights: bool = False

    def total(self, name: str) -> Total:
        """The total of a metric by name."""
        return next(total for total in self.totals if total.name == name)
