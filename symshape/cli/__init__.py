"""The command `symshape`: arguments and printing only. Heavy imports wait inside the commands, so that help is instant.

group       finds the commands, and turns our errors into one line and an exit code
model       what every command that derives a model takes, and how it is read
arguments   SYMBOL=VALUE and its like
catalogue   the built-in architectures as tables
commands/   the commands, one per file

Exit codes: 0 done; 1 a broken model or an impossible question; 2 a wrong way of asking.
"""

from __future__ import annotations

import click

from symshape.cli.group import CommandGroup

__all__ = ["main"]


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="symshape")
def main() -> None:
    """Derive a neural network's shapes, parameters and costs as formulas.

    MODEL is a Keras model (.keras archive or model.to_json() text), - for JSON text on stdin, or the name of a built-in
    network such as lenet5.
    """
