"""`recipec migrate`: recipes of an older version become recipes of the current one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recipec.cli.options import DEBUG, QUIET
from recipec.diagnostics import Diagnostic, ExitCode, RecipecError, UsageError, error
from recipec.source import read_bytes

if TYPE_CHECKING:
    from recipec.recipe.migrations import Migrated
    from recipec.registry import Catalog


@click.command("migrate", short_help="Rewrite recipes of an older version to the current one.")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--write", is_flag=True, help="Change the files; without it, show what would change.")
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when a file isn't current.")
@QUIET
@DEBUG
def command(files: tuple[Path, ...], write: bool, check: bool, quiet: bool, debug: bool) -> int:
    """Rewrite each FILE to the current version of recipes; comments and layout stay.

    What has no equivalent is told, with its place in the rewritten text, and is left to do by hand:
    the command exits 1 then.
    """
    if write and check:
        raise click.UsageError("--check changes nothing, so --write can't go with it")
    return max(_migrate(file, write, check, quiet) for file in files)


def _migrate(path: Path, write: bool, check: bool, quiet: bool) -> int:
    from recipec.cli.problems import show
    from recipec.recipe.migrations import migrate

    try:
        data = read_bytes(path)
    except OSError as problem:
        told = error("no-recipe", f"{path} can't be read: {problem.strerror}")
        raise UsageError(told) from problem
    try:
        migrated = migrate(data, str(path))
    except RecipecError as problem:
        show(problem.diagnostics)
        return ExitCode.RECIPE
    if not migrated.steps:
        if not quiet:
            click.echo(f"{path}: current already")
        return ExitCode.DONE
    if check:
        click.echo(f"{path}: {migrated.steps[0]}; `recipec migrate --write {path}` changes it")
        return ExitCode.RECIPE
    if write:
        _write(path, migrated.after, marked=data.startswith(b"\xef\xbb\xbf"))
        if not quiet:
            click.echo(f"{path}: {' → '.join(migrated.steps)}")
    elif not quiet:
        for line in _diff(migrated, path):
            click.echo(line)
    left = _left(migrated, path, str(path) if write else f"{path} (rewritten)")
    if left:
        click.echo(f"{path}: left to do by hand:", err=True)
        show(left)
    return ExitCode.RECIPE if left else ExitCode.DONE


def _left(migrated: Migrated, path: Path, name: str) -> tuple[Diagnostic, ...]:
    """Give what is wrong with the rewritten recipe: what the older version hadn't, or ignored."""
    from recipec.compiler import validate_recipe
    from recipec.recipe import parse_recipe
    from recipec.registry import discover

    catalog = discover()
    try:
        recipe = parse_recipe(migrated.after.encode(), name, path.parent)
    except RecipecError as problem:  # operators are looked up in valid recipes only
        return (*problem.diagnostics, *_unknown_operators(migrated.after, name, catalog))
    try:
        validate_recipe(recipe, catalog=catalog)
    except RecipecError as problem:
        return problem.diagnostics
    return ()


def _unknown_operators(text: str, name: str, catalog: Catalog) -> Iterator[Diagnostic]:
    from recipec.recipe import suggestion
    from recipec.recipe.placed import Placed
    from recipec.source import read_document

    document = read_document(text, name)
    stages = Placed(document.value, document.spans).get("stages")
    for entry in stages.entries() if stages else ():
        uses = entry.get("uses")
        if uses and isinstance(uses.value, str) and uses.value not in catalog.operators:
            hint = suggestion(uses.value, catalog.operators, "operators")
            yield uses.error("unknown-operator", f"no plugin offers {uses.value!r}", hint)


def _diff(migrated: Migrated, path: Path) -> Iterator[str]:
    from difflib import unified_diff

    colours = {"+": "green", "-": "red", "@": "cyan"}
    before, after = migrated.before.splitlines(), migrated.after.splitlines()
    names = (f"{path} ({migrated.steps[0]})", f"{path} ({migrated.steps[-1]})")
    for line in unified_diff(before, after, *names, lineterm=""):
        yield click.style(line, fg=colours.get(line[:1]))


def _write(path: Path, text: str, *, marked: bool) -> None:
    """Write the file, also behind a link, with its permissions and byte-order mark."""
    from recipec.run.whole import write_whole

    target = path.resolve()
    mode = target.stat().st_mode
    try:
        write_whole(target, f"\ufeff{text}" if marked else text)
        target.chmod(mode)
    except OSError as problem:
        raise UsageError(error("out", f"{path} can't be written: {problem.strerror}")) from problem
