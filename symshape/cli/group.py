"""The group of all commands: found by their files' names, each imported when it is called or listed."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import click

from symshape.cli import commands
from symshape.errors import SymshapeError

__all__ = ["CommandGroup", "command_named"]


def command_names() -> list[str]:
    """The commands' names: those of the files in `commands`."""
    return sorted(module.name.replace("_", "-") for module in iter_modules(commands.__path__))


def command_named(name: str) -> click.Command | None:
    """The `COMMAND` of the file of that name."""
    if name not in command_names():
        return None
    return import_module(f"{commands.__name__}.{name.replace('-', '_')}").COMMAND  # type: ignore[no-any-return]


class CommandGroup(click.Group):
    """Our errors as one line on stderr and an exit code, never a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return command_names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        return command_named(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command with the first sentence of its help, whole."""
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, _first_sentence(command.help or "")) for name, command in found if command is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is asked for."""
        try:
            return super().invoke(ctx)
        except SymshapeError as error:
            click.echo(f"symshape: {error}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:  # the reader (head, less) has seen enough
            sys.stderr.close()
            ctx.exit(0)
        except OSError as error:
            click.echo(f"symshape: {error.strerror or error}: {error.filename or ''}".rstrip(": "), err=True)
            ctx.exit(1)


def _first_sentence(text: str) -> str:
    """The first sentence of a help text, on one line.

    >>> _first_sentence("Write the\\nderivation. Or not.")
    'Write the derivation'
    """
    return " ".join(text.split("\n\n")[0].split()).partition(". ")[0].rstrip(".")
