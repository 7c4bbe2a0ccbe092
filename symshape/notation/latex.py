r"""LaTeX for use inside math: GitHub's Markdown, and pdflatex or lualatex with amsmath.

    >>> from symshape.written import floor, symbols
    >>> H, K, P, S = symbols("H K P S")
    >>> print(latex(floor((H + 2*P - K)/S) + 1))
    \left\lfloor\frac{H + 2P - K}{S}\right\rfloor + 1

No ``\operatorname`` (GitHub refuses it) and no bare ``|`` (it would end a table cell).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from symshape.notation.escape import GREEK_COMMANDS, escape_latex
from symshape.notation.layout import (
    CLOSING,
    DOT,
    JUXTAPOSED,
    MINUS,
    THIN,
    Box,
    Call,
    Digits,
    Fence,
    Line,
    Modulus,
    Name,
    Power,
    Quotient,
    Row,
    Sign,
    Summed,
    grouped,
    layout,
)
from symshape.written import Written

__all__ = ["aligned", "latex"]


def latex(node: Written, *, linear: bool = False) -> str:
    r"""The formula in LaTeX, without dollar signs; `linear` for running text, with H/4 instead of a fraction.

    >>> from symshape.written import symbols
    >>> H, K_h, n = symbols("H K_h n")
    >>> print(latex(1920*(H//4 - 3) + 14958))
    1920\left(\left\lfloor\tfrac{H}{4}\right\rfloor - 3\right) + 14\,958
    >>> print(latex(n*K_h*K_h*(H - 4)**2))
    n\,K_h\,K_h\,(H - 4)^2
    """
    return _ink(layout(node, linear=linear))


def aligned(lines: Iterable[Line]) -> str:
    r"""An `aligned` environment with a derivation's lines.

    >>> from symshape.written import Number, equal, symbols
    >>> H, H_1, K = symbols("H H_1 K")
    >>> print(aligned([Line(H_1, "=", H - K), Line(None, "=", H - 5, ("at ", equal(H, 32), ": ", Number(27)))]))
    \begin{aligned}
    H_1 &= H - K \\
    &= H - 5 && \text{at }H = 32\text{: }27
    \end{aligned}
    """
    return "\\begin{aligned}\n" + " \\\\\n".join(map(_line, lines)) + "\n\\end{aligned}"


def _line(line: Line) -> str:
    left, right = ("" if side is None else latex(side) for side in (line.left, line.right))
    note = "".join(_words(part) if isinstance(part, str) else latex(part) for part in line.remarks)
    gap = r" \quad " if line.near else " && "
    return f"{left} &{_SIGNS[line.sign].lstrip()}{right}".lstrip() + (gap + note if note else "")


# -- inks ---------------------------------------------------------------------------------------------------------
_SIGNS = {
    "+": " + ",
    MINUS: " - ",
    DOT: r" \cdot ",
    JUXTAPOSED: "",
    THIN: r"\,",
    ",": ", ",
    "/": "/",
    "×": r" \times ",
    "mod": r" \bmod ",
    "∣": r" \mid ",
    "≥": r" \ge ",
    "≤": r" \le ",
    ">": " > ",
    "<": " < ",
    "=": " = ",
    "≠": r" \ne ",
    "≡": r" \equiv ",
    "≈": r" \approx ",
    "or": r" \text{ or } ",
    "and": r" \text{ and } ",
}
_PREFIXES = {MINUS: "-", "∏": r"{\textstyle\prod} "}
_FENCES = {"⌊": (r"\left\lfloor", r"\right\rfloor"), "⌈": (r"\left\lceil", r"\right\rceil")}

# TeX leaves a space before and after brackets that grow; \! takes it back.
_GROWN_BEFORE_COMMA = re.compile(r"\\right(?:\)|\\[a-z]+)(?=, )")
_ENDS_IN_COMMAND = re.compile(r"\\[A-Za-z]+\Z")


def _ink(box: Box) -> str:
    return _INKS[type(box)](box)


def _joined(*pieces: str) -> str:
    r"""Pieces side by side, with a space where a command would swallow the letter after it.

    >>> print(_joined(r"\alpha", "H", r"\beta", "2"))
    \alpha H\beta2
    """
    text: list[str] = []
    for piece in filter(None, pieces):
        if text and piece[0].isalpha() and _ENDS_IN_COMMAND.search(text[-1]):
            text.append(" ")
        text.append(piece)
    return "".join(text)


def _braced(script: str) -> str:
    return script if len(script) == 1 else f"{{{script}}}"


def _bracketed(before: str, opening: str, body: str, closing: str) -> str:
    """Round brackets, growing only around something tall."""
    tall = r"\left" in body or r"frac{" in body
    return _joined(rf"{before}\left{opening}", body, rf"\right{closing}") if tall else f"{opening}{body}{closing}"


def _fence(box: Fence) -> str:
    body = _ink(box.body)
    if box.opening in _FENCES:
        opening, closing = _FENCES[box.opening]
        return _joined(opening, body, closing)
    return _bracketed("", box.opening, body, CLOSING[box.opening])


def _name(box: Name) -> str:
    if box.latex:
        return box.latex
    subscripts = ",".join(map(_word, box.subscripts))
    return _word(box.base) + (f"_{_braced(subscripts)}" if subscripts else "")


def _word(word: str) -> str:
    r"""A piece of a name: a letter in italics, a word upright, anything unexpected made harmless.

    >>> print(_word("H"), _word("heads"), _word("δ"), _word("12"), _word("_x"), _word("a}$"))
    H \mathrm{heads} \delta 12 \mathrm{\_x} \text{a\}\$}
    """
    if word in GREEK_COMMANDS:
        return GREEK_COMMANDS[word]
    if re.fullmatch(r"[A-Za-z]|[0-9]+", word):
        return word
    if re.fullmatch(r"[A-Za-z0-9._]+", word):
        return r"\mathrm{" + word.replace("_", r"\_") + "}"
    return _words(word)


def _words(words: str) -> str:
    return rf"\text{{{escape_latex(words)}}}"


def _power(box: Power) -> str:
    base = _ink(box.base)
    if isinstance(box.base, Name) and box.base.latex:
        base = f"({base})" if "^" in base else f"{{{base}}}"  # it may have a superscript of its own
    return f"{base}^{_braced(_ink(box.exponent))}"


def _call(box: Call) -> str:
    body = _GROWN_BEFORE_COMMA.sub(r"\g<0>\!", _ink(box.body))
    return rf"\{box.function}" + _bracketed(r"\!", "(", body, ")")


_INKS: dict[type[Box], Callable[[Any], str]] = {
    Digits: lambda box: grouped(box.digits, r"\,"),
    Name: _name,
    Sign: lambda box: (_PREFIXES if box.prefix else _SIGNS)[box.sign],
    Row: lambda box: _joined(*map(_ink, box.boxes)),
    Fence: _fence,
    Quotient: lambda box: rf"\{'t' * box.small}frac{{{_ink(box.top)}}}{{{_ink(box.bottom)}}}",
    Power: _power,
    Call: _call,
    Summed: lambda box: _joined(rf"{{\textstyle\sum_{{{_ink(box.first)}}}^{{{_ink(box.last)}}}}} ", _ink(box.body)),
    Modulus: lambda box: rf" \pmod{{{_ink(box.modulus)}}}",
}
