"""`symshape search`: all settings of several knobs that meet several constraints, and the best among them."""

from __future__ import annotations

from typing import Any

import click

from symshape.cli.arguments import axes
from symshape.cli.model import Asked
from symshape.cli.question import asks
from symshape.errors import UsageError


@asks
@click.argument("question")
@click.option(
    "--over", "overs", multiple=True, metavar="SYMBOL=VALUES", help="START:STOP:STEP (STOP included) or A,B,C."
)
@click.option("--pareto", multiple=True, metavar="TERM:min|max", help="A goal; the settings that none beats are shown.")
@click.option("--show", "terms", multiple=True, metavar="TERM", help="A further quantity to show.")
@click.option("--limit", default=50, show_default=True, help="How many settings are listed; the count is of all.")
def search(
    asked: Asked,
    question: str,
    overs: tuple[str, ...],
    pareto: tuple[str, ...],
    terms: tuple[str, ...],
    limit: int,
) -> Any:
    """All settings of MODEL's free symbols for which QUESTION holds, and with --pareto the best.

    For example: symshape search resnet "params <= 30e6 and macs <= 5e9 and W == H" --set n1=3,n4=3 --over H=160:256:32
    --over w=32:96:8 --over n2=2:8 --over n3=2:12 --pareto macs:min --pareto params:max.
    """
    over = axes(overs)
    ties = [name for name, values in over.items() if isinstance(values, str)]
    if ties:
        raise UsageError(f"--over {ties[0]}: values are wanted; ties are relations, such as {ties[0]} == H")
    return asked.derive().search(question, over=over, pareto=pareto, terms=terms, shown=limit)


COMMAND = search
