"""The group of all commands: found by their files' names, each imported when it is called or listed."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import click

from symshape.cli import commands
from symshape.errors import SymshapeError

__all__ = ["CommandGroup"]


class CommandGroup(click.Group):
    """Our errors as one line on stderr and an exit code, never a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands' names: those of the files in `commands`."""
        return sorted(module.name.replace("_", "-") for module in iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The `COMMAND` of the file of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        return module.COMMAND  # type: ignore[no-any-return]

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
