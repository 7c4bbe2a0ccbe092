"""`symshape sensitivity`: which knob moves a metric most, exactly."""

from __future__ import annotations

from typing import Any

import click

from symshape.cli.model import Asked
from symshape.cli.question import asks
from symshape.errors import UsageError


@asks
@click.option("--metric", default="macs", show_default=True)
@click.option("--of", "symbols", multiple=True, metavar="SYMBOL", help="Only this symbol; all free ones if left out.")
def sensitivity(asked: Asked, metric: str, symbols: tuple[str, ...]) -> Any:
    """How a metric of MODEL moves with each free symbol at the point that --set gives, or at the file's own sizes.

    The change is exact, for one step up; the elasticity is the relative change of the metric over that of the symbol.
    Then come the order of growth and the exact smooth views: on multiples of the period, bounds, and the mean.
    """
    ties = {name: value for name, value in asked.given.items() if not isinstance(value, int)}
    general = asked.derive(ties)
    numbers = {name: value for name, value in asked.given.items() if name not in ties}
    known = {**asked.native, **numbers}
    point = {name: known[name] for name in general.symbols if name in known}
    if missing := [name for name in general.symbols if name not in point]:
        raise UsageError(f"--set {missing[0]}=… is missing: the sensitivity is asked at a point")
    return general.sensitivity(metric, symbols, **point)


COMMAND = sensitivity
