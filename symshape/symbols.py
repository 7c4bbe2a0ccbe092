"""The vocabulary: every symbol that formulas share, its meaning and its unit.

An *axial* symbol stands for one value per spatial axis. `on_axis(K, "h")` is the kernel's height K_h; the map sizes X and
X_out become L, H and W, or D, H and W, by the number of axes. N is always the batch.
"""

from __future__ import annotations

from functools import lru_cache

from symshape.written import Symbol

__all__ = ["AXES", "VOCABULARY", "axis_symbol", "describe", "numbered"]

VOCABULARY: dict[str, Symbol] = {}


def _symbol(name: str, meaning: str, unit: str = "", *, axial: bool = False, latex: str = "") -> Symbol:
    if name in VOCABULARY:
        raise ValueError(f"symbol {name} is declared twice")
    VOCABULARY[name] = symbol = Symbol(name, meaning, unit, latex, axial)
    return symbol


# -- sizes -------------------------------------------------------------------------------------------------------------
N = _symbol("N", "batch size", "examples")
X = _symbol("X", "size of the input map along an axis", "positions", axial=True)
X_out = _symbol("X_out", "size of the output map along an axis", "positions", axial=True)
H_to = _symbol("H_to", "height that an image is brought to", "positions")
W_to = _symbol("W_to", "width that an image is brought to", "positions")
X_state = _symbol("X_state", "size of the initial state's map along an axis", "positions", axial=True)
X_win = _symbol("X_win", "number of windows along an axis", "positions", axial=True)
L_win = _symbol("L_win", "number of windows of the map", "positions")
L = _symbol("L", "length of the input", "positions")
L_t = _symbol("L_t", "number of steps", "steps")
D = _symbol("D", "depth of the input map", "positions")
H = _symbol("H", "height of the input map", "positions")
W = _symbol("W", "width of the input map", "positions")
C = _symbol("C", "number of input channels (features)")
C_in = _symbol("C_in", "number of input channels (features) that the weights are made for")
C_2 = _symbol("C_2", "number of features of the second input")
C_out = _symbol("C_out", "number of output channels (features)")
A = _symbol("A", "size of an axis before the last", "positions", axial=True)
T = _symbol("T", "size of an axis of the target shape", "positions")
E = _symbol("E", "size of an axis", "positions", axial=True)

# -- windows -----------------------------------------------------------------------------------------------------------
K = _symbol("K", "kernel (window) size along an axis", "positions", axial=True)
S = _symbol("S", "stride along an axis", "positions", axial=True)
P = _symbol("P", "padding on each side of an axis", "positions", axial=True)
P_begin = _symbol("P_begin", "padding before the first position of an axis", "positions", axial=True)
P_end = _symbol("P_end", "padding after the last position of an axis", "positions", axial=True)
P_out = _symbol("P_out", "output padding: positions added after the last one of an axis", "positions", axial=True)
d = _symbol("d", "dilation: distance between the kernel's taps along an axis", "positions", axial=True)
R = _symbol("R", "repetition factor along an axis", axial=True)
k = _symbol("k", "how many numbers are picked along an axis")
a = _symbol("a", "first position that is kept of an axis")
b = _symbol("b", "first position after those that are kept of an axis")
s = _symbol("s", "distance between positions that are kept of an axis", "positions")
p = _symbol("p", "positions added before the first of an axis", "positions")
q = _symbol("q", "positions added after the last of an axis", "positions")

# -- channels and units ------------------------------------------------------------------------------------------------
F = _symbol("F", "number of filters (output channels)")
G = _symbol("G", "number of groups")
J = _symbol("J", "number of connections: pairs of a filter and an input channel that it sees")
r = _symbol("r", "factor by which both sides of a map grow or shrink")
M = _symbol("M", "depth multiplier: filters per input channel")
U = _symbol("U", "number of units (output features)")
U_proj = _symbol("U_proj", "number of features that the units' outputs are projected to")
n_states = _symbol("n_states", "number of states: one for each layer and direction")

V = _symbol("V", "size of the vocabulary: how many different tokens there are", "tokens")
i_pad = _symbol("i_pad", "index of the token that stands for padding")

# -- attention ---------------------------------------------------------------------------------------------------------
L_q = _symbol("L_q", "number of queries", "positions")
L_k = _symbol("L_k", "number of keys and values", "positions")
L_s = _symbol("L_s", "number of keys and values with those the layer adds", "positions")
C_k = _symbol("C_k", "number of features of a key")
C_v = _symbol("C_v", "number of features of a value")
h = _symbol("h", "number of heads")
h_kv = _symbol("h_kv", "number of heads of keys and values")
d_k = _symbol("d_k", "size of a head's queries and keys")
d_v = _symbol("d_v", "size of a head's values")
d_ff = _symbol("d_ff", "number of features between a feed-forward network's two layers")
n = _symbol("n", "number of layers in a stack")
n_enc = _symbol("n_enc", "number of encoder layers")
n_dec = _symbol("n_dec", "number of decoder layers")
B = _symbol("B", "number of buckets that distances between positions are sorted into")
T_max = _symbol("T_max", "number of rows in a table of positions", "positions")
o = _symbol("o", "row of a table of positions that stands for the first one")
E_n = _symbol("E_n", "number of experts")
E_k = _symbol("E_k", "number of experts that each position is sent to")

# -- axes: (size, subscript) by the number of spatial axes -------------------------------------------------------------
AXES: dict[int, tuple[tuple[str, str], ...]] = {
    0: (),
    1: (("L", ""),),
    2: (("H", "h"), ("W", "w")),
    3: (("D", "d"), ("H", "h"), ("W", "w")),
}


@lru_cache(maxsize=4096)
def axis_symbol(symbol: Symbol, axis: tuple[str, str]) -> Symbol:
    """An axial symbol on one axis.

    >>> axis_symbol(K, ("H", "h")), axis_symbol(X_out, ("H", "h"))
    (K_h, H_out)
    """
    size, subscript = axis
    if symbol.name == "X" or symbol.name.startswith("X_"):
        name = size + symbol.name[1:]
    else:
        name = f"{symbol.name}_{subscript}" if subscript else symbol.name
    return Symbol(name, _meaning_on(symbol, size), symbol.unit)


def numbered(symbol: Symbol, place: int) -> Symbol:
    """One of several sizes of a list, counted from 1.

    >>> numbered(T, 2)
    T_2
    """
    return Symbol(f"{symbol.name}_{place}", symbol.meaning, symbol.unit)


def describe(name: str) -> Symbol | None:
    """The vocabulary's entry behind a symbol of a formula, also of an axis (K_h), an output (H_out) or a layer (H_3)."""
    if name in VOCABULARY:
        return VOCABULARY[name]
    head, _, tail = name.rpartition("_")
    if tail in ("h", "w", "d") and head in VOCABULARY:
        return axis_symbol(VOCABULARY[head], next(axis for axis in AXES[3] if axis[1] == tail))
    if head in ("L", "D", "H", "W") and f"X_{tail}" in VOCABULARY:
        return axis_symbol(VOCABULARY[f"X_{tail}"], (head, ""))
    return None


_AXIS_WORDS = {"L": "length", "D": "depth", "H": "height", "W": "width"}


def _meaning_on(symbol: Symbol, size: str) -> str:
    word = _AXIS_WORDS[size]
    if symbol.name == "X":
        return f"{word} of the input map"
    if symbol.name == "X_out":
        return f"{word} of the output map"
    return symbol.meaning.replace("along an axis", f"along the {word}").replace("of an axis", f"of the {word} axis")
