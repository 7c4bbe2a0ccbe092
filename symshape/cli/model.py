"""The model that a command is about: the options that all such commands take, and how the model is read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from symshape.cli.arguments import pair
from symshape.errors import UsageError

if TYPE_CHECKING:
    from symshape.derivation import Derivation
    from symshape.network import Network

__all__ = ["model_options", "native", "network_of", "study"]

_MOST_STDIN = 64 * 2**20 + 1  # one byte more than a model's text may have


def model_options(command: Callable[..., None]) -> Callable[..., None]:
    """What every command that derives a model takes: `model`, `sets`, `frees`, `fixed_weights`, `parity_padding`."""
    options = (
        click.argument("model"),
        click.option("--set", "sets", multiple=True, metavar="SYMBOL=VALUE", help="Put a number, or tie symbols: W=H."),
        click.option("--free", "frees", multiple=True, metavar="LAYER.OPTION=SYMBOL", help="Free a hyper-parameter."),
        click.option("--fixed-weights", is_flag=True, help="Weights keep the shapes they have in the file (trained)."),
        click.option("--parity-padding", is_flag=True, help="Read build-size dependent paddings as formulas."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def network_of(model: str, frees: Sequence[str], parity_padding: bool) -> Network:
    """The model of the command line, with hyper-parameters freed."""
    network = _loaded(model, {"parity_padding": True} if parity_padding else {})
    for free in frees:
        place, symbol = pair(free, "--free", "LAYER.OPTION=SYMBOL")
        layer, dot, option = place.rpartition(".")
        if not dot or not layer or not option:
            raise UsageError(f"--free {free}: LAYER.OPTION=SYMBOL is wanted, such as conv2d.kernel=K")
        network = network.free(layer, **{option: symbol})
    return network


def _loaded(model: str, options: Mapping[str, Any]) -> Network:
    from pathlib import Path

    from symshape.importers import load

    if model == "-":
        return load(sys.stdin.buffer.read(_MOST_STDIN), **options)
    if not Path(model).exists():
        from symshape.zoo import MODELS, named

        if model in MODELS:
            return named(model)
        if "/" not in model and "." not in model:
            built_in = ", ".join(MODELS)
            raise UsageError(f"there is neither a file nor a built-in network {model}: built in are {built_in}")
    return load(Path(model), **options)


def native(network: Network, given: Mapping[str, Any]) -> dict[str, int]:
    """The sizes in the model's file, the batch apart, for what is not given."""
    return {name: size for name, size in network.native.items() if name != "N" and name not in given}


def study(network: Network, given: Mapping[str, Any], fixed_weights: bool) -> tuple[Derivation, dict[str, int] | None]:
    """The general derivation and the point to show beside it.

    Numbers given for every symbol that is left become the worked point; otherwise what is given is bound.
    """
    ties = {name: value for name, value in given.items() if not isinstance(value, int) or name == "N"}
    numbers = {name: value for name, value in given.items() if name not in ties}
    general = network.derive(fixed_weights=fixed_weights, **ties)
    point = {name: numbers.get(name, size) for name, size in {**general.network.native, **numbers}.items()}
    unknown = [name for name in numbers if name not in general.symbols]
    if not unknown and set(general.symbols) <= set(numbers):
        return general, {name: numbers[name] for name in general.symbols}
    if not numbers:
        return general, None
    bound = network.derive(fixed_weights=fixed_weights, **given)
    rest = {name: point[name] for name in bound.symbols if name in point}
    return bound, rest if len(rest) == len(bound.symbols) else None
