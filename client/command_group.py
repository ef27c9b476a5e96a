"""A group of commands that are loaded when they are used, so that help is there at once."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from client.failures import ending_of
from client.sdk.failures import Failure

INTERRUPTED = 130
BROKEN_PIPE = 141
FAULT = 5

# Each command by its name: the module beside this one that holds it, as ".asking", and what it does in one line.
Section = Mapping[str, tuple[str, str]]


class CommandGroup(click.Group):
    def __init__(self, *args: Any, sections: Mapping[str, Section], **more: Any) -> None:
        super().__init__(*args, **more)
        self._sections = sections
        self._modules = {name: module for section in sections.values() for name, (module, _) in section.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._modules:
            return None
        command = getattr(import_module(self._modules[cmd_name], __package__), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, section in self._sections.items():
            with formatter.section(title):
                formatter.write_dl([(name, summary) for name, (_, summary) in section.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # Whoever reads our output has seen enough; say nothing, not even on exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(BROKEN_PIPE) from None
        except UnicodeEncodeError:
            raise click.UsageError("an argument is not UTF-8 text", ctx) from None

    def main(  # type: ignore[override]  # It never returns, whatever the mode.
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **more: Any
    ) -> NoReturn:
        """Runs a command and exits; the codes stand in the help of the group."""
        try:
            code = super().main(args, prog_name, **(more | {"standalone_mode": False}))
        except click.ClickException as failure:
            failure.show()
            code = failure.exit_code
        except Failure as failure:
            ending = ending_of(failure)
            ending.show()
            code = ending.exit_code
        except click.Abort:
            code = INTERRUPTED
        except Exception:  # noqa: BLE001 - Python's own exit code for a bug, 1, means something else here
            traceback.print_exc()
            code = FAULT
        sys.exit(code if isinstance(code, int) else 0)
