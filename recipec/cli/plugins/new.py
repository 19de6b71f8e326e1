"""`recipec plugins new`: a whole distribution, to be filled with a technique of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from recipec.diagnostics import ExitCode, UsageError, error


@click.command("new", short_help="Begin a new plugin: a whole distribution, with tests that pass.")
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["operator", "data", "report", "probe"]),
    default="operator",
    show_default=True,
    help="What it begins with: a technique, a data source, a section of the report with an "
    "observer, or a probe of the machine with an operator that needs it and a lint.",
)
@click.option(
    "--in",
    "folder",
    type=click.Path(path_type=Path),
    default=Path(),
    help="The folder in which that of the distribution is made (default: here).",
)
def command(name: str, kind: str, folder: Path) -> int:
    """Begin the plugin NAME: the folder recipec-NAME, a distribution whose tests pass.

    Its operators are called NAME.… in recipes. Nothing that is there is overwritten.
    """
    from recipec.cli.plugins._template import rendered
    from recipec.cli.plugins.kinds import KINDS, names_for

    names = names_for(name)
    _not_installed(names.name)
    root = folder / names.distribution
    if root.exists() or root.is_symlink():
        message = f"{root} is there already; nothing was written"
        raise UsageError(error("plugin-folder", message, hint="take another name, or --in FOLDER"))
    made = list(rendered(names, KINDS[kind]))  # all of it, before anything is written
    try:
        for path, text in made:
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
    except OSError as problem:
        message = f"{root} can't be written: {problem.strerror}"
        raise UsageError(error("plugin-folder", message)) from problem
    for path, _ in made:
        click.echo(str(root / path))
    click.echo(f'\nnext:\n  cd {root}\n  pip install -e ".[test]"\n  pytest')
    if KINDS[kind].operators:
        click.echo("  recipec compile recipe.yaml --dry-run")
    return ExitCode.DONE


def _not_installed(name: str) -> None:
    """Refuse the name of a plugin that is installed: two of one name are both kept out."""
    from importlib.metadata import entry_points

    from recipec.api.hookspecs import PROJECT
    from recipec.registry.distributions import name_and_version

    for point in entry_points(group=PROJECT, name=name):
        if point.dist is not None:
            brought = " ".join(name_and_version(point.dist))
            message = f"there is a plugin {name!r} already, of {brought}"
            hint = "take another name: of two plugins with one name, neither is loaded"
            raise UsageError(error("plugin-name", message, hint=hint))
