"""Commands that ask a what-if question: what they compute is an answer, which is printed, or put into a report."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from symshape.cli.model import Asked, about_a_model
from symshape.errors import UsageError

__all__ = ["Question", "asks"]

_NARROWEST, _WIDEST = 60, 140


class Question(click.Command):
    """A command whose answer can be asked for without printing it."""

    answering: Callable[..., Any]

    def answer(self, about: Asked, words: list[str]) -> Any:
        """The answer to the question in words of a command line without its model, which is `about`."""
        try:
            options = self.make_context(self.name, [about.model, *words]).params
        except click.UsageError as error:
            raise UsageError(f"--ask {shlex.join([str(self.name), *words])}: {error.format_message()}") from None
        if options.get("output") is not None:
            raise UsageError("an answer within a report is a part of it: -o is for one of its own")
        own = Asked.taken_from(options)
        options.pop("as_json", None)
        return self.answering(about.asked_more(own), **options)


def asks(answering: Callable[..., Any]) -> Question:
    """The command that prints what `answering` gives for its model and its options; 1 is the exit code where there is none.

    Where `answering` gives None, it has written its answer to a file.
    """

    @wraps(answering)
    def command(asked: Asked, as_json: bool, **options: Any) -> None:
        from symshape.report.formats.json import plain
        from symshape.report.formats.text import finding_text

        if as_json and options.get("output") is not None:
            raise UsageError("--json is for printing: a file's format is that of its ending")
        answer = answering(asked, **options)
        if answer is None:
            return
        if as_json:
            click.echo(json.dumps(plain(answer.data()), ensure_ascii=False, indent=2))
        else:
            width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((100, 24)).columns))
            click.echo(finding_text(answer, width))
        if not answer:
            raise click.exceptions.Exit(1)

    as_json = click.Option(["--json", "as_json"], is_flag=True, help="For machines.")
    command.__click_params__ = [as_json, *getattr(answering, "__click_params__", [])]  # type: ignore[attr-defined]
    made = click.command(cls=Question)(about_a_model(command))
    made.answering = answering
    return made
