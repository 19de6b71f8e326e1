"""The registry level: plugins are found, and what they offer becomes a frozen catalog."""

from recipec.registry.catalog import Answer, Catalog, Offered, PluginInfo
from recipec.registry.discover import discover

__all__ = ["Answer", "Catalog", "Offered", "PluginInfo", "discover"]
