"""`symshape compare`: two settings, two edits or two networks side by side."""

from __future__ import annotations

import json
from dataclasses import replace

import click

from symshape.cli.model import Asked, about_a_model


@click.command()
@about_a_model
@click.argument("other", required=False)
@click.option("--then-set", multiple=True, metavar="SYMBOL=VALUE", help="As --set, for the second alone.")
@click.option("--then-free", multiple=True, metavar="LAYER.OPTION=VALUE", help="As --free, for the second alone.")
@click.option("--then-knob", multiple=True, metavar="KNOB=VALUE", help="As --knob, for the second alone.")
@click.option("--metric", "metrics", multiple=True, default=("params", "macs", "activations"), show_default=True)
@click.option("--all", "everything", is_flag=True, help="Layers that are the same, too.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def compare(
    asked: Asked,
    other: str | None,
    then_set: tuple[str, ...],
    then_free: tuple[str, ...],
    then_knob: tuple[str, ...],
    metrics: tuple[str, ...],
    everything: bool,
    as_json: bool,
) -> None:
    """MODEL beside OTHER, or beside itself with other sizes, hyper-parameters or knobs.

    The second is OTHER, or MODEL again, with what --then-set, --then-free and --then-knob say: for example
    symshape compare lenet5 --then-free conv2d.kernel=3, or symshape compare resnet50 --set H=224,W=224
    --then-set H=256,W=256. Differences are the second's value minus the first's.
    """
    from symshape.cli.answers import comparison_text

    again = {name.partition("=")[0].strip() for name in then_set}
    kept = tuple(given for given in asked.sets if given.partition("=")[0].strip() not in again)
    second = replace(
        asked,
        model=other or asked.model,
        sets=(*(kept if then_set else asked.sets), *then_set),
        frees=(*asked.frees, *then_free),
        knobs=(*asked.knobs, *then_knob),
    )
    answer = asked.derive().compare(second.derive(), metrics)
    click.echo(
        json.dumps(answer.data(), ensure_ascii=False, indent=2) if as_json else comparison_text(answer, everything)
    )


COMMAND = compare
