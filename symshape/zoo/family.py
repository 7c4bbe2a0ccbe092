"""A family: an architecture as a function of its knobs, with the paper it is from and its published members.

The function reads like the paper's table; what its parameters mean is said in `knobs`, and a preset gives them values.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Generic, NoReturn, ParamSpec

from symshape.algebra.poly import Value
from symshape.declaration import Source, as_value
from symshape.errors import UnknownName, UsageError
from symshape.network import Estimate, Network, symbol_alone

__all__ = ["STATISTICS", "Family", "Knob"]

P = ParamSpec("P")
# What a knob means; of one that is a choice, what each choice means, the default first.
Knob = str | Mapping[Any, str]

STATISTICS: Mapping[str, str] = {
    "buffers": "running means and variances are buffers, no parameters (PyTorch)",
    "weights": "running means and variances are non-trainable parameters (Keras)",
}


@dataclass(frozen=True)
class Family(Generic[P]):
    """An architecture with knobs. Call it with numbers or symbols for them; what is left out keeps its default.

    `build` makes the network; a parameter whose default is its own name is a free symbol. `knobs` says what each means,
    `presets` holds the published members' values by name, `parts` the paths of the layers that a report tells apart, and
    `estimates` the well-known approximations that it holds against the exact forms.
    """

    name: str
    title: str
    source: Source
    build: Callable[P, Network]
    knobs: Mapping[str, Knob]
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    estimates: tuple[Estimate, ...] = ()

    def __call__(self, *args: P.args, **knobs: P.kwargs) -> Network:
        """The network for these knobs; raises `UnknownName` for one that the family does not have."""
        return self._made(self.name, {**dict(zip(self.defaults, args, strict=False)), **knobs})

    def preset(self, name: str, **knobs: Any) -> Network:
        """A published member by its name, with some knobs turned."""
        try:
            own = self.presets[name]
        except KeyError:
            raise UnknownName(f"{self.name} has no preset {name}: it has {', '.join(self.presets)}") from None
        return self._made(name, {**own, **knobs})

    def read(self, knob: str, text: str) -> Any:
        """A knob's value from text: one of its choices, none, or a number or formula.

        Raises `UnknownName` for a knob that the family does not have, `UsageError` for a choice that the knob has not.
        """
        words = self._meaning(knob)
        if not isinstance(words, str):
            choice = [word for word in words if str(word).lower() == text.lower()]
            return choice[0] if choice else self._refuse(knob, words, text)
        return None if text.lower() == "none" else as_value(text)

    @property
    def defaults(self) -> Mapping[str, Any]:
        """Every knob's default, in the order of the function's parameters."""
        return {name: p.default for name, p in inspect.signature(self.build).parameters.items()}

    @property
    def symbols(self) -> tuple[str, ...]:
        """The knobs that are free symbols unless given."""
        return tuple(name for name, default in self.defaults.items() if name == default)

    def _made(self, name: str, knobs: Mapping[str, Any]) -> Network:
        for knob, value in knobs.items():
            words = self._meaning(knob)
            if not isinstance(words, str) and value not in words:
                self._refuse(knob, words, value)
        network = self.build(**knobs)  # type: ignore[call-arg]
        network.name = name
        network.note = self._note({**self.defaults, **knobs})
        network.parts, network.estimates = self._parts_of(network), self.estimates
        network.settings = self._settings({**self.defaults, **knobs})
        network.meanings = {
            name: words
            for knob, words in self.knobs.items()
            if isinstance(words, str) and (name := symbol_alone(network.settings.get(knob, 0)))
        }
        return network

    def _meaning(self, knob: str) -> Knob:
        try:
            return self.knobs[knob]
        except KeyError:
            close = get_close_matches(knob, self.knobs, n=1)
            hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(self.knobs)}"
            raise UnknownName(f"{self.name} has no knob {knob}: {hint}") from None

    def _refuse(self, knob: str, words: Mapping[Any, str], value: Any) -> NoReturn:
        raise UsageError(f"{self.name}: {knob} is one of {', '.join(map(str, words))}, not {value}")

    def _settings(self, knobs: Mapping[str, Any]) -> Mapping[str, Value]:
        """The knobs that are sizes, as values: estimates speak of them by their names."""
        sizes = {name: knobs[name] for name, words in self.knobs.items() if isinstance(words, str)}
        return {name: as_value(size) for name, size in sizes.items() if size is not None}

    def _parts_of(self, network: Network) -> dict[str, tuple[str, ...]]:
        """The parts that this member has: some have no auxiliary classifier, or no pooler."""
        here = {
            title: tuple(path for path in paths if path.partition("/")[0] in network.layers)
            for title, paths in self.parts.items()
        }
        return {title: paths for title, paths in here.items() if paths}

    def _note(self, knobs: Mapping[str, Any]) -> str:
        """Which form of the architecture it is: the paper, and what was chosen where published codes differ."""
        chosen = [words[knobs[knob]] for knob, words in self.knobs.items() if not isinstance(words, str)]
        return f"{self.title}, after {self.source.citation}" + "".join(f"; {choice}" for choice in chosen) + "."
