"""Maps taken apart into patches or windows that do not overlap, as vision transformers do, and put together again."""

from __future__ import annotations

from symshape.declaration import (
    ELSEWHERE,
    INPUTS,
    KEEPS_NOTHING,
    NOTHING,
    Condition,
    Count,
    Dim,
    Formula,
    Layer,
    PerAxis,
    Source,
    Weight,
    Window,
    Work,
    dim,
    has,
    per_axis,
)
from symshape.layers.common import Channels
from symshape.layers.operations import BIAS
from symshape.symbols import AXES, C, F, K, L, N, X, X_out, X_win, axis_symbol
from symshape.written import Mul, Number, ceiling, divides, each, equal

__all__ = ["JoinWindows", "PatchEmbedding", "Windows"]

DOSOVITSKIY = Source(
    "dosovitskiy2021",
    "A. Dosovitskiy et al., An image is worth 16x16 words: transformers for image recognition at scale, 2021 "
    "(arXiv:2010.11929)",
    "https://arxiv.org/abs/2010.11929",
)
LIU = Source(
    "liu2021",
    "Z. Liu et al., Swin transformer: hierarchical vision transformer using shifted windows, 2021 (arXiv:2103.14030)",
    "https://arxiv.org/abs/2103.14030",
)

MOVES_DATA = Count(Number(0), "moves numbers, multiplies none")


class PatchEmbedding(Layer):
    """The map as patches of K_h × K_w, each projected to F features by the same filters: a convolution that leaves nothing
    over, because the map is made of whole patches.

    >>> from symshape.network import Input, Sequential
    >>> d = Sequential(Input("H", "W", 3), PatchEmbedding(768, 16)).derive()
    >>> d.output_shape, d.params
    ((N, H/16, W/16, 768), 590592)
    """

    filters: Dim = dim(F)
    kernel: PerAxis = per_axis(K)
    bias: bool = True
    channels: Channels = "last"

    rank = 2
    takes = ((N, each(X), C),)
    gives = ((N, each(X_out), F),)
    rules = (Formula(X_out, X / K, DOSOVITSKIY("section 3.1"), reason="as many patches as the map is made of"),)
    weights = (
        Weight("kernel", (each(K), C, F), torch=("weight", (F, C, each(K)))),
        Weight("bias", (F,), when=has("bias")),
    )
    where = (Condition(divides(K, X), "the map is made of whole patches", DOSOVITSKIY("section 3.1")),)
    macs = Count(
        N * each(X_out) * F * each(K) * C,
        "each output element is one dot product over a patch",
        DOSOVITSKIY("equation 1"),
    )
    work = (Work(BIAS, N * each(X_out) * F, "one for each output element", when=has("bias")),)
    keeps = (INPUTS,)
    window = Window(size=K, step=K)


class Windows(Layer):
    """The map as windows of K_h × K_w, the positions of each in a row: (H, W, C) → (H/K_h, W/K_w, K_h·K_w, C).

    A map that is not made of whole windows is padded at its end, unless `whole` asks for one that is. With `spread` the
    positions of a window do not lie side by side but as far apart as there are windows along the axis (MaxViT's grid).
    Neither that nor a cyclic shift of the map before changes sizes or costs.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("H", "W", 96), Windows(7)).derive().output_shape
    (N, ceiling(H/7), ceiling(W/7), 49, 96)
    """

    kernel: PerAxis = per_axis(K)
    whole: bool = False
    spread: bool = False

    rank = 2
    takes = ((N, each(X), C),)
    gives = ((N, each(X_win), Mul((each(K),)), C),)
    rules = (
        Formula(X_win, X / K, LIU("section 3.2"), has("whole"), "as many windows as the map is made of"),
        Formula(X_win, ceiling(X / K), LIU("section 3.2"), reason="the last window is filled up with zeros"),
    )
    where = (Condition(divides(K, X), "the map is made of whole windows", LIU("section 3.2"), has("whole")),)
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = ELSEWHERE


class JoinWindows(Layer):
    """Windows of K_h × K_w put together to a map of the size given; what they cover beyond it is left out.

    With `spread` the windows are taken as `Windows` takes them with it.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input(2, 3, 49, 96), JoinWindows((14, 20), 7)).derive().output_shape
    (N, 14, 20, 96)
    """

    size: PerAxis = per_axis(X_out)
    kernel: PerAxis = per_axis(K)
    spread: bool = False

    rank = 2
    example = staticmethod(lambda: (JoinWindows((14, 20), 7), ("N", 2, 3, 49, 96)))
    takes = ((N, *(axis_symbol(X_win, axis) for axis in AXES[2]), L, C),)
    gives = ((N, each(X_out), C),)
    where = (
        Condition(equal(L, Mul((each(K),))), "a row has a position for each one of a window", LIU("section 3.2")),
        Condition(equal(X_win, ceiling(X_out / K)), "there is a window for each part of the map", LIU("section 3.2")),
    )
    macs = MOVES_DATA
    work = NOTHING
    keeps = KEEPS_NOTHING
    window = ELSEWHERE
