"""More normalization: by groups of channels, by instance, by root mean square, by length, by neighbours, of the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from typing import Any

from symshape.declaration import (
    INPUTS,
    KERAS,
    POINTWISE,
    PYTORCH,
    Condition,
    Count,
    Dialect,
    Dim,
    Inner,
    Kept,
    Kind,
    Layer,
    Reading,
    Signature,
    Source,
    Template,
    Weight,
    Window,
    Work,
    dim,
    dims,
    has,
    own,
)
from symshape.declaration.dialect import Target
from symshape.declaration.signature import names_of_sizes
from symshape.errors import GraphError, UsageError
from symshape.layers.common import Channels
from symshape.layers.dense import Dense
from symshape.layers.holding import INSIDE_DECIDES, Part, _Holding, name_of
from symshape.layers.norm import BY_CONVENTION, FEATURES, _AlongAxes, last_axes, scaled_and_shifted
from symshape.layers.operations import (
    KEPT_STATISTICS,
    LENGTH,
    LOCAL_RESPONSE,
    MULTIPLY,
    NORM_SCALE,
    NORM_SHIFT,
    OWN_STATISTICS,
    ROOT_MEAN_SQUARE,
    SUM,
)
from symshape.symbols import C, C_in, E, G, K, N, T, X, numbered
from symshape.written import Number, Symbol, divides, each, equal, product

__all__ = [
    "GroupNormalization",
    "InstanceNormalization1D",
    "InstanceNormalization2D",
    "InstanceNormalization3D",
    "LocalResponseNormalization",
    "RMSNormalization",
    "SpectralNormalization",
    "UnitNormalization",
]

WU_HE = Source(
    "wu2018",
    "Y. Wu and K. He, Group normalization, 2018 (arXiv:1803.08494)",
    "https://arxiv.org/abs/1803.08494",
)
ULYANOV = Source(
    "ulyanov2016",
    "D. Ulyanov, A. Vedaldi and V. Lempitsky, Instance normalization: the missing ingredient for fast stylization, 2016 "
    "(arXiv:1607.08022)",
    "https://arxiv.org/abs/1607.08022",
)
MIYATO = Source(
    "miyato2018",
    "T. Miyato et al., Spectral normalization for generative adversarial networks, 2018 (arXiv:1802.05957)",
    "https://arxiv.org/abs/1802.05957",
)
KRIZHEVSKY = Source(
    "krizhevsky2012",
    "A. Krizhevsky, I. Sutskever and G. E. Hinton, ImageNet classification with deep convolutional neural networks, 2012",
    "https://papers.nips.cc/paper/4824",
)

_MADE_FOR = "the layer's weights are for as many channels as enter"


def _scaled(layer: Any) -> bool:
    return bool(layer.affine and layer.scale)


def _shifted(layer: Any) -> bool:
    return bool(layer.affine and layer.center)


def _for_given_channels(layer: Any) -> bool:
    return layer.in_channels is not None


class GroupNormalization(_AlongAxes):
    """Each example normalized over the positions and channels of each of G groups; then scaled and shifted by channel.

    Without `groups`, every channel is a group. PyTorch's refuses to normalize single numbers (`several`).
    """

    groups: Dim = dim(G, None)
    center: bool = True
    scale: bool = True
    affine: bool = True
    several: bool = False
    in_channels: Dim = dim(C_in, None)

    weights = (
        Weight("gamma", (C,), when=_scaled, torch=("weight", (C,))),
        Weight("beta", (C,), when=_shifted, torch=("bias", (C,))),
    )
    keras = (
        Dialect(
            "GroupNormalization",
            {
                "groups": Reading("groups", lambda groups: None if groups == -1 else groups),
                "axis": "axis",
                "center": "center",
                "scale": "scale",
                "epsilon": None,
            },
        ),
    )
    torch = (
        Dialect(
            "GroupNorm",
            {
                "num_groups": "groups",
                "num_channels": "in_channels",
                "eps": None,
                "affine": "affine",
                "bias": "center",
            },
            {"axis": (1,), "several": True},
        ),
    )

    def kinds(self) -> tuple[Kind, ...]:
        return (OWN_STATISTICS, *scaled_and_shifted(_scaled(self), _shifted(self)))

    def keeping(self, sizes: tuple[Symbol, ...], along: Sequence[int]) -> tuple[Kept, ...]:
        groups = sizes[along[0]] if self.groups is None else G
        return INPUTS, own(product((Number(2), sizes[0], groups)), "mean and deviation of each group", width=4)

    def template(self, ranks: Sequence[int]) -> Template:
        if len(self.axis) != 1:
            raise UsageError(f"{self.label}: channels lie along one axis, not along {list(self.axis)}")
        if ranks[0] < 2:
            raise GraphError(f"{self.label} takes inputs of at least 2 dimensions, this one has {ranks[0]}")
        declared = super().template(ranks)
        (sizes,) = declared.takes
        (channels,) = (sizes[place] for place in self.places(len(sizes)))
        groups = channels if self.groups is None else G
        others = product(size for size in sizes if size != channels)
        return replace(
            declared,
            where=(
                Condition(divides(groups, channels), "the groups have equal shares of the channels", WU_HE),
                Condition(
                    divides(groups, C_in), "the groups have equal shares of the channels", WU_HE, _for_given_channels
                ),
                Condition(
                    equal(channels, C_in),
                    _MADE_FOR,
                    PYTORCH("GroupNorm"),
                    lambda layer: _for_given_channels(layer) and layer.affine,
                ),
                Condition(
                    others * channels / groups > 1,
                    "a batch of single numbers has nothing to be normalized by",
                    PYTORCH("functional.group_norm, _verify_batch_size"),
                    has("several"),
                ),
            ),
        )


def _tracked(layer: Any) -> bool:
    return bool(layer.tracked)


class _InstanceNormalization(Layer):
    """Each channel of each example normalized by its own statistics over all positions."""

    affine: bool = False
    center: bool = True
    tracked: bool = False
    in_channels: Dim = dim(C_in, None)

    takes = ((N, C, each(X)),)
    gives = ((N, C, each(X)),)
    weights = (
        Weight("weight", (C,), when=has("affine")),
        Weight("bias", (C,), when=lambda layer: layer.affine and layer.center),
        Weight("running_mean", (C,), trainable=False, when=_tracked, buffer=_tracked),
        Weight("running_var", (C,), trainable=False, when=_tracked, buffer=_tracked),
        Weight("num_batches_tracked", (), trainable=False, when=_tracked, buffer=_tracked),
    )
    where = (
        Condition(
            equal(C, C_in),
            _MADE_FOR,
            PYTORCH("InstanceNorm2d"),
            lambda layer: _for_given_channels(layer) and (layer.affine or layer.tracked),
        ),
        Condition(
            product((each(X),)) > 1,
            "statistics of one example's channel need more than one position",
            PYTORCH("functional.instance_norm, _verify_spatial_size"),
            lambda layer: not layer.tracked,
        ),
    )
    macs = BY_CONVENTION
    work = (
        Work(KEPT_STATISTICS, N * C * each(X), "of each number", when=_tracked),
        Work(OWN_STATISTICS, N * C * each(X), "of each number", when=lambda layer: not layer.tracked),
        Work(NORM_SCALE, N * C * each(X), "of each number", when=has("affine")),
        Work(NORM_SHIFT, N * C * each(X), "of each number", when=lambda layer: layer.affine and layer.center),
    )
    keeps = (
        INPUTS,
        own(2 * N * C, "mean and deviation of each channel of each example", width=4),
        own(N * C, "the scale, repeated for each example", when=has("affine")),
        own(2 * N * C, "kept statistics, repeated for each example", width=4, when=_tracked),
    )
    window = POINTWISE


_INSTANCE: Mapping[str, Target] = {
    "num_features": FEATURES,
    "eps": None,
    "momentum": None,
    "affine": "affine",
    "track_running_stats": "tracked",
    "bias": "center",
}


def _torch_instance(rank: int) -> tuple[Dialect, ...]:
    return (Dialect(f"InstanceNorm{rank}d", _INSTANCE), Dialect(f"LazyInstanceNorm{rank}d", _INSTANCE))


class InstanceNormalization1D(_InstanceNormalization):
    """Each channel of each sequence normalized by its own statistics; channels come first."""

    rank = 1
    torch = _torch_instance(1)


class InstanceNormalization2D(_InstanceNormalization):
    """Each channel of each map normalized by its own statistics; channels come first."""

    rank = 2
    torch = _torch_instance(2)


class InstanceNormalization3D(_InstanceNormalization):
    """Each channel of each volume normalized by its own statistics; channels come first."""

    rank = 3
    torch = _torch_instance(3)


_ALONG_THE_LAST = "the scale lies along the last axes, which must have the sizes of the axes it is made for"
_RMS = KERAS("ops.rms_normalization")


class RMSNormalization(_AlongAxes):
    """Each example divided by its root mean square over `axis`, then scaled.

    Keras lays the scale along the last axes, whichever `axis` names: over other axes it works where the sizes happen to
    be the same. With `shape` it is PyTorch's: over the last axes, which have these sizes.
    """

    scale: bool = True
    shape: Any = dims(T, None, least=1)

    weights = (Weight("scale", (C,), when=has("scale"), torch=("weight", (C,))),)
    keras = (Dialect("RMSNormalization", {"axis": "axis", "epsilon": None}),)
    torch = (Dialect("RMSNorm", {"normalized_shape": "shape", "eps": None, "elementwise_affine": "scale"}),)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "window", Window(mixes=last_axes(self)))

    def kinds(self) -> tuple[Kind, ...]:
        return (ROOT_MEAN_SQUARE, *((MULTIPLY,) if self.scale else ()))

    def keeping(self, sizes: tuple[Symbol, ...], along: Sequence[int]) -> tuple[Kept, ...]:
        rows = product(size for place, size in enumerate(sizes) if place not in along)
        return INPUTS, own(rows, "root mean square of each row", width=4)

    def places(self, rank: int) -> list[int]:
        if self.shape is None:
            return [place for _, place in sorted(zip(self.axis, super().places(rank), strict=True))]
        if not 0 < len(self.shape) <= rank:
            raise GraphError(f"{self.label}: an input with {rank} dimensions has no last {len(self.shape)} axes")
        return list(range(rank - len(self.shape), rank))

    def names(self, rank: int) -> tuple[Symbol, ...]:
        if self.shape is None:
            return super().names(rank)
        last = tuple(numbered(T, place) for place in range(1, len(self.shape) + 1))
        return (*map(Symbol, names_of_sizes(rank)[: rank - len(last)]), *last)

    def template(self, ranks: Sequence[int]) -> Template:
        declared = super().template(ranks)
        (sizes,) = declared.takes
        along = [sizes[place] for place in self.places(len(sizes))]
        scaling = zip(along, sizes[len(sizes) - len(along) :], strict=True)
        fitting = (Condition(equal(size, last), _ALONG_THE_LAST, _RMS) for size, last in scaling if size != last)
        return replace(declared, where=tuple(fitting))


class UnitNormalization(_AlongAxes):
    """Each example divided by its length over `axis`."""

    keras = (Dialect("UnitNormalization", {"axis": "axis"}),)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "window", Window(mixes=self.axis))

    def kinds(self) -> tuple[Kind, ...]:
        return (LENGTH,)


_ALEXNET = KRIZHEVSKY("section 3.3")
_LOCAL: Mapping[str, Target] = {"size": "size", "alpha": None, "beta": None, "k": None}


class LocalResponseNormalization(Layer):
    """Each number divided by a sum over the same position of `size` neighbouring channels."""

    size: Dim = dim(K)
    ranks: tuple[int, ...] = ()
    channels: Channels = "last"

    takes = ((each(E),),)
    window = POINTWISE
    torch = (
        Dialect("LocalResponseNorm", _LOCAL, {"channels": "first"}),
        Dialect("CrossMapLRN2d", _LOCAL, {"ranks": (4,), "channels": "first"}),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        if ranks[0] < 3 or (self.ranks and ranks[0] not in self.ranks):
            wanted = " or ".join(map(str, self.ranks)) or "at least 3"
            raise GraphError(f"{self.label} takes inputs of {wanted} dimensions, this one has {ranks[0]}")
        between = tuple(map(Symbol, names_of_sizes(ranks[0])[1:-1]))
        sizes = (N, C, *between) if self.channels == "first" else (N, *between, C)
        numbers, positions = product(sizes), (N, *between)
        return Template(
            takes=(sizes,),
            gives=(sizes,),
            counts={
                "macs": (Count(Number(0), "sums squares and divides; by convention not counted", _ALEXNET),),
                "work": (
                    Work(SUM, product((K, *sizes)), "the squares of the neighbours", _ALEXNET),
                    Work(LOCAL_RESPONSE, numbers, "of each number", _ALEXNET),
                ),
                "keeps": (
                    INPUTS,
                    own(product((*positions, C + K - 1)), "the squares, with zeros at both ends of the channels"),
                    own(numbers, "the sums of neighbouring squares, scaled"),
                    own(numbers, "what each number is divided by"),
                ),
            },
        )


class SpectralNormalization(_Holding):
    """A layer whose kernel is divided by its greatest singular value, for which one vector is kept beside the weights.

    >>> from symshape.layers.dense import Dense
    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("C"), SpectralNormalization(Dense(10))).derive()
    >>> d.trainable, d.non_trainable
    (10*C + 10, 10)
    """

    layer: Any = field()
    iterations: int = 1

    example = staticmethod(lambda: SpectralNormalization(Dense(10)))
    keras = (
        Dialect("SpectralNormalization", {"layer": Inner("layer"), "power_iterations": "iterations"}, INSIDE_DECIDES),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.layer, Layer):
            raise UsageError(f"{self.label} normalizes the weights of a layer, not of {self.layer!r}")
        if self.iterations < 1:
            raise UsageError(f"{self.label}: at least 1 iteration is wanted, not {self.iterations}")
        object.__setattr__(self, "window", self.layer.window)

    @property
    def output_count(self) -> int:
        return int(self.layer.output_count)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        return (Part(self.layer, name_of(self.layer)),)

    def composed(self, ranks: tuple[int, ...]) -> Signature:
        inner = self.parts[0].signature(ranks)
        kernel = next(
            (sizes for weight, sizes in inner.weights if weight.name.split("/")[1:] in (["kernel"], ["embeddings"])),
            None,
        )
        if kernel is None:
            raise GraphError(f"{self.label}: {self.layer.label} has neither a kernel nor embeddings to normalize")
        sizes = (Number(1), kernel[-1])
        vector = (Weight("vector_u", sizes, trainable=False), sizes)
        first, *others = inner.weights
        # What training keeps of the kernel's division is not declared.
        counts = {name: rows for name, rows in inner.counts.items() if name != "keeps"}
        weights = (first, vector, *others)
        return replace(inner, weights=weights, counts=counts, torch_weights=(*inner.torch_weights, vector))
