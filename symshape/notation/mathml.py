"""Native MathML, within what browsers agree on (MathML Core).

>>> from symshape.written import symbols
>>> H, P = symbols("H P")
>>> print(mathml(-P))
<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mrow><mo form="prefix">−</mo><mi>P</mi></mrow></math>

Browsers align table cells by style sheet only: a page with derivations includes `STYLE`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

from symshape.notation.escape import escape_html
from symshape.notation.layout import (
    CLOSING,
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
    Quotient,
    Row,
    Sign,
    Summed,
    grouped,
    layout,
)
from symshape.written import Written

__all__ = ["STYLE", "aligned", "mathml", "mathml_row"]

STYLE = """\
mtable.derivation > mtr > mtd { text-align: left; padding: 0.4em 0; }
mtable.derivation > mtr > mtd:first-child { text-align: right; }
mtable.derivation > mtr > mtd:nth-child(3) { padding-left: 2em; }
"""


def mathml(node: Written, display: Literal["inline", "block"] = "inline", *, linear: bool = False) -> str:
    """The formula as a complete `<math>` element; `linear` for running text, with H/4 instead of a fraction."""
    return _math(mathml_row(node, linear=linear), display)


def mathml_row(node: Written, *, linear: bool = False) -> str:
    """The formula as one element for inside `<math>`.

    >>> from symshape.written import symbols
    >>> H, S = symbols("H S")
    >>> print(mathml_row(H / S), mathml_row(H**2))
    <mfrac><mi>H</mi><mi>S</mi></mfrac> <msup><mi>H</mi><mn>2</mn></msup>
    """
    return _ink(layout(node, linear=linear))


def aligned(lines: Iterable[Line]) -> str:
    """A complete `<math>` element with a derivation's lines, their relations under each other (see `STYLE`).

    >>> from symshape.written import symbols
    >>> H, H_1, K = symbols("H H_1 K")
    >>> aligned([Line(H_1, "=", H - K), Line(None, "=", H - 5)]).count("<mtr>")
    2
    """
    rows = "".join(f"<mtr>{_cells(line)}</mtr>" for line in lines)
    # Browsers that know `columnalign` need no style sheet.
    table = f'<mtable class="derivation" columnalign="right left left" displaystyle="true">{rows}</mtable>'
    return _math(table, "block")


def _cells(line: Line) -> str:
    left, right = ("" if side is None else mathml_row(side) for side in (line.left, line.right))
    note = "".join(_words(part) if isinstance(part, str) else mathml_row(part) for part in line.remarks)
    # Without a left side in its cell a relation would count as a prefix and lose its space.
    sign = f'<mo form="infix">{escape_html(line.sign)}</mo>'
    if line.near and note:
        return f'<mtd>{left}</mtd><mtd>{sign}{right}<mspace width="2em"/>{note}</mtd><mtd></mtd>'
    return f"<mtd>{left}</mtd><mtd>{sign}{right}</mtd><mtd>{note}</mtd>"


def _math(content: str, display: str) -> str:
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="{display}">{content}</math>'


# -- inks ---------------------------------------------------------------------------------------------------------
def _row(*elements: str) -> str:
    return f"<mrow>{''.join(elements)}</mrow>"


def _words(words: str) -> str:
    return f"<mtext>{escape_html(words).replace(' ', '&#xA0;')}</mtext>"  # plain spaces at the ends would be dropped


_SIGNS = {
    JUXTAPOSED: "<mo>&#x2062;</mo>",
    THIN: '<mo rspace="0.1667em">&#x2062;</mo>',
    "mod": '<mo lspace="0.2222em" rspace="0.2222em">mod</mo>',
    "/": '<mo lspace="0" rspace="0">/</mo>',
    "∣": '<mo lspace="0.2778em" rspace="0.2778em" stretchy="false">∣</mo>',
    ",": '<mo separator="true">,</mo>',
    "∏": '<mo form="prefix" largeop="false">∏</mo>',
    "or": _words(" or "),
    "and": _words(" and "),
}


def _ink(box: Box) -> str:
    return _INKS[type(box)](box)


def _sign(box: Sign) -> str:
    form = ' form="prefix"' if box.prefix else ""
    return _SIGNS.get(box.sign) or f"<mo{form}>{escape_html(box.sign)}</mo>"


def _fenced(opening: str, body: str) -> str:
    """A body in brackets, which grow around a fraction, round ones only around a full-size one.

    Browsers reserve for a growing bracket the width of the widest it could become, and in round ones that gap shows.
    """
    stretchy = "true" if ("<mfrac>" if opening == "(" else "<mfrac") in body else "false"
    before, after = (f'<mo form="{form}" stretchy="{stretchy}">' for form in ("prefix", "postfix"))
    return _row(f"{before}{opening}</mo>", body, f"{after}{CLOSING[opening]}</mo>")


def _word(word: str) -> str:
    tag = "mn" if word.isdigit() else "mi"
    return f"<{tag}>{escape_html(word)}</{tag}>"


def _scripts(box: Name) -> tuple[str, ...]:
    """The base of a name and, where there is one, its subscript."""
    first, *rest = map(_word, box.subscripts or ("",))
    subscript = _row(first, *(f"{_SIGNS[',']}{sub}" for sub in rest)) if rest else first
    return (_word(box.base), subscript) if box.subscripts else (_word(box.base),)


def _name(box: Name) -> str:
    scripts = _scripts(box)
    return f"<msub>{''.join(scripts)}</msub>" if len(scripts) > 1 else scripts[0]


def _power(box: Power) -> str:
    scripts = _scripts(box.base) if isinstance(box.base, Name) else (_ink(box.base),)
    tag = "msubsup" if len(scripts) > 1 else "msup"
    return f"<{tag}>{''.join(scripts)}{_ink(box.exponent)}</{tag}>"


def _quotient(box: Quotient) -> str:
    size = ' displaystyle="false"' if box.small else ""
    return f"<mfrac{size}>{_ink(box.top)}{_ink(box.bottom)}</mfrac>"


_INKS: dict[type[Box], Callable[[Any], str]] = {
    Digits: lambda box: f"<mn>{grouped(box.digits)}</mn>",
    Name: _name,
    Sign: _sign,
    Row: lambda box: _row(*map(_ink, box.boxes)),
    Fence: lambda box: _fenced(box.opening, _ink(box.body)),
    Quotient: _quotient,
    Power: _power,
    Call: lambda box: _row(f"<mi>{box.function}</mi><mo>&#x2061;</mo>", _fenced("(", _ink(box.body))),
    Summed: lambda box: _row(
        f'<msubsup><mo form="prefix" largeop="false">∑</mo>{_ink(box.first)}{_ink(box.last)}</msubsup>', _ink(box.body)
    ),
    Modulus: lambda box: (
        '<mspace width="0.5em"/>' + _fenced("(", f'<mi>mod</mi><mspace width="0.3333em"/>{_ink(box.modulus)}')
    ),
}
