"""The table, the totals, and what is held in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from symshape.algebra.poly import Poly, Value, canonical
from symshape.algebra.present import present
from symshape.algebra.smooth import order
from symshape.errors import ConditionError, MissingRule, Undecided
from symshape.metrics import METRICS
from symshape.metrics.widths import DTYPES
from symshape.report.building.pieces import anchor, ref_to, shape, whole
from symshape.report.building.study import Study
from symshape.report.view import MemoryRow, Ref, Row, Total
from symshape.written import Written

__all__ = ["memory", "peak_at", "rows", "totals"]

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


def totals(study: Study) -> Iterator[Total]:
    """The metrics over the whole network."""
    for name, title in TITLES.items():
        entry = METRICS[name]
        if name == "active" and study.derivation.value(name) == study.derivation.value("params"):
            continue
        value = study.derivation.value(name)
        at = None if study.there is None else whole(study.there.value(name))
        yield Total(name, title, entry.unit, entry.meaning, present(value), at, _order(value))


def memory(study: Study) -> Iterator[MemoryRow]:
    """What is held in memory; where some layer has no rule, why there is no answer."""
    for name, options in MEMORY:
        about = (name, options.get("dtype", ""), options.get("optimizer", ""), METRICS[name].unit)
        try:
            form = present(study.derivation.value(name, **options))
            at = None if study.there is None else whole(study.there.value(name, **options))
        except (ConditionError, MissingRule, Undecided) as error:
            yield MemoryRow(*about, None, None, str(error))
        else:
            yield MemoryRow(*about, form, at)


def peak_at(study: Study) -> Ref | None:
    """The first layer of the network at which the peak is reached; one inside a nested network is that network."""
    if study.there is None:
        return None
    schedule = study.there.schedule
    peak = study.there.value("peak_activations")
    steps = zip(schedule.steps, schedule.live(), strict=True)
    name = next(step.outer for step, tensors in steps if canonical(schedule.elements(tensors)) == peak)
    return ref_to(study.numbers[name], name)


def rows(study: Study) -> Iterator[Row]:
    """A line for each layer."""
    for name, layer in study.derivation.layers.items():
        there = None if study.there is None else study.there.layers[name]
        number = study.numbers[name]
        yield Row(
            number=number,
            name=name,
            type=layer.type,
            anchor=anchor(number),
            shapes=tuple(map(shape, study.shaped.layers[name].outputs)),
            shapes_at=None
            if study.shaped_there is None
            else tuple(map(shape, study.shaped_there.layers[name].outputs)),
            params=present(layer.value("params")),
            params_at=None if there is None else whole(there.value("params")),
            trainable=present(layer.value("trainable")),
            non_trainable=present(layer.value("non_trainable")),
            macs=present(layer.value("macs")),
            macs_at=None if there is None else whole(there.value("macs")),
        )


def _order(value: Value) -> Written | None:
    try:
        return present(order(value)) if isinstance(value, Poly) else None
    except Undecided:
        return None
