"""The model that a command is about: the options that all such commands take, and how the model is read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any

import click

from symshape.cli.arguments import apart, bindings, overruled, pair
from symshape.errors import UsageError

if TYPE_CHECKING:
    from symshape.derivation import Derivation
    from symshape.network import Network

__all__ = ["Asked", "about_a_model"]

_MOST_STDIN = 64 * 2**20 + 1  # one byte more than a model's text may have


def about_a_model(command: Callable[..., None]) -> Callable[..., None]:
    """A command that is about a model: its first argument is what the command line says of it, as `Asked`."""

    @wraps(command)
    def with_model(**options: Any) -> None:
        command(Asked.taken_from(options), **options)

    options = (
        click.argument("model"),
        click.option("--set", "sets", multiple=True, metavar="SYMBOL=VALUE", help="Put a number, or tie symbols: W=H."),
        click.option("--free", "frees", multiple=True, metavar="LAYER.OPTION=SYMBOL", help="Free a hyper-parameter."),
        click.option("--knob", "knobs", multiple=True, metavar="KNOB=VALUE", help="Turn a knob of a built-in network."),
        click.option("--fixed-weights", is_flag=True, help="Weights keep the shapes they have in the file (trained)."),
        click.option("--parity-padding", is_flag=True, help="Read build-size dependent paddings as formulas."),
    )
    for option in reversed(options):
        with_model = option(with_model)
    return with_model


@dataclass(frozen=True)
class Asked:
    """What a command line says of its model."""

    model: str
    sets: tuple[str, ...] = ()
    frees: tuple[str, ...] = ()
    knobs: tuple[str, ...] = ()
    fixed_weights: bool = False
    parity_padding: bool = False
    point: Mapping[str, int] = field(default_factory=dict)  # sizes where a question that needs some gives none

    @classmethod
    def taken_from(cls, options: dict[str, Any]) -> Asked:
        """What a command's options say of its model; these options are taken out."""
        return cls(**{name: options.pop(name) for name in cls.__dataclass_fields__ if name in options})

    def asked_more(self, more: Asked) -> Asked:
        """The same model with what a question about it says besides; `more` has the last word on sizes."""
        return replace(
            self,
            sets=overruled(self.sets, more.sets),
            frees=(*self.frees, *more.frees),
            knobs=(*self.knobs, *more.knobs),
            fixed_weights=self.fixed_weights or more.fixed_weights,
            parity_padding=self.parity_padding or more.parity_padding,
        )

    def without_point(self) -> Asked:
        """The same without the worked point, at which questions that need one are asked: other questions are about sizes."""
        numbers = {name: value for name, value in self.given.items() if isinstance(value, int) and name != "N"}
        if self.study()[1] != numbers:  # they are put, not shown beside
            return self
        ties = tuple(text for text in apart(self.sets) if text.partition("=")[0].strip() not in numbers)
        return replace(self, sets=ties, point=numbers)

    @cached_property
    def given(self) -> dict[str, Any]:
        """What --set gives, by symbol."""
        return bindings(self.sets)

    @cached_property
    def network(self) -> Network:
        """The model, with hyper-parameters freed."""
        network = self._loaded()
        for free in self.frees:
            place, symbol = pair(free, "--free", "LAYER.OPTION=SYMBOL")
            layer, dot, option = place.rpartition(".")
            if not dot or not layer or not option:
                raise UsageError(f"--free {free}: LAYER.OPTION=SYMBOL is wanted, such as conv2d.kernel=K")
            network = network.free(layer, **{option: symbol})
        return network

    def _loaded(self) -> Network:
        from pathlib import Path

        from symshape.importers import load

        options = {"parity_padding": True} if self.parity_padding else {}
        if self.model != "-" and not Path(self.model).exists():
            from symshape.zoo import MODELS, family_of, named

            if self.model in MODELS:
                family = family_of(self.model)
                turned = (pair(knob, "--knob", "KNOB=VALUE") for knob in self.knobs)
                return named(self.model, **{knob: family.read(knob, text) for knob, text in turned})
            if "/" not in self.model and "." not in self.model:
                close = get_close_matches(self.model, MODELS, n=3, cutoff=0.5)
                hint = f"did you mean {' or '.join(close)}?" if close else "symshape zoo lists those that are built in"
                raise UsageError(f"there is neither a file nor a built-in network {self.model}: {hint}")
        if self.knobs:
            raise UsageError(f"--knob {self.knobs[0]}: only built-in networks have knobs")
        if self.model == "-":
            return load(sys.stdin.buffer.read(_MOST_STDIN), **options)
        return load(Path(self.model), **options)

    @property
    def native(self) -> dict[str, int]:
        """The sizes in the model's file, or at the point, the batch apart, for what is not given."""
        sizes = {**self.network.native, **self.point}
        return {name: size for name, size in sizes.items() if name != "N" and name not in self.given}

    def derive(self, bound: Mapping[str, Any] | None = None) -> Derivation:
        """The derivation with what is given, or `bound`, put."""
        return self.network.derive(fixed_weights=self.fixed_weights, **(self.given if bound is None else bound))

    def study(self) -> tuple[Derivation, dict[str, int] | None]:
        """The general derivation and the point to show beside it.

        Numbers given for every symbol that is left become the worked point; otherwise what is given is bound.
        """
        ties = {name: value for name, value in self.given.items() if not isinstance(value, int) or name == "N"}
        numbers = {name: value for name, value in self.given.items() if name not in ties}
        general = self.derive(ties)
        point = {name: numbers.get(name, size) for name, size in {**general.network.native, **numbers}.items()}
        unknown = [name for name in numbers if name not in general.symbols]
        if not unknown and set(general.symbols) <= set(numbers):
            return general, {name: numbers[name] for name in general.symbols}
        if not numbers:
            return general, None
        bound = self.derive()
        rest = {name: point[name] for name in bound.symbols if name in point}
        return bound, rest if len(rest) == len(bound.symbols) else None
