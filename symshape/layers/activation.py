"""Element-wise layers: each number by itself, whatever the shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from symshape.declaration import (
    INPUTS,
    KEEPS_NOTHING,
    NOTHING,
    OUTPUTS,
    POINTWISE,
    PYTORCH,
    Condition,
    Count,
    Dialect,
    Dim,
    Formula,
    Layer,
    Only,
    Reading,
    Template,
    Weight,
    Window,
    Work,
    dim,
    own,
)
from symshape.declaration.signature import names_of_sizes
from symshape.errors import GraphError, UnsupportedLayer
from symshape.layers.axes import ATEN, KERAS_OPS
from symshape.layers.common import CHANNELS, Channels, activation_named
from symshape.layers.operations import ADD, COMPARE, FUNCTIONS, MULTIPLY, PRELU, kept_by, named_by
from symshape.symbols import C, C_in, E, N, X
from symshape.written import Number, Symbol, any_of, divides, each, equal, product

__all__ = [
    "ELU",
    "GLU",
    "Activation",
    "ActivityRegularization",
    "AlphaDropout",
    "ChannelDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "LeakyReLU",
    "LogSoftmax",
    "Masking",
    "PReLU",
    "ReLU",
    "Rescaling",
    "Softmax",
    "Softmax2D",
    "Softmin",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
]

ONE_BY_ONE = Count(Number(0), "one number at a time; by convention not counted")


# -- numbers that change no shape, but that Keras looks at -------------------------------------------------------------
def _number(given: Any) -> float:
    if isinstance(given, Mapping):  # Keras 2 writes {"type": "ndarray", "value": 6.0}
        given = given.get("value")
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise UnsupportedLayer("is not a number")
    return given


def _share(given: Any) -> float:
    if not 0 <= _number(given) <= 1:
        raise UnsupportedLayer("is not between 0 and 1")
    return _number(given)


def _at_least_0(given: Any) -> None:
    if not _number(given) >= 0:
        raise UnsupportedLayer("is not a number ≥ 0")


def _limit(given: Any) -> None:
    if given is not None:
        _at_least_0(given)


RATE = Reading("rate", _share)
SHARE, AT_LEAST_0, LIMIT = Reading("", _share), Reading("", _at_least_0), Reading("", _limit)


class _Elementwise(Layer):
    takes = ((each(E),),)
    gives = ((each(E),),)
    macs = ONE_BY_ONE
    window = POINTWISE


class _Passing(_Elementwise):
    """What passes its input in use, whatever it does in training."""

    work = NOTHING
    keeps = KEEPS_NOTHING
    view = True


class _Dropping(_Elementwise):
    """What zeroes numbers at random in training, and keeps which; in use it passes its input."""

    work = NOTHING
    keeps = own(each(E), "which numbers are passed", width=1)
    passes = True


def _each(name: str) -> Work:
    """An activation function of each number."""
    return Work(FUNCTIONS[name], each(E), "of each number")


def _function(torch: str, ours: str, *options: str) -> Dialect:
    return Dialect(torch, dict.fromkeys(options), {"function": ours})


class Activation(_Elementwise):
    """A function of each number (or, for softmax, of each row)."""

    function: str = "linear"

    work = Work(named_by("function"), each(E), "of each number")
    keeps = kept_by("function")
    keras = (Dialect("Activation", {"activation": Reading("function", activation_named)}),)
    torch = (
        _function("CELU", "celu", "alpha"),
        Dialect("GELU", {"approximate": Only("none", "tanh")}, {"function": "gelu"}),
        _function("Hardshrink", "hard_shrink", "lambd"),
        _function("Hardsigmoid", "hard_sigmoid"),
        _function("Hardswish", "hard_swish"),
        _function("Hardtanh", "hard_tanh", "min_val", "max_val", "min_value", "max_value"),
        _function("LogSigmoid", "log_sigmoid"),
        _function("Mish", "mish"),
        _function("RReLU", "rrelu", "lower", "upper"),
        _function("ReLU6", "relu6"),
        _function("SELU", "selu"),
        _function("SiLU", "silu"),
        _function("Sigmoid", "sigmoid"),
        _function("Softplus", "softplus", "beta", "threshold"),
        _function("Softshrink", "soft_shrink", "lambd"),
        _function("Softsign", "softsign"),
        _function("Tanh", "tanh"),
        _function("Tanhshrink", "tanh_shrink"),
        _function("Threshold", "threshold", "threshold", "value"),
    )


class ReLU(_Elementwise):
    """max(0, x), with its variants' slopes and bounds."""

    work = _each("relu")
    keeps = OUTPUTS
    keras = (Dialect("ReLU", {"max_value": LIMIT, "negative_slope": AT_LEAST_0, "threshold": AT_LEAST_0}),)
    torch = (Dialect("ReLU"),)


class LeakyReLU(_Elementwise):
    """x where positive, a fraction of x elsewhere."""

    work = _each("leaky_relu")
    keeps = INPUTS
    keras = (Dialect("LeakyReLU", {"negative_slope": AT_LEAST_0, "alpha": AT_LEAST_0}),)
    torch = (Dialect("LeakyReLU", {"negative_slope": None}),)


class ELU(_Elementwise):
    """x where positive, α(eˣ − 1) elsewhere."""

    work = _each("elu")
    keeps = INPUTS
    keras = (Dialect("ELU", {"alpha": None}),)
    torch = (Dialect("ELU", {"alpha": None}),)


class _Softmax(_Elementwise):
    axis: tuple[int, ...] = ()  # checked where given

    work = _each("softmax")
    keeps = OUTPUTS

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "window", Window(mixes=self.axis or (-1,)))

    def template(self, ranks: Sequence[int]) -> Template:
        for axis in self.axis:
            _place(self, axis, ranks[0])
        return super().template(ranks)


def _place(layer: Layer, axis: int, rank: int) -> int:
    """The axis counted from the front."""
    if not -rank <= axis < rank:
        raise GraphError(f"{layer.label}: axis {axis} is not an axis of an input with {rank} dimensions")
    return axis % rank


_AXIS = Reading("axis", lambda axis: () if axis is None else axis)


class Softmax(_Softmax):
    """Exponentials divided by their sum along an axis."""

    keras = (Dialect("Softmax", {"axis": None}),)
    torch = (Dialect("Softmax", {"dim": _AXIS}),)
    operations = (
        Dialect("Softmax", {"axis": _AXIS}, module=KERAS_OPS, arguments=("x",)),
        Dialect("softmax", {"dim": _AXIS, "dtype": None}, module=ATEN),
        Dialect("_softmax", {"dim": _AXIS, "half_to_float": None}, module=ATEN),
    )


class Softmin(_Softmax):
    """Exponentials of the negative numbers divided by their sum along an axis."""

    torch = (Dialect("Softmin", {"dim": _AXIS}),)


class LogSoftmax(_Softmax):
    """The logarithm of exponentials divided by their sum along an axis."""

    work = _each("log_softmax")
    keeps = OUTPUTS
    torch = (Dialect("LogSoftmax", {"dim": _AXIS}),)
    operations = (
        Dialect("LogSoftmax", {"axis": _AXIS}, module=KERAS_OPS, arguments=("x",)),
        Dialect("log_softmax", {"dim": _AXIS, "dtype": None}, module=ATEN),
        Dialect("_log_softmax", {"dim": _AXIS, "half_to_float": None}, module=ATEN),
    )


class _OfRank(_Elementwise):
    """Refuses inputs whose number of dimensions is not among `ranks`, where any are given."""

    ranks: tuple[int, ...] = ()

    def template(self, ranks: Sequence[int]) -> Template:
        if self.ranks and ranks[0] not in self.ranks:
            wanted = " or ".join(map(str, self.ranks))
            raise GraphError(f"{self.label} takes inputs of {wanted} dimensions, this one has {ranks[0]}")
        return super().template(ranks)


class Softmax2D(_OfRank):
    """Exponentials divided by their sum over the channels, at every position of a map."""

    work = _each("softmax")
    keeps = OUTPUTS
    torch = (Dialect("Softmax2d", fixed={"ranks": (3, 4)}),)


class GLU(Layer):
    """Half of the numbers along an axis, each times the sigmoid of its counterpart in the other half."""

    axis: int = -1

    macs = ONE_BY_ONE
    window = POINTWISE
    torch = (Dialect("GLU", {"dim": "axis"}),)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "window", Window(mixes=(self.axis,)))

    def template(self, ranks: Sequence[int]) -> Template:
        sizes = tuple(map(Symbol, names_of_sizes(ranks[0])))
        place = _place(self, self.axis, len(sizes))
        given = (*sizes[:place], _HALF, *sizes[place + 1 :])
        return Template(
            takes=(sizes,),
            gives=(given,),
            rules=(Formula(_HALF, sizes[place] / 2, PYTORCH("GLU"), reason="one half gates the other"),),
            where=(Condition(divides(2, sizes[place]), "the axis falls into two equal halves", PYTORCH("GLU")),),
            counts={
                "macs": (ONE_BY_ONE,),
                "work": (
                    Work(FUNCTIONS["sigmoid"], product(given), "of each number in the half that gates"),
                    Work(MULTIPLY, product(given), "of each number of the other half by its gate"),
                ),
                "keeps": (INPUTS,),
            },
        )


_HALF = Symbol("E_out", "size of the halved axis")


class Dropout(_Dropping):
    """Zeroes numbers at random in training, passes them in use."""

    rate: float = 0.5

    keras = (Dialect("Dropout", {"rate": RATE, "seed": None, "noise_shape": None}),)
    torch = (Dialect("Dropout", {"p": RATE}),)


class AlphaDropout(_Dropping):
    """Sets numbers at random to one value in training, so that mean and variance stay."""

    rate: float = 0.5

    keras = (Dialect("AlphaDropout", {"rate": RATE, "seed": None, "noise_shape": None}),)
    torch = (Dialect("AlphaDropout", {"p": RATE}),)


class ChannelDropout(_OfRank):
    """Zeroes whole channels in training: the places along the second axis, together with all that belongs to them."""

    rate: float = 0.5

    work = NOTHING
    passes = True
    torch = (
        Dialect("Dropout1d", {"p": RATE}, {"ranks": (2, 3)}),
        Dialect("Dropout2d", {"p": RATE}),
        Dialect("Dropout3d", {"p": RATE}),
        Dialect("FeatureAlphaDropout", {"p": RATE}),
    )

    def template(self, ranks: Sequence[int]) -> Template:
        declared = super().template(ranks)
        channels = product(map(Symbol, names_of_sizes(ranks[0])[:2]))
        return replace(
            declared, counts={**declared.counts, "keeps": (own(channels, "which channels are passed", width=1),)}
        )


class _SpatialDropout(Layer):
    rate: float = 0.5
    channels: Channels = "last"

    takes = ((N, each(X), C),)
    gives = ((N, each(X), C),)
    macs = ONE_BY_ONE
    work = NOTHING
    keeps = own(N * C, "which channels are passed", width=1)
    passes = True
    window = POINTWISE


class SpatialDropout1D(_SpatialDropout):
    """Zeroes whole channels of a sequence in training."""

    rank = 1
    keras = (Dialect("SpatialDropout1D", {"rate": RATE, "seed": None}),)


class SpatialDropout2D(_SpatialDropout):
    """Zeroes whole channels of a map in training."""

    rank = 2
    keras = (Dialect("SpatialDropout2D", {"rate": RATE, "seed": None, "data_format": CHANNELS}),)


class SpatialDropout3D(_SpatialDropout):
    """Zeroes whole channels of a volume in training."""

    rank = 3
    keras = (Dialect("SpatialDropout3D", {"rate": RATE, "seed": None, "data_format": CHANNELS}),)


class GaussianDropout(_Elementwise):
    """Multiplies numbers by random factors around 1 in training."""

    work = NOTHING
    keeps = own(each(E), "the factors")
    passes = True
    keras = (Dialect("GaussianDropout", {"rate": SHARE, "seed": None}),)


class GaussianNoise(_Elementwise):
    """Adds random numbers in training."""

    work = NOTHING
    keeps = KEEPS_NOTHING
    passes = True
    keras = (Dialect("GaussianNoise", {"stddev": SHARE, "seed": None}),)


class ActivityRegularization(_Elementwise):
    """Passes its input; adds a penalty to the loss."""

    work = NOTHING
    view = True
    keeps = INPUTS
    keras = (Dialect("ActivityRegularization", {"l1": None, "l2": None}),)


class Identity(_Passing):
    """Passes its input."""

    keras = (Dialect("Identity"),)
    torch = (Dialect("Identity"),)


class Masking(_Elementwise):
    """Passes its input; marks the positions that later layers skip."""

    work = Work(COMPARE, each(E), "with the value that masks")
    keeps = own(each(E), "which positions are passed", width=1)

    keras = (Dialect("Masking", {"mask_value": None}),)


class Rescaling(_Elementwise):
    """x·scale + offset with fixed numbers."""

    work = (Work(MULTIPLY, each(E), "of each number"), Work(ADD, each(E), "of each number"))
    keeps = KEEPS_NOTHING
    keras = (Dialect("Rescaling", {"scale": None, "offset": None}),)


class PReLU(Layer):
    """x where positive, a learned fraction of x elsewhere; one fraction per place, shared along `shared_axes`.

    Axes count from 1. As in Keras, 0 and below count back from the last axis: 0 is the last, −1 the one before.
    With `parameters` it is PyTorch's: that many fractions, one for each channel (place along axis 1), or one for all.
    """

    shared_axes: tuple[int, ...] = ()
    parameters: Dim = dim(C_in, None)

    macs = ONE_BY_ONE
    window = POINTWISE
    keras = (Dialect("PReLU", {"shared_axes": Reading("shared_axes", lambda axes: () if axes is None else axes)}),)
    torch = (Dialect("PReLU", {"num_parameters": "parameters", "init": None}),)

    def template(self, ranks: Sequence[int]) -> Template:
        sizes = tuple(map(Symbol, names_of_sizes(ranks[0])))
        work = Work(PRELU, product(sizes), "of each number")
        counts = {"macs": (ONE_BY_ONE,), "work": (work,), "keeps": (INPUTS,)}
        if self.parameters is not None:
            channels = sizes[1] if len(sizes) > 1 else Number(1)
            fits = any_of(equal(C_in, 1), equal(channels, C_in))
            return Template(
                (sizes,),
                (sizes,),
                weights=(Weight("alpha", (C_in,), torch=("weight", (C_in,))),),
                where=(Condition(fits, "there is one fraction for all or one for each channel", PYTORCH("PReLU")),),
                counts=counts,
            )
        alpha: list[Any] = list(sizes[1:])
        for axis in self.shared_axes:
            if not -len(alpha) < axis <= len(alpha):
                raise GraphError(f"{self.label}: axis {axis} is not an axis of an input with {len(sizes)} dimensions")
            alpha[axis - 1] = Number(1)
        return Template((sizes,), (sizes,), weights=(Weight("alpha", tuple(alpha)),), counts=counts)
