"""Torch models as sources: any builder, with weights, and a small zoo of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from recipec.api import Capability, Operator, hookimpl

if TYPE_CHECKING:
    from recipec.api.recipe_parts import RecipePart

RECIPEC_API = ">=1.0,<2"


@hookimpl
def recipec_operators() -> list[type[Operator[Any]]]:
    from recipec_torch.model import TorchModel
    from recipec_torch.transformers_model import TransformersModel

    return [TorchModel, TransformersModel]


@hookimpl
def recipec_capabilities() -> list[Capability]:
    from recipec_torch.cuda import driver_version

    return [Capability("cuda", driver_version, "an NVIDIA GPU with its driver")]


@hookimpl
def recipec_recipe_parts() -> Iterable[RecipePart]:
    from recipec_torch.recipe_parts import PARTS

    return PARTS
