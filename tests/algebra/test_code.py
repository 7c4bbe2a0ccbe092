"""Exact Python: the code computes the value, refuses what is no integer, and is plain text."""

from __future__ import annotations

import ast
import timeit
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symshape.algebra.code import function, python_source
from symshape.algebra.evaluate import value_of
from symshape.algebra.exponential import exponential
from symshape.algebra.extrema import max_of, min_of
from symshape.algebra.floors import ceil_div, floor_div
from symshape.algebra.poly import Value, canonical, divide, name
from symshape.algebra.summation import summation
from symshape.errors import ConditionError, DivisionByZero, Undecided, UnknownName, UsageError
from symshape.written import Written

from .strategies import NAMES, formulas, meaning, polynomials, quotients, sizes_of

H, W, C, G, S, n = map(name, "HWCGSn")


@settings(max_examples=200)
@given(formulas(10), st.lists(sizes_of(10**6), min_size=3, max_size=3))
def test_the_code_computes_the_value(tree: Written, points: list[dict[str, int]]) -> None:
    code = function(value_of(tree), NAMES)
    for sizes in points:
        result = code(**sizes)
        assert type(result) is int
        assert result == meaning(tree, sizes)


@settings(max_examples=100)
@given(quotients(), st.lists(sizes_of(12), min_size=3, max_size=3))
def test_a_quotient_is_exact_or_an_error(tree: Written, points: list[dict[str, int]]) -> None:
    try:
        value = value_of(tree)
    except Undecided:  # a sum in a denominator
        return
    code = function(value, NAMES)
    for sizes in points:
        expected = meaning(tree, sizes)
        if expected.denominator == 1:
            assert code(**sizes) == expected
        else:
            with pytest.raises(ConditionError, match="is not an integer for these sizes"):
                code(**sizes)


@settings(max_examples=50)
@given(polynomials(NAMES, terms=10), sizes_of())
def test_products_and_horner(value: Value, sizes: dict[str, int]) -> None:
    factored, expanded = function(value, NAMES), function(canonical(value + 1), NAMES)
    assert factored(**sizes) + 1 == expanded(**sizes)


def test_source_is_readable() -> None:
    half = ceil_div(H, 2)
    assert python_source(600 * (H - 4) * (W - 4), ["H", "W"]) == ("def value(H, W):\n    return 600*(H - 4)*(W - 4)")
    assert python_source(3 * H**3 - 2 * H + 7, ["H"]) == "def value(H):\n    return H*(3*H*H - 2) + 7"
    assert python_source(max_of(H - 3, 0) + min_of(half, 9), ["H"]) == (
        "def value(H):\n    return min(9, (H + 1)//2) + max(H - 3, 0)"
    )
    assert python_source(floor_div(half * 3, 4) * half, ["H"]) == (
        "def value(H):\n    f1 = (H + 1)//2\n    return f1*((3*f1)//4)"
    )
    assert python_source(ceil_div(H, exponential(2, n)), ["H", "n"]) == (
        "def value(H, n):\n    return (H - 1)//(1 << n) + 1"
    )
    assert python_source(7, []) == "def value():\n    return 7"
    assert python_source(-H, ["H"]) == "def value(H):\n    return -H"
    assert python_source(-floor_div(H, 2), ["H"]) == "def value(H):\n    return -(H//2)"
    assert python_source(W - floor_div(H, 2), ["H", "W"]) == "def value(H, W):\n    return -(H//2) + W"


def test_a_quotient_says_what_failed() -> None:
    source = python_source(divide(C, G), ["C", "G"])
    assert source.startswith("from symshape.errors import ConditionError\n\n\ndef value(C, G):\n")
    assert "divmod(C, G)" in source
    with pytest.raises(ConditionError, match="C/G is not an integer for these sizes"):
        function(divide(C, G), ["C", "G"])(10, 4)
    scope: dict[str, object] = {}
    exec(source, scope)  # noqa: S102 - what a user would do with it
    assert scope["value"](12, 4) == 3  # type: ignore[operator]
    assert function(summation(n, "n", 1, n), ["n"])(10) == 55
    with pytest.raises(ConditionError):
        function(Fraction(1, 2), [])()


def test_fractions_inside_extrema_and_floors_are_exact() -> None:
    value = 6 * max_of(divide(H, 2), divide(W, 3)) + floor_div(max_of(divide(H, 2), divide(C, G)) * 3, 4)
    code = function(value, ["H", "W", "C", "G"])
    for h in range(1, 9):
        for w in range(1, 9):
            greatest = max(Fraction(h, 2), Fraction(5, w))
            assert code(h, w, 5, w) == 6 * max(Fraction(h, 2), Fraction(w, 3)) + greatest * 3 // 4


def test_rational_arguments() -> None:
    alpha = name("alpha", integral=False)
    code = function(floor_div(alpha * C + 4, 8) * 8, ["alpha", "C"])
    assert code(Fraction(3, 4), 32) == 24
    assert function(alpha * C, ["alpha", "C"])(Fraction(3, 4), 32) == 24
    with pytest.raises(ConditionError):
        function(alpha * C, ["alpha", "C"])(Fraction(3, 4), 33)


def test_divisors_of_open_sign_are_guarded() -> None:
    value = floor_div(H, S - 3)
    code = function(value, ["H", "S"])
    assert code(10, 6) == 3
    for stride in (1, 3):
        with pytest.raises(DivisionByZero, match="a divisor is positive"):
            code(10, stride)
    assert "DivisionByZero" not in python_source(floor_div(H, S), ["H", "S"])


@pytest.mark.parametrize(
    "hostile",
    [
        "H W",
        "class",
        "None",
        "1st",
        "höhe",
        "a=1):\n    import os\ndef f(b",
        "__import__",
        "max",
        "min",
        "·t",
        "",
        "_q",
    ],
)
def test_any_name_is_safe(hostile: str) -> None:
    value = name(hostile) * 2 + max_of(H - 3, 0) + divide(name(hostile), 3)
    source = python_source(value, ["H", hostile])
    (definition,) = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    assert [arg.arg for arg in definition.args.args] == ["H", "x1"]
    assert function(value, ["H", hostile])(5, 3) == 9


def test_names_do_not_collide() -> None:
    f1, x1, strange = name("f1"), name("x1"), name("not plain")
    half = ceil_div(f1, 2)
    value = half * floor_div(3 * half + x1, 4) + strange
    source = python_source(value, ["f1", "x1", "not plain"])
    assert source.startswith("def value(f1, x1, x2):\n    f2 = ")
    assert function(value, ["f1", "x1", "not plain"])(5, 6, 7) == 3 * ((9 + 6) // 4) + 7


def test_refusals() -> None:
    with pytest.raises(UnknownName, match="depends on W"):
        function(H * W, ["H"])
    with pytest.raises(UsageError, match="named twice"):
        function(H, ["H", "H"])
    assert function(H, ["W", "H"])(1, 2) == 2  # more arguments than symbols


def test_only_whitelisted_syntax_is_generated() -> None:
    half = ceil_div(H, 2)
    value = max_of(divide(half * 3, G), min_of(W, exponential(3, n))) * floor_div(half, S - 1) + H**5 - W**2
    allowed = {
        *(ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Return, ast.If, ast.Raise, ast.Tuple),
        *(ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.ImportFrom, ast.alias),
        *(ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Pow, ast.LShift, ast.USub, ast.LtE, ast.Load, ast.Store),
    }
    assert {type(node) for node in ast.walk(ast.parse(python_source(value, ["H", "W", "S", "G", "n"])))} <= allowed


def test_many_terms_compile() -> None:
    value: Value = 0
    for i in range(3000):
        value = value + (i + 2) * name(f"a{i % 60}") * name(f"b{i // 60}")
    names = [f"a{i}" for i in range(60)] + [f"b{i}" for i in range(50)]
    assert function(value, names)(*[1] * 110) == sum(range(2, 3002))
    power = function(sum((H**i for i in range(1, 300)), start=H), ["H"])
    assert power(1) == 300


def resnet_50() -> Value:
    total: Value = 2048000
    h, w = H, W
    for factor in (9408, 245760, 1310720, 7471104, 14417920):
        h, w = ceil_div(h, 2), ceil_div(w, 2)
        total = total + factor * h * w
    return total


def test_resnet_50() -> None:
    code = function(resnet_50(), ["H", "W"])
    assert code(224, 224) == 4089184256
    far = 2**24 + 1  # the sum is beyond 64 bits
    factors = (9408, 245760, 1310720, 7471104, 14417920)
    expected = 2048000 + sum(factor * (far // 2**k + 1) ** 2 for k, factor in enumerate(factors, 1))
    assert code(far, far) == expected > 2**64
    assert min(timeit.repeat(lambda: code(225, 231), number=1000, repeat=20)) / 1000 < 5e-6  # aimed at 1 µs
