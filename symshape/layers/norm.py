"""Normalization: values shifted and scaled by statistics, then by learned weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symshape.declaration import (
    POINTWISE,
    Count,
    Dialect,
    Layer,
    Only,
    Reading,
    Template,
    Weight,
    has,
)
from symshape.declaration.signature import names_of_axes
from symshape.errors import UsageError
from symshape.symbols import C
from symshape.written import Number, Symbol

__all__ = ["BatchNormalization", "LayerNormalization", "Normalization"]

BY_CONVENTION = Count(Number(0), "scales numbers one by one; by convention not counted")


class _AlongAxes(Layer):
    """Weights that lie along some axes of the input and are shared by all others."""

    axis: tuple[int, ...] = (-1,)

    macs = BY_CONVENTION
    window = POINTWISE

    def __post_init__(self) -> None:
        axis = (self.axis,) if isinstance(self.axis, int) else tuple(self.axis)
        object.__setattr__(self, "axis", axis)
        super().__post_init__()

    def template(self, ranks: Sequence[int]) -> Template:
        rank = ranks[0]
        sizes = tuple(Symbol(name) for name in (*names_of_axes(rank - 1), "C"))
        along = []
        for axis in self.axis:
            place = axis + rank if axis < 0 else axis
            if not 0 < place < rank:
                raise UsageError(f"{self.label}: axis {axis} is not an axis of an input with {rank} dimensions")
            along.append(place)
        if len(along) == 1 and along[0] != rank - 1:  # channels first: call the normalized axis C
            sizes = _channels_at(along[0], rank)
        return Template(
            takes=(sizes,),
            gives=(sizes,),
            weights=tuple(
                Weight(w.name, tuple(sizes[i] for i in sorted(along)) if w.shape else (), w.trainable, w.when)
                for w in type(self).weights
            ),
            counts={"macs": (BY_CONVENTION,)},
        )


def _channels_at(place: int, rank: int) -> tuple[Symbol, ...]:
    others = [Symbol(name) for name in names_of_axes(rank - 1)]
    return (*others[:place], C, *others[place:])


class BatchNormalization(_AlongAxes):
    """Each channel normalized by its batch's statistics; keeps a running mean and variance that training does not learn.

    >>> BatchNormalization(scale=False)
    BatchNormalization(scale=False)
    """

    center: bool = True
    scale: bool = True

    weights = (
        Weight("gamma", (C,), when=has("scale")),
        Weight("beta", (C,), when=has("center")),
        Weight("moving_mean", (C,), trainable=False),
        Weight("moving_variance", (C,), trainable=False),
    )
    keras = (
        Dialect(
            "BatchNormalization",
            {
                "axis": "axis",
                "center": "center",
                "scale": "scale",
                "momentum": None,
                "epsilon": None,
                "synchronized": None,
                "renorm": Only(False),
                "renorm_clipping": None,
                "renorm_momentum": None,
                "fused": None,
                "virtual_batch_size": Only(None),
                "adjustment": Only(None),
            },
        ),
    )


class LayerNormalization(_AlongAxes):
    """Each example normalized over `axis` by its own statistics, then scaled and shifted."""

    center: bool = True
    scale: bool = True

    weights = (
        Weight("gamma", (C,), when=has("scale")),
        Weight("beta", (C,), when=has("center")),
    )
    keras = (
        Dialect(
            "LayerNormalization",
            {"axis": "axis", "center": "center", "scale": "scale", "epsilon": None, "rms_scaling": Only(False)},
        ),
    )


def _nothing_kept(layer: Any) -> bool:
    return not layer.fixed


class Normalization(_AlongAxes):
    """Values shifted and scaled by statistics of the data set, one pair for each place along `axis`.

    The statistics are kept as weights that training does not learn, with a count of batches seen, unless they are
    given to the constructor (`fixed=True`).
    """

    fixed: bool = False

    weights = (
        Weight("mean", (C,), trainable=False, when=_nothing_kept),
        Weight("variance", (C,), trainable=False, when=_nothing_kept),
        Weight("count", (), trainable=False, when=_nothing_kept),
    )
    keras = (
        Dialect(
            "Normalization",
            {
                "axis": Reading("axis", lambda axis: () if axis is None else axis),
                "invert": None,
                "mean": Reading("fixed", lambda mean: mean is not None),
                "variance": None,
            },
        ),
    )
