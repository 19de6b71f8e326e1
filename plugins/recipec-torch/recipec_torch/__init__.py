"""Torch models as sources: any builder, with weights, and a small zoo of its own."""

from __future__ import annotations

from typing import Any

from recipec.api import Capability, Operator, hookimpl


@hookimpl
def recipec_operators() -> list[type[Operator[Any]]]:
    from recipec_torch.model import TorchModel

    return [TorchModel]


@hookimpl
def recipec_capabilities() -> list[Capability]:
    from recipec_torch.cuda import driver_version

    return [Capability("cuda", driver_version, "an NVIDIA GPU with its driver")]
