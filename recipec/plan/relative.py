"""Files that a base recipe names are relative to that base, and operators look for them beside the
recipe: their names are rewritten once, when parameters are validated."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from recipec.api import ImportString, LocalFile, Params
from recipec.plan.references import references, replaced
from recipec.recipe import Recipe
from recipec.source import Path


def seen_from_recipe(params: Params, given: Mapping[str, Any], recipe: Recipe, at: Path) -> Params:
    """Give parameters in which every local file is relative to the recipe's folder.

    `given` are the values that the recipe states and `at` is their place in it; defaults of the
    operator stay as they are. Files of a package become absolute.
    """
    if len(recipe.files) < 2:
        return params
    new: dict[Path, Any] = {}
    for path, reference in references(params):
        if isinstance(reference, ImportString):
            file, tail = (reference.module if reference.is_file else ""), f":{reference.name}"
        elif isinstance(reference, LocalFile):
            file, tail = str(reference), ""
        else:
            continue
        if file and _stated(given, path) and (moved := _moved(file, recipe, at + path)):
            new[path] = moved + tail
    if not new:
        return params
    return type(params).model_validate(replaced(params.model_dump(mode="json", by_alias=True), new))


def _moved(file: str, recipe: Recipe, at: Path) -> str | None:
    """Give a file's name as seen from the recipe's folder, None when it is that already."""
    source = recipe.home(at)
    if source is None or source.folder == recipe.folder or file.startswith("~"):
        return None
    path = source.folder / file
    if source.packaged or path.is_absolute():
        return str(path.absolute())
    return FilePath(os.path.relpath(path, recipe.folder)).as_posix()


def _stated(given: Any, path: Path) -> bool:
    """Say whether the recipe itself has a value at this place."""
    for step in path:
        try:
            given = given[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
