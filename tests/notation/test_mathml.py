"""MathML by example; `test_text` reads random formulas back."""

from __future__ import annotations

from fractions import Fraction
from xml.etree import ElementTree

import pytest

from symshape.notation import MATHML_STYLE, Line, mathml, mathml_aligned, mathml_row
from symshape.written import (
    Each,
    Number,
    Symbol,
    Written,
    any_of,
    ceiling,
    divides,
    equal,
    floor,
    minimum,
    symbols,
    written,
)

H, W, K, S, C, F, n = symbols("H W K S C F n")
H_1, H_out, d_model_2, heads, alpha = symbols("H_1 H_out d_model_2 heads alpha")
MATH = 'math xmlns="http://www.w3.org/1998/Math/MathML"'

A, B = "<mi>H</mi>", "<mi>W</mi>"
COMMA = '<mo separator="true">,</mo>'
TIMES = "<mo>&#x2062;</mo>"
HALF = "<mfrac><mi>H</mi><mn>2</mn></mfrac>"


def row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def fence(opening: str, body: str, closing: str, *, stretchy: str = "true") -> str:
    before, after = (f'<mo form="{form}" stretchy="{stretchy}">' for form in ("prefix", "postfix"))
    return row(before, opening, "</mo>", body, after, closing, "</mo>")


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        # every kind of node
        (Number(62958), "<mn>62\u202f958</mn>"),
        (Number(-5), row('<mo form="prefix">−</mo>', "<mn>5</mn>")),
        (Number(Fraction(1, 2)), '<mfrac displaystyle="false"><mn>1</mn><mn>2</mn></mfrac>'),
        (H - W, row(A, "<mo>−</mo>", B)),
        (-H, row('<mo form="prefix">−</mo>', A)),
        (2 * H, row("<mn>2</mn>", TIMES, A)),
        (H * 2, row(A, "<mo>·</mo>", "<mn>2</mn>")),
        (H / 2, HALF),
        (H % 2, row(A, '<mo lspace="0.2222em" rspace="0.2222em">mod</mo>', "<mn>2</mn>")),
        (H ** (n - 1), f"<msup>{A}{row('<mi>n</mi>', '<mo>−</mo>', '<mn>1</mn>')}</msup>"),
        (floor(H / 2), fence("⌊", HALF, "⌋")),
        (ceiling(H), fence("⌈", A, "⌉", stretchy="false")),
        (
            minimum(H, W),
            row(
                "<mi>min</mi><mo>&#x2061;</mo>",
                fence("(", row(A, COMMA, B), ")", stretchy="false"),
            ),
        ),
        (Each(K), row('<mo form="prefix" largeop="false">∏</mo>', "<mi>K</mi>")),
        (divides(16, H), row("<mn>16</mn>", '<mo lspace="0.2778em" rspace="0.2778em" stretchy="false">∣</mo>', A)),
        (H < 3, row(A, "<mo>&lt;</mo>", "<mn>3</mn>")),
        (H >= 3, row(A, "<mo>≥</mo>", "<mn>3</mn>")),
        (
            any_of(equal(H, 1), equal(W, 1)),
            row(
                row(A, "<mo>=</mo>", "<mn>1</mn>"), "<mtext>&#xA0;or&#xA0;</mtext>", row(B, "<mo>=</mo>", "<mn>1</mn>")
            ),
        ),
        (
            equal(H % 16, 12),
            row(
                A,
                "<mo>≡</mo>",
                "<mn>12</mn>",
                '<mspace width="0.5em"/>',
                fence("(", '<mi>mod</mi><mspace width="0.3333em"/><mn>16</mn>', ")", stretchy="false"),
            ),
        ),
        # names
        (H_1, f"<msub>{A}<mn>1</mn></msub>"),
        (H_out, f"<msub>{A}<mi>out</mi></msub>"),
        (d_model_2, f"<msub><mi>d</mi>{row('<mi>model</mi>', COMMA, '<mn>2</mn>')}</msub>"),
        (heads, "<mi>heads</mi>"),
        (alpha, "<mi>α</mi>"),
        (Symbol("a<b>&\x1b"), "<mi>a&lt;b&gt;&amp;␛</mi>"),
        (H_1**2, f"<msubsup>{A}<mn>1</mn><mn>2</mn></msubsup>"),
        # sizes
        ((H / 2) ** 2, f"<msup>{fence('(', HALF, ')')}<mn>2</mn></msup>"),
        ((H - 4) * W, row(fence("(", row(A, "<mo>−</mo>", "<mn>4</mn>"), ")", stretchy="false"), TIMES, B)),
        (
            2 * floor(H / 2),
            row("<mn>2</mn>", TIMES, fence("⌊", HALF.replace("mfrac>", 'mfrac displaystyle="false">', 1), "⌋")),
        ),
        (F * H_out, row("<mi>F</mi>", '<mo rspace="0.1667em">&#x2062;</mo>', f"<msub>{A}<mi>out</mi></msub>")),
        (written(2) * 0, row("<mn>2</mn>", "<mo>·</mo>", "<mn>0</mn>")),
    ],
)
def test_example(node: Written, expected: str) -> None:
    assert mathml_row(node) == expected
    assert mathml(node) == f'<{MATH} display="inline">{expected}</math>'
    ElementTree.fromstring(mathml(node, "block"))


def test_aligned() -> None:
    lines = [
        Line(H_1, "=", H / 2),
        Line(None, "==", H, ("at ", equal(H, 32), ": <b>")),
    ]
    assert mathml_aligned(lines) == "".join(
        [
            f'<{MATH} display="block">',
            '<mtable class="derivation" columnalign="right left left" displaystyle="true">',
            f'<mtr><mtd><msub>{A}<mn>1</mn></msub></mtd><mtd><mo form="infix">=</mo>{HALF}</mtd><mtd></mtd></mtr>',
            f'<mtr><mtd></mtd><mtd><mo form="infix">=</mo>{A}</mtd>',
            f"<mtd><mtext>at&#xA0;</mtext>{row(A, '<mo>=</mo>', '<mn>32</mn>')}",
            "<mtext>:&#xA0;&lt;b&gt;</mtext></mtd></mtr>",
            "</mtable></math>",
        ]
    )
    ElementTree.fromstring(mathml_aligned(lines))


def test_style_speaks_of_the_table() -> None:
    assert "mtable.derivation" in MATHML_STYLE
