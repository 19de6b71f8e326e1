"""The registry level: plugins are found, and what they offer becomes a frozen catalog."""

from recipec.registry.catalog import Answer, Catalog, Offered, PluginInfo, named
from recipec.registry.discover import discover
from recipec.registry.distributions import installed_version, name_and_version

__all__ = [
    "Answer",
    "Catalog",
    "Offered",
    "PluginInfo",
    "discover",
    "installed_version",
    "name_and_version",
    "named",
]
