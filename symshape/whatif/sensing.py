"""How a metric moves with each knob: exact change per step, elasticity, where it comes from, and how it grows.

Nothing is differentiated: the change is the difference of two exact values, the elasticity their ratio, and the smooth
views (a residue class, bounds, the mean) are exact statements about the floors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symshape.algebra.monotone import direction
from symshape.algebra.period import period
from symshape.algebra.poly import Name, Poly, Value, canonical, names_of, substitute
from symshape.algebra.present import present
from symshape.algebra.smooth import between, leading, mean, on_class, order
from symshape.derivation import Derivation
from symshape.errors import ConditionError, Undecided, UnknownName
from symshape.whatif.terms import free_symbols, with_batch
from symshape.written import Written

__all__ = ["Growth", "Knob", "Sensitivity", "sensitivity"]

_MOST_LAYERS = 5


@dataclass(frozen=True)
class Knob:
    """One symbol's effect on the metric at a point, one step up.

    `change` is exact, `formula` the change for all values of the symbols where it can be written; `elasticity` is the
    relative change of the metric over that of the symbol. `layers` are the largest shares of the change, `direction` is
    1 or −1 where the metric never falls or rises, None where its form does not tell. `refused` says why the step up is
    not possible, where it is not.
    """

    symbol: str
    at: int
    change: int | None
    elasticity: Fraction | None
    formula: Written | None
    layers: tuple[tuple[str, int], ...]
    direction: int | None
    refused: str = ""


@dataclass(frozen=True)
class Growth:
    """How the metric goes with one symbol: its leading power and coefficient, and smooth views; None out of reach."""

    symbol: str
    degree: int | None
    coefficient: Written | None
    period: int | None
    on_multiples: Written | None  # exactly, where the period divides the symbol

    def words(self) -> str:
        """The growth in big-O notation."""
        if self.degree is None:
            return f"grows in {self.symbol} by no power"
        power = {0: "1", 1: self.symbol}.get(self.degree, f"{self.symbol}^{self.degree}")
        return f"O({power})"


@dataclass(frozen=True)
class Sensitivity:
    """A metric's knobs, strongest first, with the metric's value there and its smooth views."""

    metric: str
    at: Mapping[str, int]
    value: int
    knobs: tuple[Knob, ...]
    growth: tuple[Growth, ...]
    on_multiples: Written | None  # exactly, where every symbol is a multiple of its period
    lower: Written | None
    upper: Written | None
    mean: Written | None
    order: Written | None  # of growth in all symbols together

    def data(self) -> dict[str, Any]:
        """The answer as plain data, for JSON."""
        return {
            "metric": self.metric,
            "at": dict(self.at),
            "value": self.value,
            "knobs": [
                {
                    "symbol": knob.symbol,
                    "change": knob.change,
                    "elasticity": None if knob.elasticity is None else str(knob.elasticity),
                    "formula": _said(knob.formula),
                    "layers": dict(knob.layers),
                    "refused": knob.refused,
                }
                for knob in self.knobs
            ],
            "growth": [
                {
                    "symbol": each.symbol,
                    "order": each.words(),
                    "coefficient": _said(each.coefficient),
                    "period": each.period,
                    "on_multiples": _said(each.on_multiples),
                }
                for each in self.growth
            ],
            "on_multiples": _said(self.on_multiples),
            "lower": _said(self.lower),
            "upper": _said(self.upper),
            "mean": _said(self.mean),
            "order": _said(self.order),
        }


def sensitivity(derivation: Derivation, metric: str = "macs", symbols: Sequence[str] = (), **at: int) -> Sensitivity:
    """How `metric` moves with each of the free symbols (or those named) at a point, which must give them all numbers.

    Raises `UnknownName` for a symbol that is not free or has no number.

    >>> from symshape import zoo
    >>> s = sensitivity(zoo.resnet50().derive(W="H"), "macs", H=224)
    >>> s.knobs[0].change, s.growth[0].words(), str(s.growth[0].on_multiples)
    (537529536, 'O(H^2)', '81456*H**2 + 2048000')
    """
    derivation = with_batch(derivation, at)
    free = free_symbols(derivation)
    missing = [name for name in free if name not in at]
    if missing:
        raise UnknownName(f"the sensitivity is asked at a point: {', '.join(missing)} has no number")
    for name in symbols:
        if name not in free:
            raise UnknownName(f"{name} is not a free symbol here: there are {', '.join(free)}")
    here = derivation.at(**at)
    value = derivation.value(metric)
    chosen = [name for name in free if (not symbols or name in symbols)]
    knobs = [_knob(derivation, here, metric, value, name, at) for name in chosen]
    knobs.sort(key=lambda knob: (knob.elasticity is None, -abs(knob.elasticity or 0)))
    whole = canonical(here.value(metric))
    assert isinstance(whole, int)
    low, high = _or_none(lambda: between(value)) or (None, None)
    growth = tuple(_growth(value, name) for name in chosen)
    classes = {Name.interned(each.symbol, True): (each.period, 0) for each in growth if each.period is not None}
    return Sensitivity(
        metric,
        {name: at[name] for name in free},
        whole,
        tuple(knobs),
        growth,
        _written(lambda: on_class(value, classes)) if len(classes) == len(growth) else None,
        None if low is None else present(low),
        None if high is None else present(high),
        _written(lambda: mean(value, sorted(names_of(value), key=lambda name: name.text))),
        _written(lambda: order(value)),
    )


def _knob(
    derivation: Derivation, here: Derivation, metric: str, value: Value, name: str, at: Mapping[str, int]
) -> Knob:
    symbol = Name.interned(name, True)
    way = direction(value, symbol)
    try:
        there = derivation.at(**{**at, name: at[name] + 1})
    except ConditionError as error:
        return Knob(name, at[name], None, None, None, (), way, str(error))
    before, after = canonical(here.value(metric)), canonical(there.value(metric))
    assert isinstance(before, int)
    assert isinstance(after, int)
    relative = Fraction(after - before, before) if before else None
    formula = _written(lambda: substitute(value, {symbol: Poly.of_atom(symbol) + 1}) - value)
    return Knob(
        name,
        at[name],
        after - before,
        None if relative is None else relative * at[name],
        formula,
        _shares(here, there, metric),
        way,
    )


def _shares(here: Derivation, there: Derivation, metric: str) -> tuple[tuple[str, int], ...]:
    """The layers whose own value changes most."""
    changes: list[tuple[str, int]] = []
    for before, after in zip(here, there, strict=True):
        change = canonical(after.value(metric) - before.value(metric))
        assert isinstance(change, int)
        if change:
            changes.append((before.name, change))
    return tuple(sorted(changes, key=lambda row: -abs(row[1]))[:_MOST_LAYERS])


def _growth(value: Value, name: str) -> Growth:
    symbol = Name.interned(name, True)
    top = _or_none(lambda: leading(value, symbol))
    modulus = _or_none(lambda: period(value, symbol))
    multiples = None if modulus is None else _written(lambda: on_class(value, {symbol: (modulus, 0)}))
    degree, coefficient = top if top is not None else (None, None)
    return Growth(name, degree, None if coefficient is None else present(coefficient), modulus, multiples)


def _or_none(answer: Any) -> Any:
    """An answer that may be out of reach: a sensitivity says what it can."""
    try:
        return answer()
    except Undecided:
        return None


def _written(answer: Any) -> Written | None:
    value = _or_none(lambda: present(canonical(answer())))
    return value  # type: ignore[no-any-return]


def _said(tree: Written | None) -> str | None:
    return None if tree is None else str(tree)
