"""`symshape summary`: the framework's table with closed forms beside it."""

from __future__ import annotations

from collections.abc import Sequence

import click

from symshape.cli.arguments import pair
from symshape.cli.model import Asked, about_a_model


@click.command()
@about_a_model
@click.option("--symbolic", is_flag=True, help="Keep the input sizes as symbols.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME[:OPTION=VALUE]",
    help="Add a total, such as flops_full or param_bytes:dtype=fp16.",
)
def summary(asked: Asked, symbolic: bool, as_json: bool, format_: str, metrics: Sequence[str]) -> None:
    """Print the layers of MODEL as Keras would, with the closed forms beside the numbers."""
    from symshape.report.summary import summary_json, summary_text

    further = {metric: _metric(metric) for metric in metrics}
    bound = asked.given if symbolic else {**asked.native, **asked.given}
    derivation = asked.derive(bound)
    if as_json or format_ == "json":
        click.echo(summary_json(derivation, asked.network.name, bound, further))
        return
    general = derivation if symbolic else asked.study()[0]
    there = derivation if not symbolic and not derivation.symbols and general.symbols else None
    click.echo(summary_text(general if there is not None else derivation, there, asked=further))


def _metric(text: str) -> tuple[str, dict[str, str]]:
    """("param_bytes", {"dtype": "fp16"}) from param_bytes:dtype=fp16; several options are put between commas."""
    name, _, options = text.partition(":")
    return name, dict(pair(option, "--metric", "NAME:OPTION=VALUE") for option in options.split(",") if options)


COMMAND = summary
