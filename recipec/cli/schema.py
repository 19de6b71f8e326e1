"""`recipec schema`: the JSON Schemas of what is installed here."""

from __future__ import annotations

import json
from pathlib import Path

import click

from recipec.cli.options import ONLY_PLUGINS
from recipec.diagnostics import ExitCode


@click.command("schema", short_help="Write the JSON Schemas of recipes, plans and run records.")
@click.option(
    "--write", "folder", type=click.Path(path_type=Path), help="Write all schemas into this folder."
)
@click.option(
    "--of",
    "name",
    type=click.Choice(["recipe", "plan", "saved-plan", "lock", "diff", "run"]),
    default="recipe",
    show_default=True,
    help="Which schema to print.",
)
@ONLY_PLUGINS
def command(folder: Path | None, name: str) -> int:
    """Print the recipe's schema, with the parameters of every installed plugin's operators."""
    from recipec.registry import discover
    from recipec.run.whole import write_asked
    from recipec.schema import schemas

    made = schemas(discover())
    if folder is None:
        click.echo(json.dumps(made[name], indent=1, ensure_ascii=False))
        return ExitCode.DONE
    for kind, schema in made.items():
        path = folder / f"{kind}.v1.schema.json"
        write_asked(path, json.dumps(schema, indent=1, ensure_ascii=False) + "\n")
        click.echo(str(path))
    return ExitCode.DONE
