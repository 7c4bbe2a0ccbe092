"""How formulas look: LaTeX, MathML and Unicode text from written formulas, and names made harmless in each format.

`layout` decides once where brackets stand and how factors meet; `latex`, `mathml` and `text` ink what it laid out.
"""

from __future__ import annotations

from symshape.notation.escape import escape_html, escape_latex, escape_markdown, escape_text
from symshape.notation.latex import aligned as latex_aligned
from symshape.notation.latex import latex
from symshape.notation.layout import Line
from symshape.notation.mathml import STYLE as MATHML_STYLE
from symshape.notation.mathml import aligned as mathml_aligned
from symshape.notation.mathml import mathml, mathml_row
from symshape.notation.text import aligned as text_aligned
from symshape.notation.text import text

__all__ = [
    "MATHML_STYLE",
    "Line",
    "escape_html",
    "escape_latex",
    "escape_markdown",
    "escape_text",
    "latex",
    "latex_aligned",
    "mathml",
    "mathml_aligned",
    "mathml_row",
    "text",
    "text_aligned",
]
