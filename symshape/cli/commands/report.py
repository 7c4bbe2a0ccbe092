"""`symshape report`: the derivation as a document."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

import click

from symshape.cli.model import Asked, about_a_model
from symshape.errors import UsageError


@click.command()
@about_a_model
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to a file; its ending picks the format.")
@click.option("--format", "format_", metavar="FORMAT", help="md, tex, html, txt or json.")
@click.option(
    "--ask",
    "asks",
    multiple=True,
    metavar="QUESTION",
    help="Add an answer, asked as on the command line but for the model: --ask 'solve \"H_out == 7\"'.",
)
@click.option("--templates", type=click.Path(exists=True, file_okay=False), help="A folder of your own templates.")
def report(asked: Asked, output: str | None, format_: str | None, asks: Sequence[str], templates: str | None) -> None:
    """Write the derivation of MODEL: every formula, its substitution and its value."""
    derivation, point = asked.study()
    answers = [_answered(question, asked) for question in asks]
    wanted = format_ or (None if output else "txt")
    text = derivation.report(output, wanted, point=point, templates=templates, answers=answers)
    if output:
        click.echo(f"{output}: {asked.network.name}, {len(derivation)} layers", err=True)
    else:
        click.echo(text, nl=not text.endswith("\n"))


def _answered(question: str, asked: Asked) -> Any:
    """The answer to a question about the model of the report."""
    from symshape.cli.group import command_named
    from symshape.cli.question import Question

    try:
        name, *words = shlex.split(question)
    except ValueError as error:  # an open quotation mark, or nothing at all
        said = str(error).lower() if question.strip() else "a question is wanted, such as sensitivity"
        raise UsageError(f"--ask {question}: {said}") from None
    command = command_named(name)
    if not isinstance(command, Question):
        raise UsageError(f"--ask {question}: {name} is no question such as solve, compare or sensitivity")
    return command.answer(asked.without_point(), words)


COMMAND = report
