"""`symshape explain`: why a size is refused, or how a layer's sizes come about."""

from __future__ import annotations

from typing import Any

import click

from symshape.cli.model import Asked
from symshape.cli.question import asks


@asks
@click.argument("layer", required=False, default="")
def explain(asked: Asked, layer: str) -> Any:
    """Why the sizes of --set are refused, with the nearest that work; or how the sizes of LAYER come about."""
    ties = {name: value for name, value in asked.given.items() if not isinstance(value, int)}
    numbers = {name: value for name, value in asked.given.items() if name not in ties}
    return asked.derive(ties).explain(layer, **numbers)


COMMAND = explain
