"""`recipec init`: write a new recipe, with comments on what to change."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from recipec.cli.options import DEBUG, ONLY_PLUGINS
from recipec.diagnostics import ExitCode, RecipeError, UsageError, error

if TYPE_CHECKING:
    from recipec.init import Offers
    from recipec.registry import Catalog

SCHEMA: Final = Path(".recipec", "recipe.v1.schema.json")
"""Where the schema for editors goes, beside the recipe."""


@click.command("init", short_help="Write a new recipe, with comments on what to change.")
@click.argument("file", type=click.Path(path_type=Path), default=Path("recipe.yaml"))
@click.option(
    "--model",
    metavar="MODEL",
    help="What builds it: package.module:name, model.py:Net, or a short name such as resnet18.",
)
@click.option("--weights", metavar="FILE", help="Trained weights; without, it is trained first.")
@click.option("--shape", metavar="SIZES", help="Shape of one sample, such as 3,224,224.")
@click.option("--data", metavar="OPERATOR", help="Where data comes from.")
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="NAME=VALUE",
    help="What the data must know, such as train-file=train.npz.",
)
@click.option("--target", metavar="NAME", help="Where the result shall run.")
@click.option("--goal", metavar="GOAL", help="What the model shall become: smaller, faster, both.")
@click.option("--max-drop", metavar="DROP", help="How much accuracy may be lost (usual: 1pp).")
@click.option(
    "--use", multiple=True, metavar="OPERATOR", help="Take this one where several would do."
)
@click.option("-y", "--yes", is_flag=True, help="Ask nothing; take what is usual.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@click.option("--list", "listing", is_flag=True, help="Show what can be chosen; write nothing.")
@ONLY_PLUGINS
@DEBUG
def command(file: Path, yes: bool, force: bool, listing: bool, debug: bool, **given: Any) -> int:
    """Write the recipe FILE (default: recipe.yaml), and a schema from which editors complete it.

    What isn't given as an option is asked for. Without a terminal, or with --yes, nothing is asked:
    then what has no usual answer must be given.
    """
    from recipec.cli.init_answers import Given, find_wish
    from recipec.init import compose, find_offers
    from recipec.registry import discover
    from recipec.run.whole import write_asked
    from recipec.schema import recipe_schema

    catalog = discover()
    offers = find_offers(catalog)
    if listing:
        _show(offers)
        return ExitCode.DONE
    if file.is_dir():
        raise UsageError(error("exists", f"{file} is a folder"))
    if file.exists() and not force:
        raise UsageError(error("exists", f"{file} is there already", hint="--force overwrites it"))
    wish = find_wish(_name(file), Given(**given), offers, yes=yes)
    text = compose(wish, offers, SCHEMA.as_posix(), str(file))
    used = _operators(text, file, catalog)
    if idle := sorted(wish.preferred - used):
        message = f"--use {idle[0]}: with these choices no stage is made with it"
        raise UsageError(error("bad-option", message, hint="see `recipec init --list`"))
    schema = file.parent / SCHEMA
    write_asked(schema, json.dumps(recipe_schema(catalog), indent=1, ensure_ascii=False) + "\n")
    write_asked(file, text)
    click.echo(f"wrote {file}, and {schema} for editors")
    click.echo(f"see what it will do: recipec compile {file} --dry-run")
    return ExitCode.DONE


def _name(file: Path) -> str:
    """Name a recipe after its file, or after its folder when the file is just a `recipe.yaml`."""
    plain = file.stem in ("", "recipe")
    words = re.sub(
        r"[^a-z0-9_-]+", "-", (file.resolve().parent.name if plain else file.stem).lower()
    )
    return re.sub(r"^[^a-z]+", "", words).strip("-")[:100] or "recipe"


def _operators(text: str, file: Path, catalog: Catalog) -> set[str]:
    """Give the operators of the stages. Raises UsageError when the recipe isn't valid: a file that
    an answer names may not be there."""
    from recipec.compiler import validate_recipe
    from recipec.recipe import parse_recipe

    try:
        recipe = parse_recipe(text.encode(), str(file), file.parent)
        validate_recipe(recipe, catalog=catalog)
    except RecipeError as problem:
        first = error("bad-option", f"{file} is not written, as it would not be valid")
        raise UsageError([first, *problem.diagnostics]) from problem
    return {stage.uses for stage in recipe.spec.stages}


def _show(offers: Offers) -> None:
    """List what can be chosen."""
    from recipec.cli.init_answers import GOALS, data_sources, short_names, targets

    shown = click.HelpFormatter(width=100)
    for title, choices in (
        ("--data", data_sources(offers)),
        ("--target", targets(offers)),
        ("--goal", GOALS),
    ):
        with shown.section(title):
            shown.write_dl(list(choices.items()))
    with shown.section("--answer, by --data"):
        shown.write_dl(
            [
                (f"{question.name}=…", f"{question.text} ({id})")
                for id, part in offers.data.items()
                for question in part.questions
            ]
        )
    with shown.section("--model: package.module:name, model.py:Net, or one of"):
        shown.write_text(", ".join(sorted(short_names(offers))))
    click.echo(shown.getvalue().strip("\n"))
