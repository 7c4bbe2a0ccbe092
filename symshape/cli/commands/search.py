"""`symshape search`: all settings of several knobs that meet several constraints, and the best among them."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

import click

from symshape.cli.arguments import LOGS, axes, is_picture
from symshape.cli.model import Asked
from symshape.cli.question import asks
from symshape.errors import FormatError, UsageError

if TYPE_CHECKING:
    from symshape.whatif import Found


@asks
@click.argument("question")
@click.option(
    "--over", "overs", multiple=True, metavar="SYMBOL=VALUES", help="START:STOP:STEP (STOP included) or A,B,C."
)
@click.option("--pareto", multiple=True, metavar="TERM:min|max", help="A goal; the settings that none beats are shown.")
@click.option("--show", "terms", multiple=True, metavar="TERM", help="A further quantity to show.")
@click.option("--limit", default=50, show_default=True, help="How many settings are listed; the count is of all.")
@click.option(
    "-o", "--output", type=click.Path(), help="All settings in a .csv or .json file, or a picture in an .svg file."
)
@click.option("--log", type=click.Choice(LOGS), help="The logarithmic axes of a picture; left to the values without.")
def search(
    asked: Asked,
    question: str,
    overs: tuple[str, ...],
    pareto: tuple[str, ...],
    terms: tuple[str, ...],
    limit: int,
    output: str | None,
    log: str | None,
) -> Found | None:
    """All settings of MODEL's free symbols for which QUESTION holds, and with --pareto the best.

    For example: symshape search resnet "params <= 30e6 and macs <= 5e9 and W == H" --set n1=3,n4=3 --over H=160:256:32
    --over w=32:96:8 --over n2=2:8 --over n3=2:12 --pareto macs:min --pareto params:max.
    """
    if log is not None and (output is None or not is_picture(output)):
        raise UsageError("--log is for pictures: name an .svg file with -o")
    ending = _ending(output) if output is not None else ""
    if ending == ".svg" and len(pareto) < 2:
        raise UsageError("a picture needs two goals, such as --pareto macs:min --pareto params:max")
    over = axes(overs)
    ties = [name for name, values in over.items() if isinstance(values, str)]
    if ties:
        raise UsageError(f"--over {ties[0]}: values are wanted; ties are relations, such as {ties[0]} == H")
    found = asked.derive().search(question, over=over, pareto=pareto, terms=terms, shown=limit)
    if output is None:
        return found
    _write(found, output, ending, log)
    return None


def _ending(output: str) -> str:
    ending = PurePath(output).suffix.lower()
    if ending not in (".csv", ".json", ".svg"):
        what = f"the ending {ending} of {output}" if ending else f"{output}, which has no ending,"
        raise FormatError(f"{what} names no format: settings are written as .csv or .json and drawn as .svg")
    return ending


def _write(found: Found, output: str, ending: str, log: str | None) -> None:
    if ending == ".csv":
        found.to_csv(output)
    elif ending == ".json":
        found.to_json(output)
    elif found:
        found.to_svg(output, log=log)
    said = found.words() if found or ending != ".svg" else f"not written, there is nothing to draw: {found.words()}"
    click.echo(f"{output}: {said}", err=True)
    if not found:
        raise click.exceptions.Exit(1)


COMMAND = search
