"""Preprocessing that Keras models carry inside them: images brought to a size or varied, numbers made into codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any, ClassVar

from symshape.algebra.poly import Value
from symshape.declaration import (
    ELSEWHERE,
    KERAS,
    POINTWISE,
    Condition,
    Count,
    Dialect,
    Dim,
    Layer,
    Only,
    Reading,
    Template,
    Work,
    dim,
)
from symshape.declaration.dialect import Target
from symshape.declaration.signature import Pattern, names_of_sizes
from symshape.errors import GraphError, UsageError
from symshape.layers.common import CHANNELS, Channels
from symshape.layers.operations import PREPARE
from symshape.symbols import C, H_to, L, N, V, W_to, X
from symshape.written import Number, Symbol, any_of, each, equal, product

__all__ = [
    "Augmentation",
    "CategoryEncoding",
    "CenterCrop",
    "Discretization",
    "Hashing",
    "Lookup",
    "RandomCrop",
    "Resizing",
]

NOT_COUNTED = Count(Number(0), "prepares data; by convention not counted")


def prepared(sizes: Pattern) -> Work:
    """Something is done to so many numbers, as the data say."""
    return Work(PREPARE, product(sizes), "of each number")


# -- images ------------------------------------------------------------------------------------------------------------
class _ToSize(Layer):
    height: Dim = dim(H_to)
    width: Dim = dim(W_to)
    channels: Channels = "last"

    rank = 2
    takes = ((N, each(X), C),)
    macs = NOT_COUNTED
    window = ELSEWHERE

    def template(self, ranks: Sequence[int]) -> Template:
        shape = (N, H_to, W_to, C) if self.channels == "last" else (N, C, H_to, W_to)
        declared = super().template(ranks).giving(shape)
        return replace(declared, counts={**declared.counts, "work": (prepared(shape),)})


_TO_SIZE: Mapping[str, Target] = {"height": "height", "width": "width", "data_format": CHANNELS}


class Resizing(_ToSize):
    """An image interpolated to the size given; it may be cropped or padded first, to keep its proportions.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("H", "W", 3), Resizing(224, 224)).derive().output_shape
    (N, 224, 224, 3)
    """

    crop: bool = False
    pad: bool = False

    keras = (
        Dialect(
            "Resizing",
            {
                **_TO_SIZE,
                "interpolation": None,
                "crop_to_aspect_ratio": "crop",
                "pad_to_aspect_ratio": "pad",
                "fill_mode": None,
                "fill_value": None,
                "antialias": None,
            },
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.crop and self.pad:
            raise UsageError(f"{self.label}: an image is cropped or padded to its new proportions, not both")


class CenterCrop(_ToSize):
    """The middle of an image, of the size given; a smaller image is enlarged first."""

    keras = (Dialect("CenterCrop", _TO_SIZE),)


class RandomCrop(_ToSize):
    """A part of an image, of the size given, anywhere in training and in the middle otherwise."""

    keras = (Dialect("RandomCrop", {**_TO_SIZE, "seed": None}),)


_ANY, _GREY_OR_COLOUR, _COLOUR = (), (1, 3), (3,)
_COMMON = ("factor", "seed", "value_range")
_GEOMETRY = ("fill_mode", "fill_value", "interpolation", "seed")
# Keras's random (and fixed) variations of images: their options, and the numbers of channels they are for, if not any.
_VARIATIONS: Mapping[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "AugMix": ((*_COMMON, "all_ops", "alpha", "chain_depth", "interpolation", "num_chains"), _GREY_OR_COLOUR),
    "AutoContrast": (("value_range",), _ANY),
    "ContrastLimitedAdaptiveHistogramEqualization": (("clip_limit", "tile_grid_size", "value_range"), _ANY),
    "CutMix": (("factor", "seed"), _ANY),
    "Equalization": (("bins", "value_range"), _ANY),
    "MixUp": (("alpha", "seed"), _ANY),
    "RandAugment": ((*_COMMON, "interpolation", "num_ops"), _GREY_OR_COLOUR),
    "RandomBrightness": (_COMMON, _ANY),
    "RandomColorDegeneration": (_COMMON, _COLOUR),
    "RandomColorJitter": (
        ("brightness_factor", "contrast_factor", "hue_factor", "saturation_factor", "seed", "value_range"),
        _ANY,
    ),
    "RandomContrast": (_COMMON, _ANY),
    "RandomElasticTransform": ((*_GEOMETRY, "factor", "scale", "value_range"), _ANY),
    "RandomErasing": ((*_COMMON, "fill_value", "scale"), _ANY),
    "RandomFlip": (("mode", "seed"), _ANY),
    "RandomGaussianBlur": ((*_COMMON, "kernel_size", "sigma"), _ANY),
    "RandomGrayscale": (("factor", "seed"), _GREY_OR_COLOUR),
    "RandomHue": (_COMMON, _COLOUR),
    "RandomInvert": (_COMMON, _ANY),
    "RandomPerspective": ((*_GEOMETRY, "factor", "scale"), _ANY),
    "RandomPosterization": (_COMMON, _ANY),
    "RandomRotation": ((*_GEOMETRY, "factor"), _ANY),
    "RandomSaturation": (_COMMON, _COLOUR),
    "RandomSharpness": (_COMMON, _ANY),
    "RandomShear": ((*_GEOMETRY, "x_factor", "y_factor"), _ANY),
    "RandomTranslation": ((*_GEOMETRY, "height_factor", "width_factor"), _ANY),
    "RandomZoom": ((*_GEOMETRY, "height_factor", "width_factor"), _ANY),
    "Solarization": (("addition_factor", "seed", "threshold_factor", "value_range"), _ANY),
}


class Augmentation(Layer):
    """Images varied at random in training, of the same size before and after: turned, recoloured, blurred, mixed.

    `channel_counts` are the numbers of channels it is for, where not any will do.
    """

    channel_counts: tuple[int, ...] = ()
    channels: Channels = "last"

    rank = 2
    takes = ((N, each(X), C),)
    gives = ((N, each(X), C),)
    macs = NOT_COUNTED
    work = prepared((N, each(X), C))
    window = POINTWISE
    keras = tuple(
        Dialect(name, {**dict.fromkeys(options), "data_format": CHANNELS}, {"channel_counts": counts})
        for name, (options, counts) in _VARIATIONS.items()
    )

    def template(self, ranks: Sequence[int]) -> Template:
        declared = super().template(ranks)
        wanted = tuple(equal(C, count) for count in self.channel_counts)
        where = Condition(
            any_of(*wanted), "the variation is defined for grey or coloured images only", KERAS("preprocessing")
        )
        return declared if not wanted else _with_conditions(declared, where)


def _with_conditions(declared: Template, *where: Condition) -> Template:
    return Template(
        declared.takes, declared.gives, declared.rules, declared.weights, (*declared.where, *where), declared.counts
    )


# -- codes -------------------------------------------------------------------------------------------------------------
def _mode(given: Any) -> Any:
    return {"binary": "multi_hot", "tf-idf": "tf_idf"}.get(given, given) if isinstance(given, str) else given


_MODE: Mapping[str, Target] = {"output_mode": Reading("mode", _mode), "sparse": Only(False)}
_ENCODED = KERAS("utils.numerical_utils.encode_categorical_inputs")


class _Encoding(Layer):
    """Whole numbers as themselves ("int") or as rows of V numbers: a row for each number, or one for each example."""

    mode: str = field(default="int", kw_only=True)
    last_is_one: bool = field(default=False, kw_only=True)

    takes = ((N, L),)  # or another number of axes
    macs = NOT_COUNTED
    window = ELSEWHERE
    modes: ClassVar[tuple[str, ...]] = ("int", "one_hot", "multi_hot", "count")
    most_axes = 2  # of an input that is made into one row for each example

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mode not in self.modes:
            raise UsageError(f"{self.label}: the mode is one of {', '.join(self.modes)}, not {self.mode!r}")

    def seeing(self, shapes: Sequence[tuple[Value, ...]]) -> Layer:
        """Rows take the place of a last axis of size 1, where otherwise they are a further axis."""
        single = self.mode == "one_hot" and len(shapes) == 1 and len(shapes[0]) > 1 and shapes[0][-1] == 1
        return self.replaced(last_is_one=True) if single else self

    def template(self, ranks: Sequence[int]) -> Template:
        if len(ranks) != 1:
            raise GraphError(f"{self.label} takes 1 input, {len(ranks)} are connected")
        sizes = tuple(map(Symbol, names_of_sizes(ranks[0])))
        gives: Pattern = sizes
        where: tuple[Condition, ...] = ()
        if self.mode == "int":
            pass
        elif self.mode == "one_hot":
            gives, where = self.rows(sizes)
        elif 2 <= len(sizes) <= self.most_axes:
            gives = (N, *sizes[2:], V)
        else:
            wanted = "2 dimensions" if self.most_axes == 2 else "at least 2 dimensions"
            raise GraphError(f'{self.label}: mode "{self.mode}" is for inputs of {wanted}, this one has {ranks[0]}')
        return Template((sizes,), (gives,), where=where, counts={"macs": (NOT_COUNTED,), "work": (prepared(sizes),)})

    def rows(self, sizes: Pattern) -> tuple[Pattern, tuple[Condition, ...]]:
        """The output with a row for each number."""
        if self.last_is_one:
            return (*sizes[:-1], V), ()
        if len(sizes) == 1:
            return (*sizes, V), ()
        return (*sizes, V), (Condition(sizes[-1] > 1, "rows take the place of a last axis of size 1", _ENCODED),)


class CategoryEncoding(_Encoding):
    """Numbers from 0 to V − 1 as rows of V: one for each number, or one for each example.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("L"), CategoryEncoding(10, mode="one_hot")).derive().output_shape
    (N, L, 10)
    """

    tokens: Dim = dim(V)
    mode: str = field(default="multi_hot", kw_only=True)

    modes = ("one_hot", "multi_hot", "count")
    keras = (Dialect("CategoryEncoding", {"num_tokens": "tokens", **_MODE}),)


class Discretization(_Encoding):
    """Numbers as those of the bins they fall into, or as rows of V for V bins: one more than there are boundaries."""

    bins: Dim = dim(V, None)
    boundaries: Any = None

    most_axes = 5
    example = staticmethod(lambda: Discretization(4, mode="one_hot"))
    keras = (
        Dialect(
            "Discretization",
            {
                "num_bins": "bins",
                "bin_boundaries": Reading("boundaries", lambda given: None if given is None else len(given)),
                "epsilon": None,
                **_MODE,
            },
        ),
    )

    def __post_init__(self) -> None:
        if self.boundaries is not None:  # they count where both are given: then they were found in the data
            object.__setattr__(self, "bins", self.boundaries + 1)
        super().__post_init__()
        if self.bins is None:
            raise UsageError(f"{self.label}: the number of bins is wanted, or that of their boundaries")


class Hashing(_Encoding):
    """Anything as the number of one of V bins, or as rows of V."""

    bins: Dim = dim(V)

    keras = (Dialect("Hashing", {"num_bins": "bins", "mask_value": None, "salt": None, **_MODE}),)

    def rows(self, sizes: Pattern) -> tuple[Pattern, tuple[Condition, ...]]:
        single = Condition(
            equal(sizes[-1], 1), "of a longer last axis Keras plans another shape than it makes", KERAS("Hashing")
        )
        return (*sizes[:-1], V), (single,)


class Lookup(_Encoding):
    """Words or whole numbers as their numbers in a vocabulary of V, with those for what it lacks, or as rows of V.

    Rows are as long as the vocabulary, or (`padded`) as the most there may be.
    """

    vocabulary: Dim = dim(V, None)
    most: Any = None
    padded: bool = False

    modes = ("int", "one_hot", "multi_hot", "count", "tf_idf")
    example = staticmethod(lambda: Lookup(1000, mode="multi_hot"))
    keras = tuple(
        Dialect(
            name,
            {
                "vocabulary_size": "vocabulary",
                "max_tokens": "most",
                "pad_to_max_tokens": "padded",
                **dict.fromkeys(
                    ("num_oov_indices", "mask_token", "oov_token", "vocabulary", "vocabulary_dtype", "idf_weights")
                ),
                **dict.fromkeys(("invert", "encoding", "oov_method", "salt", "has_input_vocabulary")),
                **_MODE,
            },
        )
        for name in ("IntegerLookup", "StringLookup")
    )

    def __post_init__(self) -> None:
        if self.padded:
            object.__setattr__(self, "vocabulary", self.most)
        super().__post_init__()
        if self.vocabulary is None and self.mode != "int":
            raise UsageError(f"{self.label}: rows are as long as the vocabulary, whose size is not known yet")
