"""Find the plugin that a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recipec.diagnostics import UsageError, error

if TYPE_CHECKING:
    from recipec.registry import Catalog, PluginInfo


def plugins_named(name: str, catalog: Catalog) -> list[PluginInfo]:
    """Give the plugins of this name, or of this distribution; several where two claim one name.

    Raises UsageError when there is none.
    """
    from recipec.recipe import suggestion
    from recipec.registry.selection import spelt

    wanted = spelt(name)
    found = [p for p in catalog.plugins if spelt(p.name) == wanted]
    found = found or [p for p in catalog.plugins if spelt(p.distribution) == wanted]
    if not found:
        known = {p.name for p in catalog.plugins}
        hint = suggestion(name, known, "installed plugins")
        message = f"no installed plugin or distribution is called {name!r}"
        raise UsageError(error("unknown-plugin", message, hint=hint))
    return found
