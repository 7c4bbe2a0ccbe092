"""`symshape solve`: which sizes and hyper-parameters give what is asked."""

from __future__ import annotations

import json

import click

from symshape.cli.model import Asked, about_a_model


@click.command()
@about_a_model
@click.argument("question")
@click.option("--every", multiple=True, metavar="SYMBOL", help="Ask for every value of it: when is the size kept?")
@click.option("--maximize", metavar="SYMBOL", help="Say its greatest value.")
@click.option("--minimize", metavar="SYMBOL", help="Say its least value.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def solve(
    asked: Asked,
    question: str,
    every: tuple[str, ...],
    maximize: str | None,
    minimize: str | None,
    as_json: bool,
) -> None:
    """Every setting of MODEL's free symbols for which QUESTION holds, with the reasons.

    QUESTION is a relation such as "H_out == 7 and W == H" or "macs <= 4e9 and H % 32 == 0". It may speak of the free
    symbols, of metrics, of the last map's sizes (H_out, W_out, C_out) and of a layer's (conv2d.H_out, conv2d.macs).
    """
    from symshape.cli.answers import solution_text

    answer = asked.derive().solve(question, every=every, maximize=maximize, minimize=minimize)
    click.echo(json.dumps(answer.data(), ensure_ascii=False, indent=2) if as_json else solution_text(answer))
    if not answer:
        raise click.exceptions.Exit(1)


COMMAND = solve
