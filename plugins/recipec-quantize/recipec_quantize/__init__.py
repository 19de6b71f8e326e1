"""Quantization operators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from recipec.api import Operator, hookimpl

if TYPE_CHECKING:
    from recipec.api.recipe_parts import RecipePart

RECIPEC_API = ">=1.0,<2"


@hookimpl
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    from recipec_quantize.dynamic import DynamicQuantization
    from recipec_quantize.qat import QuantizationAwareTraining
    from recipec_quantize.static import StaticQuantization
    from recipec_quantize.weight_only import WeightOnly

    return [DynamicQuantization, QuantizationAwareTraining, StaticQuantization, WeightOnly]


@hookimpl
def recipec_recipe_parts() -> Iterable[RecipePart]:
    from recipec_quantize.recipe_parts import PARTS

    return PARTS
