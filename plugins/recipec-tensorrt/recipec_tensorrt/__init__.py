"""TensorRT engines from ONNX models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from recipec.api import Capability, Facts, Lint, Operator, hookimpl

if TYPE_CHECKING:
    from recipec.api.recipe_parts import RecipePart

RECIPEC_API = ">=1.0,<2"


@hookimpl
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    from recipec_tensorrt.build import Build

    return [Build]


@hookimpl
def recipec_artifact_kinds() -> Iterable[type[Facts]]:
    from recipec_tensorrt.listing import EngineLayers

    return [EngineLayers]


@hookimpl
def recipec_capabilities() -> Iterable[Capability]:
    from recipec_tensorrt.gpus import compute_capabilities

    what = "the compute capabilities of its NVIDIA GPUs"
    return [Capability("compute-capability", compute_capabilities, what)]


@hookimpl
def recipec_lints() -> Iterable[Lint]:
    from recipec_tensorrt.lints import ABSENT

    return [ABSENT]


@hookimpl
def recipec_recipe_parts() -> Iterable[RecipePart]:
    from recipec_tensorrt.recipe_parts import PARTS

    return PARTS
