"""Options that several commands share, so that they mean the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

RECIPE = click.argument("recipe", type=click.Path(path_type=Path))
SETTINGS = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a variable or any value, e.g. vars.amount=0.5 or stages.prune.with.round_to=16.",
)
STORE = click.option(
    "--store",
    type=click.Path(path_type=Path),
    help="Where results are kept for reuse (default: RECIPEC_STORE, else the user's cache folder).",
)
QUIET = click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
DETAILED = click.option(
    "--detailed-exitcode",
    "detailed",
    is_flag=True,
    help="With --dry-run: exit 10 when something would run, 0 when there is nothing to do.",
)
DEBUG = click.option("--debug", is_flag=True, help="Show tracebacks with errors.")


PRESETS = click.option(
    "--preset",
    "presets",
    multiple=True,
    metavar="NAME",
    help="Apply one of the recipe's presets; several in their order.",
)
VARIANTS = click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="LABEL",
    help="Take this variant of the recipe's matrix, or all that fit a glob such as 'amount=0.3*'.",
)


def _choose_plugins(ctx: click.Context, param: click.Parameter, given: str | None) -> None:
    """Let only these plugins in for as long as the command takes. Raises UsageError."""
    if given is None or ctx.resilient_parsing:
        return
    from recipec.cli.only_plugins import only_plugins

    ctx.call_on_close(only_plugins(given))


ONLY_PLUGINS = click.option(
    "--only-plugins",
    metavar="NAME,NAME",
    expose_value=False,
    callback=_choose_plugins,
    help="Load only these plugins (names, or distributions), as if no other were installed.",
)


def recipe_options(command: F) -> F:
    """Add what it takes to load a recipe: its file, presets, variants, settings, and plugins."""
    return RECIPE(PRESETS(VARIANTS(SETTINGS(ONLY_PLUGINS(command)))))


def format_option(what: str) -> Callable[[F], F]:
    """Add `--format text|json`; `what` says what it is about."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help=f"How {what} printed.",
    )


def _choose_templates(ctx: click.Context, param: click.Parameter, given: Path | None) -> None:
    """Let these templates stand before the built-in ones for as long as the command takes.

    Raises UsageError.
    """
    if given is None or ctx.resilient_parsing:
        return
    from recipec.report.overriding import choose

    ctx.call_on_close(choose(given))


TEMPLATES = click.option(
    "--templates",
    type=click.Path(path_type=Path),
    expose_value=False,
    callback=_choose_templates,
    metavar="DIR",
    help="A folder of templates for the report, before its own (see docs/report.md).",
)
