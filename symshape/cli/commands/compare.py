"""`symshape compare`: two settings, two edits or two networks side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from symshape.cli.model import Asked
from symshape.cli.question import asks


@asks
@click.argument("other", required=False)
@click.option("--then-set", multiple=True, metavar="SYMBOL=VALUE", help="As --set, for the second alone.")
@click.option("--then-free", multiple=True, metavar="LAYER.OPTION=VALUE", help="As --free, for the second alone.")
@click.option("--then-knob", multiple=True, metavar="KNOB=VALUE", help="As --knob, for the second alone.")
@click.option("--metric", "metrics", multiple=True, default=("params", "macs", "activations"), show_default=True)
@click.option("--all", "everything", is_flag=True, help="Layers that are the same, too.")
def compare(
    asked: Asked,
    other: str | None,
    then_set: tuple[str, ...],
    then_free: tuple[str, ...],
    then_knob: tuple[str, ...],
    metrics: tuple[str, ...],
    everything: bool,
) -> Any:
    """MODEL beside OTHER, or beside itself with other sizes, hyper-parameters or knobs.

    The second is OTHER, or MODEL again, with what --then-set, --then-free and --then-knob say: for example
    symshape compare lenet5 --then-free conv2d.kernel=3, or symshape compare resnet50 --set H=224,W=224
    --then-set H=256,W=256. Differences are the second's value minus the first's.
    """
    second = replace(asked, model=other or asked.model).asked_more(Asked("", then_set, then_free, then_knob))
    return asked.derive().compare(second.derive(), metrics, everything=everything)


COMMAND = compare
