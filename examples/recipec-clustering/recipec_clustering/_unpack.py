"""Read files of codebooks: weights again, and a module with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from recipec.api import Artifact, ImportString, OperatorError, RunContext, StageResult
from recipec.api.torch import (
    apply_edits,
    build_module,
    load_weights,
    module_facts,
    read_safetensors,
    read_structure,
    reproducible,
    save_like,
)
from recipec_clustering._bits import unpack_bits
from recipec_clustering.kind import Codebooks
from recipec_clustering.layout import CODEBOOK, FILE, INDICES


def unpack(model: Artifact[Codebooks], context: RunContext) -> StageResult:
    """Save the packed model at `model.path` as a torch module. Raises OperatorError."""
    with reproducible(context.seed, context.threads):
        module = load_packed(model.path)
        save_like(context.path_for("model"), model.path, module)
        facts = module_facts(module, read_structure(model.path).inputs, model.facts.layers)
    return StageResult({"model": facts})


def load_packed(path: Path) -> nn.Module:
    """Build the module of a packed model and load its weights; in eval mode.

    Raises OperatorError when the folder holds none, or when weights don't belong to the module.
    """
    structure = read_structure(path)
    module = build_module(ImportString(structure.builder), structure.arguments, path / "code")
    module = apply_edits(module, structure.edits)
    weights = _dense(read_safetensors(path / FILE), module)
    # Buffers that a module doesn't save are in the layer table, and so in the file as well.
    known = module.state_dict().keys()
    unsaved = {name for name, _ in module.named_buffers()} - known
    load_weights(module, {name: value for name, value in weights.items() if name not in unsaved})
    return module.eval()


def _dense(stored: Mapping[str, Tensor], module: nn.Module) -> dict[str, Tensor]:
    """Give the tensors by their names, those of codebooks in the shape that the module has."""
    dense = {}
    shapes = {name: parameter.shape for name, parameter in _parameters(module)}
    for name, value in stored.items():
        if name.startswith(CODEBOOK):
            continue
        if not name.startswith(INDICES):
            dense[name] = value
            continue
        weight = name.removeprefix(INDICES)
        codebook = stored.get(CODEBOOK + weight)
        if codebook is None or weight not in shapes:
            raise OperatorError(f"{FILE} has indices of {weight!r} that belong to nothing")
        dense[weight] = _values(weight, codebook, value, shapes[weight])
    return dense


def _values(name: str, codebook: Tensor, packed: Tensor, shape: torch.Size) -> Tensor:
    bits = len(codebook).bit_length() - 1
    if len(codebook) != 2**bits or len(packed) != (shape.numel() * bits + 7) // 8:
        raise OperatorError(f"{FILE} has {len(packed)} bytes of indices of {name!r}, of {shape}")
    return codebook[unpack_bits(packed, bits, shape.numel())].reshape(shape)


def _parameters(module: nn.Module) -> list[tuple[str, nn.Parameter]]:
    return list(module.named_parameters(remove_duplicate=False))
