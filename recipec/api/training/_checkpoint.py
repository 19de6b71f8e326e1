"""Checkpoints: one safetensors file, whose header holds the rest as JSON. No pickle."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

NAME: Final = "checkpoint.safetensors"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything that training goes on from: tensors by name, and values that are JSON."""

    tensors: Mapping[str, Tensor]
    values: Mapping[str, Any]

    def part(self, prefix: str) -> dict[str, Tensor]:
        """Give the tensors whose names begin with `prefix.`, without it."""
        start = f"{prefix}."
        return {n.removeprefix(start): t for n, t in self.tensors.items() if n.startswith(start)}


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint in place of the one before, so that at every moment one is whole."""
    aside = folder / f"{NAME}.new"
    tensors = {name: value.detach().cpu().clone() for name, value in checkpoint.tensors.items()}
    save_file(tensors, aside, {"values": json.dumps(checkpoint.values, allow_nan=False)})
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.replace(folder / NAME)


def read_checkpoint(folder: Path, stage: str) -> tuple[Checkpoint | None, str | None]:
    """Read the checkpoint of this stage, and say why there is none that can be used.

    `stage` is the digest of what the training depends on: a checkpoint of another training is not
    gone on from.
    """
    path = folder / NAME
    if not path.is_file():
        return None, None
    try:
        with safe_open(path, "pt") as file:
            values = json.loads((file.metadata() or {})["values"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, KeyError, ValueError) as problem:
        return None, f"a checkpoint couldn't be read ({type(problem).__name__}): began anew"
    if values.get("stage") != stage:
        return None, "a checkpoint of another training was left aside"
    return Checkpoint(tensors, values), None


def optimizer_parts(optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Divide an optimizer's state into tensors (`3.exp_avg`) and JSON."""
    state = optimizer.state_dict()
    tensors: dict[str, Tensor] = {}
    others: dict[str, Any] = {}
    for index, entries in state["state"].items():
        for name, value in entries.items():
            (tensors if isinstance(value, Tensor) else others)[f"{index}.{name}"] = value
    return tensors, {"groups": state["param_groups"], "state": others}


def restore_optimizer(
    optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor], values: Mapping[str, Any]
) -> None:
    """Put back what `optimizer_parts` gave."""
    state: dict[int, dict[str, Any]] = {}
    for key, value in {**values["state"], **tensors}.items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": values["groups"]})
