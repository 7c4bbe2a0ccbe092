"""`symshape sweep`: metrics at many settings, as CSV, JSON or Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from symshape.cli.arguments import LOGS, axes, is_picture
from symshape.cli.model import Asked, about_a_model
from symshape.cli.question import Question
from symshape.errors import UsageError

METRICS = ("params", "macs")  # without any


@click.command(cls=Question)
@about_a_model
@click.option(
    "--over",
    "overs",
    multiple=True,
    metavar="SYMBOL=VALUES",
    help="START:STOP:STEP (STOP included), a list A,B,C, or a tie to other symbols: W=H.",
)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    help="macs, params, …; LAYER.macs; output[AXIS]. Without any: params and macs.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    help="A .csv, .json or .parquet file, a picture in an .svg file, or a folder of Parquet files.",
)
@click.option("--log", type=click.Choice(LOGS), help="The logarithmic axes of a picture; left to the values without.")
@click.option("--format", "format_", type=click.Choice(["csv", "json"]), help="What to print where no file is named.")
@click.option(
    "--dask",
    is_flag=False,
    flag_value="local",
    metavar="[ADDRESS]",
    help="Compute on a Dask cluster, or on one of this machine's cores, into a folder.",
)
def sweep(
    asked: Asked,
    overs: Sequence[str],
    metrics: Sequence[str],
    output: str | None,
    log: str | None,
    format_: str | None,
    dask: str | None,
) -> None:
    """Compute metrics of MODEL at every combination of settings, exactly.

    A folder can be begun again: what a run that was stopped has written is not computed twice. A picture shows curves over
    the symbol with the most values, a panel for each metric, a line for each setting of the other symbols.
    """
    picture = output is not None and is_picture(output)
    if picture and dask is not None:
        raise UsageError("--dask writes to a folder, not to a picture")
    if log is not None and not picture:
        raise UsageError("--log is for pictures: name an .svg file with -o")
    if output is None and dask is not None:
        raise UsageError("--dask writes to a folder: name one with -o")
    if output is not None and format_ is not None:
        raise UsageError("--format is for printing: a file's format is that of its ending")
    over: dict[str, Any] = axes(overs)
    derivation = asked.derive()

    from symshape.whatif import sweep as ask
    from symshape.whatif import sweep_text, sweep_to

    chosen = tuple(metrics) or METRICS
    if output is None:
        for piece in sweep_text(derivation, format_ or "csv", chosen, over=over):
            click.echo(piece, nl=False)
        return
    if picture:
        ask(derivation, chosen, over=over).to_svg(output, log=log)
        click.echo(f"{output}: {asked.network.name}", err=True)
        return
    data = sweep_to(derivation, output, chosen, over=over, scheduler=dask)
    click.echo(f"{output}: {asked.network.name}" if data is None else f"{output}: {len(data)} settings", err=True)


def _table(asked: Asked, overs: Sequence[str], metrics: Sequence[str], **files: Any) -> Any:
    """The sweep as an answer within a report."""
    if given := [name.rstrip("_") for name, value in files.items() if value is not None]:
        raise UsageError(f"a sweep within a report is a table there: --{given[0]} is for one of its own")
    return asked.derive().sweep(tuple(metrics) or METRICS, over=axes(overs))


sweep.answering = _table
COMMAND = sweep
