"""Rewriting recipes of older versions: text is edited at the places that change, and the rest, with
comments and layout, stays as it is."""

from recipec.recipe.migrations.migrate import Migrated, migrate
from recipec.recipe.migrations.table import MIGRATIONS, Migration, older_version

__all__ = ["MIGRATIONS", "Migrated", "Migration", "migrate", "older_version"]
