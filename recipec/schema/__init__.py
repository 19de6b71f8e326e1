"""JSON Schemas for editors and machines, generated from the types and the installed operators."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from recipec.plan.diff.compare import Comparison
from recipec.plan.model import Plan
from recipec.plan.saved.lock import Lock
from recipec.plan.saved.plan import SavedPlan
from recipec.registry import Catalog
from recipec.run.record import RunRecord
from recipec.schema.recipe import DIALECT, recipe_schema

__all__ = ["recipe_schema", "schemas"]


def schemas(catalog: Catalog) -> dict[str, dict[str, Any]]:
    """Give the schemas of recipe, and of what recipec writes, by name."""
    written: dict[str, type[BaseModel]] = {
        "plan": Plan,
        "saved-plan": SavedPlan,
        "lock": Lock,
        "diff": Comparison,
        "run": RunRecord,
    }
    made = {name: model.model_json_schema(mode="serialization") for name, model in written.items()}
    return {
        "recipe": recipe_schema(catalog),
        **{name: {"$schema": DIALECT, **schema} for name, schema in made.items()},
    }
