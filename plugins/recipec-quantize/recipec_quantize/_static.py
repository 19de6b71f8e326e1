"""The heavy half of `quantize.static`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from recipec.api import (
    UNKNOWN,
    Artifact,
    LayerTable,
    Metric,
    OperatorError,
    RunContext,
    StageResult,
)
from recipec.api.folding import foldable_norms
from recipec.api.torch import (
    export_program,
    exported_facts,
    fold_batch_norms,
    load_module,
    module_facts,
    read_structure,
    reproducible,
    save_exported,
)
from recipec_quantize._calibration import calibration_batches
from recipec_quantize._naming import give_layers_their_tensors, layer_nodes
from recipec_quantize._observers import observer
from recipec_quantize._quantizer import LayerQuantizer, activation_spec
from recipec_quantize._shields import Unused, hide_norms, show_norms
from recipec_quantize._torchao import convert_pt2e, prepare_pt2e

if TYPE_CHECKING:
    from recipec_quantize.static import StaticParams


def quantize_static(
    params: StaticParams,
    choose: Callable[[LayerTable], frozenset[str]],
    inputs: Mapping[str, Artifact[Any]],
    context: RunContext,
) -> StageResult:
    """Quantize the artifact `model`; `choose` names the layers, given the module's own table.

    Raises OperatorError when torch can't export the module, or layers share a weight.
    """
    source = inputs["model"].path
    module, specs = load_module(source), read_structure(source).inputs
    facts = module_facts(module, specs, UNKNOWN)
    assert isinstance(facts.layers, LayerTable)
    assert isinstance(facts.outputs, tuple)
    chosen = choose(facts.layers)
    _refuse_shared_weights(module, chosen)
    kinds = [(layer.name, layer.type) for layer in facts.layers.layers]
    with reproducible(context.seed, context.threads), torch.no_grad():
        graph = export_program(module, specs, facts.outputs, kinds).module()
        fold_batch_norms(graph, foldable_norms(facts.layers))
        layers = layer_nodes(graph, chosen)
        unused = Unused(graph)
        hide_norms(graph)
        spec = activation_spec(params.target, observer(params.observer, params.percentile))
        prepared = prepare_pt2e(graph, LayerQuantizer(chosen, spec))
        calibration = params.calibration
        for batch in calibration_batches(
            inputs["calibration.data"],
            specs,
            calibration.samples,
            calibration.batch_size,
            context,
        ):
            prepared(*batch)
        converted = convert_pt2e(prepared)
        show_norms(converted)
        unused.restore(converted)
        give_layers_their_tensors(converted, layers)
        program = export_program(converted, specs, facts.outputs, kinds)
    save_exported(context.path_for("model"), program)
    count = Metric(name="layers.quantized", value=len(layers), unit="1")
    return StageResult({"model": exported_facts(program)}, metrics=(count,))


def _refuse_shared_weights(module: nn.Module, chosen: frozenset[str]) -> None:
    """An int8 weight can't be a float one for another layer."""
    owners: dict[int, str] = {}
    for name, parameter in module.named_parameters(remove_duplicate=False):
        other = owners.setdefault(id(parameter), name)
        if other != name and {n.rpartition(".")[0] for n in (name, other)} & chosen:
            raise OperatorError(
                f"{other} and {name} are one tensor, which can't be int8 for one layer only",
                at=("exclude",),
                hint="exclude one of these layers from quantization",
            )
