"""Layers of early convolutional networks that later ones gave up: learned subsampling, connections by table, RBF outputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import field, replace
from typing import Any

from symshape.declaration import (
    DERIVED,
    INPUTS,
    POINTWISE,
    Condition,
    Count,
    Dim,
    Formula,
    Layer,
    Padding,
    PerAxis,
    Source,
    Template,
    Weight,
    Work,
    dim,
    has,
    own,
    padding,
    per_axis,
)
from symshape.errors import UsageError
from symshape.layers.common import Channels
from symshape.layers.conv import _Sliding
from symshape.layers.operations import ADD, BIAS, MULTIPLY, SUM, kept_by, named_by
from symshape.layers.pool import _Pooling
from symshape.symbols import A, C, F, J, K, N, P, S, U, X, X_out, d
from symshape.written import Number, Written, each

__all__ = ["LECUN", "RadialBasis", "Subsampling2D", "TableConv2D"]

LECUN = Source(
    "lecun1998",
    "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document recognition, 1998",
    "https://doi.org/10.1109/5.726791",
)


class Subsampling2D(_Pooling):
    """The sum of each K_h × K_w window of a map times a learned coefficient, plus a bias: one of each for every channel.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("H", "W", 6), Subsampling2D(2)).derive().params
    12
    """

    activation: str = "linear"

    rank = 2
    weights = (Weight("coefficient", (C,)), Weight("bias", (C,)))
    macs = Count(
        Number(0), "adds numbers and scales one sum for each output; by convention not counted", LECUN("section II.B")
    )
    work = (
        Work(SUM, N * each(X_out) * C * each(K), "of each number in each window"),
        Work(MULTIPLY, N * each(X_out) * C, "of each window's sum with the coefficient"),
        Work(BIAS, N * each(X_out) * C, "one for each output element"),
        Work(named_by("activation"), N * each(X_out) * C, "of each output element"),
    )
    keeps = (
        own(N * each(X_out) * C, "each window's sum, for the coefficient", source=DERIVED),
        *kept_by("activation", N * each(X_out) * C),
    )


class TableConv2D(_Sliding):
    """2-D convolution in which each filter sees the input channels of its row of a table, and no others.

    `table` has one row for each filter: the channels it sees, counted from 0. Raises `UsageError` for a table that is
    none.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("H", "W", 3), TableConv2D(((0, 1), (1, 2), (0, 1, 2)), 5)).derive().params
    178
    """

    table: Any = field()
    kernel: PerAxis = per_axis(K)
    stride: PerAxis = per_axis(S, 1)
    padding: Padding = padding(P)
    dilation: PerAxis = per_axis(d, 1)
    bias: bool = True
    activation: str = "linear"
    channels: Channels = "last"

    rank = 2
    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), F),)
    weights = (Weight("kernel", (each(K), J)), Weight("bias", (F,), when=has("bias")))
    macs = Count(
        N * each(X_out) * each(K) * J,
        "each output element is one dot product over the window and the channels that its filter sees",
    )
    work = (
        Work(BIAS, N * each(X_out) * F, "one for each output element", when=has("bias")),
        Work(named_by("activation"), N * each(X_out) * F, "of each output element"),
    )
    keeps = (INPUTS, *kept_by("activation", N * each(X_out) * F))
    example = staticmethod(lambda: TableConv2D(((0, 1), (1, 2), (0, 1, 2)), 3))

    def __post_init__(self) -> None:
        super().__post_init__()
        rows = self.table if isinstance(self.table, (list, tuple)) else ()
        table = tuple(tuple(row) if isinstance(row, (list, tuple)) else () for row in rows)
        if not table or not all(_channels(row) for row in table):
            raise UsageError(
                f"{self.label}: the table has a row for each filter, of different channels counted from 0, not "
                f"{self.table!r}"
            )
        object.__setattr__(self, "table", table)

    def template(self, ranks: Sequence[int]) -> Template:
        lengths = Counter(map(len, self.table))
        connections: Written = Number(0)
        for place, (length, filters) in enumerate(sorted(lengths.items())):
            connections = filters * Number(length) if place == 0 else connections + filters * Number(length)
        last = max(map(max, self.table))
        declared = super().template(ranks)
        return replace(
            declared,
            rules=(
                *declared.rules,
                Formula(F, Number(len(self.table)), LECUN("table I"), reason="one filter for each row of the table"),
                Formula(J, connections, LECUN("table I"), reason="filters times the channels that they see"),
            ),
            where=(Condition(last + 1 <= C, "the input has every channel that the table names", LECUN("table I")),),
        )


def _channels(row: tuple[Any, ...]) -> bool:
    """Whether a row is one of channels, each once."""
    return bool(row) and all(type(channel) is int and channel >= 0 for channel in row) and len(set(row)) == len(row)


class RadialBasis(Layer):
    """U squared Euclidean distances between the C features of the last axis and as many vectors, one for each output.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input(84), RadialBasis(10, trainable=False)).derive()
    >>> d.trainable, d.non_trainable, d.macs
    (0, 840, 840)
    """

    units: Dim = dim(U)

    takes = ((each(A), C),)
    gives = ((each(A), U),)
    weights = (Weight("centres", (C, U)),)
    macs = Count(
        each(A) * C * U, "each output is a sum of the C squared differences from its vector", LECUN("equation 7")
    )
    work = Work(ADD, each(A) * C * U, "of each difference")
    keeps = INPUTS
    window = POINTWISE
