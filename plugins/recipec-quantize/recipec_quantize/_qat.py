"""The heavy half of `quantize.qat`."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.fx import GraphModule, Node

from recipec.api import UNKNOWN, Artifact, LayerTable, Metric, RunContext, StageResult
from recipec.api.folding import foldable_norms
from recipec.api.torch import (
    export_program,
    exported_facts,
    fold_batch_norms,
    load_module,
    module_facts,
    operand,
    read_structure,
    reproducible,
    save_exported,
)
from recipec.api.training import (
    LossFunction,
    Teacher,
    count_logits,
    open_readers,
    soft_divergence,
    supervised,
    train,
    training_identity,
)
from recipec_quantize._convert import int8_program
from recipec_quantize._naming import layer_nodes
from recipec_quantize._qat_mode import QatHooks
from recipec_quantize._qat_norms import ScaledLayer, restore_weights, scale_weights
from recipec_quantize._quantizer import LayerQuantizer, activation_spec, weight_spec
from recipec_quantize._shields import Unused, hide_norms, show_norms
from recipec_quantize._torchao import (
    FakeQuantize,
    MovingAverageMinMaxObserver,
    MovingAveragePerChannelMinMaxObserver,
    prepare_qat_pt2e,
)

if TYPE_CHECKING:
    from recipec_quantize.qat import QatParams, QuantizationAwareTraining

TEMPERATURE = 4.0


def train_quantized(
    operator: QuantizationAwareTraining,
    inputs: Mapping[str, Artifact[Any]],
    context: RunContext,
) -> StageResult:
    """Train the artifact `model` with simulated quantization, and convert it.

    Raises OperatorError when torch can't export the module, no output depends on a layer, or
    training diverges.
    """
    params, source = operator.with_, inputs["model"].path
    with reproducible(context.seed, context.threads):
        module, specs = load_module(source), read_structure(source).inputs
        facts = module_facts(module, specs, UNKNOWN)
        assert isinstance(facts.layers, LayerTable)
        assert isinstance(facts.outputs, tuple)
        chosen, norms = operator.chosen(facts.layers), foldable_norms(facts.layers)
        readers = open_readers(inputs, specs, count_logits(module, specs))
        kinds = [(layer.name, layer.type) for layer in facts.layers.layers]
        graph = export_program(module, specs, facts.outputs, kinds).module()
        assert isinstance(graph, GraphModule)
        layers = layer_nodes(graph, chosen)
        prepared, scaled = prepare(graph, norms, chosen, params)
        outcome = train(
            prepared,
            readers["data"],
            params,
            context,
            loss=_loss(params, module),
            identity=training_identity(params, inputs, context),
            validation=readers.get("validation"),
            hooks=QatHooks(params.freeze),
        )
        with torch.no_grad():
            restore_weights(prepared, scaled)
            _fold(prepared, norms)
            program = int8_program(prepared, layers, Unused(prepared), specs, facts.outputs, kinds)
    save_exported(context.path_for("model"), program)
    count = Metric(name="layers.quantized", value=len(chosen), unit="1")
    return StageResult(
        {"model": exported_facts(program)},
        (*outcome.metrics(), count),
        outcome.notes,
        changed={"layers quantized": len(chosen)},
    )


def prepare(
    graph: GraphModule, norms: Mapping[str, str], chosen: frozenset[str], params: QatParams
) -> tuple[GraphModule, list[ScaledLayer]]:
    """Put fake quantizers into an exported graph; give it, and the layers with scaled weights.

    The range of a weight is that of its present values; that of an activation is a moving average
    of batches' ranges. Both have the rounding of `torch.fake_quantize_…` with the scale that
    conversion takes (torch's fused form has another one for negative extremes).
    """
    scaled = scale_weights(graph, norms, chosen)
    weights = FakeQuantize.with_args(
        observer=MovingAveragePerChannelMinMaxObserver, averaging_constant=1.0
    )
    activations = FakeQuantize.with_args(observer=MovingAverageMinMaxObserver)
    quantizer = LayerQuantizer(
        chosen,
        weight_spec(params.weight_bits, weights),
        activation_spec(params.target, params.activation_bits, activations),
    )
    hide_norms(graph)  # prepare_qat_pt2e rewrites those that it knows
    prepared = prepare_qat_pt2e(graph, quantizer)
    show_norms(prepared)
    return prepared, scaled


def _fold(prepared: GraphModule, norms: Mapping[str, str]) -> None:
    """Fold batch normalizations into the weights, before what rounds these."""
    graph, rounded = prepared.graph, []
    for rounding in list(graph.nodes):
        if _rounds_a_weight(prepared, rounding):
            weight = operand(rounding, 0)
            rounded.append((weight, str(rounding.target), list(rounding.users)))
            rounding.replace_all_uses_with(weight)
            graph.erase_node(rounding)
    fold_batch_norms(prepared, norms)
    for weight, target, readers in rounded:
        with graph.inserting_after(weight):
            again = graph.call_module(target, (weight,))
        for reader in readers:
            reader.replace_input_with(weight, again)
    prepared.recompile()


def _rounds_a_weight(prepared: GraphModule, node: Node) -> bool:
    return (
        node.op == "call_module"
        and isinstance(prepared.get_submodule(str(node.target)), FakeQuantize)
        and operand(node, 0).op == "get_attr"
    )


def _loss(params: QatParams, module: nn.Module) -> LossFunction:
    supervise = supervised(params.loss)
    if not params.distill:
        return supervise
    teacher, share = Teacher(copy.deepcopy(module)), params.distill

    def distilled(
        student: nn.Module, inputs: tuple[Tensor, ...], labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        loss, logits = supervise(student, inputs, labels)
        distance = soft_divergence(logits, teacher(inputs), TEMPERATURE)
        return share * TEMPERATURE**2 * distance + (1 - share) * loss, logits

    return distilled
