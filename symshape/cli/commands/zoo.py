"""`symshape zoo`: the built-in architectures, their knobs and their published members."""

from __future__ import annotations

import json

import click


@click.command()
@click.argument("family", required=False)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def zoo(family: str | None, as_json: bool) -> None:
    """List the built-in architectures; with the name of one, its knobs and its published members.

    Each name is a MODEL for the other commands: a family such as resnet has symbols for its depths and widths, a member
    such as resnet50 has numbers. Knobs are turned with --knob, such as --knob stride_in=1x1.
    """
    from symshape.cli.catalogue import catalogue_data, catalogue_text

    click.echo(json.dumps(catalogue_data(family), indent=2) if as_json else catalogue_text(family))


COMMAND = zoo
