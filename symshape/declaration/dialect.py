"""How a framework names a layer and its options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from reprlib import Repr
from typing import Any

from symshape.errors import UnsupportedLayer

__all__ = ["Build", "Dialect", "Inner", "Only", "Reading", "Target", "shown"]


@dataclass(frozen=True)
class Only:
    """A framework option that we understand at these values only; any other is refused, never ignored."""

    values: tuple[Any, ...]

    def __init__(self, *values: Any) -> None:
        object.__setattr__(self, "values", values)


@dataclass(frozen=True)
class Reading:
    """A framework option that becomes our option `name` through `read`; without a name it is only looked at.

    Where it becomes several options of ours, `name` lists them and `read` gives a value for each.

    `read` raises `UnsupportedLayer`, saying why, for a value that is not understood. `kept` is the attribute in which a
    live object keeps the option, where that has another name ("self_attn.num_heads").
    """

    name: str | tuple[str, ...]
    read: Callable[[Any], Any]
    kept: str = ""


@dataclass(frozen=True)
class Inner:
    """A framework option that is a layer (or, with `several`, a list of layers) and becomes our option `name`.

    `kept` is the attribute in which a live object keeps it, where that has another name ("layers.0").
    """

    name: str
    several: bool = False
    kept: str = ""


Target = str | Only | Reading | Inner | None
# Makes a layer from what the framework gives as one, under the label that messages call it.
Build = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Dialect:
    """A framework's class, or function, for one of our layers.

    `options` maps each of the framework's options to ours: a name, a `Reading`, an `Only`, or None for an option that
    changes neither shapes nor weights. `fixed` sets options of ours that the framework's class implies, and `refuses`
    gives the reason why the framework itself has no layer with the options of ours, where it has none.

    Of a function `module` says whose it is, and `arguments` names what a call takes, in order: arrays become inputs of
    the layer, everything else is an option under the argument's name.
    """

    name: str
    options: Mapping[str, Target] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    module: str = ""
    refuses: Callable[[Any], str | None] = lambda layer: None
    arguments: tuple[str, ...] = ()

    def read(
        self, config: Mapping[str, Any], label: str, common: Mapping[str, Target], build: Build | None = None
    ) -> dict[str, Any]:
        """Our options from a framework's configuration; raises `UnsupportedLayer` for what is not understood.

        `common` maps the options that all of the framework's layers have; `build` makes the layers inside this one.
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
                if isinstance(target.name, tuple):
                    ours.update(zip(target.name, found, strict=True))
                elif target.name:
                    ours[target.name] = found
            elif isinstance(target, Inner):
                ours[target.name] = _built(target, value, f"{label}, {key}", build)
            elif isinstance(target, Only) and value not in target.values:
                allowed = " or ".join(map(shown, target.values))
                raise UnsupportedLayer(f"{label}: {key} = {shown(value)} is not supported, only {allowed}")
        return ours


def _built(target: Inner, value: Any, label: str, build: Build | None) -> Any:
    if value is None:
        return None
    if build is None:
        raise UnsupportedLayer(f"{label}: a layer inside another one cannot be read here")
    if not target.several:
        return build(value, label)
    if not isinstance(value, (list, tuple)):
        raise UnsupportedLayer(f"{label} = {shown(value)} is no list of layers")
    return tuple(build(one, f"{label}[{place}]") for place, one in enumerate(value))


_REPR = Repr()
_REPR.maxstring = _REPR.maxlong = _REPR.maxother = 60
_REPR.maxlevel = 3
_WIDEST = 80


def shown(value: Any) -> str:
    """A value of a foreign file as messages show it: short, and without characters that a terminal would obey.

    >>> shown([1, 2, 3])
    '[1, 2, 3]'
    """
    text = _REPR.repr(value)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
