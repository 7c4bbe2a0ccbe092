"""General reductions: sums, means, extrema, norms and the like over axes of an array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symshape.declaration import (
    ELSEWHERE,
    EVERYTHING,
    KEEPS_NOTHING,
    Count,
    Dialect,
    Kind,
    Layer,
    Reading,
    Template,
    Work,
)
from symshape.declaration.dialect import Target
from symshape.errors import UnsupportedLayer, UsageError
from symshape.layers.axes import ATEN, AXES, KERAS_OPS, NUMBER, one_input, places_of, sizes_of
from symshape.layers.operations import ADD, GREATEST, MEAN, MULTIPLY, PASS, POWER_SUM, ROOT, SUM, UNTOLD
from symshape.written import Number, product

__all__ = ["Reduce"]

NOT_COUNTED = Count(Number(0), "adds or compares; by convention not counted")

_KINDS = (
    *("sum", "mean", "product", "maximum", "minimum", "variance", "standard deviation", "range", "median"),
    *("norm", "log-sum-exp", "all", "any", "number of non-zeros", "index of the maximum", "index of the minimum"),
)


_SQUARE = Kind("squared distance", "element-wise", "y = y + (x − μ)²", ("addition", "multiplication", "addition"))
_LOG = Kind("logarithm", "element-wise", "ln x", ("logarithm",))
_EXP = Kind("exponential of a distance", "element-wise", "y = y + e^(x − m)", ("addition", "exponential", "addition"))
# What each kind takes: of each number, and of each result.
_DONE: Mapping[str, tuple[tuple[Kind, ...], tuple[Kind, ...]]] = {
    "sum": ((SUM,), ()),
    "mean": ((SUM,), (MEAN,)),
    "product": ((MULTIPLY,), ()),
    **dict.fromkeys(("maximum", "minimum", "index of the maximum", "index of the minimum"), ((GREATEST,), ())),
    "variance": ((SUM, _SQUARE), (MEAN, MEAN)),
    "standard deviation": ((SUM, _SQUARE), (MEAN, MEAN, ROOT)),
    "range": ((GREATEST, GREATEST), (ADD,)),
    "median": ((UNTOLD,), ()),
    "norm": ((POWER_SUM,), (ROOT,)),
    "log-sum-exp": ((GREATEST, _EXP), (_LOG, ADD)),
    **dict.fromkeys(("all", "any", "number of non-zeros"), ((PASS,), ())),
}


def _all_or_some(axis: Any) -> tuple[int, ...]:
    """Keras's axes: None for all, and never none of them."""
    if axis is not None and AXES.read(axis) == ():
        raise UnsupportedLayer("reduces over no axis, and leaves the array as it is")
    return AXES.read(axis)  # type: ignore[no-any-return]


def _keras(name: str, kind: str) -> Dialect:
    options: Mapping[str, Target] = {
        "axis": Reading("axes", _all_or_some),
        "keepdims": "keep",
        "dtype": None,
        "initial": NUMBER,
        "ord": None,
    }
    return Dialect(name, options, {"kind": kind}, module=KERAS_OPS, arguments=("x",))


def _aten(name: str, kind: str) -> Dialect:
    ignored: Mapping[str, Target] = dict.fromkeys(("dtype", "unbiased", "correction", "ord", "p"))
    return Dialect(name, {"dim": AXES, "keepdim": "keep", **ignored}, {"kind": kind}, module=ATEN)


class Reduce(Layer):
    """One number made of all along `axes`, or of all there are if none are named; with `keep` the axes stay, with size 1.

    `kind` is sum, mean, product, maximum, minimum, variance, standard deviation, range, median, norm, log-sum-exp, all,
    any, number of non-zeros, index of the maximum or index of the minimum.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("H", "W", 3), Reduce("mean", (1, 2))).derive().output_shape
    (N, 3)
    """

    kind: str
    axes: tuple[int, ...] = ()
    keep: bool = False

    example = staticmethod(lambda: Reduce("mean", (1, 2)))
    macs = NOT_COUNTED
    window = ELSEWHERE
    operations = (
        *(
            _keras(name, kind)
            for name, kind in (
                ("Sum", "sum"),
                ("Mean", "mean"),
                ("Prod", "product"),
                ("Max", "maximum"),
                ("Amax", "maximum"),
                ("Min", "minimum"),
                ("Amin", "minimum"),
                ("Var", "variance"),
                ("Std", "standard deviation"),
                ("Ptp", "range"),
                ("Median", "median"),
                ("Norm", "norm"),
                ("Logsumexp", "log-sum-exp"),
                ("All", "all"),
                ("Any", "any"),
                ("CountNonzero", "number of non-zeros"),
                ("Argmax", "index of the maximum"),
                ("Argmin", "index of the minimum"),
            )
        ),
        *(
            _aten(name, kind)
            for name, kind in (
                ("sum", "sum"),
                ("mean", "mean"),
                ("prod", "product"),
                ("amax", "maximum"),
                ("amin", "minimum"),
                ("var", "variance"),
                ("std", "standard deviation"),
                ("norm", "norm"),
                ("linalg_vector_norm", "norm"),
                ("logsumexp", "log-sum-exp"),
                ("all", "all"),
                ("any", "any"),
                ("count_nonzero", "number of non-zeros"),
                ("argmax", "index of the maximum"),
                ("argmin", "index of the minimum"),
            )
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind not in _KINDS:
            raise UsageError(f"{self.label}: the kind is one of {', '.join(_KINDS)}, not {self.kind!r}")
        if self.kind.startswith("index") and len(self.axes) > 1:
            raise UsageError(f"{self.label}: the {self.kind} is one along one axis, or of all numbers")
        if not self.axes:
            object.__setattr__(self, "window", EVERYTHING)

    def template(self, ranks: Sequence[int]) -> Template:
        rank = one_input(self, ranks)
        taken = sizes_of(rank)
        reduced = places_of(self, self.axes, rank) if self.axes else range(rank)
        made = tuple(
            Number(1) if place in reduced else size
            for place, size in enumerate(taken)
            if self.keep or place not in reduced
        )
        over, after = _DONE[self.kind]
        counts: dict[str, tuple[Count, ...]] = {
            "macs": (NOT_COUNTED,),
            "work": (
                *(Work(kind, product(taken), "of each number") for kind in over),
                *(Work(kind, product(made), "of each result") for kind in after),
            ),
        }
        if self.kind in ("sum", "mean"):
            counts["keeps"] = KEEPS_NOTHING
        return Template((taken,), (made,), counts=counts)
