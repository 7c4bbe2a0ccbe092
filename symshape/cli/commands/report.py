"""`symshape report`: the derivation as a document."""

from __future__ import annotations

import click

from symshape.cli.model import Asked, about_a_model


@click.command()
@about_a_model
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to a file; its ending picks the format.")
@click.option("--format", "format_", metavar="FORMAT", help="md, tex, html, txt or json.")
@click.option("--templates", type=click.Path(exists=True, file_okay=False), help="A folder of your own templates.")
def report(asked: Asked, output: str | None, format_: str | None, templates: str | None) -> None:
    """Write the derivation of MODEL: every formula, its substitution and its value."""
    derivation, point = asked.study()
    text = derivation.report(output, format_ or (None if output else "txt"), point=point, templates=templates)
    if output:
        click.echo(f"{output}: {asked.network.name}, {len(derivation)} layers", err=True)
    else:
        click.echo(text, nl=not text.endswith("\n"))


COMMAND = report
