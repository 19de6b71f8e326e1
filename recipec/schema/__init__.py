"""JSON Schemas for editors and machines, generated from the types and the installed operators."""

from __future__ import annotations

from typing import Any

from recipec.plan.model import Plan
from recipec.registry import Catalog
from recipec.run.record import RunRecord
from recipec.schema.recipe import DIALECT, recipe_schema

__all__ = ["recipe_schema", "schemas"]


def schemas(catalog: Catalog) -> dict[str, dict[str, Any]]:
    """Give the schemas of recipe, plan and run record, by name."""
    return {
        "recipe": recipe_schema(catalog),
        "plan": {"$schema": DIALECT, **Plan.model_json_schema(mode="serialization")},
        "run": {"$schema": DIALECT, **RunRecord.model_json_schema(mode="serialization")},
    }
