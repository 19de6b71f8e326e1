"""Train a module whose weights are clustered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn, optim

from recipec.api import Artifact, OperatorError, RunContext, StageResult, Unknown
from recipec.api.torch import (
    layer_table,
    load_module,
    module_facts,
    read_structure,
    reproducible,
    save_like,
)
from recipec.api.training import (
    Hooks,
    Length,
    Masks,
    count_logits,
    open_readers,
    supervised,
    train,
    training_identity,
)
from recipec_clustering._distinct import distinct_and_places
from recipec_clustering._kmeans import tensors_of
from recipec_clustering.weights import MOST, Chosen, some

if TYPE_CHECKING:
    from recipec_clustering.finetune import Finetune


def finetune(
    operator: Finetune, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Train the artifact `inputs["model"]` on `inputs["data"]`.

    Raises OperatorError at ("include",) when a layer that it names isn't clustered, and when no
    weight is.
    """
    source, params = inputs["model"], operator.with_
    with reproducible(context.seed, context.threads):
        structure = read_structure(source.path)
        module = load_module(source.path)
        table = source.facts.layers
        if isinstance(table, Unknown):
            table = layer_table(module, structure.inputs)
        together = Together(dict(_clustered(module, operator.choose(table), bool(params.include))))
        readers = open_readers(inputs, structure.inputs, count_logits(module, structure.inputs))
        outcome = train(
            module,
            readers["data"],
            params,
            context,
            loss=supervised(params.loss),
            identity=training_identity(params, inputs, context),
            validation=readers.get("validation"),
            hooks=together,
        )
        save_like(context.path_for("model"), source.path, module)
        facts = module_facts(module, structure.inputs, groups=table)
    return StageResult({"model": facts}, outcome.metrics(), outcome.notes)


class Together(Hooks):
    """Holds equal weights together; `clusters` gives by name the cluster of each element."""

    def __init__(self, clusters: Mapping[str, Tensor]) -> None:
        self._clusters = clusters
        self._held: list[tuple[nn.Parameter, Tensor, Tensor]] = []

    def begin(
        self, module: nn.Module, optimizer: optim.Optimizer, length: Length, masks: Masks
    ) -> None:
        for name, clusters in self._clusters.items():
            parameter = module.get_parameter(name)
            here = clusters.to(parameter.device)
            self._held.append((parameter, here, first_of_each(here)))
            parameter.register_hook(Summed(here))  # type: ignore[no-untyped-call]  # torch has no types here

    def at(self, step: int) -> None:
        # Equal gradients move equal weights equally, but for the last bit: the ends of a tensor
        # are computed by other instructions than its middle.
        with torch.no_grad():
            for parameter, clusters, first in self._held:
                parameter.copy_(parameter.flatten()[first][clusters].view_as(parameter))


class Summed:
    """A gradient hook: every element gets the sum of its cluster's gradients.

    Equation 3: ∂L/∂C_k = Σ_ij ∂L/∂W_ij · 1(I_ij = k).
    """

    def __init__(self, clusters: Tensor) -> None:
        self._clusters = clusters
        self._count = int(clusters.max()) + 1

    def __call__(self, gradient: Tensor) -> Tensor:
        sums = gradient.new_zeros(self._count).index_add_(0, self._clusters, gradient.flatten())
        return sums[self._clusters].view_as(gradient)


def first_of_each(clusters: Tensor) -> Tensor:
    """Give the place of the first element of each cluster [k]."""
    places = torch.arange(len(clusters), device=clusters.device)
    count = int(clusters.max()) + 1
    none = places.new_full((count,), len(clusters))
    return none.scatter_reduce(0, clusters, places, "amin")


def _clustered(module: nn.Module, chosen: Chosen, named: bool) -> Iterator[tuple[str, Tensor]]:
    free = []
    found = False
    for name, tensor in tensors_of(module, chosen.weights):
        values, clusters = distinct_and_places(tensor)
        if len(values) <= MOST and len(values) < tensor.numel():
            found = True
            yield name, clusters
        else:
            free.append(name)
    if named and free:
        raise OperatorError(f"the weights of {some(free)} aren't clustered", at=("include",))
    if not found:
        raise OperatorError(
            f"no weight is clustered: each has more than {MOST} values, or all different ones",
            hint="put clustering.kmeans before this stage",
        )
