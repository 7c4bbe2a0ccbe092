"""The layers, one family per file. Importing this package registers all of them."""

from importlib import import_module
from pkgutil import iter_modules

from symshape.declaration import Layer, registered

# Every file of this folder is a family: a new one is found here without being named anywhere.
for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = sorted(registered())


def __getattr__(name: str) -> type[Layer]:
    try:
        return registered()[name]
    except KeyError:
        raise AttributeError(f"symshape.layers has no layer {name}") from None


def __dir__() -> list[str]:
    return sorted(registered())
