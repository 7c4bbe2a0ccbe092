"""General arithmetic, number by number, with broadcasting: sums, products, comparisons, choices, functions.

Unlike the joining layers of `merge`, which keep the batch first, shapes are aligned at their ends alone, as NumPy does it:
a position embedding of shape (1, L, d), or (L, d), is added to (N, L, d).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symshape.declaration import (
    INPUTS,
    KEEPS_NOTHING,
    POINTWISE,
    Count,
    Dialect,
    Kind,
    Layer,
    Template,
    Work,
)
from symshape.declaration.dialect import Target
from symshape.errors import GraphError, UsageError
from symshape.layers.axes import ATEN, KERAS_OPS, NUMBER, ONE_BY_ONE, broadcast, one_input, sizes_of
from symshape.layers.operations import (
    ADD,
    COMPARE,
    DIVIDE,
    FUNCTIONS,
    LOG_ADD_EXP,
    MULTIPLY,
    PASS,
    POWER,
    REMAINDER,
    UNTOLD,
)
from symshape.written import Number, product

__all__ = ["Arithmetic", "Function"]

# How many operands there are at most.
_OPERANDS: Mapping[str, int] = {
    **dict.fromkeys(("add", "multiply", "maximum", "minimum"), 10**6),
    **dict.fromkeys(("subtract", "divide", "divide and round down", "remainder", "power", "arc tangent"), 2),
    **dict.fromkeys(("equal", "not equal", "less", "less or equal", "greater", "greater or equal"), 2),
    **dict.fromkeys(("and", "or", "exclusive or", "log-add-exp", "copy the sign", "squared difference"), 2),
    **dict.fromkeys(("choose", "multiply and add", "interpolate", "clip"), 3),
}


# What each kind takes, for each number made.
_DONE: Mapping[str, tuple[Kind, ...]] = {
    **dict.fromkeys(("add", "subtract"), (ADD,)),
    "multiply": (MULTIPLY,),
    **dict.fromkeys(("divide", "divide and round down"), (DIVIDE,)),
    "remainder": (REMAINDER,),
    "power": (POWER,),
    **dict.fromkeys(("maximum", "minimum", "equal", "not equal", "less", "less or equal"), (COMPARE,)),
    **dict.fromkeys(("greater", "greater or equal"), (COMPARE,)),
    **dict.fromkeys(("and", "or", "exclusive or", "copy the sign", "choose"), (PASS,)),
    "arc tangent": (UNTOLD,),
    "log-add-exp": (LOG_ADD_EXP,),
    "squared difference": (ADD, MULTIPLY),
    "multiply and add": (MULTIPLY, ADD),
    "interpolate": (ADD, MULTIPLY, ADD),
    "clip": (COMPARE, COMPARE),
}


def _keras(name: str, kind: str, arguments: tuple[str, ...] = ("x1", "x2")) -> Dialect:
    return Dialect(name, dict.fromkeys(arguments, NUMBER), {"kind": kind}, module=KERAS_OPS, arguments=arguments)


def _aten(name: str, kind: str, *operands: str, ignored: Sequence[str] = ()) -> Dialect:
    options: Mapping[str, Target] = {**dict.fromkeys(("self", *operands), NUMBER), **dict.fromkeys(ignored)}
    return Dialect(name, options, {"kind": kind}, module=ATEN)


_KERAS = (
    *(("Add", "add"), ("Subtract", "subtract"), ("Multiply", "multiply"), ("Divide", "divide")),
    *(("TrueDivide", "divide"), ("DivideNoNan", "divide"), ("FloorDivide", "divide and round down")),
    *(("Mod", "remainder"), ("Power", "power"), ("Maximum", "maximum"), ("Minimum", "minimum")),
    *(("Equal", "equal"), ("NotEqual", "not equal"), ("Less", "less"), ("LessEqual", "less or equal")),
    *(("Greater", "greater"), ("GreaterEqual", "greater or equal"), ("LogicalAnd", "and"), ("LogicalOr", "or")),
    *(("LogicalXor", "exclusive or"), ("Arctan2", "arc tangent"), ("Logaddexp", "log-add-exp")),
)
_ATEN = (
    *(("mul", "multiply"), ("div", "divide"), ("true_divide", "divide"), ("floor_divide", "divide and round down")),
    *(("remainder", "remainder"), ("fmod", "remainder"), ("maximum", "maximum"), ("minimum", "minimum")),
    *(("eq", "equal"), ("ne", "not equal"), ("lt", "less"), ("le", "less or equal"), ("gt", "greater")),
    *(("ge", "greater or equal"), ("logical_and", "and"), ("logical_or", "or"), ("logical_xor", "exclusive or")),
    *(("bitwise_and", "and"), ("bitwise_or", "or"), ("bitwise_xor", "exclusive or"), ("atan2", "arc tangent")),
    *(("logaddexp", "log-add-exp"), ("copysign", "copy the sign")),
)


class Arithmetic(Layer):
    """Arrays joined number by number, shapes aligned at their ends, axes of size 1 repeated.

    `kind` is add, subtract, multiply, divide, divide and round down, remainder, power, maximum, minimum, a comparison
    (equal, not equal, less, less or equal, greater, greater or equal), and, or, exclusive or, arc tangent, log-add-exp,
    copy the sign, squared difference, or of three operands choose (where), multiply and add, interpolate, clip. Operands
    that are plain numbers are not connected.

    >>> from symshape.network import Input, Network
    >>> x, y = Input("L", "d"), Input("d", batch="L")
    >>> Network((x, y), Arithmetic("add")(x, y)).derive().output_shape
    (N, L, d)
    """

    kind: str

    example = staticmethod(lambda: (Arithmetic("add"), ("N", "L", 64), ("L", 64)))
    macs = ONE_BY_ONE
    window = POINTWISE
    operations = (
        *(_keras(name, kind) for name, kind in _KERAS),
        *(_aten(name, kind, "other", ignored=("rounding_mode",)) for name, kind in _ATEN),
        *(
            _aten(name, kind, "other", ignored=("alpha",))
            for name, kind in (("add", "add"), ("sub", "subtract"), ("rsub", "subtract"))
        ),
        _keras("Where", "choose", ("condition", "x1", "x2")),
        _aten("pow", "power", "exponent"),
        _aten("where", "choose", "condition", "other"),
        _aten("masked_fill", "choose", "mask", "value"),
        _aten("clamp", "clip", "min", "max"),
        _aten("lerp", "interpolate", "end", "weight"),
        _aten("addcmul", "multiply and add", "tensor1", "tensor2", "value"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind not in _OPERANDS:
            raise UsageError(f"{self.label}: the kind is one of {', '.join(_OPERANDS)}, not {self.kind!r}")

    def template(self, ranks: Sequence[int]) -> Template:
        most = _OPERANDS[self.kind]
        if not 1 <= len(ranks) <= most:
            raise GraphError(
                f"{self.label}: {len(ranks)} inputs are connected, to {self.kind} takes from 1 "
                f"(the others being plain numbers) to {most}"
            )
        takes = tuple(sizes_of(rank, number if len(ranks) > 1 else None) for number, rank in enumerate(ranks, 1))
        made, where = broadcast(takes)
        numbers = product(made)
        times = max(1, len(ranks) - 1) if most > 3 else 1  # of three operands, one kind of work takes all
        counts: dict[str, tuple[Count, ...]] = {
            "macs": (ONE_BY_ONE,),
            "work": tuple(
                Work(kind, product((Number(times), numbers) if times > 1 else (numbers,))) for kind in _DONE[self.kind]
            ),
        }
        if self.kind in ("add", "subtract") or (self.kind == "multiply" and len(ranks) == 1):
            counts["keeps"] = KEEPS_NOTHING
        elif self.kind == "multiply" and len(ranks) == 2:
            counts["keeps"] = (INPUTS,)
        return Template(takes, (made,), where=where, counts=counts)


# -- functions of one number -------------------------------------------------------------------------------------------
# (ours, Keras's class or "", PyTorch's operator or "")
_FUNCTIONS = (
    *(
        ("absolute value", "Absolute", "abs"),
        ("negative", "Negative", "neg"),
        ("reciprocal", "Reciprocal", "reciprocal"),
    ),
    *(("square", "Square", "square"), ("square root", "Sqrt", "sqrt"), ("reciprocal square root", "Rsqrt", "rsqrt")),
    *(("exponential", "Exp", "exp"), ("power of 2", "Exp2", "exp2"), ("exponential minus 1", "Expm1", "expm1")),
    *(("logarithm", "Log", "log"), ("logarithm to base 2", "Log2", "log2"), ("logarithm to base 10", "Log10", "log10")),
    *(("logarithm of 1 plus", "Log1p", "log1p"), ("sine", "Sin", "sin"), ("cosine", "Cos", "cos")),
    *(("tangent", "Tan", "tan"), ("arc sine", "Arcsin", "asin"), ("arc cosine", "Arccos", "acos")),
    *(("arc tangent", "Arctan", "atan"), ("hyperbolic sine", "Sinh", "sinh"), ("hyperbolic cosine", "Cosh", "cosh")),
    *(("hyperbolic tangent", "Tanh", "tanh"), ("error function", "Erf", "erf"), ("sign", "Sign", "sign")),
    *(("round", "Round", "round"), ("round down", "Floor", "floor"), ("round up", "Ceil", "ceil")),
    *(("truncate", "Trunc", "trunc"), ("not", "LogicalNot", "logical_not"), ("is nan", "Isnan", "isnan")),
    *(("is infinite", "Isinf", "isinf"), ("is finite", "Isfinite", "isfinite"), ("limit", "Clip", "")),
    *(("type", "Cast", "_to_copy"), ("copy", "Copy", "clone"), ("no gradient", "StopGradient", "detach")),
    *(
        ("relu", "Relu", "relu"),
        ("relu6", "Relu6", "relu6"),
        ("sigmoid", "Sigmoid", "sigmoid"),
        ("silu", "Silu", "silu"),
    ),
    *(("leaky relu", "LeakyRelu", "leaky_relu"), ("elu", "Elu", "elu"), ("selu", "Selu", ""), ("celu", "Celu", "")),
    *(("gelu", "Gelu", "gelu"), ("softplus", "Softplus", "softplus"), ("softsign", "Softsign", "")),
    *(("hard sigmoid", "HardSigmoid", "hardsigmoid"), ("hard silu", "HardSilu", "hardswish"), ("mish", "", "mish")),
    *(
        ("hard tanh", "HardTanh", "hardtanh"),
        ("log sigmoid", "LogSigmoid", "log_sigmoid"),
        ("zeros", "ZerosLike", "zeros_like"),
    ),
    *(("ones", "OnesLike", "ones_like"), ("lower triangle", "Tril", "tril"), ("upper triangle", "Triu", "triu")),
)
# Those that compute nothing, and the formulas of those that are not activation functions.
_PASSING = frozenset(
    (
        *("absolute value", "negative", "sign", "round", "round down", "round up", "truncate", "not", "is nan"),
        *(
            "is infinite",
            "is finite",
            "type",
            "copy",
            "no gradient",
            "zeros",
            "ones",
            "lower triangle",
            "upper triangle",
        ),
    )
)
_FORMULAS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "reciprocal": ("1/x", ("division",)),
    "square": ("x·x", ("multiplication",)),
    "square root": ("√x", ("power",)),
    "reciprocal square root": ("1/√x", ("power", "division")),
    "power of 2": ("2ˣ", ("exponential",)),
    "exponential minus 1": ("eˣ − 1", ("exponential", "addition")),
    "logarithm": ("ln x", ("logarithm",)),
    "logarithm to base 2": ("log₂ x", ("logarithm",)),
    "logarithm to base 10": ("log₁₀ x", ("logarithm",)),
    "logarithm of 1 plus": ("ln(1 + x)", ("addition", "logarithm")),
    "hyperbolic tangent": ("tanh x", ("tanh",)),
    "error function": ("erf x", ("erf",)),
    "limit": ("min(max(a, x), b)", ("comparison", "comparison")),
}


def _kind(function: str) -> Kind:
    """The kind of work a function is; of those without one, nobody has told the operations."""
    name = function.replace(" ", "_")
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    if function in _PASSING:
        return PASS
    if function in _FORMULAS:
        return Kind(function, "element-wise", *_FORMULAS[function])
    return UNTOLD


_NO_SHAPE = dict.fromkeys(
    (
        *("dtype", "x_min", "x_max", "decimals", "negative_slope", "alpha", "scale", "input_scale", "approximate"),
        *("beta", "threshold", "min_val", "max_val", "layout", "device", "pin_memory", "non_blocking", "memory_format"),
        *("k", "diagonal", "sparse", "ragged"),
    )
)


class Function(Layer):
    """A function of each number, by its name: "exponential", "square root", "gelu" and so on. The shape stays.

    >>> from symshape.network import Input, Sequential
    >>> Sequential(Input("L", "d"), Function("square root")).derive().output_shape
    (N, L, d)
    """

    kind: str

    example = staticmethod(lambda: Function("square root"))
    macs = ONE_BY_ONE
    window = POINTWISE
    operations = (
        *(
            Dialect(keras, _NO_SHAPE, {"kind": kind}, module=KERAS_OPS, arguments=("x",))
            for kind, keras, _ in _FUNCTIONS
            if keras
        ),
        *(Dialect(aten, _NO_SHAPE, {"kind": kind}, module=ATEN) for kind, _, aten in _FUNCTIONS if aten),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        known = [kind for kind, _, _ in _FUNCTIONS]
        if self.kind not in known:
            raise UsageError(f"{self.label}: the function is one of {', '.join(known)}, not {self.kind!r}")

    def template(self, ranks: Sequence[int]) -> Template:
        rank = one_input(self, ranks)
        if self.kind.endswith("triangle") and rank < 2:
            raise GraphError(
                f"{self.label}: the {self.kind} is of inputs of at least 2 dimensions, this one has {rank}"
            )
        taken = sizes_of(rank)
        return Template(
            (taken,), (taken,), counts={"macs": (ONE_BY_ONE,), "work": (Work(_kind(self.kind), product(taken)),)}
        )
