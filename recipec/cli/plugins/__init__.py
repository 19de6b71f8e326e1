"""`recipec plugins`: list, look at, check and begin plugins."""

from __future__ import annotations

import click

from recipec.cli.lazy import LazyGroup
from recipec.cli.options import ONLY_PLUGINS, format_option
from recipec.diagnostics import ExitCode

COMMANDS = {
    "check": "Check a plugin by the contract that every plugin must hold to.",
    "doctor": "Say what is wrong with the installed plugins, and what mends it.",
    "list": "List plugins and what they offer (what `recipec plugins` does alone).",
    "new": "Begin a new plugin: a whole distribution, with tests that pass.",
    "show": "Show one plugin: where it comes from, and all that it offers.",
}


@click.group(
    "plugins",
    cls=LazyGroup,
    package="recipec.cli.plugins",
    summaries=COMMANDS,
    invoke_without_command=True,
    short_help="List, look at, check and begin plugins.",
)
@format_option("the list is")
@ONLY_PLUGINS
@click.pass_context
def command(ctx: click.Context, form: str) -> int:
    """List plugins: where each came from, its operators, and why one offers nothing.

    The commands below look closer, and begin new ones. Plugins that RECIPEC_BLOCK_PLUGINS names
    (names or distributions, separated by commas) are kept out of every command.
    """
    if ctx.invoked_subcommand is not None:
        ctx.default_map = {name: {"form": form} for name in COMMANDS}
        return ExitCode.DONE
    from recipec.cli.plugins.list import print_list

    print_list(form)
    return ExitCode.DONE
