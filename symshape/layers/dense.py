"""Dense layers: every output is a weighted sum of all input features."""

from __future__ import annotations

from symshape.declaration import FEATURES, INPUTS, Count, Dialect, Dim, Layer, Only, Weight, Work, dim, has
from symshape.layers.common import ACTIVATION
from symshape.layers.operations import BIAS, kept_by, named_by
from symshape.symbols import A, C, U
from symshape.written import each

__all__ = ["Dense"]


class Dense(Layer):
    """U weighted sums of the C features of the last axis, at every position of the axes before it.

    >>> Dense(120)
    Dense(units=120)
    """

    units: Dim = dim(U)
    bias: bool = True
    activation: str = "linear"
    in_features: Dim = dim(C, None)

    takes = ((each(A), C),)
    gives = ((each(A), U),)
    weights = (
        Weight("kernel", (C, U), torch=("weight", (U, C))),
        Weight("bias", (U,), when=has("bias")),
    )
    macs = Count(each(A) * C * U, "each output is one dot product over the C input features")
    work = (
        Work(BIAS, each(A) * U, "one for each output", when=has("bias")),
        Work(named_by("activation"), each(A) * U, "of each output"),
    )
    keeps = (INPUTS, *kept_by("activation", each(A) * U))
    window = FEATURES
    keras = (
        Dialect(
            "Dense",
            {
                "units": "units",
                "use_bias": "bias",
                "activation": ACTIVATION,
                "quantization_config": Only(None),
                "lora_rank": Only(None),
                "lora_alpha": None,
            },
        ),
    )
    torch = (
        Dialect("Linear", {"in_features": "in_features", "out_features": "units", "bias": "bias"}),
        Dialect("LazyLinear", {"in_features": "in_features", "out_features": "units", "bias": "bias"}),
    )
