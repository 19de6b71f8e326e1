"""Training stages: fine-tune, prune gradually, distill; resumable to the bit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from recipec.api import Lint, Operator, hookimpl

if TYPE_CHECKING:
    from recipec.api.recipe_parts import RecipePart

RECIPEC_API = ">=1.0,<2"


@hookimpl
def recipec_operators() -> list[type[Operator[Any]]]:
    from recipec_train.distill import Distill
    from recipec_train.fit import Fit

    return [Fit, Distill]


@hookimpl
def recipec_lints() -> list[Lint]:
    from recipec_train.lints import REGROWN, SLOW

    return [REGROWN, SLOW]


@hookimpl
def recipec_recipe_parts() -> Iterable[RecipePart]:
    from recipec_train.recipe_parts import PARTS

    return PARTS
