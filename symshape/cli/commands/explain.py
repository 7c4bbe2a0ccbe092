"""`symshape explain`: why a size is refused, or how a layer's sizes come about."""

from __future__ import annotations

import json

import click

from symshape.cli.model import Asked, about_a_model


@click.command()
@about_a_model
@click.argument("layer", required=False, default="")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def explain(asked: Asked, layer: str, as_json: bool) -> None:
    """Why the sizes of --set are refused, with the nearest that work; or how the sizes of LAYER come about."""
    ties = {name: value for name, value in asked.given.items() if not isinstance(value, int)}
    numbers = {name: value for name, value in asked.given.items() if name not in ties}
    answer = asked.derive(ties).explain(layer, **numbers)
    click.echo(json.dumps(answer.data(), ensure_ascii=False, indent=2) if as_json else answer.words())


COMMAND = explain
