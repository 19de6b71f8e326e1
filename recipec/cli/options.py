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


def recipe_options(command: F) -> F:
    """Add what it takes to load a recipe: its file, presets, variants and settings."""
    return RECIPE(PRESETS(VARIANTS(SETTINGS(command))))


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
