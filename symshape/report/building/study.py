"""What every part of a view reads: the derivation in general and at the worked point."""

from __future__ import annotations

from collections.abc import Mapping

from symshape.derivation import Derivation
from symshape.errors import ConditionError, UnknownName, UsageError
from symshape.layers.source import InputLayer
from symshape.report.building.register import Register

__all__ = ["Study"]


class Study:
    """A derivation to be told, with the point at which it is worked.

    `shaped` and `shaped_there` are those in which shapes are told: with N for a batch.
    """

    def __init__(self, derivation: Derivation, point: Mapping[str, int] | None) -> None:
        self.derivation = derivation
        self.point, self.there = _worked_point(derivation, point)
        self.batch = derivation.bindings.get("N")
        self.shaped = _naming_the_batch(derivation)
        self.shaped_there = None if self.there is None else _naming_the_batch(self.there)
        self.numbers = {name: str(number) for number, name in enumerate(derivation.layers)}
        self.register = Register(derivation)


def _naming_the_batch(derivation: Derivation) -> Derivation:
    """The derivation, with N for a batch that has a number and does not come first: shapes are told without it."""
    entrances = [derivation.network.nodes[place_].operation for place_ in derivation.network.inputs]
    second = any(isinstance(layer, InputLayer) and "N" in map(str, layer.shape[1:]) for layer in entrances)
    if not second or "N" not in derivation.bindings:
        return derivation
    others = {name: value for name, value in derivation.bindings.items() if name != "N"}
    return Derivation(derivation.network, others, fixed_weights=derivation.fixed_weights)


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
