"""Optional packages: imported when they are used, and asked for by name where they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from symshape.errors import UsageError

__all__ = ["needed"]


def needed(module: str, extra: str, purpose: str) -> Any:
    """The module; raises `UsageError` that says how to install it.

    >>> needed("no_such_module", "sweep", "a sweep")
    Traceback (most recent call last):
        ...
    symshape.errors.UsageError: a sweep needs no_such_module: pip install 'symshape[sweep]'
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise UsageError(f"{purpose} needs {package}: pip install 'symshape[{extra}]'") from None
