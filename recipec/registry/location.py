"""Where an installed plugin is: its folder, and whether its distribution is editable."""

from __future__ import annotations

import json
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple


class Location(NamedTuple):
    """The folder (or file) of a plugin's top-level module, None where none can be found, and
    whether its distribution was installed with `pip install -e`."""

    path: Path | None
    editable: bool


def location(module: str, name: str) -> Location:
    """Find a plugin's module, and look at how its distribution `name` was installed."""
    found = installed(name)
    return Location(_path(module), found is not None and _editable(found))


def installed(name: str) -> Distribution | None:
    """Give an installed distribution, None when it isn't there."""
    try:
        return distribution(name)
    except (PackageNotFoundError, ValueError):  # ValueError: an empty name
        return None


def _path(module: str) -> Path | None:
    try:
        spec = find_spec(module.partition(":")[0].partition(".")[0])
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    return Path(spec.origin) if spec.origin else None


def _editable(found: Distribution) -> bool:
    """Read how it was installed (PEP 610)."""
    try:
        told = json.loads(found.read_text("direct_url.json") or "{}")
    except ValueError:
        return False
    return bool(told.get("dir_info", {}).get("editable"))
