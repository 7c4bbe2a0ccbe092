r"""Names and prose from outside, made harmless in each format.

A layer may be called anything. What comes out of these functions is one line that shows the name and does nothing else:

    >>> print(escape_latex("\\input{secrets}"), escape_markdown("a|b"), escape_html("</script>"))
    \textbackslash{}input\{secrets\} a&#124;b &lt;/script&gt;
"""

from __future__ import annotations

import re
from unicodedata import category, normalize

from symshape.notation.layout import GREEK

__all__ = ["GREEK_COMMANDS", "escape_html", "escape_latex", "escape_markdown", "escape_text"]

_LINE_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_UNSEEN = {"Cc", "Cf", "Cn", "Cs"}  # controls, direction overrides and the like, noncharacters, surrogates
_JOINERS = "\u200c\u200d"  # format characters too, but spelling needs them


def escape_text(text: str) -> str:
    r"""For the terminal: one line, control characters visible.

    >>> print(escape_text("conv\n\x1b[2J"))
    conv ␛[2J
    """
    return "".join(map(_visible, _LINE_BREAKS.sub(" ", text)))


def _visible(char: str) -> str:
    if category(char) not in _UNSEEN or char in _JOINERS:
        return char
    return chr(0x2400 + ord(char)) if char < " " else "\N{REPLACEMENT CHARACTER}"


# -- HTML ---------------------------------------------------------------------------------------------------------
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def escape_html(text: str) -> str:
    """For HTML and XML, in text and in quoted attributes.

    >>> escape_html("K < 3 & 'x'")
    'K &lt; 3 &amp; &#39;x&#39;'
    """
    return escape_text(text).translate(_HTML)


# -- Markdown -----------------------------------------------------------------------------------------------------
# Entities rather than backslashes for what tables and code spans look for before they look at backslashes; a span
# around what GitHub looks for in the finished page, where $ opens math and @ calls people.
_MARKDOWN = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    | {char: f"&#{ord(char)};" for char in "|`\\"}
    | {char: f"<span>&#{ord(char)};</span>" for char in "$@"}
    | {char: f"\\{char}" for char in "*[]#~!"}
)
_IN_PLACE = (
    (re.compile(r"(?<![^\W_])_|_(?![^\W_])"), r"\\_"),  # inside a word, as in max_pooling2d, it is only itself
    (re.compile(r"^(\d*)(?=[-+=]|(?<=\d)[.)])"), r"\1\\"),  # would be a list or a heading at the start of a line
    (re.compile(r"(?<=www)(?=\.)", re.IGNORECASE), r"\\"),  # would be a link
    (re.compile(r":(?=//)"), "&#58;"),  # likewise
)


def escape_markdown(text: str) -> str:
    r"""For GitHub's Markdown: paragraphs, headings, list items and table cells.

    >>> print(escape_markdown("max_pooling2d *new* [x](y) __init__"))
    max_pooling2d \*new\* \[x\](y) \_\_init\_\_
    """
    text = escape_text(text).strip(" ").translate(_MARKDOWN)
    for pattern, replacement in _IN_PLACE:
        text = pattern.sub(replacement, text)
    return text


# -- LaTeX --------------------------------------------------------------------------------------------------------
GREEK_COMMANDS = {letter: f"\\{name}" for name, letter in GREEK.items()}
GREEK_COMMANDS |= {"ε": r"\varepsilon", "φ": r"\varphi"}  # \epsilon and \phi are other shapes than ε and φ in text

_MATH = GREEK_COMMANDS | {
    "−": "-",
    "≤": r"\le",
    "≥": r"\ge",
    "≠": r"\ne",
    "≈": r"\approx",
    "≡": r"\equiv",
    "∣": r"\mid",
    "∈": r"\in",
    "∏": r"\prod",
    "∑": r"\sum",
    "∞": r"\infty",
    "⌊": r"\lfloor",
    "⌋": r"\rfloor",
    "⌈": r"\lceil",
    "⌉": r"\rceil",
}
_LATEX = (
    {
        "\\": r"\textbackslash{}",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "`": r"\textasciigrave{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        "\N{NO-BREAK SPACE}": "~",
        "\N{THIN SPACE}": r"\,",
        "\N{NARROW NO-BREAK SPACE}": r"\,",
    }
    | {char: f"\\{char}" for char in "{}$&#%_"}
    | {char: f"{{{char}}}" for char in "[]*"}  # after a table's \\ they would be its options
    | {char: rf"\ensuremath{{{command}}}" for char, command in _MATH.items()}
    | {chr(0x2080 + digit): rf"\textsubscript{{{digit}}}" for digit in range(10)}
    | {char: rf"\textsuperscript{{{plain}}}" for char, plain in zip("⁰⁴⁵⁶⁷⁸⁹ⁿⁱ", "0456789ni", strict=True)}
)
# What pdflatex prints as it comes with T1 and UTF-8: ASCII, Latin-1, Latin Extended-A but for a few, some punctuation.
_PRINTED = re.compile(
    "[ -~¡-¬®-\u0125\u0128-\u0137\u0139-\u013e\u0141-\u0148\u014a-\u0165\u0168-\u017e\u0218-\u021b"
    "\u2010-\u2014‘-‚“-„†-•…‰‹›€™←-↓]"
)
_LIGATURE = re.compile(r"([-',])(?=\1)")  # two in a row would become a dash or a quotation mark


def escape_latex(text: str) -> str:
    r"""For pdflatex with T1 fonts, in text: what these fonts lack is shown by its number.

    >>> print(escape_latex("50% of $x_1$ — 層"))
    50\% of \$x\_1\$ — \texttt{U+5C64}
    """
    text = normalize("NFC", _LINE_BREAKS.sub(" ", text))
    return _LIGATURE.sub(r"\1{}", "".join(map(_latex_char, text)))


def _latex_char(char: str) -> str:
    return _LATEX.get(char) or (char if _PRINTED.match(char) else rf"\texttt{{U+{ord(char):04X}}}")
