"""Cluster the weights of a module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from recipec.api import (
    Artifact,
    Metric,
    OperatorError,
    RunContext,
    StageResult,
    TorchModule,
    Unknown,
)
from recipec.api.torch import (
    layer_table,
    load_module,
    module_facts,
    read_structure,
    reproducible,
    save_like,
)
from recipec_clustering._distinct import distinct
from recipec_clustering._lloyd import borders, centroids, first_centroids
from recipec_clustering.kmeans import CLUSTERED, KMeansParams
from recipec_clustering.weights import Weight

if TYPE_CHECKING:
    from recipec_clustering.kmeans import KMeans


def cluster_module(
    operator: KMeans, model: Artifact[TorchModule], context: RunContext
) -> StageResult:
    """Cluster the module at `model.path`, tensor by tensor in the layer table's order.

    Metrics say how far each tensor is from what it was (`clustering.error@TENSOR`: the Frobenius
    norm of the difference ÷ that of the weight). Raises OperatorError where a weight isn't finite.
    """
    path, inputs = context.path_for("model"), read_structure(model.path).inputs
    with reproducible(context.seed, context.threads):
        module = load_module(model.path)
        table = model.facts.layers
        if isinstance(table, Unknown):
            table = layer_table(module, inputs)
        chosen = operator.choose(table)
        metrics = []
        for done, weight in enumerate(chosen.weights, 1):
            tensor = tensor_of(module, weight)
            shared = clustered(tensor, operator.clusters, operator.with_)
            metrics.append(_error(weight.name, tensor, shared))
            tensor.copy_(shared)
            context.progress(done, len(chosen.weights), weight.name)
        save_like(path, model.path, module)
        facts = module_facts(module, inputs, operator.clustered(table, chosen))
    return StageResult({"model": facts}, tuple(metrics), changed={CLUSTERED: chosen.elements})


def clustered(weight: Tensor, clusters: int, params: KMeansParams) -> Tensor:
    """Give the weight with each element replaced by its centroid: at most `clusters` values."""
    free = weight != 0 if params.keep_zeros else torch.ones_like(weight, dtype=torch.bool)
    values = weight[free]
    room = clusters if bool(free.all()) else clusters - 1  # 0 is the other one
    if len(distinct(values)) <= room:
        return weight.clone()
    ordered = values.double().sort().values
    begin = first_centroids(ordered, room, params.init)
    codebook = centroids(ordered, begin, params.iterations)
    entries = codebook.to(weight.dtype)
    if params.keep_zeros:  # as many zeros as were there, even if values cancel out in a mean
        entries = torch.where(entries == 0, torch.finfo(weight.dtype).tiny, entries)
    shared = torch.zeros_like(weight)
    shared[free] = entries[torch.bucketize(values.double(), borders(codebook))]
    return shared


def tensor_of(module: nn.Module, weight: Weight) -> Tensor:
    """Give a weight's tensor, in the module's own memory.

    Raises OperatorError when its values aren't finite.
    """
    tensor = getattr(module.get_submodule(weight.layer.name), weight.tensor.name)
    assert isinstance(tensor, Tensor)
    if not bool(tensor.isfinite().all()):
        raise OperatorError(f"{weight.name} holds values that aren't finite")
    return tensor.detach()


def tensors_of(module: nn.Module, weights: tuple[Weight, ...]) -> Iterator[tuple[str, Tensor]]:
    """Give the weights' names and tensors. Raises OperatorError as `tensor_of` does."""
    for weight in weights:
        yield weight.name, tensor_of(module, weight)


def _error(name: str, before: Tensor, after: Tensor) -> Metric:
    norm = float(before.double().norm())
    away = float((before.double() - after.double()).norm())
    value = away / norm if norm else 0.0
    return Metric(name=f"clustering.error@{name}", value=value, unit="share", better="lower")
