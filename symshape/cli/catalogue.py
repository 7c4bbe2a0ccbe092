"""The list of the built-in architectures, for terminals and for machines."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from symshape.errors import UnknownName
from symshape.report.tables import drawn, wrapped
from symshape.zoo import FAMILIES, MODELS, family_of
from symshape.zoo.family import Family

__all__ = ["catalogue_data", "catalogue_text"]

_NARROWEST, _WIDEST = 60, 120


def catalogue_data(name: str | None = None) -> Any:
    """The families, or one of them, with their knobs and presets as plain data."""
    return [_data(family) for family in FAMILIES.values()] if name is None else _data(_named(name))


def catalogue_text(name: str | None = None) -> str:
    """A table of the families, or one family's knobs and presets."""
    width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((100, 24)).columns))
    return _overview(width) if name is None else "\n".join(_described(_named(name), width))


def _named(name: str) -> Family[...]:
    if name not in MODELS:
        close = get_close_matches(name, MODELS, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(FAMILIES)}"
        raise UnknownName(f"there is no built-in architecture {name}: {hint}")
    return family_of(name)


def _overview(width: int) -> str:
    rows = [
        [family.name, ", ".join(family.symbols), ", ".join(family.presets)]
        for family in sorted(FAMILIES.values(), key=lambda family: family.name)
    ]
    return drawn(["family", "free symbols", "published members"], rows, numbers=[False] * 3, width=width)


def _described(family: Family[...], width: int) -> Iterable[str]:
    yield f"{family.name}: {family.title}"
    yield from wrapped(f"{family.source.citation}. {family.source.url}".strip(), width)
    yield ""
    rows = [[knob, _shown(family.defaults[knob]), _meaning(meaning)] for knob, meaning in family.knobs.items()]
    yield drawn(["knob", "unless given", "meaning"], rows, numbers=[False] * 3, width=width)
    if family.presets:
        yield ""
        members = [
            [name, ", ".join(f"{knob}={_shown(value)}" for knob, value in knobs.items())]
            for name, knobs in family.presets.items()
        ]
        yield drawn(["member", "knobs"], members, numbers=[False] * 2, width=width)


def _meaning(meaning: Any) -> str:
    return (
        meaning if isinstance(meaning, str) else "; ".join(f"{_shown(word)}: {said}" for word, said in meaning.items())
    )


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)


def _data(family: Family[...]) -> dict[str, Any]:
    return {
        "name": family.name,
        "title": family.title,
        "source": {"citation": family.source.citation, "url": family.source.url},
        "knobs": {
            knob: {
                "default": _shown(family.defaults[knob]),
                "meaning": meaning
                if isinstance(meaning, str)
                else {_shown(word): said for word, said in meaning.items()},
            }
            for knob, meaning in family.knobs.items()
        },
        "presets": {
            name: {knob: _shown(value) for knob, value in knobs.items()} for name, knobs in family.presets.items()
        },
    }
