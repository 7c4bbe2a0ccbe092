"""How a framework names a layer and its options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from symshape.errors import UnsupportedLayer

__all__ = ["Dialect", "Only", "Reading"]


@dataclass(frozen=True)
class Only:
    """A framework option that we understand at these values only; any other is refused, never ignored."""

    values: tuple[Any, ...]

    def __init__(self, *values: Any) -> None:
        object.__setattr__(self, "values", values)


@dataclass(frozen=True)
class Reading:
    """A framework option that becomes our option `name` through `read`."""

    name: str
    read: Callable[[Any], Any]


Target = Union[str, Only, Reading, None]


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

    def read(self, config: Mapping[str, Any], label: str, ignored: frozenset[str]) -> dict[str, Any]:
        """Our options from a framework's configuration; raises `UnsupportedLayer` for what is not understood."""
        if self.refuses is not None and (reason := self.refuses(config)) is not None:
            raise UnsupportedLayer(f"{label}: {reason}")
        ours: dict[str, Any] = dict(self.fixed)
        for key, value in config.items():
            if key not in self.options:
                if key in ignored:
                    continue
                raise UnsupportedLayer(f"{label}: the option {key}={value!r} of {self.name} is not known")
            target = self.options[key]
            if isinstance(target, str):
                ours[target] = value
            elif isinstance(target, Reading):
                ours[target.name] = target.read(value)
            elif isinstance(target, Only) and value not in target.values:
                allowed = " or ".join(repr(v) for v in target.values)
                raise UnsupportedLayer(f"{label}: {key}={value!r} is not supported, only {allowed}")
        return ours
