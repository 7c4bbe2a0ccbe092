"""Receptive fields, told where a layer changes them."""

from __future__ import annotations

from collections.abc import Mapping

from symshape.algebra.poly import Poly
from symshape.algebra.present import present
from symshape.derivation import Derivation
from symshape.errors import ConditionError, Undecided
from symshape.metrics.receptive_field import Fields, Unclear, receptive_fields
from symshape.network import Node
from symshape.report.building.study import Study
from symshape.report.naming import AXIS_WORDS
from symshape.report.view import ClosedForm, FieldRow
from symshape.written import Number, Symbol

__all__ = ["field_rows", "fields_of"]

LONGEST_FIELD = 60  # characters; a longer formula says nothing to a reader


def fields_of(study: Study) -> tuple[Mapping[str, Fields], tuple[ClosedForm, ...]]:
    """Every layer's receptive field, and the sizes for which those are given that are others at other sizes."""
    general = receptive_fields(study.derivation)
    depending = {name for name, fields in general.items() if _depends(fields)}
    sizes, there = study.point, study.there
    if there is None:  # some symbol has no number: at least the sizes in the file
        native = study.derivation.network.native
        sizes = {name: native[name] for name in study.derivation.symbols if name in native}
        try:
            there = study.derivation.at(**sizes)
        except ConditionError:
            sizes = {}
    if not depending or not sizes or there is None:
        return general, ()
    here = receptive_fields(there)
    at = tuple(ClosedForm(Symbol(name), Number(value), value) for name, value in sizes.items())
    return {name: here[name] if name in depending else general[name] for name in general}, at


def _depends(fields: Fields) -> bool:
    """Whether a field is another one at other sizes."""
    if isinstance(fields, Unclear):
        return False
    return any(isinstance(value, Poly) for field in fields.values() for value in (field.size, field.step, field.start))


def field_rows(derivation: Derivation, by_layer: Mapping[str, Fields], node: Node) -> tuple[tuple[FieldRow, ...], str]:
    """The receptive field, where it is not that of a layer read here."""
    fields = by_layer.get(node.name)
    if not fields:
        return (), ""
    before = [by_layer.get(derivation.network.nodes[source.node].name) for source in node.sources]
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
