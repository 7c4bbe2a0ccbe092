"""Derivation → view: everything that a report says, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import version

from symshape.algebra.present import present
from symshape.derivation import Derivation
from symshape.metrics import METRICS
from symshape.report.building.domain import domain_of, reasons
from symshape.report.building.fields import fields_of
from symshape.report.building.layers import Walk
from symshape.report.building.parts import approximation, shares
from symshape.report.building.pieces import shape, whole
from symshape.report.building.study import Study
from symshape.report.building.totals import memory, peak_at, rows, totals
from symshape.report.view import ClosedForm, Shape, View
from symshape.written import Number, Symbol

__all__ = ["build"]


def build(derivation: Derivation, point: Mapping[str, int] | None = None) -> View:
    """The view of a derivation.

    `point` gives numbers for the free symbols, shown beside every closed form; what it leaves out comes from the
    model's file. Without one, the sizes in the file are used, where it has them all and they are valid.

    Raises `ConditionError` where no size at all, or not the given point, is valid; `UnknownName` and `UsageError` for a
    point that names no free symbol or misses one.
    """
    study = Study(derivation, point)
    network, register = derivation.network, study.register
    domain, unknown = domain_of(study)
    fields, fields_at = fields_of(study)
    layers = tuple(Walk(study, derivation, study.there, fields).layers())
    approximations = tuple(approximation(study, estimate) for estimate in network.estimates)
    register.meet(*map(Symbol, derivation.symbols))
    return View(
        title=network.name,
        version=version("symshape"),
        free=derivation.symbols,
        bindings=tuple(
            ClosedForm(Symbol(name), present(value), whole(value)) for name, value in derivation.bindings.items()
        ),
        point=tuple(ClosedForm(Symbol(name), Number(value), value) for name, value in study.point.items()),
        note=network.note,
        domain_words="" if domain is None else domain.words(),
        domain=None if domain is None else domain.relation,
        domain_unknown=unknown,
        reasons=() if domain is None else tuple(reasons(study, domain)),
        inputs=_inputs(study.shaped),
        inputs_at=None if study.shaped_there is None else _inputs(study.shaped_there),
        outputs=tuple(map(shape, study.shaped.outputs)),
        outputs_at=None if study.shaped_there is None else tuple(map(shape, study.shaped_there.outputs)),
        last_map=register.last_map[1],
        last_map_of=register.last_map[0],
        totals=tuple(totals(study)),
        rows=tuple(rows(study)),
        layers=layers,
        sources=register.sources(),
        glossary=register.glossary(),
        edges=tuple(dict.fromkeys(_edges(study))),
        convention=METRICS["macs"].meaning,
        shares=tuple(shares(study)),
        approximations=approximations,
        batch=None if study.batch is None else present(study.batch),
        memory=tuple(memory(study)),
        peak_at=peak_at(study),
        fields_at=fields_at,
        fixed_weights=derivation.fixed_weights,
    )


def _edges(study: Study) -> Iterator[tuple[str, str]]:
    """From layer to layer, by their numbers."""
    nodes = study.derivation.network.nodes
    for node in nodes:
        for source in node.sources:
            yield study.numbers[nodes[source.node].name], study.numbers[node.name]


def _inputs(derivation: Derivation) -> tuple[Shape, ...]:
    return tuple(shape(derivation.calls[place_].outputs[0]) for place_ in derivation.network.inputs)
