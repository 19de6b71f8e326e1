"""Templates of users and plugins, which stand before the built-in ones."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypeVar

from recipec.diagnostics import Diagnostic, UsageError, error

T = TypeVar("T")

VARIABLE: Final = "RECIPEC_TEMPLATES"
"""The environment variable that names folders of templates, as PATH does; `--templates` sets it."""

_HINT: Final = (
    "docs/report.md lists what a template may use; without --templates the report is made"
)


def asked() -> tuple[Path, ...]:
    """Give the folders that the environment names, the first one's templates before the others'."""
    named = os.environ.get(VARIABLE, "").split(os.pathsep)
    return tuple(Path(folder).resolve() for folder in named if folder)


def of_package(named: str) -> Path | None:
    """Give the folder that `PACKAGE:FOLDER` names, None where there is none."""
    package, _, folder = named.partition(":")
    spec = find_spec(package)
    places = [] if spec is None else spec.submodule_search_locations or ()
    found = (Path(place) / folder for place in places)
    return next((path.resolve() for path in found if path.is_dir()), None)


def choose(folder: Path) -> Callable[[], None]:
    """Put a folder before those that the environment names; give what undoes it.

    Raises UsageError as `check` does.
    """
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = os.pathsep.join([str(folder.resolve()), *([before] if before else [])])

    def undo() -> None:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before

    try:
        check(asked())
    except UsageError:
        undo()
        raise
    return undo


def check(folders: Iterable[Path]) -> None:
    """Refuse folders without templates, and templates that can't be read, before anything runs.

    Raises UsageError.
    """
    from jinja2 import TemplateSyntaxError

    from recipec.report._environment import html_environment

    given = tuple(folders)
    for folder in given:
        if not folder.is_dir():
            raise UsageError(error("report-template", f"{folder} is no folder", hint=_HINT))
        files = [f for f in folder.rglob("*") if f.suffix in (".j2", ".css", ".js")]
        if not files:
            message = f"{folder} has no template: no *.html.j2, *.md.j2, *.css or *.js"
            raise UsageError(error("report-template", message, hint=_HINT))
    environment = guarded(lambda: html_environment(given), given)
    for folder in given:
        for file in sorted(folder.rglob("*.j2")):
            try:
                environment.parse(file.read_text(encoding="utf-8"), filename=str(file))
            except TemplateSyntaxError as problem:
                where = f"{file}:{problem.lineno}: {problem.message}"
                raise UsageError(error("report-template", where, hint=_HINT)) from problem
            except (OSError, UnicodeDecodeError) as problem:
                raise UsageError(
                    error("report-template", f"{file}: {problem}", hint=_HINT)
                ) from problem


def guarded(make: Callable[[], T], folders: tuple[Path, ...]) -> T:
    """Make something of templates; with templates of others, whatever fails is told with its place.

    Raises UsageError.
    """
    if not folders:
        return make()
    try:
        return make()
    except Exception as problem:  # a template may raise anything
        raise UsageError(_told(problem, folders)) from problem


def _told(problem: Exception, folders: tuple[Path, ...]) -> Diagnostic:
    roots = tuple(str(folder) for folder in folders)
    frames = traceback.extract_tb(problem.__traceback__)
    places = [f"{f.filename}:{f.lineno}: " for f in frames if f.filename.startswith(roots)]
    message = f"{places[-1] if places else ''}{problem or type(problem).__name__}"
    return error("report-template", message, hint=_HINT)
