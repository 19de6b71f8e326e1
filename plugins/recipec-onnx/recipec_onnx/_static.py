"""The heavy half of `onnx.quantize_static`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx
from onnx import ModelProto
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

from recipec.api import Artifact, DataSamples, LayerTable, OperatorError, RunContext, StageResult
from recipec.api.data import open_samples
from recipec.api.onnx import fixed_batch, onnx_facts, sample_inputs
from recipec_onnx._checked import check_outputs
from recipec_onnx._prepare import Prepared, prepare
from recipec_onnx._quiet import quiet
from recipec_onnx._read import write_model
from recipec_onnx._settle import name_weights_back, settle
from recipec_onnx._upgrade import note_upgrade
from recipec_onnx.static import CHANGED, OPSET
from recipec_onnx.static_layers import quantizable

if TYPE_CHECKING:
    from recipec_onnx.static import Calibration, OnnxQuantizeStatic, StaticParams

_METHODS = {
    "minmax": CalibrationMethod.MinMax,
    "moving_average": CalibrationMethod.MinMax,
    "entropy": CalibrationMethod.Entropy,
    "percentile": CalibrationMethod.Percentile,
}


class Batches(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """Calibration samples, as onnxruntime's calibrators ask for them."""

    def __init__(self, batches: Iterator[Mapping[str, Any]], count: int) -> None:
        self._batches = batches
        self._count = self._left = count

    def __len__(self) -> int:
        return self._count

    def set_range(self, start_index: int, end_index: int) -> None:
        """Give the batches from one index up to another; they are asked for in their order."""
        self._left = end_index - start_index

    def get_next(self) -> Mapping[str, Any] | None:
        if not self._left:
            return None
        self._left -= 1
        return next(self._batches, None)


def quantize(
    operator: OnnxQuantizeStatic, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Quantize the artifact `model`. Raises OperatorError when onnxruntime can't."""
    params, source, path = operator.with_, inputs["model"].path, context.path_for("model")
    prepared = prepare(source, OPSET, norms=True)
    float_path = context.scratch / "float.onnx"
    write_model(prepared.model, float_path)
    notes = note_upgrade(source, float_path, params.check, inputs, context)
    chosen = _chosen(operator, prepared)
    if chosen:
        excluded = _excluded(prepared, chosen, params)
        model = _quantized(operator, float_path, excluded, inputs, context)
        name_weights_back(model)
        settle(model, prepared.model, [node.name for node in prepared.model.graph.node])
        write_model(model, path)
    else:
        write_model(prepared.model, path)
    data = inputs.get("check.data", inputs["calibration.data"])
    checked = check_outputs(
        source, path, params.check, data, context, limit=None, reference="the float model's"
    )
    facts = onnx_facts(path)
    return StageResult(
        {"model": facts},
        metrics=tuple(checked.metrics),
        notes=(*notes, checked.note),
        changed={CHANGED: len(chosen)},
    )


def _chosen(operator: OnnxQuantizeStatic, prepared: Prepared) -> frozenset[str]:
    if not isinstance(prepared.layers, LayerTable):
        raise OperatorError("the model's weights have types that can't be quantized")
    selection = operator.selected(prepared.layers)
    return quantizable(prepared.layers, operator.operators) & selection.names


def _excluded(prepared: Prepared, chosen: frozenset[str], params: StaticParams) -> list[str]:
    """Name the nodes that stay in float: those of layers that weren't chosen."""
    names = [
        node for layer, nodes in prepared.nodes.items() if layer not in chosen for node in nodes
    ]
    if params.target == "tensorrt":  # a bias that a MatMul's Add adds stays float, as others do
        stored = {tensor.name for tensor in prepared.model.graph.initializer}
        names += [
            node.name
            for node in prepared.model.graph.node
            if node.op_type == "Add" and stored & set(node.input)
        ]
    return names


def _quantized(
    operator: OnnxQuantizeStatic,
    source: Path,
    excluded: list[str],
    inputs: Mapping[str, Artifact[Any]],
    context: RunContext,
) -> ModelProto:
    params, made = operator.with_, context.scratch / "quantized.onnx"
    calibration = params.calibration
    batches = sample_inputs(
        source,
        inputs["calibration.data"],
        calibration.samples,
        context.seed,
        batch=calibration.batch_size,
    )
    data = Batches(batches, _count(source, inputs["calibration.data"], calibration))
    context.progress(0, 2, f"calibrating, {calibration.samples} samples")
    try:
        with quiet():
            quantize_static(
                str(source),
                str(made),
                data,
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=sorted(operator.operators),
                per_channel=params.per_channel,
                activation_type=_activations(params),
                weight_type=QuantType.QInt8,
                nodes_to_exclude=excluded,
                calibrate_method=_METHODS[params.observer],
                extra_options=options(params),
            )
    except OperatorError:
        raise
    except Exception as problem:  # it raises whatever it comes upon, as do its runtimes
        said = " ".join(str(problem).split()).replace(str(source), "the model")
        raise OperatorError(f"onnxruntime can't quantize the model: {said}") from problem
    context.progress(1, 2, "quantized")
    return onnx.load(made)


def _count(source: Path, data: Artifact[DataSamples], calibration: Calibration) -> int:
    """Count the batches that calibration gets."""
    facts = onnx_facts(source)
    assert isinstance(facts.inputs, tuple)
    rows = min(calibration.samples, len(open_samples(data)))
    return ceil(rows / (fixed_batch(facts.inputs) or calibration.batch_size))


def _activations(params: StaticParams) -> QuantType:
    return QuantType.QUInt8 if params.target == "cpu" else QuantType.QInt8


def options(params: StaticParams) -> dict[str, Any]:
    """Give onnxruntime's `extra_options`, which a call by hand would get."""
    chosen: dict[str, Any] = {"CalibMovingAverage": params.observer == "moving_average"}
    if params.observer in ("entropy", "percentile"):
        # A histogram gets one batch at a time: all of them together would be in memory, and
        # onnxruntime can't stack a last one that is smaller.
        chosen["CalibStridedMinMax"] = 1
    if params.observer == "percentile":
        chosen["CalibPercentile"] = params.percentile
    if params.target == "tensorrt":
        chosen |= {
            "ActivationSymmetric": True,
            "QuantizeBias": False,
            "OpTypesToExcludeOutputQuantization": [
                "Add",
                "Conv",
                "ConvTranspose",
                "Gemm",
                "MatMul",
            ],
        }
    return chosen
