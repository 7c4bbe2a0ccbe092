"""`symshape roofline`: the least time of each layer on a machine."""

from __future__ import annotations

from typing import Any

import click

from symshape.cli.model import Asked
from symshape.cli.question import asks


@asks
@click.option("--peak", required=True, metavar="N", help="Operations (FLOP) a second, such as 312e12.")
@click.option("--bandwidth", required=True, metavar="N", help="Bytes a second, such as 2039GB.")
@click.option("--dtype", default="fp32", show_default=True, help="The type of the numbers.")
def roofline(asked: Asked, peak: str, bandwidth: str, dtype: str) -> Any:
    """The least time of each layer of MODEL: its operations at the peak, or its bytes at the bandwidth."""
    from symshape.declaration import as_value

    bound = {**asked.native, **asked.given}
    return asked.derive(bound).roofline(as_value(peak), as_value(bandwidth), dtype)  # type: ignore[arg-type]


COMMAND = roofline
