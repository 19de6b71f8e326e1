"""The range of `recipec.api` that a plugin says it was written for: its `RECIPEC_API`."""

from __future__ import annotations

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from recipec.api.version import API_VERSION
from recipec.recipe.version_bounds import within

NAME: Final = "RECIPEC_API"


def stated_range(plugin: object) -> str | None:
    """Give the range that a loaded plugin states, None for none. Raises ValueError."""
    found = getattr(plugin, NAME, None)
    if found is not None and not isinstance(found, str):
        raise ValueError(f'{NAME} is {found!r}; write a text, as in {NAME} = ">=1.0,<2"')
    return found


def range_in_source(module: str) -> str | None:
    """Read the range from the source of a plugin that can't be imported, perhaps because of it.

    None where it can't be told. The source isn't run.
    """
    try:
        spec = find_spec(module.partition(":")[0].partition(".")[0])
        origin = None if spec is None else spec.origin
        tree = ast.parse(Path(origin).read_bytes()) if origin else ast.Module([], [])
    except (OSError, SyntaxError, ValueError, ImportError):
        return None  # the import failed already, and that is told
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        named = any(isinstance(target, ast.Name) and target.id == NAME for target in targets)
        if named and isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return None


@cache
def includes_this_version(bounds: str) -> bool:
    """Say whether a range includes the version of `recipec.api` here. Raises ValueError."""
    return within(API_VERSION, bounds)


def exclusion(bounds: str) -> str:
    """Say that a range excludes this version, with both."""
    return f"it is written for recipec.api {bounds}, and this is {API_VERSION}"


def wants_newer(bounds: str) -> bool:
    """Say of a range that excludes this version whether it asks for a newer one."""
    lower = (bound.strip() for bound in bounds.split(",") if bound.strip()[:1] in (">", "="))
    return any(not includes_this_version(bound) for bound in lower)
