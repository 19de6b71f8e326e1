"""`apiVersion`: which versions of the recipe format are read, and what to do about the others."""

from __future__ import annotations

import re
from typing import Final

from recipec.diagnostics import Diagnostic
from recipec.recipe.model import API_VERSION
from recipec.recipe.placed import Placed

FIRST_FORMAT: Final = "recipe"
"""The top-level key by which recipes of the first prototype, v0, are known (`recipe: 1`)."""


def version_problem(root: Placed) -> Diagnostic | None:
    """Check `apiVersion` before all else: another version's keys would only be consequences."""
    if not isinstance(root.value, dict):
        return root.error("not-a-recipe", "a recipe is a mapping of keys to values")
    given = root.get("apiVersion")
    if given is not None and given.value == API_VERSION:
        return None
    from recipec.recipe.migrations.table import older_version  # only for what isn't current

    if older := older_version(root):
        return root.at(FIRST_FORMAT).key_error(
            "api-version",
            f"this is a recipe of an older format, {older}; this recipec reads {API_VERSION}",
            f"run `recipec migrate {root.spans.value.file}`: it shows what changes, and with "
            "--write it changes it",
        )
    if given is None:
        close = [
            key for key in root.value if key.lower().replace("_", "") in ("apiversion", "version")
        ]
        at = root.at(close[0]) if close else root
        hint = f"begin it with `apiVersion: {API_VERSION}`"
        return at.key_error("api-version", "the recipe has no apiVersion", hint)
    hint = f"this version reads {API_VERSION}, and `recipec migrate` rewrites recipes of v0"
    other = re.fullmatch(r"recipec/v(\d{1,9})", str(given.value))
    if other and int(other[1]) > int(API_VERSION.rpartition("v")[2]):
        hint += "; a newer recipec may read it"
    message = f"apiVersion {given.value!r} is not one that this recipec reads"
    return given.error("api-version", message, hint)
