"""Layers that move numbers to other places: channels to positions, windows to columns, one axis to several, borders.

They are PyTorch's: the batch comes first, then the channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from symshape.declaration import (
    DERIVED,
    DUMOULIN_VISIN,
    ELSEWHERE,
    INPUTS,
    KEEPS_NOTHING,
    NOTHING,
    PYTORCH,
    RESIZED,
    Condition,
    Count,
    Dialect,
    Dim,
    Formula,
    Layer,
    Padding,
    PerAxis,
    Reading,
    Source,
    Template,
    Window,
    Work,
    dim,
    dims,
    padding,
    per_axis,
)
from symshape.declaration.signature import Pattern, names_of_sizes
from symshape.errors import GraphError, UnsupportedLayer, UsageError
from symshape.layers.axes import ATEN
from symshape.layers.common import Channels, padded_evenly
from symshape.layers.conv import POSITIONS
from symshape.layers.operations import ADAPTIVE_MEAN, ADD, INTERPOLATE, REPEAT
from symshape.symbols import AXES, C, G, H, K, L, L_win, N, P, P_begin, P_end, S, T, W, X, X_out, X_win, d, numbered, r
from symshape.written import Mul, Number, Symbol, Written, divides, each, equal, floor, product

__all__ = [
    "ChannelShuffle",
    "CircularPadding1D",
    "CircularPadding2D",
    "CircularPadding3D",
    "Fold",
    "PixelShuffle",
    "PixelUnshuffle",
    "ReflectionPadding1D",
    "ReflectionPadding2D",
    "ReflectionPadding3D",
    "ReplicationPadding1D",
    "ReplicationPadding2D",
    "ReplicationPadding3D",
    "Unflatten",
    "Unfold",
    "Upsample",
    "exact_factor",
    "scaled",
]

SHI = Source(
    "shi2016",
    "W. Shi et al., Real-time single image and video super-resolution using an efficient sub-pixel convolutional "
    "neural network, 2016 (arXiv:1609.05158)",
    "https://arxiv.org/abs/1609.05158",
)
ZHANG = Source(
    "zhang2018",
    "X. Zhang et al., ShuffleNet: an extremely efficient convolutional neural network for mobile devices, 2018 "
    "(arXiv:1707.01083)",
    "https://arxiv.org/abs/1707.01083",
)

MOVES_DATA = Count(Number(0), "moves numbers, multiplies none")


# -- channels and positions --------------------------------------------------------------------------------------------
class _PixelShuffle(Layer):
    factor: Dim = dim(r)

    takes = ((N, C, H, W),)  # and any axes between the first two
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING

    def template(self, ranks: Sequence[int]) -> Template:
        if len(ranks) != 1 or ranks[0] < 4:
            raise GraphError(f"{self.label} takes one input of at least 4 dimensions, not {list(ranks)}")
        leading = (N, *(Symbol(f"A_{place}", "size of an axis") for place in range(1, ranks[0] - 3)))
        gives, where = self.shuffled()
        return Template(
            takes=((*leading, C, H, W),),
            gives=((*leading, *gives),),
            where=where,
            counts=self.declared_counts(),
        )

    def shuffled(self) -> tuple[Pattern, tuple[Condition, ...]]:
        """The last three sizes of the output, and what must come out even."""
        raise NotImplementedError


class PixelShuffle(_PixelShuffle):
    """Groups of r² channels become squares of r × r positions: (C, H, W) → (C/r², r·H, r·W).

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input(12, "H", "W"), PixelShuffle(2)).derive().output_shape
    (N, 3, 2*H, 2*W)
    """

    window = Window(step=1 / r)
    torch = (Dialect("PixelShuffle", {"upscale_factor": "factor"}),)
    example = staticmethod(lambda: PixelShuffle(2))

    def shuffled(self) -> tuple[Pattern, tuple[Condition, ...]]:
        squares = Condition(divides(r**2, C), "every square of positions is filled from channels", SHI("section 3.2"))
        return (C / r**2, r * H, r * W), (squares,)


class PixelUnshuffle(_PixelShuffle):
    """Squares of r × r positions become r² channels: (C, H, W) → (C·r², H/r, W/r)."""

    window = Window(size=r, step=r)
    torch = (Dialect("PixelUnshuffle", {"downscale_factor": "factor"}),)
    example = staticmethod(lambda: PixelUnshuffle(2))

    def shuffled(self) -> tuple[Pattern, tuple[Condition, ...]]:
        where = tuple(
            Condition(divides(r, side), "the map is made of whole squares", SHI("section 3.2")) for side in (H, W)
        )
        return (C * r**2, H / r, W / r), where


class ChannelShuffle(Layer):
    """The channels of G groups dealt out in turn: the first of each group, then the second of each, and so on."""

    groups: Dim = dim(G)

    takes = ((N, C, H, W),)  # or another number of axes after the channels
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = Window()
    torch = (Dialect("ChannelShuffle", {"groups": "groups"}),)

    def template(self, ranks: Sequence[int]) -> Template:
        if len(ranks) != 1 or ranks[0] < 3:
            raise GraphError(f"{self.label} takes one input of at least 3 dimensions, not {list(ranks)}")
        sizes = (
            N,
            C,
            *(Symbol(name) for name in names_of_sizes(ranks[0] - 1)[1:-1]),
            Symbol("E_last", "size of an axis"),
        )
        even = Condition(divides(G, C), "the groups have equal shares of the channels", ZHANG("section 3.1"))
        return Template((sizes,), (sizes,), where=(even,), counts=self.declared_counts())


# -- windows and columns -----------------------------------------------------------------------------------------------
class Unfold(Layer):
    """Every window of K_h × K_w positions as a column of C·K_h·K_w numbers (im2col).

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input(3, "H", "W"), Unfold(2, stride=2)).derive().output_shape
    (N, 12, floor(H/2)*floor(W/2))
    """

    kernel: PerAxis = per_axis(K)
    dilation: PerAxis = per_axis(d, 1)
    padding: Padding = padding(P, 0, words=())
    stride: PerAxis = per_axis(S, 1)

    rank = 2
    takes = ((N, C, each(X)),)
    gives = ((N, C * each(K), L_win),)
    rules = (
        *POSITIONS,
        Formula(L_win, Mul((each(X_out),)), DERIVED("windows"), reason="one column for each window"),
    )
    where = (Condition(X_out >= 1, "a window fits into the map"),)
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = ELSEWHERE
    torch = (
        Dialect(
            "Unfold",
            {"kernel_size": "kernel", "dilation": "dilation", "padding": "padding", "stride": "stride"},
        ),
    )


class Fold(Layer):
    """Columns of C numbers put back as windows of a map of a given size, and added up where they overlap (col2im).

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input(12, 6), Fold((4, 6), 2, stride=2)).derive().output_shape
    (N, 3, 4, 6)
    """

    size: PerAxis = per_axis(X_out)
    kernel: PerAxis = per_axis(K)
    dilation: PerAxis = per_axis(d, 1)
    padding: Padding = padding(P, 0, words=())
    stride: PerAxis = per_axis(S, 1)

    rank = 2
    takes = ((N, C, L),)
    gives = ((N, C / each(K), each(X_out)),)
    rules = (
        Formula(
            X_win,
            floor((X_out + 2 * P - d * (K - 1) - 1) / S) + 1,
            DUMOULIN_VISIN("relation 15"),
            padded_evenly,
            "as many windows as the map has",
        ),
        Formula(
            X_win,
            floor((X_out + P_begin + P_end - d * (K - 1) - 1) / S) + 1,
            DUMOULIN_VISIN("relation 15, both sides apart"),
            reason="as many windows as the map has",
        ),
    )
    where = (
        Condition(divides(Mul((each(K),)), C), "a column has a number for each position of a window", PYTORCH("Fold")),
        Condition(X_win >= 1, "a window fits into the map"),
        Condition(equal(L, Mul((each(X_win),))), "there is one column for each window of the map", PYTORCH("Fold")),
    )
    macs = Count(Number(0), "adds numbers, multiplies none")
    work = Work(ADD, N * C * L, "of each number to what lies at its place")
    keeps = KEEPS_NOTHING
    window = ELSEWHERE
    example = staticmethod(lambda: Fold((4, 6), 2, stride=2))
    torch = (
        Dialect(
            "Fold",
            {
                "output_size": "size",
                "kernel_size": "kernel",
                "dilation": "dilation",
                "padding": "padding",
                "stride": "stride",
            },
        ),
    )


# -- one axis and several ----------------------------------------------------------------------------------------------
def _axis_number(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise UnsupportedLayer("is no number of an axis: named axes are not covered")
    return given


class Unflatten(Layer):
    """One axis taken apart into several; one of them may be −1, what is left.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("6*C"), Unflatten(1, (-1, 2, 3))).derive().output_shape
    (N, C, 2, 3)
    """

    axis: int
    sizes: Any = dims(T)

    takes = ((N, C),)  # or any other axes
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    view = True
    window = ELSEWHERE
    example = staticmethod(lambda: Unflatten(1, (2, -1)))
    operations = (Dialect("unflatten", {"dim": "axis", "sizes": "sizes"}, module=ATEN),)
    torch = (Dialect("Unflatten", {"dim": Reading("axis", _axis_number), "unflattened_size": "sizes"}),)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.sizes or self.sizes.count(-1) > 1 or 0 in self.sizes:
            raise UsageError(f"{self.label}: {list(self.sizes)} is no shape: sizes are positive, and at most one is -1")

    def template(self, ranks: Sequence[int]) -> Template:
        rank = ranks[0]
        place = self.axis + rank if self.axis < 0 else self.axis
        if len(ranks) != 1 or not 0 <= place < rank:
            raise GraphError(f"{self.label}: axis {self.axis} is not an axis of an input with {rank} dimensions")
        taken = tuple(map(Symbol, names_of_sizes(rank)))
        sizes: list[Written] = [numbered(T, number) for number in range(1, len(self.sizes) + 1)]
        known = product(size for size, given in zip(sizes, self.sizes, strict=True) if given != -1)
        if -1 in self.sizes:
            sizes[self.sizes.index(-1)] = taken[place] / known
            fits = Condition(divides(known, taken[place]), "the sizes given must divide the axis")
        else:
            fits = Condition(equal(taken[place], known), "the sizes given must make up the axis")
        return Template(
            takes=(taken,),
            gives=((*taken[:place], *sizes, *taken[place + 1 :]),),
            where=(fits,),
            counts=self.declared_counts(),
        )


# -- borders -----------------------------------------------------------------------------------------------------------
def _last_axis_first(given: Any) -> Any:
    """PyTorch's order of padding, the last axis first, as one pair for each axis from the first on."""
    flat = tuple(given) if isinstance(given, (list, tuple)) else (given,)
    if any(isinstance(size, int) and size < 0 for size in flat):
        raise UnsupportedLayer("cuts positions off instead of adding some")
    if len(flat) == 1:
        return flat[0]
    return tuple((flat[place], flat[place + 1]) for place in range(len(flat) - 2, -1, -2))


class _Border(Layer):
    padding: Padding = padding(P, 1, words=())
    channels: Channels = "last"

    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), C),)
    rules = (
        Formula(X_out, X + 2 * P, DERIVED("padding"), padded_evenly, "P positions on either side"),
        Formula(X_out, X + P_begin + P_end, DERIVED("padding"), reason="positions on either side"),
    )
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = Window(before=P_begin)


def _torch(kind: str, rank: int) -> tuple[Dialect, ...]:
    return (Dialect(f"{kind}Pad{rank}d", {"padding": Reading("padding", _last_axis_first)}, {"channels": "first"}),)


class _ReflectionPadding(_Border):
    keeps = (INPUTS,)
    where = tuple(
        Condition(side < X, "a reflection at the border is shorter than the map", PYTORCH("ReflectionPad2d"))
        for side in (P_begin, P_end)
    )


class ReflectionPadding1D(_ReflectionPadding):
    """A sequence continued beyond its ends as in a mirror; the end itself is not repeated."""

    rank = 1
    torch = _torch("Reflection", 1)


class ReflectionPadding2D(_ReflectionPadding):
    """A map continued beyond its borders as in a mirror; the border itself is not repeated."""

    rank = 2
    torch = _torch("Reflection", 2)


class ReflectionPadding3D(_ReflectionPadding):
    """A volume continued beyond its borders as in a mirror; the border itself is not repeated."""

    rank = 3
    torch = _torch("Reflection", 3)


class _ReplicationPadding(_Border):
    keeps = (INPUTS,)


class ReplicationPadding1D(_ReplicationPadding):
    """A sequence whose first and last positions are repeated outwards."""

    rank = 1
    torch = _torch("Replication", 1)


class ReplicationPadding2D(_ReplicationPadding):
    """A map whose border is repeated outwards."""

    rank = 2
    torch = _torch("Replication", 2)


class ReplicationPadding3D(_ReplicationPadding):
    """A volume whose border is repeated outwards."""

    rank = 3
    torch = _torch("Replication", 3)


class _CircularPadding(_Border):
    where = tuple(
        Condition(side <= X, "the map goes round its border once at most", PYTORCH("CircularPad2d"))
        for side in (P_begin, P_end)
    )


class CircularPadding1D(_CircularPadding):
    """A sequence continued beyond its ends as if it began anew."""

    rank = 1
    torch = _torch("Circular", 1)


class CircularPadding2D(_CircularPadding):
    """A map continued beyond its borders as if it began anew."""

    rank = 2
    torch = _torch("Circular", 2)


class CircularPadding3D(_CircularPadding):
    """A volume continued beyond its borders as if it began anew."""

    rank = 3
    torch = _torch("Circular", 3)


# -- other sizes -------------------------------------------------------------------------------------------------------
# Which numbers of spatial axes each way of interpolating is for.
_MODES: Mapping[str, tuple[int, ...]] = {
    "nearest": (1, 2, 3),
    "nearest-exact": (1, 2, 3),
    "area": (1, 2, 3),
    "linear": (1,),
    "bilinear": (2,),
    "bicubic": (2,),
    "trilinear": (3,),
}
# From how many numbers each way of interpolating makes one.
TAPS: Mapping[str, int] = {"linear": 2, "bilinear": 4, "bicubic": 16, "trilinear": 8}


def _given(sizes: Any) -> Any:
    return () if sizes is None else sizes


class Upsample(Layer):
    """A map brought to another size, by repeating or interpolating: to the `size` given, or ⌊factor·X⌋ on each axis.

    PyTorch multiplies by the factor in floating point. A factor is taken where that gives the formula's sizes for sure:
    where the floating-point number is the fraction it stands for, or above it (2.0, 1.5, 0.1, but not 0.7).

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input(3, "H", "W"), Upsample(factor=1.5)).derive().output_shape
    (N, 3, H + floor(H/2), W + floor(W/2))
    """

    size: tuple[Dim, ...] = dims(T, (), least=1)
    factor: Any = ()
    mode: str = "nearest"
    aligned: Any = None
    channels: Channels = "first"

    takes = ((N, C, H, W),)  # or another number of axes after the channels
    example = staticmethod(lambda: Upsample(factor=2))
    macs = Count(Number(0), "repeats or interpolates; by convention not counted")
    torch = (
        Dialect(
            "Upsample",
            {
                "size": Reading("size", _given),
                "scale_factor": Reading("factor", _given),
                "mode": "mode",
                "align_corners": "aligned",
                "recompute_scale_factor": None,
            },
        ),
        *(
            Dialect(name, {"size": Reading("size", _given), "scale_factor": Reading("factor", _given)}, fixed)
            for name, fixed in (
                ("UpsamplingNearest2d", {"mode": "nearest"}),
                ("UpsamplingBilinear2d", {"mode": "bilinear", "aligned": True}),
            )
        ),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        factors = self.factor if isinstance(self.factor, (list, tuple)) else (self.factor,)
        object.__setattr__(self, "factor", tuple(exact_factor(factor, self.label) for factor in factors))
        if bool(self.size) == bool(self.factor):
            raise UsageError(f"{self.label}: either the size or the factor is given")
        if self.mode not in _MODES:
            raise UsageError(f"{self.label}: the mode is one of {', '.join(_MODES)}, not {self.mode!r}")
        if self.aligned is not None and self.mode not in TAPS:
            raise UsageError(f'{self.label}: in mode "{self.mode}" there are no corners to align')
        (step,) = {1 / Fraction(factor) for factor in self.factor} if len(set(self.factor)) == 1 else (Fraction(0),)
        repeats = self.mode == "nearest" and step and step.numerator == 1
        object.__setattr__(self, "window", Window(step=Number(step)) if repeats else RESIZED)

    def template(self, ranks: Sequence[int]) -> Template:
        count = ranks[0] - 2
        given = self.size or self.factor
        if len(ranks) != 1 or count not in _MODES[self.mode] or len(given) not in (1, count):
            raise GraphError(
                f'{self.label}: mode "{self.mode}" and {len(given)} sizes or factors are not for an input '
                f"with {ranks[0]} dimensions"
            )
        names = [name for name, _ in AXES[count]]
        sizes = tuple(map(Symbol, names))
        made: tuple[Written, ...]
        rules: tuple[Formula, ...] = ()
        if self.size:
            made = tuple(numbered(T, place if len(given) > 1 else 1) for place in range(1, count + 1))
        else:
            made = tuple(Symbol(f"{name}_out", f"{name} of the output map", "positions") for name in names)
            factors = self.factor if len(given) > 1 else self.factor * count
            rules = tuple(
                Formula(target, scaled(factor, size), PYTORCH("Upsample"), reason="as many positions as fit")
                for target, factor, size in zip(made, factors, sizes, strict=True)
                if isinstance(target, Symbol)
            )
        counts = {
            "macs": (type(self).macs,),
            "work": (self.resizing(product((N, C, *sizes)), product((N, C, *made))),),
            "keeps": (INPUTS,) if self.mode == "area" else KEEPS_NOTHING,
        }
        return Template((self.ordered(sizes),), (self.ordered(made),), rules, counts=counts)

    def ordered(self, sizes: Pattern) -> Pattern:
        """Channels before the sizes, as in PyTorch, or after them."""
        return (N, C, *sizes) if self.channels == "first" else (N, *sizes, C)

    def resizing(self, came: Written, made: Written) -> Work:
        """What it takes to make so many numbers of those that came."""
        if self.mode == "area":
            return Work(ADAPTIVE_MEAN, came, "of each number, over windows as many as positions are wanted")
        if self.mode not in TAPS:
            return Work(REPEAT, made, "one number for each output element")
        return Work(INTERPOLATE, TAPS[self.mode] * made, f"{TAPS[self.mode]} numbers for each output element")


def exact_factor(factor: Any, label: str) -> Fraction | int:
    """A factor as the fraction it stands for, where both give the same ⌊factor·X⌋ for every X.

    Raises `UnsupportedLayer` where the product in floating point could be rounded to less.
    """
    if isinstance(factor, bool) or not isinstance(factor, (int, float, Fraction)):
        raise UsageError(f"{label}: {factor!r} is no factor: a number is wanted")
    if isinstance(factor, float) and not 0 < factor < 2**52:
        raise UsageError(f"{label}: {factor!r} is no factor between 0 and 2**52")
    exact = Fraction(factor)
    simple = exact.limit_denominator(10**6)
    if exact <= 0:
        raise UsageError(f"{label}: {factor!r} is no factor: a positive number is wanted")
    if float(simple) != float(exact) or exact < simple:
        raise UnsupportedLayer(
            f"{label}: the factor {factor!r} lies below the fraction it stands for, so that the size it gives depends "
            "on how products of floating-point numbers are rounded: give the size, or a factor such as 1.5 or 0.25"
        )
    return simple.numerator if simple.denominator == 1 else simple


def scaled(factor: Fraction | int, size: Written) -> Written:
    """⌊factor·size⌋."""
    over = size if factor.numerator == 1 else factor.numerator * size
    return over if factor.denominator == 1 else floor(over / factor.denominator)
