"""LaTeX by example; `test_text` reads random formulas back."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from symshape.notation import Line, escape_latex, latex, latex_aligned
from symshape.written import (
    Each,
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
    symbols,
    written,
)

H, W, K, P, S, C, G, N, n = symbols("H W K P S C G N n")
H_1, H_12, H_out, K_h, K_w, d_model, heads, alpha, beta_1 = symbols("H_1 H_12 H_out K_h K_w d_model heads alpha beta_1")
BAR = Symbol("Hbar", latex=r"\bar H^*")

EXAMPLES: list[tuple[Written, str]] = [
    # every kind of node
    (Number(5), "5"),
    (Number(-5), "-5"),
    (Number(Fraction(-3, 4)), r"-\tfrac{3}{4}"),
    (H - K + 1, "H - K + 1"),
    (-H, "-H"),
    (H * W, "HW"),
    (H / 2, r"\frac{H}{2}"),
    (H % 2, r"H \bmod 2"),
    (H**2, "H^2"),
    (H ** (n - 1), "H^{n - 1}"),
    (floor(H), r"\left\lfloor H\right\rfloor"),
    (ceiling(H / 32), r"\left\lceil\frac{H}{32}\right\rceil"),
    (minimum(H, W), r"\min(H, W)"),
    (maximum(H / 2, 1), r"\max\!\left(\frac{H}{2}, 1\right)"),
    (maximum(H // 2, 1), r"\max\!\left(\left\lfloor\frac{H}{2}\right\rfloor\!, 1\right)"),
    (Each(K), r"{\textstyle\prod} K"),
    (divides(16, H), r"16 \mid H"),
    (equal(H, W), "H = W"),
    (Relation("!=", H, W), r"H \ne W"),
    (H >= 16, r"H \ge 16"),
    (H <= 16, r"H \le 16"),
    (H > 16, "H > 16"),
    (H < 16, "H < 16"),
    (any_of(equal(H, 1), H > 3), r"H = 1 \text{ or } H > 3"),
    (all_of(equal(H, W), H > 3), r"H = W \text{ and } H > 3"),
    (equal((H + 4) % 16, 12), r"H + 4 \equiv 12 \pmod{16}"),
    (equal(H % S, 1), r"H \bmod S = 1"),
    # names
    (H_1, "H_1"),
    (H_12, "H_{12}"),
    (K_h, "K_h"),
    (H_out, r"H_{\mathrm{out}}"),
    (d_model, r"d_{\mathrm{model}}"),
    (Symbol("d_model_2"), r"d_{\mathrm{model},2}"),
    (heads, r"\mathrm{heads}"),
    (alpha * H * beta_1, r"\alpha H\beta_1"),
    (Symbol("Delta_epsilon"), r"\Delta_{\varepsilon}"),
    (BAR, r"\bar H^*"),
    (BAR**2, r"(\bar H^*)^2"),
    (Symbol("_x"), r"\mathrm{\_x}"),
    (Symbol(r"}\input{x}$"), r"\text{\}\textbackslash{}input\{x\}\$}"),
    # numbers
    (Number(9999), "9999"),
    (Number(62958), r"62\,958"),
    (Number(4089184256), r"4\,089\,184\,256"),
    # how factors meet
    (written(2) * 0, r"2 \cdot 0"),
    (2 * heads * H, r"2 \cdot \mathrm{heads} \cdot H"),
    (N * H_out * K_h * K_w * C, r"N\,H_{\mathrm{out}}\,K_h\,K_w\,C"),
    (N * (C / G), r"N\,\frac{C}{G}"),
    (H * -3, r"H \cdot (-3)"),
    (written(Fraction(1, 2)) * H, r"\tfrac{1}{2}\,H"),
    (Pow(Number(2), n) * H, "2^nH"),
    # brackets and sizes
    (600 * (H - 4) * (W - 4), "600(H - 4)(W - 4)"),
    ((H / 2) ** 2, r"\left(\frac{H}{2}\right)^2"),
    ((-H) ** Neg(Number(2)), "(-H)^{-2}"),
    (floor((H + 2 * P - K) / S) + 1, r"\left\lfloor\frac{H + 2P - K}{S}\right\rfloor + 1"),
    (
        1920 * (H // 4 - 3) + 14958,
        r"1920\left(\left\lfloor\tfrac{H}{4}\right\rfloor - 3\right) + 14\,958",
    ),
]
LINES = [
    Line(H_1, "=", floor((H - K) / S) + 1),
    Line(None, "==", H - 4, ("at ", equal(H, 32), ": ", Number(28))),
    Line(H, ">=", Number(4), "50% & more"),
]


@pytest.mark.parametrize(("node", "expected"), EXAMPLES)
def test_example(node: Written, expected: str) -> None:
    assert latex(node) == expected


def test_what_github_refuses_is_absent() -> None:
    everything = "".join(latex(node) for node, _ in EXAMPLES)
    assert r"\operatorname" not in everything
    assert "|" not in everything


def test_aligned() -> None:
    assert latex_aligned(LINES) == "\n".join(
        [
            r"\begin{aligned}",
            r"H_1 &= \left\lfloor\frac{H - K}{S}\right\rfloor + 1 \\",
            r"&= H - 4 && \text{at }H = 32\text{: }28 \\",
            r"H &\ge 4 && \text{50\% \& more}",
            r"\end{aligned}",
        ]
    )


@pytest.mark.rendering
def test_pdflatex_sets_everything(tmp_path: Path) -> None:
    printable = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x2010, 0x2100)]))
    names = ["\\input{/etc/passwd}", "[x", "*", "a\n\nb", "層 \x1b[2J", "≥⌊α⌋₁ⁿ", "{}$&#%_^~", "--", "\\\\", printable]
    body = [
        *(rf"\[{latex(node)}\]" for node, _ in EXAMPLES),
        rf"\[{latex_aligned(LINES)}\]",
        r"\begin{tabular}{p{0.9\textwidth}}x \\",
        *(rf"{escape_latex(name)} \\" for name in names),
        r"\end{tabular}",
    ]
    preamble = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\usepackage{amsmath}"
    source = "\n".join([preamble, r"\begin{document}", *body, r"\end{document}", ""])
    (tmp_path / "sheet.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "sheet.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert run.returncode == 0, run.stdout
    assert "LaTeX Warning: Command" not in run.stdout  # a character that only a fallback could print
