"""The named architectures, one family per file; each file's `MODELS` are found here without being named anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules

from symshape.errors import UnknownName
from symshape.network import Network

__all__ = ["MODELS", "named"]

MODELS: Mapping[str, Callable[[], Network]] = {
    name: build
    for module in iter_modules(__path__)
    for name, build in getattr(import_module(f"{__name__}.{module.name}"), "MODELS", {}).items()
}


def named(name: str) -> Network:
    """A built-in network by name; raises `UnknownName` listing those that exist.

    >>> named("lenet5")
    <Network lenet5: 9 layers>
    """
    try:
        return MODELS[name]()
    except KeyError:
        close = get_close_matches(name, MODELS, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(sorted(MODELS))}"
        raise UnknownName(f"there is no built-in network {name}: {hint}") from None


def __getattr__(name: str) -> Callable[[], Network]:
    if name in MODELS:
        return MODELS[name]
    raise AttributeError(f"symshape.zoo has no network {name}")


def __dir__() -> list[str]:
    return sorted((*__all__, *MODELS))
