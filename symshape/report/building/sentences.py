"""What a layer does, in words: the first paragraph of its declaration's docstring."""

from __future__ import annotations

import re

from symshape.algebra.present import present
from symshape.declaration import Application
from symshape.derivation import LayerDerivation
from symshape.derivation.repetition import Repetition
from symshape.notation.layout import MINUS
from symshape.report.naming import typeset
from symshape.written import Written

__all__ = ["sentence", "words"]


def sentence(layer: LayerDerivation) -> tuple[str | Written, ...]:
    """What the layer does: the first paragraph of its declaration's docstring."""
    first = layer.calls[0]
    if not isinstance(first, Application):
        count = len(first) - len(first.network.inputs)
        layers = f"{count} layer{'s' if count != 1 else ''}"
        if isinstance(first, Repetition):
            return (
                f"A block of {layers}, applied ",
                present(first.times),
                " times, with weights of its own each time.",
            )
        return (f"A network of {layers}, used as one.",)
    return typeset(words(first), {})


def words(call: Application) -> str:
    """The first paragraph of the declaration's docstring, with the values of options that are plain numbers."""
    text = " ".join((type(call.layer).__doc__ or "").strip().split("\n\n")[0].split())
    return _OPTION.sub(lambda match: _option(call.layer, match.group(1)), text)


_OPTION = re.compile(r"`(\w+)`")


def _option(layer: object, name: str) -> str:
    value = getattr(layer, name, None)
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    return f"{name} {value}".replace("-", MINUS) if type(value) is int else name
