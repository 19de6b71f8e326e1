"""Read weights from files that others made, without running what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from recipec.api import OperatorError
from recipec.api.torch import load_weights, read_safetensors

NESTED = ("state_dict", "model_state_dict", "model")
"""Keys under which training scripts keep the state dict in a checkpoint."""


def load_file_into(module: nn.Module, path: Path) -> None:
    """Load a weights file into a module, strictly. Raises OperatorError at ("weights",)."""
    try:
        load_weights(module, _read(path))
    except OperatorError as problem:
        raise OperatorError(problem.message, at=("weights",), hint=problem.hint) from problem


def _read(path: Path) -> Mapping[str, Tensor]:
    if path.suffix == ".safetensors":
        return read_safetensors(path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as problem:  # the file may be anything, and torch raises as many things
        first = str(problem).partition("\n")[0]
        message = f"{path.name} can't be read as weights: {type(problem).__name__}: {first}"
        if "Weights only load failed" in first:  # torch goes on to say how to load it all the same
            message = f"{path.name} holds Python objects, which would run code; weights are tensors"
        raise OperatorError(
            message,
            hint="a .pt or .pth file must hold a state dict: torch.save(model.state_dict(), ...)",
        ) from problem
    for key in NESTED:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    return _checked(path, content)


def _checked(path: Path, content: Any) -> Mapping[str, Tensor]:
    if not isinstance(content, Mapping) or not content:
        raise OperatorError(
            f"{path.name} holds no state dict", hint="torch.save(model.state_dict(), ...)"
        )
    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise OperatorError(f"{path.name} holds {name!r}, which is not a tensor")
    return content
