"""How a framework names a layer and its options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from reprlib import Repr
from typing import Any

from symshape.errors import UnsupportedLayer

__all__ = ["Dialect", "Only", "Reading", "Target", "shown"]


@dataclass(frozen=True)
class Only:
    """A framework option that we understand at these values only; any other is refused, never ignored."""

    values: tuple[Any, ...]

    def __init__(self, *values: Any) -> None:
        object.__setattr__(self, "values", values)


@dataclass(frozen=True)
class Reading:
    """A framework option that becomes our option `name` through `read`; without a name it is only looked at.

    `read` raises `UnsupportedLayer`, saying why, for a value that is not understood.
    """

    name: str
    read: Callable[[Any], Any]


Target = str | Only | Reading | None


@dataclass(frozen=True)
class Dialect:
    """A framework's class for one of our layers.

    `options` maps each of the framework's options to ours: a name, a `Reading`, an `Only`, or None for an option that
    changes neither shapes nor weights. `fixed` sets options of ours that the framework's class implies, and `refuses`
    gives the reason why the framework itself has no such layer, where it has none.
    """

    name: str
    options: Mapping[str, Target] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    module: str = ""
    refuses: Callable[[Mapping[str, Any]], str | None] | None = None

    def read(self, config: Mapping[str, Any], label: str, common: Mapping[str, Target]) -> dict[str, Any]:
        """Our options from a framework's configuration; raises `UnsupportedLayer` for what is not understood.

        `common` maps the options that all of the framework's layers have.
        """
        ours: dict[str, Any] = dict(self.fixed)
        targets = {**common, **self.options}
        for key, value in config.items():
            if key not in targets:
                raise UnsupportedLayer(f"{label}: the option {shown(key)} = {shown(value)} of {self.name} is not known")
            target = targets[key]
            if isinstance(target, str):
                ours[target] = value
            elif isinstance(target, Reading):
                try:
                    found = target.read(value)
                except UnsupportedLayer as error:
                    raise UnsupportedLayer(f"{label}: {key} = {shown(value)} {error}") from None
                if target.name:
                    ours[target.name] = found
            elif isinstance(target, Only) and value not in target.values:
                allowed = " or ".join(map(shown, target.values))
                raise UnsupportedLayer(f"{label}: {key} = {shown(value)} is not supported, only {allowed}")
        if self.refuses is not None and (reason := self.refuses(ours)) is not None:
            raise UnsupportedLayer(f"{label}: {reason}")
        return ours


_REPR = Repr()
_REPR.maxstring = _REPR.maxlong = _REPR.maxother = 60
_REPR.maxlevel = 3


def shown(value: Any) -> str:
    """A value of a foreign file as messages show it: short, and without characters that a terminal would obey.

    >>> shown([1, 2, 3])
    '[1, 2, 3]'
    """
    return _REPR.repr(value)
