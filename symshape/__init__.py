"""Symbolic formula derivation for neural networks.

    >>> import symshape
    >>> net = symshape.zoo.lenet5()
    >>> d = net.derive()                       # H and W stay symbols
    >>> d["conv2d_1"].output_shape, d["conv2d_1"].params
    ((N, floor(H/2) - 6, floor(W/2) - 6, 16), 3216)
    >>> str(d.domain), d.at(H=32, W=32).params
    ('H >= 16 and W >= 16', 62958)

`load` reads a model, `zoo` has built-in ones, `Input`, `Sequential`, `Network` and `layers` build one, `Network.derive`
derives it, and `Derivation.report` writes it down. Every error is a `SymshapeError`. Names load when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symshape import layers, zoo
    from symshape.derivation import Derivation, LayerDerivation
    from symshape.errors import SymshapeError
    from symshape.importers import load
    from symshape.network import Input, Network, Sequential

__all__ = [
    "Derivation",
    "Input",
    "LayerDerivation",
    "Network",
    "Sequential",
    "SymshapeError",
    "layers",
    "load",
    "zoo",
]

_HOMES = {
    "Derivation": "symshape.derivation",
    "Input": "symshape.network",
    "LayerDerivation": "symshape.derivation",
    "Network": "symshape.network",
    "Sequential": "symshape.network",
    "SymshapeError": "symshape.errors",
    "load": "symshape.importers",
}


def __getattr__(name: str) -> Any:
    if name in ("layers", "zoo"):
        return import_module(f"symshape.{name}")
    if name == "__version__":
        from importlib.metadata import version

        return version("symshape")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'symshape' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
