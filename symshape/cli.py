"""The command `symshape`: arguments and printing only. Heavy imports wait inside the commands, so that help is instant.

Exit codes: 0 done; 1 a broken model or an impossible question; 2 a wrong way of asking.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from symshape.errors import SymshapeError, UsageError

if TYPE_CHECKING:
    from symshape.derivation import Derivation
    from symshape.network import Network

__all__ = ["main"]

Command = Callable[..., None]


class _Group(click.Group):
    """Our errors as one line on stderr and an exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SymshapeError as error:
            click.echo(f"symshape: {error}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:  # the reader (head, less) has seen enough
            sys.stderr.close()
            ctx.exit(0)
        except OSError as error:
            click.echo(f"symshape: {error.strerror or error}: {error.filename or ''}".rstrip(": "), err=True)
            ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="symshape")
def main() -> None:
    """Derive a neural network's shapes, parameters and costs as formulas.

    MODEL is a Keras model (.keras archive or model.to_json() text), - for JSON text on stdin, or the name of a built-in
    network such as lenet5.
    """


def _model_options(command: Command) -> Command:
    """What every command that derives a model takes."""
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


@main.command()
@_model_options
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to a file; its ending picks the format.")
@click.option("--format", "format_", metavar="FORMAT", help="md, tex, html, txt or json.")
@click.option("--templates", type=click.Path(exists=True, file_okay=False), help="A folder of your own templates.")
def report(
    model: str,
    sets: Sequence[str],
    frees: Sequence[str],
    fixed_weights: bool,
    parity_padding: bool,
    output: str | None,
    format_: str | None,
    templates: str | None,
) -> None:
    """Write the derivation of MODEL: every formula, its substitution and its value."""
    network = _network(model, frees, parity_padding)
    derivation, point = _study(network, _bindings(sets), fixed_weights)
    text = derivation.report(output, format_ or (None if output else "txt"), point=point, templates=templates)
    if output:
        click.echo(f"{output}: {network.name}, {len(derivation)} layers", err=True)
    else:
        click.echo(text, nl=not text.endswith("\n"))


@main.command()
@_model_options
@click.option("--symbolic", is_flag=True, help="Keep the input sizes as symbols.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def summary(
    model: str,
    sets: Sequence[str],
    frees: Sequence[str],
    fixed_weights: bool,
    parity_padding: bool,
    symbolic: bool,
    as_json: bool,
    format_: str,
) -> None:
    """Print the layers of MODEL as Keras would, with the closed forms beside the numbers."""
    from symshape.report.summary import summary_json, summary_text

    network = _network(model, frees, parity_padding)
    given = _bindings(sets)
    bindings = given if symbolic else {**_native(network, given), **given}
    derivation = network.derive(fixed_weights=fixed_weights, **bindings)
    if as_json or format_ == "json":
        click.echo(summary_json(derivation, network.name, bindings))
        return
    general = derivation if symbolic else _study(network, given, fixed_weights)[0]
    there = derivation if not symbolic and not derivation.symbols and general.symbols else None
    click.echo(summary_text(general if there is not None else derivation, there))


# -- reading arguments -------------------------------------------------------------------------------------------------
def _network(model: str, frees: Sequence[str], parity_padding: bool) -> Network:
    """The model of the command line, with hyper-parameters freed."""
    network = _loaded(model, {"parity_padding": True} if parity_padding else {})
    for free in frees:
        place, symbol = _pair(free, "--free", "LAYER.OPTION=SYMBOL")
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


_MOST_STDIN = 64 * 2**20 + 1  # one byte more than a model's text may have


def _bindings(sets: Sequence[str]) -> dict[str, Any]:
    """{"H": 32, "W": "H"} from H=32 and W=H; expressions go through the whitelisting parser."""
    from symshape.algebra.parse import parse
    from symshape.algebra.poly import Poly
    from symshape.declaration import as_value

    bound: dict[str, Any] = {}
    for text in sets:
        name, expression = _pair(text, "--set", "SYMBOL=VALUE")
        value = as_value(parse(expression))
        if not isinstance(value, Poly) and (value < 1 or value != int(value)):
            raise UsageError(f"--set {text}: a size is a positive integer")
        if name in bound:
            raise UsageError(f"--set {text}: {name} is set twice")
        bound[name] = value
    return bound


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise UsageError(f"{option} {text}: {form} is wanted")
    return name.strip(), value.strip()


def _native(network: Network, given: Mapping[str, Any]) -> dict[str, int]:
    """The sizes in the model's file, the batch apart, for what is not given."""
    return {name: size for name, size in network.native.items() if name != "N" and name not in given}


def _study(network: Network, given: Mapping[str, Any], fixed_weights: bool) -> tuple[Derivation, dict[str, int] | None]:
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
