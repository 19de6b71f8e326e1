"""The heavy half of `quantize.dynamic`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from recipec.api import UNKNOWN, Artifact, LayerTable, OperatorError, RunContext, StageResult
from recipec.api.edits import ReplaceLayer
from recipec.api.torch import (
    apply_edits,
    load_module,
    module_facts,
    read_structure,
    reproducible,
    save_like,
)
from recipec_quantize.dynamic_tables import KINDS

if TYPE_CHECKING:
    from recipec_quantize.dynamic import DynamicQuantization


def quantize_dynamically(
    operator: DynamicQuantization, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Put dynamically quantized layers in place of those that are chosen.

    Raises OperatorError when one is a subclass of torch's, whose forward pass would be lost, and
    when the module doesn't run with the new ones.
    """
    source = inputs["model"].path
    module, specs = load_module(source), read_structure(source).inputs
    facts = module_facts(module, specs, UNKNOWN)
    assert isinstance(facts.layers, LayerTable)
    chosen = operator.chosen(facts.layers)
    per_channel = operator.with_.per_channel
    old = {name: module.get_submodule(name) for name in sorted(chosen)}
    edits = [_replacement(name, layer, per_channel) for name, layer in old.items()]
    with reproducible(context.seed, context.threads), torch.no_grad():
        module = apply_edits(module, edits)
        for name, layer in old.items():
            _fill(module.get_submodule(name), layer, per_channel)
    save_like(context.path_for("model"), source, module, edits)
    return StageResult(
        {"model": module_facts(module, specs, UNKNOWN)},
        changed={"layers quantized": len(chosen)},
    )


def _replacement(name: str, layer: nn.Module, per_channel: bool) -> ReplaceLayer:
    kind = type(layer)
    arguments: dict[str, Any]
    if kind is nn.Linear:
        arguments = {
            "in_features": layer.in_features,
            "out_features": layer.out_features,
            "bias": layer.bias is not None,
        }
    elif kind in (nn.LSTM, nn.GRU):
        arguments = {
            "input_size": layer.input_size,
            "hidden_size": layer.hidden_size,
            "num_layers": layer.num_layers,
            "batch_first": layer.batch_first,
            "dropout": layer.dropout,
            "bidirectional": layer.bidirectional,
        }
    else:
        raise OperatorError(
            f"{name} is a {kind.__name__} of its own, not torch's",
            at=("exclude",),
            hint=f"exclude: [{name}]",
        )
    arguments["per_channel"] = per_channel
    made = KINDS[kind.__name__]
    return ReplaceLayer(layer=name, type=f"recipec.api.torch:{made}", arguments=arguments)


def _fill(made: nn.Module, layer: nn.Module, per_channel: bool) -> None:
    """Quantize the weights of a layer into the one that replaces it, and copy its biases."""
    for name, parameter in layer.named_parameters(recurse=False):
        if parameter.dim() < 2:
            made.get_parameter(name).copy_(parameter)
        else:
            codes, scale = int8_weight(parameter, per_channel)
            made.get_parameter(name).copy_(codes)
            made.get_buffer(f"{name}_scale").copy_(scale)


def int8_weight(weight: Tensor, per_channel: bool) -> tuple[Tensor, Tensor]:
    """Quantize a weight [rows, columns] to int8: codes, and scales [rows] or [1].

    As torch's observers of dynamic quantization do: symmetric, the largest magnitude / 127.5.
    """
    largest = weight.abs().amax(1) if per_channel else weight.abs().amax().reshape(1)
    scale = (largest / 127.5).clamp(min=torch.finfo(torch.float32).eps)
    codes = (weight * (1 / scale)[:, None]).round().clamp(-128, 127)
    return codes.to(torch.int8), scale
