"""`openvino.convert`: an ONNX model as OpenVINO IR."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    DataSamples,
    Facts,
    LayerTable,
    OnnxModel,
    Operator,
    OperatorError,
    Params,
    PlanContext,
    Port,
    Precision,
    Quantization,
    Requirement,
    RunContext,
    StagePlan,
    StageResult,
    Unknown,
)
from recipec.api.data import inputs_mismatch
from recipec.api.output_check import OutputCheck
from recipec.api.quantization import DYNAMIC_ACTIVATIONS, precision_of
from recipec_openvino.layers import converted_table
from recipec_openvino.model import OPENVINO, OpenVINOModel, planned_version

_IMITATED: Final = (
    "OpenVINO has no kernels for activations that are quantized at run time and imitates them in "
    "float, which takes longer than a float model: quantize statically, or run it in onnxruntime"
)


class ConvertParams(Params):
    """Parameters of `openvino.convert`."""

    compress_to_fp16: bool = Field(
        False,
        description="Whether float32 constants are stored as float16, which halves a float model's "
        "file. What is computed stays float32.",
    )
    check: OutputCheck = Field(
        OutputCheck(),
        description="How outputs in OpenVINO are compared with onnxruntime's. `tolerance`, where "
        "it is left out: 1e-4 of a float model (1e-2 with `compress_to_fp16`), for the largest "
        "difference; two 8-bit steps (2/255) of a quantized one, for the root mean square.",
    )


class Convert(Operator[ConvertParams]):
    """Converts an ONNX file with `openvino.convert_model`; the CPU is a second runtime for it.

    Q/DQ pairs become FakeQuantize nodes, int8 weights stay int8. The result is run in OpenVINO and
    its outputs are compared with onnxruntime's. Outputs of a part that OpenVINO has no rule for
    are an error that names the operators.
    """

    id: ClassVar[str] = "openvino.convert"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Convert an ONNX model to OpenVINO IR and compare its outputs"
    params = ConvertParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the ONNX file")}
    outputs: ClassVar[Mapping[str, Port]] = {
        "model": Port(OpenVINOModel, "the folder with model.xml and model.bin")
    }
    requires: ClassVar[tuple[Requirement, ...]] = (
        OPENVINO,
        Requirement("python:onnx>=1.17", "pip install 'recipec[onnx]'"),
        Requirement("python:onnxruntime>=1.20", "pip install 'recipec[onnx]'"),
    )

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model, data = inputs["model"], inputs.get("check.data")
        assert isinstance(model, OnnxModel)
        if isinstance(data, DataSamples) and (reason := inputs_mismatch(model.inputs, data.inputs)):
            raise OperatorError(reason, at=("check", "data"))
        table = converted_table(model, self.with_.compress_to_fp16)
        effects = ["float32 constants → float16"] if self.with_.compress_to_fp16 else []
        warnings = []
        if isinstance(model.quantization, Quantization):
            if model.quantization.activations == DYNAMIC_ACTIVATIONS:
                warnings.append(_IMITATED)
            elif "int8" in model.quantization.activations:
                effects.append("Q/DQ pairs → FakeQuantize nodes, weights stay as they are")
        made = OpenVINOModel(
            inputs=model.inputs,
            outputs=model.outputs,
            layers=table,
            precision=_precision(table),
            quantization=model.quantization,
            openvino_version=planned_version(context),
        )
        return StagePlan(
            {"model": made}, tuple(effects), work=self._work(model, data), warnings=tuple(warnings)
        )

    def _work(self, model: OnnxModel, data: Facts | None) -> int | None:
        """Count the multiply-adds of the check, in both runtimes."""
        count = data.count if isinstance(data, DataSamples) else self.with_.check.samples
        if isinstance(model.layers, Unknown) or isinstance(count, Unknown):
            return None
        return 2 * min(self.with_.check.samples, count) * model.layers.macs

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_openvino._convert import convert

        return convert(self.with_, inputs, context)


def _precision(table: LayerTable | Unknown) -> Precision | Unknown:
    return UNKNOWN if isinstance(table, Unknown) else precision_of(table)
