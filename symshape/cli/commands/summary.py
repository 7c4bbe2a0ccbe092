"""`symshape summary`: the framework's table with closed forms beside it."""

from __future__ import annotations

from collections.abc import Sequence

import click

from symshape.cli.arguments import bindings
from symshape.cli.model import model_options, native, network_of, study


@click.command()
@model_options
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

    network = network_of(model, frees, parity_padding)
    given = bindings(sets)
    bound = given if symbolic else {**native(network, given), **given}
    derivation = network.derive(fixed_weights=fixed_weights, **bound)
    if as_json or format_ == "json":
        click.echo(summary_json(derivation, network.name, bound))
        return
    general = derivation if symbolic else study(network, given, fixed_weights)[0]
    there = derivation if not symbolic and not derivation.symbols and general.symbols else None
    click.echo(summary_text(general if there is not None else derivation, there))


COMMAND = summary
