"""The named architectures, one family per file; each file's `FAMILY` is found here without being named anywhere.

A family is a function of its knobs: `zoo.resnet(n1=3)`; a preset one of its published members: `zoo.resnet50()`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from symshape.errors import UnknownName
from symshape.network import Network
from symshape.zoo.family import Family

__all__ = ["FAMILIES", "MODELS", "family_of", "named"]

_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
FAMILIES: Mapping[str, Family[...]] = {
    module.FAMILY.name: module.FAMILY for module in _MODULES if isinstance(getattr(module, "FAMILY", None), Family)
}
MODELS: Mapping[str, Callable[..., Network]] = {
    **FAMILIES,
    **{name: partial(family.preset, name) for family in FAMILIES.values() for name in family.presets},
}


def named(name: str, **knobs: Any) -> Network:
    """A family or a preset by name, with some knobs turned; raises `UnknownName` listing those that exist.

    >>> named("lenet5")
    <Network lenet5: 9 layers>
    """
    try:
        build = MODELS[name]
    except KeyError:
        close = get_close_matches(name, MODELS, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(sorted(MODELS))}"
        raise UnknownName(f"there is no built-in network {name}: {hint}") from None
    return build(**knobs)


def family_of(name: str) -> Family[...]:
    """The family that a name is, or whose preset it is."""
    return next(family for family in FAMILIES.values() if name == family.name or name in family.presets)


globals().update(MODELS)  # zoo.resnet is the family, not the file of that name


def __getattr__(name: str) -> Callable[..., Network]:
    raise AttributeError(f"symshape.zoo has no network {name}")


def __dir__() -> list[str]:
    return sorted((*__all__, *MODELS))
