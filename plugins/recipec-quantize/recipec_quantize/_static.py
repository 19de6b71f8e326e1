"""The heavy half of `quantize.static`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch

from recipec.api import (
    UNKNOWN,
    Artifact,
    LayerTable,
    Metric,
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
from recipec_quantize._convert import int8_program
from recipec_quantize._naming import layer_nodes
from recipec_quantize._observers import observer
from recipec_quantize._quantizer import LayerQuantizer, activation_spec, weight_spec
from recipec_quantize._shields import Unused, hide_norms
from recipec_quantize._torchao import prepare_pt2e

if TYPE_CHECKING:
    from recipec_quantize.static import StaticParams


def quantize_static(
    params: StaticParams,
    choose: Callable[[LayerTable], frozenset[str]],
    inputs: Mapping[str, Artifact[Any]],
    context: RunContext,
) -> StageResult:
    """Quantize the artifact `model`; `choose` names the layers, given the module's own table.

    Raises OperatorError when torch can't export the module, or no output depends on a layer.
    """
    source = inputs["model"].path
    module, specs = load_module(source), read_structure(source).inputs
    facts = module_facts(module, specs, UNKNOWN)
    assert isinstance(facts.layers, LayerTable)
    assert isinstance(facts.outputs, tuple)
    chosen = choose(facts.layers)
    kinds = [(layer.name, layer.type) for layer in facts.layers.layers]
    with reproducible(context.seed, context.threads), torch.no_grad():
        graph = export_program(module, specs, facts.outputs, kinds).module()
        fold_batch_norms(graph, foldable_norms(facts.layers))
        layers = layer_nodes(graph, chosen)
        unused = Unused(graph)
        hide_norms(graph)
        spec = activation_spec(
            params.target, params.activation_bits, observer(params.observer, params.percentile)
        )
        quantizer = LayerQuantizer(chosen, weight_spec(params.weight_bits), spec)
        prepared = prepare_pt2e(graph, quantizer)
        calibration = params.calibration
        for batch in calibration_batches(
            inputs["calibration.data"],
            specs,
            calibration.samples,
            calibration.batch_size,
            context,
        ):
            prepared(*batch)
        program = int8_program(prepared, layers, unused, specs, facts.outputs, kinds)
    save_exported(context.path_for("model"), program)
    count = Metric(name="layers.quantized", value=len(chosen), unit="1")
    return StageResult(
        {"model": exported_facts(program)},
        metrics=(count,),
        changed={"layers quantized": len(chosen)},
    )
