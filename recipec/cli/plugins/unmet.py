"""Dependencies of installed distributions that aren't met: what `pip check` would say of them."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement

from recipec.registry.distributions import installed_version
from recipec.registry.location import installed


def unmet_dependencies(name: str) -> Iterator[tuple[str, str]]:
    """Say what a distribution depends on and doesn't find, each with the command that mends it."""
    yield from _unmet(name, frozenset(), set())


def _unmet(
    name: str, extras: frozenset[str], seen: set[tuple[str, frozenset[str]]]
) -> Iterator[tuple[str, str]]:
    found = installed(name)
    if found is None or (name, extras) in seen:
        return
    seen.add((name, extras))
    for written in found.requires or ():
        try:
            needed = Requirement(written)
        except InvalidRequirement:
            yield f"it depends on {written!r}, which can't be read", f"pip install --upgrade {name}"
            continue
        marker = needed.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in extras or {""}):
            continue
        bare = f"{needed.name}{needed.specifier}"
        version = installed_version(needed.name)
        if version is None:
            yield f"it needs {bare}, which isn't installed", f"pip install '{bare}'"
        elif version not in needed.specifier and not needed.specifier.contains(version, True):
            yield f"it needs {bare}, and {version} is installed", f"pip install '{bare}'"
        elif needed.extras:
            yield from _unmet(needed.name, frozenset(needed.extras), seen)
