"""Unicode text for terminals.

>>> from symshape.written import floor, symbols
>>> H, K, P, S, n = symbols("H K P S n")
>>> print(text(floor((H + 2*P - K)/S) + 1), text(-(-H // S**n)), sep=", ")
⌊(H + 2P − K)/S⌋ + 1, −⌊(−H)/Sⁿ⌋
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from symshape.notation.escape import escape_text
from symshape.notation.layout import (
    CLOSING,
    DOT,
    JUXTAPOSED,
    THIN,
    Box,
    Call,
    Digits,
    Fence,
    Line,
    Modulus,
    Name,
    Power,
    Row,
    Sign,
    Summed,
    grouped,
    layout,
)
from symshape.written import Written

__all__ = ["aligned", "text"]


def text(node: Written) -> str:
    """The formula on one line.

    >>> from symshape.written import divides, equal, symbols
    >>> H, W, H_1, H_out = symbols("H W H_1 H_out")
    >>> print(text(1920*(H//4 - 3)*(W//4 - 3) + 4958))
    1920(⌊H/4⌋ − 3)(⌊W/4⌋ − 3) + 4958
    >>> print(text(equal(H_out * W, H_1**2 / 8)), text(divides(16, H)), text(equal(H % 16, 12)), sep=", ")
    H_out·W = H₁²/8, 16 ∣ H, H ≡ 12 (mod 16)
    """
    return _ink(layout(node, linear=True))


def aligned(lines: Iterable[Line]) -> str:
    """The lines of a derivation, their relations under each other.

    >>> from symshape.written import Number, equal, symbols
    >>> H, H_1, K = symbols("H H_1 K")
    >>> print(aligned([Line(H_1, "=", H - K), Line(None, "=", H - 5, ("at ", equal(H, 32), ": ", Number(27)))]))
    H₁ = H − K
       = H − 5   at H = 32: 27
    """
    rows = [_line(line) for line in lines]
    left, right = (max((len(row[side]) for row in rows), default=0) for side in (0, 1))
    return "\n".join(f"{row[0]:>{left}}{row[1]:<{right}}   {row[2]}".rstrip() for row in rows)


def _line(line: Line) -> tuple[str, str, str]:
    left, right = ("" if side is None else text(side) for side in (line.left, line.right))
    note = "".join(escape_text(part) if isinstance(part, str) else text(part) for part in line.remarks)
    right = _sign(line.sign) + right
    return (left, f"{right}   {note}", "") if line.near and note else (left, right, note)


# -- inks ---------------------------------------------------------------------------------------------------------
_SIGNS = {DOT: DOT, JUXTAPOSED: "", THIN: DOT, "/": "/", ",": ", "}  # the others stand between spaces
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789ni+−", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿⁱ⁺⁻")


def _ink(box: Box) -> str:
    return _INKS[type(box)](box)


def _sign(sign: str) -> str:
    return _SIGNS.get(sign, f" {sign} ")


def _name(box: Name) -> str:
    if box.indexed:
        return escape_text(box.base) + box.subscripts[0].translate(_SUBSCRIPTS)
    return escape_text("_".join((box.base, *box.subscripts)))


def _power(box: Power) -> str:
    exponent = _ink(box.exponent)
    return _ink(box.base) + (exponent.replace(" ", "").translate(_SUPERSCRIPTS) if box.raised else f"^{exponent}")


_INKS: dict[type[Box], Callable[[Any], str]] = {
    Digits: lambda box: grouped(box.digits),
    Name: _name,
    Sign: lambda box: box.sign if box.prefix else _sign(box.sign),
    Row: lambda box: "".join(map(_ink, box.boxes)),
    Fence: lambda box: box.opening + _ink(box.body) + CLOSING[box.opening],
    Power: _power,
    Call: lambda box: f"{box.function}({_ink(box.body)})",
    Summed: lambda box: f"Σ({_ink(box.first)} … {_ink(box.last)}) {_ink(box.body)}",
    Modulus: lambda box: f" (mod {_ink(box.modulus)})",
}
