"""`symshape solve`: which sizes and hyper-parameters give what is asked."""

from __future__ import annotations

from typing import Any

import click

from symshape.cli.model import Asked
from symshape.cli.question import asks


@asks
@click.argument("question")
@click.option("--every", multiple=True, metavar="SYMBOL", help="Ask for every value of it: when is the size kept?")
@click.option("--maximize", metavar="SYMBOL", help="Say its greatest value.")
@click.option("--minimize", metavar="SYMBOL", help="Say its least value.")
def solve(
    asked: Asked,
    question: str,
    every: tuple[str, ...],
    maximize: str | None,
    minimize: str | None,
) -> Any:
    """Every setting of MODEL's free symbols for which QUESTION holds, with the reasons.

    QUESTION is a relation such as "H_out == 7 and W == H" or "macs <= 4e9 and H % 32 == 0". It may speak of the free
    symbols, of metrics, of the last map's sizes (H_out, W_out, C_out) and of a layer's (conv2d.H_out, conv2d.macs).
    """
    return asked.derive().solve(question, every=every, maximize=maximize, minimize=minimize)


COMMAND = solve
