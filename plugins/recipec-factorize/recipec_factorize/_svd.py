"""Decompose weights by their singular values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from recipec.api import (
    Artifact,
    Metric,
    OperatorError,
    ReplaceLayer,
    RunContext,
    StageResult,
    TorchModule,
    Unknown,
)
from recipec.api.torch import (
    apply_edits,
    dtype_name,
    layer_table,
    load_module,
    module_facts,
    read_structure,
    reproducible,
    save_like,
    sole_layer,
)
from recipec_factorize.ranks import factorized, shrinks

if TYPE_CHECKING:
    from recipec_factorize.svd import Svd

Factorizable = nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d
_TYPES = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


def factorize(operator: Svd, model: Artifact[TorchModule], context: RunContext) -> StageResult:
    """Put two thin layers in the place of each chosen one of the module at `model.path`.

    Metrics say each rank (`low_rank.rank@LAYER`), and how far the product is from the weight
    (`low_rank.error@LAYER`: the Frobenius norm of the difference ÷ that of the weight). Raises
    OperatorError where a layer isn't what the table promised, or its weight isn't finite.
    """
    path, inputs = context.path_for("model"), read_structure(model.path).inputs
    with reproducible(context.seed, context.threads):
        module = load_module(model.path)
        table = model.facts.layers
        if isinstance(table, Unknown):
            table = layer_table(module, inputs)
        chosen = operator.choose(table, inputs)
        energy = operator.with_.energy
        fixed = {} if energy is not None else operator.ranks(chosen)
        ranks: dict[str, int] = {}
        edits, factors, metrics, notes = [], {}, [], []
        for row in chosen.layers:
            if energy is None and row.name not in fixed:
                continue
            layer = _layer(module, row.name)
            u, s, vh = _decomposed(layer, row.name)
            rank = fixed[row.name] if energy is None else rank_for_energy(s, energy)
            if not shrinks(row, rank):
                notes.append(f"{row.name} is kept: at rank {rank} two factors are no smaller")
                continue
            ranks[row.name] = rank
            factors[row.name] = layer, *halves(u, s, vh, rank, layer.weight.dtype)
            edits.append(_edit(row.name, layer, rank))
        module = apply_edits(module, edits)
        for name, (layer, first, second) in factors.items():
            _fill(module.get_submodule(name), layer, first, second)
            metrics += _metrics(name, layer, first, second)
        save_like(path, model.path, module, edits)
        planned = factorized(table, ranks)
        facts = module_facts(load_module(path), inputs, planned)
    return StageResult(
        {"model": facts},
        metrics=tuple(metrics),
        notes=tuple(notes),
        changed={"layers factorized": len(edits)},
    )


def rank_for_energy(singular_values: Tensor, energy: float) -> int:
    """Give the smallest rank whose squared singular values are this share of all, at least 1."""
    kept = singular_values.square().cumsum(0)
    return int((kept < energy * kept[-1]).sum()) + 1


def halves(
    u: Tensor, s: Tensor, vh: Tensor, rank: int, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """Give `[rank, in]` and `[out, rank]`; each has the root of the singular values.

    Their product is the nearest matrix of this rank (Eckart and Young, "The approximation of one
    matrix by another of lower rank", Psychometrika 1936).
    """
    root = s[:rank].sqrt()
    return (root[:, None] * vh[:rank]).to(dtype), (u[:, :rank] * root).to(dtype)


def _layer(module: nn.Module, name: str) -> Factorizable:
    layer = sole_layer(module, name, _TYPES)
    assert isinstance(layer, _TYPES)
    return layer


def _decomposed(layer: Factorizable, name: str) -> tuple[Tensor, Tensor, Tensor]:
    weight = layer.weight.detach().flatten(1)
    if not bool(weight.isfinite().all()):
        raise OperatorError(f"{name}.weight holds values that aren't finite")
    u, s, vh = torch.linalg.svd(weight.double(), full_matrices=False)
    return u, s, vh


def _edit(name: str, layer: Factorizable, rank: int) -> ReplaceLayer:
    same: dict[str, Any] = {
        "rank": rank,
        "bias": layer.bias is not None,
        "dtype": dtype_name(layer.weight.dtype),
    }
    if isinstance(layer, nn.Linear):
        sides = {"in_features": layer.in_features, "out_features": layer.out_features}
        return ReplaceLayer(
            layer=name, type="recipec.api.torch:LowRankLinear", arguments={**sides, **same}
        )
    padding = [0] * len(layer.stride) if isinstance(layer.padding, str) else list(layer.padding)
    sides = {"in_channels": layer.in_channels, "out_channels": layer.out_channels}
    where = {"stride": list(layer.stride), "padding": padding}
    return ReplaceLayer(
        layer=name, type="recipec.api.torch:LowRankConv", arguments={**sides, **where, **same}
    )


def _fill(new: nn.Module, old: Factorizable, first: Tensor, second: Tensor) -> None:
    reduce, expand = new.get_submodule("reduce"), new.get_submodule("expand")
    with torch.no_grad():
        for layer, values in ((reduce, first), (expand, second)):
            weight = layer.get_parameter("weight")
            weight.copy_(values.reshape(weight.shape))
        if old.bias is not None:
            expand.get_parameter("bias").copy_(old.bias)


def _metrics(name: str, old: Factorizable, first: Tensor, second: Tensor) -> list[Metric]:
    weight = old.weight.detach().flatten(1).double()
    norm, away = weight.norm(), (weight - second.double() @ first.double()).norm()
    error = float(away / norm) if norm > 0 else 0.0
    return [
        Metric(name=f"low_rank.rank@{name}", value=len(first), unit="1", better="lower"),
        Metric(name=f"low_rank.error@{name}", value=error, unit="share", better="lower"),
    ]
