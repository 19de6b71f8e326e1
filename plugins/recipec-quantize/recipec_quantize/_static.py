"""The heavy half of `quantize.static`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from recipec_quantize._observers import observer
from recipec_quantize._quantizer import LayerQuantizer, activation_spec
from recipec_quantize._torchao import convert_pt2e, prepare_pt2e
from torch import Tensor, nn
from torch.fx import GraphModule, Node

from recipec.api import (
    Artifact,
    DataSamples,
    LayerTable,
    Metric,
    OperatorError,
    RunContext,
    StageResult,
    TensorSpec,
)
from recipec.api.data import open_samples
from recipec.api.folding import foldable_norms
from recipec.api.torch import (
    WEIGHTED,
    attribute,
    export_program,
    exported_facts,
    fold_batch_norms,
    load_module,
    module_facts,
    put_parameter,
    read_structure,
    reproducible,
    save_exported,
)

if TYPE_CHECKING:
    from recipec_quantize.static import StaticParams

aten = torch.ops.aten
quantized = torch.ops.quantized_decomposed
Select = Callable[[LayerTable], frozenset[str]]


def quantize_static(
    params: StaticParams, select: Select, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Quantize the artifact `model`; `select` names the layers, given the module's own table."""
    source = inputs["model"].path
    module = load_module(source)
    specs = read_structure(source).inputs
    facts = module_facts(module, specs)
    assert isinstance(facts.layers, LayerTable)
    assert isinstance(facts.outputs, tuple)
    chosen = select(facts.layers)
    _refuse_shared(module, chosen)
    kinds = [(layer.name, layer.type) for layer in facts.layers.layers]
    with reproducible(context.seed, context.threads):
        graph = export_program(module, specs, facts.outputs, kinds).module()
        fold_batch_norms(graph, foldable_norms(facts.layers))
        weights = _weights(graph, chosen)
        activations = activation_spec(
            params.target, observer(params.observer, params.percentile)
        )
        with _norms_kept(graph):
            prepared = prepare_pt2e(graph, LayerQuantizer(chosen, activations))
        batches = calibration_batches(
            inputs["calibration.data"],
            specs,
            params.calibration.samples,
            params.calibration.batch_size,
            context,
        )
        with torch.no_grad():
            for batch in batches:
                prepared(*batch)
        converted = convert_pt2e(prepared)
        _drop_shields(converted)
        _name_weights(converted, weights)
        program = export_program(converted, specs, facts.outputs, kinds)
    path = context.path_for("model")
    save_exported(path, program)
    metric = Metric(name="layers.quantized", value=len(chosen), unit="1")
    return StageResult({"model": exported_facts(program)}, metrics=(metric,))
