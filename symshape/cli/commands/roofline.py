"""`symshape roofline`: the least time of each layer on a machine."""

from __future__ import annotations

import json

import click

from symshape.cli.model import Asked, about_a_model


@click.command()
@about_a_model
@click.option("--peak", required=True, metavar="N", help="Operations (FLOP) a second, such as 312e12.")
@click.option("--bandwidth", required=True, metavar="N", help="Bytes a second, such as 2039GB.")
@click.option("--dtype", default="fp32", show_default=True, help="The type of the numbers.")
@click.option("--json", "as_json", is_flag=True, help="For machines; times as exact fractions of a second.")
def roofline(asked: Asked, peak: str, bandwidth: str, dtype: str, as_json: bool) -> None:
    """The least time of each layer of MODEL: its operations at the peak, or its bytes at the bandwidth."""
    from symshape.cli.answers import roofline_text
    from symshape.declaration import as_value

    bound = {**asked.native, **asked.given}
    answer = asked.derive(bound).roofline(as_value(peak), as_value(bandwidth), dtype)  # type: ignore[arg-type]
    click.echo(json.dumps(answer.data(), ensure_ascii=False, indent=2) if as_json else roofline_text(answer))


COMMAND = roofline
