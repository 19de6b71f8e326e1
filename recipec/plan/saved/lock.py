"""The lock of a recipe: versions and digests that it was fine with, in a file beside it.

`recipec lock` writes it, and `--locked` refuses what isn't as it says. The recipe's own text may
change: everything that it names must be in the lock as it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, Literal

from recipec.diagnostics import Diagnostic, RecipeError, error
from recipec.plan.saved.pins import Drift, Pinning, Pins, drift
from recipec.plan.saved.versioned import FileKind, read_versioned
from recipec.recipe import Recipe

FORMAT: Final = "recipec.lock/v1"


class Lock(Pins):
    """The pins of a recipe; `recipe` is its name."""

    format: Literal["recipec.lock/v1"] = FORMAT
    recipe: str

    def text(self) -> str:
        """Write it so that two versions of it can be compared line by line."""
        content = self.model_dump(mode="json")
        return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def lock_path(recipe: Path) -> Path:
    """Give the file beside a recipe that holds its lock: `recipe.lock.json`."""
    return recipe.with_suffix(".lock.json")


def lock_kind(recipe: Path) -> FileKind:
    """Say what a lock is, and how that of this recipe is made."""
    return FileKind("bad-lock", "a lock", FORMAT, f"make it with `recipec lock {recipe}`")


def make_lock(recipe: str, pins: Pins) -> Lock:
    """Make the lock of a recipe of this name."""
    return Lock(recipe=recipe, **pins.model_dump())


def read_lock(path: Path, recipe: Path) -> Lock:
    """Read a lock. Raises UsageError when there is none, or it is damaged."""
    return read_versioned(path, lock_kind(recipe), Lock)


def check_lock(
    lock: Lock, now: Pinning, recipe: Recipe, path: Path, *, exact: bool = False
) -> None:
    """Refuse what a lock doesn't hold as it is; with `exact` also what it holds needlessly.

    Raises RecipeError with one diagnostic for each thing that drifted.
    """
    file = Path(recipe.document.file)
    if lock.recipe != recipe.spec.name:
        message = f"{path} is the lock of {lock.recipe!r}, and this is {recipe.spec.name!r}"
        raise RecipeError(
            recipe.error("locked", message, ("name",), f"lock it with `recipec lock {file}`")
        )
    found = [
        _drifted(one, recipe, path, file)
        for one in drift(lock, now)
        if exact or one.now is not None or one.missing
    ]
    if found:
        raise RecipeError(found)


def _drifted(one: Drift, recipe: Recipe, path: Path, file: Path) -> Diagnostic:
    accept = f"`recipec lock {file}`"
    if one.before is None:
        kind = f"{one.kind} {one.name}"
        return recipe.error(
            "not-locked",
            f"{kind} is not in {path} (here: {one.here})",
            one.at,
            f"lock it with {accept}",
        )
    if one.now is None and not one.missing:
        message = f"{one.kind} {one.name} is in {path}, and the recipe doesn't use it any more"
        return error("needless-lock", message, hint=f"take it out with {accept}")
    back = _way_back(one)
    return recipe.error(
        "locked", f"{one} since it was locked", one.at, f"{back}, or accept it with {accept}"
    )


def _way_back(one: Drift) -> str:
    """Say how to have again what is locked."""
    name, _, version = (one.before or "").rpartition(" ")
    match one.kind:
        case "file":
            return "bring back the file that was locked"
        case "package":
            return f"pip install '{one.name}=={one.before}'"
        case "recipec":
            return f"pip install 'recipec=={one.before}'"
        case _ if len(version) == 64:  # an editable install has no version to go back to
            return "bring back the code that was locked"
        case _:
            return f"pip install '{name}=={version}'"
