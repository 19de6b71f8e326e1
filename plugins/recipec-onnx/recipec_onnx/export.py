"""`onnx.export`: a torch model as an ONNX file."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    DataRef,
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
    Share,
    StagePlan,
    StageResult,
    TensorSpec,
    TorchModel,
    Unknown,
)
from recipec.api.data import inputs_mismatch
from recipec.api.quantization import DYNAMIC_ACTIVATIONS, has_int4, precision_of
from recipec_onnx.layers import exported_table

OPSET = 18
INT4_OPSET = 21
LARGEST_FILE = 2**31
"""Bytes: protobuf's limit for one message."""


class Check(Params):
    """How the file's outputs in onnxruntime are compared with torch's."""

    data: DataRef | None = Field(
        default=None,
        description="Real samples to compare on; without it, seeded random ones are used.",
    )
    samples: int = Field(default=256, ge=1, description="How many samples are compared.")
    tolerance: Annotated[Share, Field(gt=0)] | None = Field(
        default=None,
        description="What difference passes, as a share of the range of torch's outputs (largest "
        "minus smallest). Left out: 1e-4, for the largest difference, of a float model; two 8-bit "
        "steps (2/255), for the root mean square, of a quantized one.",
    )


class ExportParams(Params):
    """Parameters of `onnx.export`."""

    opset: int | None = Field(
        None,
        ge=18,
        le=23,
        description="The ONNX opset of the file. null: 18, or 21 where weights are int4, which "
        "older ones don't have.",
    )
    dynamic_batch: bool = Field(
        True, description="Whether the file takes batches of any size, instead of single samples."
    )
    check: Check = Field(Check(), description="How the file's outputs are compared with torch's.")


class OnnxExport(Operator[ExportParams]):
    """Exports a torch model, float or quantized, with torch's dynamo exporter.

    Batch normalizations are folded into the layers before them; quantized layers keep their Q/DQ
    pairs and int8 weights. The file is checked by ONNX's own checker and shape inference, and by
    comparing its outputs in onnxruntime with torch's.
    """

    id: ClassVar[str] = "onnx.export"
    version: ClassVar[int] = 2
    summary: ClassVar[str] = "Export a torch model to ONNX and compare its outputs with torch's"
    params = ExportParams
    inputs: ClassVar[Mapping[str, Port]] = {
        "model": Port(TorchModel, "a torch module or an exported program")
    }
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(OnnxModel, "the ONNX file")}
    requires: ClassVar[tuple[Requirement, ...]] = (
        Requirement("python:torch>=2.9", 'pip install "recipec[torch]"'),
        Requirement("python:onnx>=1.17", 'pip install "recipec[onnx]"'),
        Requirement("python:onnxscript>=0.5", 'pip install "recipec[onnx]"'),
        Requirement("python:onnxruntime>=1.20", 'pip install "recipec[onnx]"'),
    )

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model = inputs["model"]
        assert isinstance(model, TorchModel)
        data = inputs.get("check.data")
        if (
            isinstance(data, DataSamples)
            and not isinstance(model.inputs, Unknown)
            and not isinstance(data.inputs, Unknown)
            and (reason := inputs_mismatch(model.inputs, data.inputs))
        ):
            raise OperatorError(reason, at=("check", "data"))
        _refuse_dynamic(model)
        opset = self.opset_for(model)
        version = "opset known after the run" if isinstance(opset, Unknown) else f"opset {opset}"
        effects = [f"{version}, {'any' if self.with_.dynamic_batch else 'one'} batch"]
        table = _table(model)
        if not isinstance(table, Unknown) and table.bytes >= LARGEST_FILE:
            raise OperatorError(
                f"the weights are {table.bytes:,} bytes, and an ONNX file holds less than 2 GiB"
            )
        made = OnnxModel(
            inputs=self._sized(model.inputs),
            outputs=self._sized(model.outputs),
            layers=table,
            precision=_precision(model, table),
            quantization=model.quantization,
            opset=opset,
        )
        return StagePlan({"model": made}, tuple(effects), work=self._work(model, data))

    def opset_for(self, model: TorchModel) -> int | Unknown:
        """Give the opset for a model. Raises OperatorError when the stated one is too old for it.

        UNKNOWN when it depends on layers that aren't known.
        """
        if isinstance(model.layers, Unknown):
            return self.with_.opset or UNKNOWN
        four_bits = has_int4(model.layers)
        if four_bits and self.with_.opset and self.with_.opset < INT4_OPSET:
            raise OperatorError(
                f"int4 weights need opset {INT4_OPSET}",
                at=("opset",),
                hint=f"leave it out, or write opset: {INT4_OPSET}",
            )
        return self.with_.opset or (INT4_OPSET if four_bits else OPSET)

    def _work(self, model: TorchModel, data: Facts | None) -> int | None:
        """Count the multiply-adds of the check: torch and onnxruntime on the same samples."""
        count = data.count if isinstance(data, DataSamples) else self.with_.check.samples
        if isinstance(model.layers, Unknown) or isinstance(count, Unknown):
            return None
        return 2 * min(self.with_.check.samples, count) * model.layers.macs

    def _sized(self, specs: tuple[TensorSpec, ...] | Unknown) -> tuple[TensorSpec, ...] | Unknown:
        if isinstance(specs, Unknown) or self.with_.dynamic_batch:
            return specs
        return tuple(
            spec.model_copy(update={"shape": tuple(1 if s == "N" else s for s in spec.shape)})
            for spec in specs
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_onnx._export import export

        return export(self, inputs, context)


def _refuse_dynamic(model: TorchModel) -> None:
    """Refuse a model of torch's own integer kernels, which the exporter doesn't know."""
    scheme = model.quantization
    if isinstance(scheme, Quantization) and scheme.activations == DYNAMIC_ACTIVATIONS:
        raise OperatorError(
            "a dynamically quantized torch module can't be exported to ONNX: it runs torch's own "
            "integer kernels",
            hint="export the float model, and quantize the file with onnx.quantize_dynamic",
        )


def _table(model: TorchModel) -> LayerTable | Unknown:
    """Give the rows of the file; of a model with integer weights, its scheme tells their form."""
    if isinstance(model.layers, Unknown):
        return UNKNOWN
    if isinstance(model.quantization, Unknown) and precision_of(model.layers) != "fp32":
        return UNKNOWN
    return exported_table(model.layers, weight_only=model.quantization is None)


def _precision(model: TorchModel, table: LayerTable | Unknown) -> Precision | Unknown:
    """Give the precision; of nodes that aren't known, only that a float model's are float."""
    if isinstance(table, Unknown):
        return model.precision if model.precision == "fp32" else UNKNOWN
    return precision_of(table)
