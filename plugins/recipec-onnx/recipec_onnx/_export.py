"""The heavy half of `onnx.export`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import onnx
import torch
from onnx import ModelProto
from onnx.checker import ValidationError
from onnx.shape_inference import InferenceError
from torch.export import ExportedProgram

from recipec.api import (
    Artifact,
    OnnxModel,
    OperatorError,
    RunContext,
    StageResult,
    TorchModel,
)
from recipec.api.onnx import Comparison, judge, onnx_facts
from recipec.api.torch import exported_layers, reproducible
from recipec_onnx._blocks import TRANSLATIONS, store_four_bits
from recipec_onnx._check import BATCH, batches, compare_with_torch
from recipec_onnx._names import describe, name_nodes, strip
from recipec_onnx._program import open_model
from recipec_onnx._tidy import tidy
from recipec_onnx.export import LARGEST_FILE

if TYPE_CHECKING:
    from recipec_onnx.export import ExportParams, OnnxExport

FLOAT_TOLERANCE = 1e-4
QUANTIZED_TOLERANCE = 2 / 255  # two of the steps that 8 bits divide the outputs' range into


def export(
    operator: OnnxExport, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Export the artifact `model`, check the file and compare its outputs.

    Raises OperatorError when torch can't export the model, or the file gives other outputs.
    """
    params, path = operator.with_, context.path_for("model")
    with reproducible(context.seed, context.threads), torch.no_grad():
        facts, reference, program = open_model(inputs["model"])
        context.progress(0, 2, "exporting")
        opset = operator.opset_for(facts)
        assert isinstance(opset, int)
        onnx.save(to_onnx(program, facts, opset, "N" if params.dynamic_batch else 1), path)
        context.progress(1, 2, f"comparing {params.check.samples} samples with torch")
        assert isinstance(facts.inputs, tuple)
        given = batches(
            inputs.get("check.data"),
            facts.inputs,
            params.check.samples,
            context,
            BATCH if params.dynamic_batch else 1,
        )
        found = compare_with_torch(path, reference, given, context.threads)
        context.progress(2, 2, f"compared {found.samples} samples with torch")
    made = onnx_facts(path)
    note = _judged(found, made, params)
    return StageResult({"model": made}, metrics=found.metrics(), notes=(note,))


def to_onnx(
    program: ExportedProgram, facts: TorchModel, opset: int, batch: int | str
) -> ModelProto:
    """Translate a program and tidy it up: the same program gives the same bytes.

    Raises OperatorError when the exporter doesn't know an operation, and when ONNX's checker or
    shape inference refuse the result.
    """
    assert isinstance(facts.inputs, tuple)
    assert isinstance(facts.outputs, tuple)
    try:
        exported = torch.onnx.export(
            program,
            (),
            dynamo=True,
            optimize=False,  # `tidy` does it, by structure alone
            opset_version=opset,
            input_names=[spec.name for spec in facts.inputs],
            output_names=[spec.name for spec in facts.outputs],
            verbose=False,
            custom_translation_table=dict(TRANSLATIONS),
        )
    except torch.onnx.errors.OnnxExporterError as problem:
        cause = problem.__cause__ or problem
        reason = str(cause).strip().partition("\n")[0]
        raise OperatorError(f"torch can't export this model to ONNX: {reason}") from problem
    assert exported is not None
    store_four_bits(exported.model)
    tidy(exported.model, {*program.state_dict, *program.constants})
    stored = [value.const_value for value in exported.model.graph.initializers.values()]
    if sum(tensor.nbytes for tensor in stored if tensor is not None) >= LARGEST_FILE:
        raise OperatorError("the exported model is larger than the 2 GiB that an ONNX file holds")
    model: ModelProto = exported.model_proto
    name_nodes(model, {layer.name for layer in exported_layers(program).layers})
    describe(model.graph.input, facts.inputs, batch)
    describe(model.graph.output, facts.outputs, batch)
    strip(model)
    try:
        onnx.checker.check_model(model, full_check=True)
    except (ValidationError, InferenceError) as problem:
        raise OperatorError(f"ONNX's checker refuses the exported model: {problem}") from problem
    return model


def _judged(found: Comparison, made: OnnxModel, params: ExportParams) -> str:
    """Say how the outputs compare. Raises OperatorError when they are too different.

    A float model's largest difference counts. In a quantized one a value at the border between two
    steps falls to either side, which later layers amplify: torch differs from itself by up to 3
    steps in a ResNet-18 when the batch size changes. There the root of the mean square counts.
    """
    quantized = made.quantization is not None
    return judge(
        found,
        params.check.tolerance or (QUANTIZED_TOLERANCE if quantized else FLOAT_TOLERANCE),
        reference="torch's",
        by="mean" if quantized else "largest",
        classes=params.check.data is not None,
    )
