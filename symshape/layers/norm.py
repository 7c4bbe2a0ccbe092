"""Normalization: values shifted and scaled by statistics, then by learned weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from symshape.declaration import (
    INPUTS,
    KEEPS_NOTHING,
    POINTWISE,
    PYTORCH,
    Condition,
    Count,
    Dialect,
    Dim,
    Kept,
    Kind,
    Layer,
    Only,
    Reading,
    Template,
    Weight,
    Window,
    Work,
    dim,
    dims,
    has,
    option,
    own,
)
from symshape.declaration.dialect import Target
from symshape.declaration.signature import names_of_axes, names_of_sizes
from symshape.errors import GraphError, UnsupportedLayer, UsageError
from symshape.layers.operations import (
    ADD,
    DIVIDE,
    KEPT_STATISTICS,
    MULTIPLY,
    NORM_SCALE,
    NORM_SHIFT,
    OWN_STATISTICS,
    ROOT_MEAN_SQUARE,
)
from symshape.symbols import C, T, numbered
from symshape.written import Number, Symbol, equal, product

__all__ = ["BatchNormalization", "LayerNormalization", "Normalization"]

BY_CONVENTION = Count(Number(0), "scales numbers one by one; by convention not counted")


def scaled_and_shifted(scale: bool, shift: bool) -> tuple[Kind, ...]:
    """What learned weights do to every normalized number."""
    return (*((NORM_SCALE,) if scale else ()), *((NORM_SHIFT,) if shift else ()))


class _AlongAxes(Layer):
    """Weights that lie along some axes of the input and are shared by all others."""

    axis: tuple[int, ...] = (-1,)

    macs = BY_CONVENTION
    window = POINTWISE

    def kinds(self) -> tuple[Kind, ...]:
        """What is done to every number."""
        raise NotImplementedError

    def keeping(self, sizes: tuple[Symbol, ...], along: Sequence[int]) -> tuple[Kept, ...] | None:
        """What the gradient needs, where it has been declared."""
        return None

    def places(self, rank: int) -> list[int]:
        """The axes counted from the front, in the order in which the weights have them."""
        places = [axis + rank if axis < 0 else axis for axis in self.axis]
        for axis, place in zip(self.axis, places, strict=True):
            if not 0 <= place < rank:
                raise GraphError(f"{self.label}: axis {axis} is not an axis of an input with {rank} dimensions")
        return places

    def template(self, ranks: Sequence[int]) -> Template:
        rank = ranks[0]
        sizes = self.names(rank)
        along = self.places(rank)
        if 0 in along and any(weight.when(self) for weight in type(self).weights):
            raise GraphError(f"{self.label}: axis={self.axis} names the batch, along which no weights can lie")
        lying = tuple(sizes[place] for place in along)
        kept = self.keeping(sizes, along)
        return Template(
            takes=(sizes,),
            gives=(sizes,),
            weights=tuple(_along(weight, lying) for weight in type(self).weights),
            where=self.fitting(lying),
            counts={
                "macs": (BY_CONVENTION,),
                "work": tuple(Work(kind, product(sizes), "of each number") for kind in self.kinds()),
                **({} if kept is None else {"keeps": kept}),
            },
        )

    def names(self, rank: int) -> tuple[Symbol, ...]:
        """The names of the input's sizes."""
        along = self.places(rank)
        if len(along) == 1 and along[0] != rank - 1:  # channels first: call the normalized axis C
            return _channels_at(along[0], rank)
        return tuple(map(Symbol, names_of_sizes(rank)))

    def fitting(self, kept: tuple[Symbol, ...]) -> tuple[Condition, ...]:
        """What the sizes along the axes must fulfil."""
        return ()


def _along(weight: Weight, kept: tuple[Symbol, ...]) -> Weight:
    shape = kept if weight.shape else ()
    return replace(weight, shape=shape, torch=(weight.torch[0], shape) if weight.torch else None)


def _channels_at(place: int, rank: int) -> tuple[Symbol, ...]:
    others = [Symbol(name) for name in names_of_axes(rank - 1)]
    return (*others[:place], C, *others[place:])


def last_axes(layer: Any) -> tuple[int, ...]:
    """The axes whose statistics a layer takes: those named, or the last ones, as many as sizes are given."""
    return tuple(layer.axis) if layer.shape is None else tuple(range(-len(layer.shape), 0))


_KEPT = ("weights", "buffers", "none", "frozen")


def _kept(layer: Any) -> bool:
    return bool(layer.statistics != "none")


def _counted(layer: Any) -> bool:
    return bool(layer.statistics == "buffers")


def _frozen(layer: Any) -> bool:
    return bool(layer.statistics == "frozen")


def _in_buffers(layer: Any) -> bool:
    return _counted(layer) or _frozen(layer)


FEATURES = Reading("in_channels", lambda channels: channels or None)  # 0: a lazy one that keeps nothing

_BATCH_NORM: Mapping[str, Target] = {
    "num_features": FEATURES,
    "eps": None,
    "momentum": None,
    "affine": "scale",
    "bias": "center",  # which is not there without `affine` either
    "track_running_stats": Reading("statistics", lambda tracked: "buffers" if tracked else "none"),
    "process_group": None,
}


def _torch(name: str, *ranks: int) -> Dialect:
    return Dialect(name, _BATCH_NORM, {"axis": (1,), "ranks": ranks})


class BatchNormalization(_AlongAxes):
    """Each channel normalized by its batch's statistics; keeps their running mean and variance, which are not learned.

    `statistics` says as what: as "weights" (Keras), as "buffers" (PyTorch), not at all ("none"), or "frozen" in buffers,
    the scale and the shift too, as in networks for detection that start from trained ones (torchvision).

    >>> BatchNormalization(scale=False)
    BatchNormalization(scale=False)
    """

    center: bool = True
    scale: bool = True
    renorm: bool = False
    statistics: str = "weights"
    in_channels: Dim = dim(C, None)
    ranks: tuple[int, ...] = ()

    weights = (
        Weight("gamma", (C,), when=has("scale"), torch=("weight", (C,)), buffer=_frozen),
        Weight("beta", (C,), when=has("center"), torch=("bias", (C,)), buffer=_frozen),
        Weight("moving_mean", (C,), False, _kept, ("running_mean", (C,)), buffer=_in_buffers),
        Weight("moving_variance", (C,), False, _kept, ("running_var", (C,)), buffer=_in_buffers),
        Weight("batches", (), False, _counted, ("num_batches_tracked", ()), buffer=_in_buffers),
        Weight("moving_stddev", (C,), trainable=False, when=has("renorm")),
        Weight("renorm_mean", (C,), trainable=False, when=has("renorm")),
        Weight("renorm_stddev", (C,), trainable=False, when=has("renorm")),
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
                "renorm": "renorm",
                "renorm_clipping": None,
                "renorm_momentum": None,
                "fused": None,
                "virtual_batch_size": Only(None),
                "adjustment": Only(None),
            },
        ),
    )
    torch = (
        _torch("BatchNorm1d", 2, 3),
        _torch("BatchNorm2d", 4),
        _torch("BatchNorm3d", 5),
        _torch("LazyBatchNorm1d", 2, 3),
        _torch("LazyBatchNorm2d", 4),
        _torch("LazyBatchNorm3d", 5),
        _torch("SyncBatchNorm"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.statistics not in _KEPT:
            raise UsageError(f"{self.label}: statistics are one of {', '.join(_KEPT)}, not {self.statistics!r}")
        if self.statistics == "none" and not self.scale and not self.center:
            object.__setattr__(self, "in_channels", None)  # no weights: nothing is made for a number of channels

    def kinds(self) -> tuple[Kind, ...]:
        statistics = OWN_STATISTICS if self.statistics == "none" else KEPT_STATISTICS
        return (statistics, *scaled_and_shifted(self.scale, self.center))

    def keeping(self, sizes: tuple[Symbol, ...], along: Sequence[int]) -> tuple[Kept, ...]:
        pair = product((Number(2), *(sizes[place] for place in along)))
        return INPUTS, own(pair, "mean and deviation of each channel", width=4)

    def template(self, ranks: Sequence[int]) -> Template:
        if self.ranks and ranks[0] not in self.ranks:
            wanted = " or ".join(map(str, self.ranks))
            raise GraphError(f"{self.label} takes inputs of {wanted} dimensions, this one has {ranks[0]}")
        declared = super().template(ranks)
        (sizes,) = declared.takes
        channels = self.places(len(sizes))[0]
        others = product(size for place, size in enumerate(sizes) if place != channels)
        several = Condition(
            others > 1,
            "statistics of the batch itself need more than one value for each channel",
            PYTORCH("functional.batch_norm, _verify_batch_size"),
            option("statistics", "none"),
        )
        return replace(declared, where=(several,))


class LayerNormalization(_AlongAxes):
    """Each example normalized over `axis` by its own statistics, then scaled and shifted.

    With `rms` it is only scaled, always. Over several axes the weights have them in the order of their numbers as
    given, −1 before 1: that is Keras's order too. With `shape` it is PyTorch's: over the last axes, of these sizes.
    """

    center: bool = True
    scale: bool = True
    rms: bool = False
    shape: Any = dims(T, None, least=1)

    weights = (
        Weight("gamma", (C,), when=lambda layer: layer.scale or layer.rms, torch=("weight", (C,))),
        Weight("beta", (C,), when=lambda layer: layer.center and not layer.rms, torch=("bias", (C,))),
    )
    keras = (
        Dialect(
            "LayerNormalization",
            {"axis": "axis", "center": "center", "scale": "scale", "epsilon": None, "rms_scaling": "rms"},
        ),
    )

    torch = (
        Dialect(
            "LayerNorm",
            {"normalized_shape": "shape", "eps": None, "elementwise_affine": "scale", "bias": "center"},
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "window", Window(mixes=last_axes(self)))

    def kinds(self) -> tuple[Kind, ...]:
        if self.rms:
            return (ROOT_MEAN_SQUARE, MULTIPLY)
        return (OWN_STATISTICS, *scaled_and_shifted(self.scale, self.center))

    def keeping(self, sizes: tuple[Symbol, ...], along: Sequence[int]) -> tuple[Kept, ...]:
        rows = product(size for place, size in enumerate(sizes) if place not in along)
        if self.rms:
            return INPUTS, own(rows, "root mean square of each row", width=4)
        return INPUTS, own(product((Number(2), rows)), "mean and deviation of each row", width=4)

    def places(self, rank: int) -> list[int]:
        if self.shape is None:
            return [place for _, place in sorted(zip(self.axis, super().places(rank), strict=True))]
        if not 0 < len(self.shape) < rank:
            behind = f"no last {len(self.shape)} axes behind the batch"
            raise GraphError(f"{self.label}: an input with {rank} dimensions has {behind}")
        return list(range(rank - len(self.shape), rank))

    def names(self, rank: int) -> tuple[Symbol, ...]:
        if self.shape is None:
            return super().names(rank)
        normalized = tuple(numbered(T, place) for place in range(1, len(self.shape) + 1))
        return (*(Symbol(name) for name in names_of_axes(rank - len(normalized))), *normalized)


def _nothing_given(layer: Any) -> bool:
    return layer.mean is None


def _shape(statistics: Any) -> tuple[int, ...] | None:
    """The shape of a number, or of numbers in lists of lists; None where there is nothing."""
    if statistics is None:
        return None
    if not isinstance(statistics, (list, tuple)):
        if isinstance(statistics, bool) or not isinstance(statistics, (int, float)):
            raise UnsupportedLayer("is neither a number nor lists of numbers")
        return ()
    shapes = {_shape(part) for part in statistics}
    if len(shapes) > 1 or None in shapes:
        raise UnsupportedLayer("has lists of different lengths")
    return (len(statistics), *shapes.pop()) if shapes else (0,)  # type: ignore[misc]


class Normalization(_AlongAxes):
    """Values shifted and scaled by statistics of the data set, one pair for each place along `axis`.

    The statistics are kept as weights that training does not learn, with a count of batches seen, unless they are
    given to the constructor: `mean` and `variance` are then the shapes of what is given.
    """

    mean: tuple[int, ...] | None = None
    variance: tuple[int, ...] | None = None

    weights = (
        Weight("mean", (C,), trainable=False, when=_nothing_given),
        Weight("variance", (C,), trainable=False, when=_nothing_given),
        Weight("count", (), trainable=False, when=_nothing_given),
    )
    keras = (
        Dialect(
            "Normalization",
            {
                "axis": Reading("axis", lambda axis: () if axis is None else axis),
                "invert": None,
                "mean": Reading("mean", _shape),
                "variance": Reading("variance", _shape),
            },
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mean != self.variance:
            raise UsageError(f"{self.label}: mean and variance are given both, in one shape, or neither")
        if len(self.mean or ()) > len(self.axis):
            raise UsageError(
                f"{self.label}: statistics of shape {self.mean} have more axes than axis={self.axis} names"
            )

    def kinds(self) -> tuple[Kind, ...]:
        return (ADD, DIVIDE)

    def keeping(self, sizes: tuple[Symbol, ...], along: Sequence[int]) -> tuple[Kept, ...]:
        return KEEPS_NOTHING

    def places(self, rank: int) -> list[int]:
        places = sorted(super().places(rank))
        if 0 in places:
            raise GraphError(f"{self.label}: axis={self.axis} names the batch, which has no statistics of its own")
        if len(set(places)) < len(places):
            raise GraphError(f"{self.label}: axis={self.axis} names an axis twice")
        return places

    def fitting(self, kept: tuple[Symbol, ...]) -> tuple[Condition, ...]:
        given = self.mean or ()
        return tuple(
            Condition(equal(size, number), "the statistics given have a number for each place along the axes")
            for size, number in zip(kept[len(kept) - len(given) :], given, strict=True)
            if number != 1
        )
