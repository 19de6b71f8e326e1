"""Where a stage may write: its outputs' folder and its scratch folder, and what isn't the run's.

Not the store, not OUT, and not the project: the folder of the recipe and the one recipec was
started in. In the project hidden files are fine, folders that the environment names as caches, and
what the user's own code does there (a data set that downloads itself). Elsewhere, where libraries
keep theirs (`~/.cache`), nothing is watched.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from recipec.walls.writes import Ground, Guard

_CACHE: Final = re.compile(r"CACHE|HOME|TMP|TEMP")


def guard(project: Path, store: Path, out: Path | None, own: tuple[Path, ...]) -> Guard:
    """Make the guard of a stage, whose `own` folders are writable."""
    scratch = store / "scratch"  # libraries that planning imported may keep files there
    grounds = [Ground(folder, True) for folder in (*own, scratch, Path(tempfile.gettempdir()))]
    grounds += (Ground(folder, False) for folder in (store, out) if folder is not None)
    for folder in _project(project):
        grounds.append(Ground(folder, False, lenient=True))
        grounds += (Ground(cache, True) for cache in _caches(folder))
    return Guard(grounds, code=(project, store))


def _project(recipe: Path) -> Iterator[Path]:
    """Give the folders of the project; one that holds the user's home holds too much to be it."""
    try:
        home = Path.home().resolve()
    except RuntimeError:  # nobody's: then no folder holds it
        home = Path("/")
    for folder in dict.fromkeys((recipe.resolve(), Path.cwd())):
        if not home.is_relative_to(folder):
            yield folder


def _caches(project: Path) -> Iterator[Path]:
    """Give the folders inside the project that environment variables name as caches."""
    for name, value in os.environ.items():
        if _CACHE.search(name) and value and "\0" not in value:
            folder = Path(value).absolute()
            if folder != project and folder.is_relative_to(project):
                yield folder
