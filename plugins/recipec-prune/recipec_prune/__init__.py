"""Pruning: weights that become zero, and channels and blocks that really leave."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from recipec.api import Operator, hookimpl

if TYPE_CHECKING:
    from recipec.api.recipe_parts import RecipePart

RECIPEC_API = ">=1.0,<2"


@hookimpl
def recipec_operators() -> list[type[Operator[Any]]]:
    from recipec_prune.blocks import Blocks
    from recipec_prune.channels import Channels
    from recipec_prune.semi_structured import SemiStructured
    from recipec_prune.structured import Structured
    from recipec_prune.unstructured import Unstructured
    from recipec_prune.whole import Global

    return [Blocks, Channels, Global, SemiStructured, Structured, Unstructured]


@hookimpl
def recipec_recipe_parts() -> Iterable[RecipePart]:
    from recipec_prune.recipe_parts import PARTS

    return PARTS
