"""ONNX operators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from recipec.api import Operator, hookimpl

if TYPE_CHECKING:
    from recipec.api.recipe_parts import RecipePart

RECIPEC_API = ">=1.0,<2"


@hookimpl
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    from recipec_onnx.dynamic import OnnxQuantizeDynamic
    from recipec_onnx.export import OnnxExport
    from recipec_onnx.model import OnnxSource
    from recipec_onnx.precision import OnnxConvertPrecision
    from recipec_onnx.simplify import OnnxSimplify
    from recipec_onnx.static import OnnxQuantizeStatic
    from recipec_onnx.upgrade import OnnxUpgrade

    return [
        OnnxSource,
        OnnxExport,
        OnnxQuantizeStatic,
        OnnxQuantizeDynamic,
        OnnxSimplify,
        OnnxConvertPrecision,
        OnnxUpgrade,
    ]


@hookimpl
def recipec_recipe_parts() -> Iterable[RecipePart]:
    from recipec_onnx.recipe_parts import PARTS

    return PARTS
