"""The kinds of work that several families of layers do, each with its formula and the elementary operations of that.

x is the number that comes, y the one that goes. Operations are those of the formula as it is written, for one element;
what is worked out once beforehand (1/√2, λ·α) is not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from symshape.declaration import INPUTS, OUTPUTS, Kept, Kind, own
from symshape.declaration.kept import What
from symshape.errors import UsageError
from symshape.written import Written

__all__ = [
    "ADAPTIVE_MEAN",
    "ADD",
    "BIAS",
    "COMPARE",
    "DIVIDE",
    "FUNCTIONS",
    "FUNCTION_LAYERS",
    "GREATEST",
    "INTERPOLATE",
    "KEPT_STATISTICS",
    "LENGTH",
    "LOCAL_RESPONSE",
    "LOG_ADD_EXP",
    "MEAN",
    "MULTIPLY",
    "NAMES",
    "NORM_SCALE",
    "NORM_SHIFT",
    "OWN_STATISTICS",
    "PASS",
    "POWER",
    "POWER_SUM",
    "PRELU",
    "PREPARE",
    "REMAINDER",
    "REPEAT",
    "ROOT",
    "ROOT_MEAN_SQUARE",
    "SUM",
    "UNTOLD",
    "by_outputs",
    "kept_by",
    "named_by",
]

BIAS = Kind("bias", "bias", "y = x + b", ("addition",))

# -- number by number --------------------------------------------------------------------------------------------------
ADD = Kind("addition", "element-wise", "y = x₁ + x₂ or x₁ − x₂", ("addition",))
MULTIPLY = Kind("multiplication", "element-wise", "y = x₁·x₂", ("multiplication",))
DIVIDE = Kind("division", "element-wise", "y = x₁/x₂", ("division",))
COMPARE = Kind("comparison", "element-wise", "y = max(x₁, x₂) or min(x₁, x₂)", ("comparison",))

POWER = Kind("power", "element-wise", "y = x₁^x₂", ("power",))
REMAINDER = Kind("remainder", "element-wise", "y = x₁ − x₂·⌊x₁/x₂⌋", ("division", "multiplication", "addition"))
LOG_ADD_EXP = Kind(
    "log-add-exp",
    "element-wise",
    "y = m + ln(e^(x₁ − m) + e^(x₂ − m)) with m = max(x₁, x₂)",
    ("comparison", *("addition",) * 4, "exponential", "exponential", "logarithm"),
)
PASS = Kind("passing", "element-wise", "chosen, moved, rounded or marked; nothing is computed", ())
UNTOLD = Kind("other function", "element-wise", "a function for which no operations are declared", None)

# -- pooling: for each number that a window sees, and for each window --------------------------------------------------
GREATEST = Kind("greatest of a window", "pooling", "y = max(y, x) for each number in the window", ("comparison",))
SUM = Kind("sum of a window", "pooling", "y = y + x for each number in the window", ("addition",))
POWER_SUM = Kind(
    "sum of powers of a window", "pooling", "y = y + xᵖ for each number in the window", ("power", "addition")
)
MEAN = Kind("division by the window's size", "pooling", "y = x/n", ("division",))
ROOT = Kind("root of a window's sum", "pooling", "y = x^(1/p)", ("power",))
ADAPTIVE_MEAN = Kind(
    "sum over the whole map or windows of given number",
    "adaptive average pooling",
    "y = y + x for each number of the map",
    ("addition",),
)

# -- normalization -----------------------------------------------------------------------------------------------------
KEPT_STATISTICS = Kind(
    "normalization by kept statistics",
    "normalization by kept statistics",
    "y = (x − μ)·(1/σ) with μ and 1/σ known",
    ("addition", "multiplication"),
)
OWN_STATISTICS = Kind(
    "normalization by own statistics",
    "normalization by own statistics",
    "μ = Σx/n, v = Σ(x − μ)²/n, y = (x − μ)·(1/√v)",
    ("addition", "addition", "multiplication", "addition", "multiplication"),
)
NORM_SCALE = Kind("scale of a normalization", "scale of a normalization", "y = γ·x", ("multiplication",))
NORM_SHIFT = Kind("shift of a normalization", "shift of a normalization", "y = x + β", ("addition",))
ROOT_MEAN_SQUARE = Kind(
    "normalization by root mean square",
    "other normalization",
    "v = Σx²/n, y = x·(1/√v)",
    ("multiplication", "addition", "multiplication"),
)
LENGTH = Kind(
    "normalization by length",
    "other normalization",
    "v = Σx², y = x·(1/√v)",
    ("multiplication", "addition", "multiplication"),
)
LOCAL_RESPONSE = Kind(
    "local response normalization",
    "other normalization",
    "y = x/(k + α·s)^β with s = Σx² over neighbouring channels; the sum is apart",
    ("multiplication", "multiplication", "addition", "power", "division"),
)

# -- other sizes: for each number made (REPEAT), or for each number that one is made from (INTERPOLATE) ----------------
REPEAT = Kind("repetition", "repetition", "y = x", ())
INTERPOLATE = Kind("interpolation", "interpolation", "y = y + w·x for each neighbour x", ("multiplication", "addition"))

PREPARE = Kind(
    "preparation of data", "preparation", "images varied, words looked up, numbers encoded: as the data say", None
)


# -- activation functions ----------------------------------------------------------------------------------------------
def _activation(name: str, formula: str, *operations: str) -> Kind:
    return Kind(name, "activation", formula, operations)


_EXP, _LOG, _ADD, _MUL, _DIV, _COMP = (
    "exponential",
    "logarithm",
    "addition",
    "multiplication",
    "division",
    "comparison",
)
_SIGMOID = (_EXP, _ADD, _DIV)

PRELU = _activation("prelu", "max(0, x) + a·min(0, x) with a learned", _COMP, _MUL)

# Functions that leave the shape alone. Not among them: glu, which halves the last axis when it runs, while Keras plans
# for all of it (docs/surprises.md).
_KNOWN = (
    _activation("linear", "x"),
    _activation("relu", "max(0, x)", _COMP),
    _activation("relu6", "min(max(0, x), 6)", _COMP, _COMP),
    _activation("leaky_relu", "max(0, x) + a·min(0, x)", _COMP, _MUL),
    _activation("rrelu", "max(0, x) + a·min(0, x), in use with the mean of the slopes", _COMP, _MUL),
    _activation("elu", "x where positive, α(eˣ − 1) elsewhere", _COMP, _EXP, _ADD, _MUL),
    _activation("selu", "λx where positive, λα(eˣ − 1) elsewhere", _COMP, _EXP, _ADD, _MUL),
    _activation("celu", "x where positive, α(e^(x/α) − 1) elsewhere", _COMP, _DIV, _EXP, _ADD, _MUL),
    _activation("gelu", "(x·½)·(1 + erf(x·(1/√2)))", _MUL, _MUL, "erf", _ADD, _MUL),
    _activation("silu", "x/(1 + e⁻ˣ)", *_SIGMOID),
    _activation("hard_silu", "x·min(max(0, x + 3), 6)·⅙", _ADD, _COMP, _COMP, _MUL, _MUL),
    _activation("mish", "x·tanh(ln(1 + eˣ))", _EXP, _ADD, _LOG, "tanh", _MUL),
    _activation("sigmoid", "1/(1 + e⁻ˣ)", *_SIGMOID),
    _activation("hard_sigmoid", "min(max(0, x + 3), 6)·⅙", _ADD, _COMP, _COMP, _MUL),
    _activation("log_sigmoid", "−ln(1 + e⁻ˣ)", _EXP, _ADD, _LOG),
    _activation("sparse_sigmoid", "min(max(0, (x + 1)·½), 1)", _ADD, _MUL, _COMP, _COMP),
    _activation("tanh", "tanh(x)", "tanh"),
    _activation("hard_tanh", "min(max(−1, x), 1)", _COMP, _COMP),
    _activation("tanh_shrink", "x − tanh(x)", "tanh", _ADD),
    _activation("soft_shrink", "x − λ above λ, x + λ below −λ, 0 between", _COMP, _COMP, _ADD),
    _activation("hard_shrink", "x above λ and below −λ, 0 between", _COMP, _COMP),
    _activation("threshold", "x above a threshold, a fixed value elsewhere", _COMP),
    _activation("softplus", "ln(1 + eˣ)", _EXP, _ADD, _LOG),
    _activation("softsign", "x/(1 + |x|)", _ADD, _DIV),
    _activation("squareplus", "(x + √(x² + b))·½", _MUL, _ADD, "power", _ADD, _MUL),
    _activation("sparse_plus", "(x + 1)²·¼ between −1 and 1, 0 before, x after", _COMP, _COMP, _ADD, _MUL, _MUL),
    _activation("exponential", "eˣ", _EXP),
    Kind("softmax", "softmax", "m = max x, y = e^(x − m)/Σe^(x − m)", (_COMP, _ADD, _EXP, _ADD, _DIV)),
    Kind("log_softmax", "softmax", "m = max x, y = (x − m) − ln Σe^(x − m)", (_COMP, _ADD, _EXP, _ADD, _ADD)),
    Kind("sparsemax", "softmax", "the nearest point among shares; rows are sorted, at a cost that is their own", None),
)
_ALIASES = {"swish": "silu", "hard_swish": "hard_silu"}
# Keras's layers that serve as functions: element-wise, without weights.
FUNCTION_LAYERS = {"ELU": "elu", "LeakyReLU": "leaky_relu", "ReLU": "relu", "Softmax": "softmax"}

_BY_NAME = {kind.name: kind for kind in _KNOWN}
FUNCTIONS: Mapping[str, Kind] = {
    **_BY_NAME,
    **{other: _BY_NAME[name] for other, name in (*_ALIASES.items(), *FUNCTION_LAYERS.items())},
}
# The names under which a model's file may give a function.
NAMES = frozenset(FUNCTIONS) - frozenset(FUNCTION_LAYERS) - {"rrelu"}


# What the gradient of each function needs: the number that came, the one that goes, or neither. Functions not listed
# are made of several steps, and what is kept of those nobody has declared.
_NEEDS: Mapping[str, What] = {
    "linear": "nothing",
    **dict.fromkeys(("relu", "sigmoid", "tanh", "exponential", "softmax", "log_softmax"), "outputs"),
    **dict.fromkeys(("relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "hard_silu", "mish"), "inputs"),
    **dict.fromkeys(("hard_sigmoid", "hard_tanh", "soft_shrink", "hard_shrink", "threshold", "softplus"), "inputs"),
}


def by_outputs(*options: str) -> Callable[[Any], bool]:
    """Whether the gradients of the functions that the options name need what the functions give, and nothing else."""
    return lambda layer: all(_NEEDS.get(named_by(option)(layer).name) == "outputs" for option in options)


def kept_by(option: str, numbers: Written | None = None) -> tuple[Kept, ...]:
    """What the gradient of the function that the option names needs.

    With `numbers`, the function comes last in a layer that does other things first: what comes to it is none of the
    network's tensors, but so many numbers of the layer's own.
    """
    kind = named_by(option)

    def needs(*wanted: What) -> Callable[[Any], bool]:
        return lambda layer: _NEEDS.get(kind(layer).name, "unknown") in wanted

    came = INPUTS if numbers is None else own(numbers, "what comes to the function")
    return (
        replace(came, when=needs("inputs")),
        replace(OUTPUTS, when=needs("outputs")),
        Kept("unknown", reason="what is kept of the function's steps", when=needs("unknown")),
    )


def named_by(option: str) -> Callable[[Any], Kind]:
    """The activation function that the layer's option names; raises `UsageError` for one that nobody declared."""

    def named(layer: Any) -> Kind:
        name = getattr(layer, option)
        if name not in FUNCTIONS:
            raise UsageError(f"{layer.label}: {option} = {name!r} is no known function: {', '.join(sorted(FUNCTIONS))}")
        return FUNCTIONS[name]

    return named
