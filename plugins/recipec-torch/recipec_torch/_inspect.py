"""The facts of a module before it is made for real: what `plan()` asks for, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from recipec.api import OperatorError, TensorSpec, TorchModule, Unknown
from recipec.api.torch import call_builder, module_facts
from recipec_torch._weights import load_file_into


def facts(
    *,
    code: Any,
    builder: str,
    arguments: Mapping[str, Any],
    inputs: Sequence[Mapping[str, Any]],
    weights: str | None,
) -> dict[str, Any]:
    """Give the facts of the module that `code` builds, as JSON.

    It is built on the meta device; for real when its builder or forward pass needs values, and with
    `weights`, which are checked and whose zeros are counted. Raises OperatorError.
    """
    specs = [TensorSpec.model_validate(spec) for spec in inputs]
    if weights is not None:
        module = call_builder(builder, code, arguments)
        load_file_into(module, Path(weights))
        return _read(module, specs).to_json()
    try:
        with torch.device("meta"):
            return _read(call_builder(builder, code, arguments), specs).to_json()
    except OperatorError:  # either it is wrong, or it needs real values: building it for real tells
        return _without_zeros(_read(call_builder(builder, code, arguments), specs)).to_json()


def _read(module: nn.Module, inputs: Sequence[TensorSpec]) -> TorchModule:
    try:
        return module_facts(module, inputs)
    except OperatorError as problem:
        raise OperatorError(problem.message, at=("input",), hint=problem.hint) from problem


def _without_zeros(made: TorchModule) -> TorchModule:
    """Forget how many zeros there are: random weights depend on the seed."""
    if isinstance(made.layers, Unknown):
        return made
    return made.model_copy(update={"layers": made.layers.without_zeros()})
