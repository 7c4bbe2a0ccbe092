"""Element-wise layers: each number by itself, whatever the shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symshape.declaration import POINTWISE, Count, Dialect, Layer, Reading, Template, Weight
from symshape.declaration.signature import names_of_axes
from symshape.errors import UnsupportedLayer, UsageError
from symshape.symbols import E
from symshape.written import Number, Symbol, each

__all__ = [
    "ELU",
    "Activation",
    "ActivityRegularization",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "LeakyReLU",
    "Masking",
    "PReLU",
    "ReLU",
    "Rescaling",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
]

ONE_BY_ONE = Count(Number(0), "one number at a time; by convention not counted")


class _Elementwise(Layer):
    takes = ((each(E),),)
    gives = ((each(E),),)
    macs = ONE_BY_ONE
    window = POINTWISE


class Activation(_Elementwise):
    """A function of each number (or, for softmax, of each row)."""

    function: str = "linear"

    keras = (Dialect("Activation", {"activation": "function"}),)


class ReLU(_Elementwise):
    """max(0, x), with its variants' slopes and bounds."""

    keras = (Dialect("ReLU", {"max_value": None, "negative_slope": None, "threshold": None}),)


class LeakyReLU(_Elementwise):
    """x where positive, a fraction of x elsewhere."""

    keras = (Dialect("LeakyReLU", {"negative_slope": None, "alpha": None}),)


class ELU(_Elementwise):
    """x where positive, α(eˣ − 1) elsewhere."""

    keras = (Dialect("ELU", {"alpha": None}),)


class Softmax(_Elementwise):
    """Exponentials divided by their sum along an axis."""

    keras = (Dialect("Softmax", {"axis": None}),)


class Dropout(_Elementwise):
    """Zeroes numbers at random in training, passes them in use."""

    rate: float = 0.5

    keras = (Dialect("Dropout", {"rate": "rate", "seed": None, "noise_shape": None}),)


class _SpatialDropout(_Elementwise):
    rate: float = 0.5


class SpatialDropout1D(_SpatialDropout):
    """Zeroes whole channels of a sequence in training."""

    keras = (Dialect("SpatialDropout1D", {"rate": "rate", "seed": None}),)


class SpatialDropout2D(_SpatialDropout):
    """Zeroes whole channels of a map in training."""

    keras = (Dialect("SpatialDropout2D", {"rate": "rate", "seed": None, "data_format": None}),)


class SpatialDropout3D(_SpatialDropout):
    """Zeroes whole channels of a volume in training."""

    keras = (Dialect("SpatialDropout3D", {"rate": "rate", "seed": None, "data_format": None}),)


class GaussianDropout(_Elementwise):
    """Multiplies numbers by random factors around 1 in training."""

    keras = (Dialect("GaussianDropout", {"rate": None, "seed": None}),)


class GaussianNoise(_Elementwise):
    """Adds random numbers in training."""

    keras = (Dialect("GaussianNoise", {"stddev": None, "seed": None}),)


class ActivityRegularization(_Elementwise):
    """Passes its input; adds a penalty to the loss."""

    keras = (Dialect("ActivityRegularization", {"l1": None, "l2": None}),)


class Identity(_Elementwise):
    """Passes its input."""

    keras = (Dialect("Identity"),)


class Masking(_Elementwise):
    """Passes its input; marks the positions that later layers skip."""

    keras = (Dialect("Masking", {"mask_value": None}),)


class Rescaling(_Elementwise):
    """x·scale + offset with fixed numbers."""

    keras = (Dialect("Rescaling", {"scale": None, "offset": None}),)


class PReLU(Layer):
    """x where positive, a learned fraction of x elsewhere; one fraction per place, shared along `shared_axes`."""

    shared_axes: tuple[int, ...] = ()

    macs = ONE_BY_ONE
    window = POINTWISE
    keras = (Dialect("PReLU", {"shared_axes": Reading("shared_axes", lambda axes: tuple(axes or ()))}),)

    def template(self, ranks: Sequence[int]) -> Template:
        rank = ranks[0]
        for axis in self.shared_axes:
            if not 0 < axis < rank:
                raise UsageError(f"{self.label}: axis {axis} is not an axis of an input with {rank} dimensions")
        sizes = tuple(Symbol(name) for name in (*names_of_axes(rank - 1), "C"))
        alpha: tuple[Any, ...] = tuple(
            Number(1) if place in self.shared_axes else size for place, size in enumerate(sizes) if place
        )
        return Template((sizes,), (sizes,), weights=(Weight("alpha", alpha),), counts={"macs": (ONE_BY_ONE,)})


KNOWN_FUNCTIONS = frozenset(
    "linear relu relu6 sigmoid hard_sigmoid tanh softmax softplus softsign elu selu gelu silu swish hard_silu "
    "hard_swish exponential leaky_relu log_softmax mish celu glu hard_tanh soft_shrink hard_shrink tanh_shrink "
    "threshold squareplus sparse_plus sparsemax sparse_sigmoid log_sigmoid".split()
)


def check_activation(name: Any, label: str) -> None:
    """Refuse an activation that is not a known function: code of the user's may do anything to a shape."""
    if name is not None and name not in KNOWN_FUNCTIONS:
        raise UnsupportedLayer(f"{label}: the activation {name!r} is not a known function; it may run code of its own")
