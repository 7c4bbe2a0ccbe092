"""`symshape report`: the derivation as a document."""

from __future__ import annotations

from collections.abc import Sequence

import click

from symshape.cli.arguments import bindings
from symshape.cli.model import model_options, network_of, study


@click.command()
@model_options
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
    network = network_of(model, frees, parity_padding)
    derivation, point = study(network, bindings(sets), fixed_weights)
    text = derivation.report(output, format_ or (None if output else "txt"), point=point, templates=templates)
    if output:
        click.echo(f"{output}: {network.name}, {len(derivation)} layers", err=True)
    else:
        click.echo(text, nl=not text.endswith("\n"))


COMMAND = report
