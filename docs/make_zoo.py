"""Writes docs/zoo.md: every built-in architecture with its closed forms, its knobs and its published members.

`python docs/make_zoo.py` writes the page; a test holds it against the code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from symshape.algebra.present import present
from symshape.derivation import Derivation
from symshape.notation import escape_markdown, latex
from symshape.notation.layout import grouped
from symshape.written import Written
from symshape.zoo import FAMILIES
from symshape.zoo.family import Family

PAGE = Path(__file__).with_name("zoo.md")
LONGEST = 330  # characters of a formula that is still read on a page

HEAD = """# The built-in architectures

A *family* is an architecture in its own knobs: depths, widths and multipliers are free symbols unless they are given. Its
*members* are the published ones, by the names of torchvision and timm for vision, short names for the rest, and `_keras` for
the form of `keras.applications` where that is another one. Each member's parameters, every layer's weights and, where
PyTorch has it, the multiply–accumulates are held against the framework's own model (`tests/zoo/`); those that no framework
ships (U-Net, LeNet-5, AlexNet and GoogLeNet as published) against the papers' figures or a model written from the paper. Each
name is a MODEL for the commands (`symshape report resnet50`, `symshape zoo resnet`) and a function in Python
(`symshape.zoo.resnet(w=32)`).

This page is made by `python docs/make_zoo.py` from the families; do not edit it.
"""


def page() -> str:
    """The whole page."""
    names = sorted(FAMILIES)
    contents = "\n".join(f"- [{name}](#{name}): {FAMILIES[name].title}" for name in names)
    return "\n".join([HEAD, contents, *(line for name in names for line in _family(FAMILIES[name]))]) + "\n"


def _family(family: Family[...]) -> Iterable[str]:
    derived = family().derive()
    yield ""
    yield f"## {family.name}"
    yield ""
    source = f"[{escape_markdown(family.source.citation)}]({family.source.url})"
    yield f"{escape_markdown(family.title)}, after {source}."
    if family.symbols:
        yield from _formula("Parameters", present(derived.value("params")))
        yield ""
        yield f"Valid for {escape_markdown(derived.domain.words())}."
    yield ""
    yield "| knob | unless given | meaning |"
    yield "|---|---|---|"
    for knob, meaning in family.knobs.items():
        yield f"| `{knob}` | {_code(family.defaults[knob])} | {escape_markdown(_meaning(meaning))} |"
    if family.presets:
        yield ""
        yield "| member | parameters | not trained | MACs | at |"
        yield "|---|--:|--:|--:|---|"
        yield from (_member(family, name) for name in family.presets)


def _formula(title: str, tree: Written) -> Iterable[str]:
    yield ""
    if len(str(tree)) > LONGEST:
        yield f"{title}: {len(str(tree))} characters of formula, which `symshape report` writes out."
        return
    yield f"{title}:"
    yield ""
    yield "```math"
    yield latex(tree)
    yield "```"


def _member(family: Family[...], name: str) -> str:
    network = family.preset(name)
    sizes = {symbol: size for symbol, size in network.native.items() if symbol != "N"}
    there = network.derive(**sizes)
    at = ", ".join(f"{symbol} = {size}" for symbol, size in sizes.items())
    numbers = [_number(there, metric) for metric in ("params", "non_trainable", "macs")]
    return f"| `{name}` | {' | '.join(numbers)} | {at} |"


def _number(there: Derivation, metric: str) -> str:
    value = there.value(metric)
    return grouped(str(value), ",") if isinstance(value, int) else f"$`{latex(present(value))}`$"


def _code(value: Any) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) or value is None else value}`"


def _meaning(meaning: Any) -> str:
    return (
        meaning
        if isinstance(meaning, str)
        else "; ".join(f"{str(word).lower()}: {said}" for word, said in meaning.items())
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE}: {len(FAMILIES)} families", file=sys.stderr)  # noqa: T201
