"""A group of commands, each of which is imported only when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands live in modules of `package` that are named after them.

    `summaries` are the commands' names and what `--help` says of each.
    """

    def __init__(
        self, *arguments: Any, package: str, summaries: Mapping[str, str], **named: Any
    ) -> None:
        super().__init__(*arguments, **named)
        self.package, self.summaries = package, summaries

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.summaries)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.summaries:
            return None
        command: click.Command = importlib.import_module(f"{self.package}.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(self.summaries.items()))
