"""The text form by example, and all forms read back: what is printed means what was written."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symshape.notation import Line, latex, mathml, text, text_aligned
from symshape.written import (
    Add,
    Ceiling,
    Div,
    Each,
    Floor,
    Max,
    Min,
    Mod,
    Mul,
    Neg,
    Number,
    Pow,
    Relation,
    Symbol,
    Written,
    all_of,
    any_of,
    ceiling,
    divides,
    equal,
    floor,
    maximum,
    minimum,
    place,
    symbols,
    written,
)

H, W, K, P, S, C, F, G, N, n = symbols("H W K P S C F G N n")
H_1, H_12, H_out, K_h, K_w, heads, alpha = symbols("H_1 H_12 H_out K_h K_w heads alpha")
NARROW = "\u202f"


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        # every kind of node
        (Number(5), "5"),
        (Number(-5), "−5"),
        (Number(Fraction(3, 4)), "3/4"),
        (H_12, "H₁₂"),
        (H_out, "H_out"),
        (alpha, "α"),
        (H - K + 1, "H − K + 1"),
        (-H, "−H"),
        (H * W, "HW"),
        (H / 2, "H/2"),
        (H % 2, "H mod 2"),
        (H**2, "H²"),
        (floor(H / 2), "⌊H/2⌋"),
        (ceiling(H / 32), "⌈H/32⌉"),
        (minimum(H, W), "min(H, W)"),
        (maximum(H, 1), "max(H, 1)"),
        (Each(K), "∏K"),
        (divides(16, H), "16 ∣ H"),
        (equal(H, W), "H = W"),
        (Relation("!=", H, W), "H ≠ W"),
        (H >= 16, "H ≥ 16"),
        (H <= 16, "H ≤ 16"),
        (H > 16, "H > 16"),
        (H < 16, "H < 16"),
        (any_of(equal(H, 1), H > 3), "H = 1 or H > 3"),
        (all_of(equal(H, W), H > 3), "H = W and H > 3"),
        # formulas of the field
        (floor((H + 2 * P - K) / S) + 1, "⌊(H + 2P − K)/S⌋ + 1"),
        (1920 * (H // 4 - 3) * (W // 4 - 3) + 14958, f"1920(⌊H/4⌋ − 3)(⌊W/4⌋ − 3) + 14{NARROW}958"),
        (N * H_1 * F, "NH₁F"),
        (N * H_out * F * K_h * K_w * C / G, "N·H_out·F·K_h·K_w·C/G"),
        (8 * maximum(1, (K + 4) // 8), "8·max(1, ⌊(K + 4)/8⌋)"),
        (ceiling(H / Pow(Number(2), n)), "⌈H/2ⁿ⌉"),
        # numbers
        (Number(9999), "9999"),
        (Number(10000), f"10{NARROW}000"),
        (Number(4089184256), f"4{NARROW}089{NARROW}184{NARROW}256"),
        # how factors meet
        (written(2) * 0, "2·0"),
        (H * 2, "H·2"),
        (2 * heads * H, "2·heads·H"),
        ((H - 1) * W, "(H − 1)W"),
        (H * (W - 1), "H(W − 1)"),
        (H * -3, "H·(−3)"),
        (written(-3) * H, "−3H"),
        (written(2) * -H, "2·(−H)"),
        (written(Fraction(1, 2)) * H, "(1/2)H"),
        (written(Fraction(-1, 2)) * H, "−(1/2)H"),
        (Mul((Number(2), Mul((Number(3), H)))), "2·3H"),
        # brackets
        (place(H_1 - K, {"H_1": H - 4}), "(H − 4) − K"),
        (H - (K - 1), "H − (K − 1)"),
        (H - (-3), "H − (−3)"),
        (Neg(-H), "−(−H)"),
        (-(H + 1), "−(H + 1)"),
        (-(H % 2), "−(H mod 2)"),
        (H + H % 2, "H + (H mod 2)"),
        ((H + 1) % 2, "(H + 1) mod 2"),
        (H / (2 * S), "H/(2S)"),
        (H / (W / K), "H/(W/K)"),
        (H / W / K, "(H/W)/K"),
        ((H / 2) * W, "(H/2)W"),
        ((H / 2) ** 2, "(H/2)²"),
        ((-H) ** 2, "(−H)²"),
        ((H**2) ** n, "(H²)ⁿ"),
        (F * Each(K), "F(∏K)"),
        (any_of(all_of(H > 1, W > 1), equal(H, 1)), "(H > 1 and W > 1) or H = 1"),
        # powers without superscript characters
        (H**-2, "H⁻²"),
        (H ** (n - 1), "Hⁿ⁻¹"),
        (H**K * W, "H^K·W"),
        (H ** (2 * n) * W, "H^(2n)·W"),
        # congruences only where they say the same
        (equal(H % 16, 12), "H ≡ 12 (mod 16)"),
        (equal((H + 4) % S, 0), "H + 4 ≡ 0 (mod S)"),
        (equal(H % 16, 20), "H mod 16 = 20"),
        (equal(H % S, 1), "H mod S = 1"),
        # sums and products of one term or none
        (Add(()), "0"),
        (Mul(()), "1"),
        (any_of(), "never"),
        (all_of(), "always"),
        (Mul((Add((H,)), W)), "HW"),
    ],
)
def test_example(node: Written, expected: str) -> None:
    assert text(node) == expected


def test_hostile_names_stay_on_the_line() -> None:
    assert text(Symbol("a\x1b[2J\nb")) == "a␛[2J b"


def test_aligned() -> None:
    lines = [
        Line(H_1, "=", floor((H - K) / S) + 1),
        Line(None, "==", H - 4, ("at ", equal(H, 32), ": ", Number(28))),
        Line(H, ">=", Number(4), "by the way"),
    ]
    assert text_aligned(lines).splitlines() == [
        "H₁ = ⌊(H − K)/S⌋ + 1",
        "   = H − 4             at H = 32: 28",
        " H ≥ 4                 by the way",
    ]
    assert text_aligned([]) == ""


# -- reading back -------------------------------------------------------------------------------------------------
NAMES = {"H": 7, "W": -5, "K": 3, "n": 2, "H_1": 11, "H_out": 13, "K_h": 17, "heads": 4}
VALUES = {name: Fraction(value) for name, value in NAMES.items()}

numbers = st.integers(-12, 12) | st.integers(9990, 10010) | st.fractions(-3, 3, max_denominator=5)
leaves = numbers.map(Number) | st.sampled_from([Symbol(name) for name in VALUES])
exponents = st.sampled_from([written(k) for k in (0, 1, 2, -2, Neg(Number(1)), n, K, n + 1, 1 - n, -n, 2 * n, n // 2)])


def larger(parts: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.lists(parts | parts.map(Neg), min_size=1, max_size=3).map(tuple).map(Add),
        st.lists(parts, min_size=1, max_size=3).map(tuple).map(Mul),
        st.builds(Div, parts, parts),
        st.builds(Mod, parts, parts),
        st.builds(Pow, parts, exponents),
        *(parts.map(kind) for kind in (Neg, Floor, Ceiling)),
        *(several.map(kind) for kind in (Min, Max)),
    )


trees = st.recursive(leaves, larger, max_leaves=10)

MEANINGS: dict[type[Written], Callable[..., Any]] = {
    Add: lambda *terms: sum(terms, Fraction(0)),
    Mul: lambda *factors: math.prod(factors, start=Fraction(1)),
    Neg: operator.neg,
    Div: operator.truediv,
    Mod: operator.mod,
    Pow: operator.pow,
    Floor: lambda value: Fraction(math.floor(value)),
    Ceiling: lambda value: Fraction(math.ceil(value)),
    Min: min,
    Max: max,
}


def value(node: Written) -> Fraction:
    """What a tree means."""
    if isinstance(node, Number):
        return Fraction(node.value)
    if isinstance(node, Symbol):
        return VALUES[node.name]
    return Fraction(MEANINGS[type(node)](*map(value, node.parts())))


def meant(tree: Written) -> Fraction:
    try:
        return value(tree)
    except ZeroDivisionError:
        assume(False)
        raise


PYTHON: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {"floor": math.floor, "ceiling": math.ceil, "min": min, "max": max}


def python(node: ast.AST) -> Fraction:
    """What Python would make of an expression, with exact numbers."""
    match node:
        case ast.Constant(value=int(number)):
            return Fraction(number)
        case ast.Name(id=name):
            return VALUES[name]
        case ast.UnaryOp(op=op, operand=operand):
            return Fraction(PYTHON[type(op)](python(operand)))
        case ast.BinOp(left=left, op=op, right=right):
            return Fraction(PYTHON[type(op)](python(left), python(right)))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return Fraction(FUNCTIONS[name](*map(python, arguments)))
    raise SyntaxError(ast.dump(node))


TOKENS = re.compile(
    rf" *(?:(?P<number>\d+(?:{NARROW}\d+)*)|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ⁺⁻]+)|(?P<word>min|max|mod)"
    r"|(?P<name>heads|H_out|K_h|H₁|[A-Za-z])|(?P<sign>.)) *"
)
LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ⁺⁻", "0123456789n+−")
CLOSING = {"(": ")", "⌊": "⌋", "⌈": "⌉"}
FENCES: dict[str, Callable[[Fraction], Fraction | int]] = {"(": Fraction, "⌊": math.floor, "⌈": math.ceil}


class Reader:
    """The value of a formula in the text form, read by rules so narrow that nothing can be taken in two ways."""

    def __init__(self, formula: str) -> None:
        assert NARROW not in re.sub(rf"(?<=\d){NARROW}(?=\d{{3}}(?!\d))", "", formula)
        tokens = [(match.lastgroup or "", match.group().strip(" ")) for match in TOKENS.finditer(formula)]
        self.tokens = [*tokens, ("end", "")]

    @property
    def next(self) -> str:
        return self.tokens[0][1]

    def take(self, *expected: str) -> str:
        assert not expected or self.next in expected, (self.next, expected)
        return self.tokens.pop(0)[1]

    def whole(self) -> Fraction:
        result = self.remainder()
        self.take("")
        return result

    def remainder(self) -> Fraction:
        """A sum, or the remainder of a product: never the remainder of a sum without brackets."""
        signed = self.next == "−"
        result, terms = self.sum()
        if self.next != "mod":
            return result
        assert terms == 1
        assert not signed
        self.take()
        return result % self.product()

    def sum(self) -> tuple[Fraction, int]:
        result, terms = Fraction(0), 0
        while terms == 0 or self.next in ("+", "−"):
            sign = self.take("+", "−") if self.next == "−" or terms else "+"
            term = self.quotient()
            result, terms = (result + term if sign == "+" else result - term), terms + 1
        return result, terms

    def quotient(self) -> Fraction:
        """A product, or one quotient: what follows it is no more factor."""
        result = self.product()
        if self.next != "/":
            return result
        self.take()
        return result / self.power()

    def product(self) -> Fraction:
        result = self.power()
        while self.next == "·" or self.tokens[0][0] in ("number", "name") or self.next in ("min", "max", *CLOSING):
            dotted = self.next == "·"
            if dotted:
                self.take()
            assert dotted or self.tokens[0][0] != "number", "two numbers side by side"
            result *= self.power()
        return result

    def power(self) -> Fraction:
        base = self.atom()
        if self.tokens[0][0] == "raised":
            return Fraction(base ** Reader(self.take().translate(LOWERED)).whole())
        if self.next == "^":
            self.take()
            return Fraction(base ** self.atom())
        return base

    def atom(self) -> Fraction:
        kind, token = self.tokens.pop(0)
        if kind == "number":
            return Fraction(token.replace(NARROW, ""))
        if kind == "name":
            return VALUES[token.replace("₁", "_1")]
        if kind == "word":
            self.take("(")
            arguments = [self.remainder()]
            while self.take(",", ")") == ",":
                arguments.append(self.remainder())
            return Fraction(FUNCTIONS[token](arguments))
        result = self.remainder()
        self.take(CLOSING[token])
        return Fraction(FENCES[token](result))


def unclosed(formula: str) -> list[str]:
    """The braces and growing brackets of LaTeX that have no partner."""
    partner = {"}": "{", r"\right)": r"\left(", r"\right\rfloor": r"\left\lfloor", r"\right\rceil": r"\left\lceil"}
    stack: list[str] = []
    for bracket in re.findall(r"[{}]|\\(?:left|right)(?:[()]|\\[a-z]+)", formula):
        if stack and stack[-1] == partner.get(bracket):
            stack.pop()
        else:
            stack.append(bracket)
    return stack


def from_latex(formula: str) -> str:
    """LaTeX as text, with brackets where it has braces."""
    for command, plain in {
        r"\left": "",
        r"\right": "",
        r"\!": "",
        r"\lfloor": "⌊",
        r"\rfloor": "⌋",
        r"\lceil": "⌈",
        r"\rceil": "⌉",
        r"\cdot": "·",
        r"\bmod": "mod",
        r"\min": "min",
        r"\max": "max",
        r"_{\mathrm{out}}": "_out",
        r"\mathrm{heads}": "heads",
        "H_1": "H₁",
        "-": "−",
    }.items():
        formula = formula.replace(command, plain)
    formula = re.sub(r"(?<=\d)\\,(?=\d)", NARROW, formula).replace(r"\,", "·")
    while (plain := re.sub(r"\^\{([^{}]*)\}", r"^(\1)", formula)) != formula or (
        plain := re.sub(r"\\t?frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", formula)
    ) != formula:
        formula = plain
    assert not re.search(r"[\\{}]", formula)
    return formula


def from_mathml(element: ElementTree.Element) -> str:
    """MathML as text, with brackets where it has structure."""
    match element.tag.rpartition("}")[2], [from_mathml(child) for child in element]:
        case "mfrac", [top, bottom]:
            return f"(({top})/({bottom}))"
        case "msub", [base, below]:
            return "H₁" if below == "1" else f"{base}_{below}"
        case "msup", [base, above]:
            return f"{base}^({above})"
        case "msubsup", [base, below, above]:
            return f"{'H₁' if below == '1' else f'{base}_{below}'}^({above})"
        case "mo", _ if element.text == "\u2062":
            return "·" if element.get("rspace") else ""
        case "mo", _ if element.text == "\u2061":
            return ""
        case _, parts:
            assert not re.search("m(frac|su.|subsup|table)$", element.tag)
            return (element.text or "") + "".join(parts)


many = settings(max_examples=300, deadline=None)


@many
@given(trees)
def test_plain_form_is_python(tree: Written) -> None:
    assert meant(tree) == python(ast.parse(str(tree), mode="eval").body)


@many
@given(trees)
def test_text_means_what_was_written(tree: Written) -> None:
    assert meant(tree) == Reader(text(tree)).whole()


@many
@given(trees)
def test_latex_means_what_was_written(tree: Written) -> None:
    assert not unclosed(latex(tree))
    assert meant(tree) == Reader(from_latex(latex(tree))).whole()


@many
@given(trees)
def test_mathml_means_what_was_written(tree: Written) -> None:
    assert meant(tree) == Reader(from_mathml(ElementTree.fromstring(mathml(tree)))).whole()
