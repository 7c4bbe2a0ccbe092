"""Reports through jinja2 templates: how a template finds ours, and how what it prints is inked and escaped.

A template prints the parts of a `Page`. Whatever it prints passes through the format's ink: text is escaped, formulas
and sentences are set, so that nothing in a model can reach a report unescaped, whatever the template does. Undefined
names are errors.

A folder given by the user comes before ours: a file `report.md.j2` there replaces ours, and may begin with
`{% extends "base/report.md.j2" %}` to keep it all but for the blocks that it defines anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symshape.errors import FormatError
from symshape.notation import escape_text
from symshape.notation import text as plain_text
from symshape.report.folder import template_folder
from symshape.report.format import Options
from symshape.report.page import Page
from symshape.report.prose import Emphasis, Link, Piece, Steps, Strong
from symshape.report.view import Cite, Ref, View
from symshape.written import By, Number, Written

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["Ink", "Plain", "filled", "rendered"]

_ADDRESS = re.compile(r"https?://[A-Za-z0-9./~?&=%+#_:-]+")


class Ink:
    """How one format sets text, formulas and sentences. A format fills in the few methods that differ."""

    delimiters: Mapping[str, str] = {}  # other than jinja2's own

    # -- what differs ------------------------------------------------------------------------------------------------
    def text(self, text: str) -> str:
        """Text from anywhere, made harmless."""
        raise NotImplementedError

    def formula(self, tree: Written) -> str:
        """A formula in running text."""
        raise NotImplementedError

    def steps(self, steps: Steps) -> str:
        """Lines of a derivation, set apart."""
        raise NotImplementedError

    def strong(self, inked: str) -> str:
        """Something inked, in bold."""
        return inked

    def emphasis(self, inked: str) -> str:
        """Something inked, in italics."""
        return inked

    def link(self, ref: Ref, inked: str) -> str:
        """A way to a layer's section."""
        return inked

    def source(self, number: int, inked: str) -> str:
        """A way to an entry of the list of sources."""
        return inked

    def address(self, url: str) -> str:
        """An address of the web; nothing for anything else."""
        return url if _ADDRESS.fullmatch(url) else ""

    def filters(self) -> Mapping[str, Callable[..., Any]]:
        """What templates of this format may use beside jinja2's own filters; the results count as inked."""
        return {"address": self.address}

    def constants(self) -> Mapping[str, str]:
        """Texts for templates that count as inked."""
        return {}

    def numbers(self, tree: Written) -> str:
        """A natural number, or sizes that are: they read better as text than as a formula."""
        return self.text(plain_text(tree))

    # -- what does not -----------------------------------------------------------------------------------------------
    def rich(self, pieces: Iterable[Piece]) -> str:
        """A sentence."""
        return "".join(map(self.piece, pieces))

    def piece(self, piece: Piece) -> str:
        """A piece of a sentence."""
        if isinstance(piece, str):
            return self.text_within(piece)
        if isinstance(piece, Written):
            return self.numbers(piece) if _only_numbers(piece) else self.formula(piece)
        if isinstance(piece, Strong):
            return self.strong(self.rich(piece.pieces))
        if isinstance(piece, Emphasis):
            return self.emphasis(self.rich(piece.pieces))
        if isinstance(piece, Link):
            return self.link(piece.ref, self.text(piece.ref.name))
        if isinstance(piece, Ref):
            return self.link(piece, self.text(f"{piece.number} · {piece.name}"))
        if isinstance(piece, Cite):
            said = f"[{piece.number}, {piece.place}]" if piece.place else f"[{piece.number}]"
            return self.source(piece.number, self.text(said))
        raise TypeError(f"{type(piece).__name__} is no piece of a sentence")

    def text_within(self, text: str) -> str:
        """Text within a sentence, spaces at its ends kept."""
        inner = text.strip(" ")
        if not inner:
            return text
        start = len(text) - len(text.lstrip(" "))
        return text[:start] + self.text(inner) + text[start + len(inner) :]

    def show(self, value: Any) -> str:
        """Anything a template prints."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, tuple):
            return self.rich(value)
        if isinstance(value, Steps):
            return self.steps(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return self.text(str(value))
        return self.piece(value)


class Plain(Ink):
    """Unicode text, for terminals and for places in other formats that take no more."""

    def text(self, text: str) -> str:
        return escape_text(text)

    def formula(self, tree: Written) -> str:
        return plain_text(tree)


def _only_numbers(tree: Written) -> bool:
    """Whether the formula is a natural number, or sizes that are."""
    parts = tree.args if isinstance(tree, By) else (tree,)
    return all(isinstance(part, Number) and isinstance(part.value, int) and part.value >= 0 for part in parts)


def rendered(view: View, options: Options, template: str, ink: Ink) -> str:
    """The view through a template.

    Raises `FormatError` for a template that is broken or asks for what does not exist.
    """
    return filled(template, ink, options.templates, page=Page(view, options.title))


def filled(template: str, ink: Ink, folder: Path | None = None, **parts: Any) -> str:
    """A template with what it is about under the names that it uses; a `folder` of templates comes before ours."""
    from jinja2 import TemplateError

    environment = _environment(folder, ink)
    try:
        return environment.get_template(template).render(**parts)
    except TemplateError as error:
        place = f", line {line}" if (line := getattr(error, "lineno", None)) else ""
        raise FormatError(f"the template {getattr(error, 'name', None) or template}{place}: {error}") from error


def _environment(folder: Path | None, ink: Ink) -> Environment:
    from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateRuntimeError, Undefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from markupsafe import Markup

    if folder is not None and not folder.is_dir():
        raise FormatError(f"there is no folder of templates {folder}")
    ours = FileSystemLoader(template_folder())
    loaders = [ours, PrefixLoader({"base": ours})]
    if folder is not None:
        loaders.insert(0, FileSystemLoader(folder))

    def finalize(value: Any) -> Markup:
        if isinstance(value, Markup):  # a block or a macro: inked already
            return value
        if isinstance(value, Undefined):
            str(value)  # raises
        try:
            return Markup(ink.show(value))
        except TypeError as error:
            raise TemplateRuntimeError(f"a {type(value).__name__} cannot be printed") from error

    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders),
        undefined=StrictUndefined,
        autoescape=True,  # what is inked is marked as safe, so jinja2's own escaping never applies
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **ink.delimiters,
    )
    for name, function in ink.filters().items():
        environment.filters[name] = _marked(function, Markup)
    environment.globals.update({name: Markup(text) for name, text in ink.constants().items()})
    return environment


def _marked(function: Callable[..., str], mark: Callable[[str], Any]) -> Callable[..., Any]:
    return lambda *args, **options: mark(function(*args, **options))
