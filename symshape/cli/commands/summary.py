"""`symshape summary`: the framework's table with closed forms beside it."""

from __future__ import annotations

import click

from symshape.cli.model import Asked, about_a_model


@click.command()
@about_a_model
@click.option("--symbolic", is_flag=True, help="Keep the input sizes as symbols.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def summary(asked: Asked, symbolic: bool, as_json: bool, format_: str) -> None:
    """Print the layers of MODEL as Keras would, with the closed forms beside the numbers."""
    from symshape.report.summary import summary_json, summary_text

    bound = asked.given if symbolic else {**asked.native, **asked.given}
    derivation = asked.derive(bound)
    if as_json or format_ == "json":
        click.echo(summary_json(derivation, asked.network.name, bound))
        return
    general = derivation if symbolic else asked.study()[0]
    there = derivation if not symbolic and not derivation.symbols and general.symbols else None
    click.echo(summary_text(general if there is not None else derivation, there))


COMMAND = summary
