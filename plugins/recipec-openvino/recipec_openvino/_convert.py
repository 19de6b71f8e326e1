"""Converts, saves with names that don't change from run to run, and compares outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import onnx

from recipec.api import Artifact, OnnxModel, OperatorError, RunContext, StageResult
from recipec.api.onnx import Comparison, Session, compare, judge, onnx_facts, sample_inputs
from recipec_openvino._facts import openvino_facts
from recipec_openvino._openvino import openvino
from recipec_openvino._session import compiled, said
from recipec_openvino.convert import ConvertParams
from recipec_openvino.layers import converted_table

_FLOAT_TOLERANCE: Final = 1e-4
_HALF_TOLERANCE: Final = 1e-2
_QUANTIZED_TOLERANCE: Final = 2 / 255
_AUTOMATIC: Final = re.compile(r"[A-Z]\w*_\d+")
"""A node that nobody named: its type, and a number that counts up as long as a process lives."""


def convert(
    params: ConvertParams, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Write the folder to `context.path_for("model")`.

    Raises OperatorError for a file that isn't ONNX, for operators that OpenVINO doesn't know, and
    when the outputs aren't those of onnxruntime.
    """
    source: Artifact[OnnxModel] = inputs["model"]
    facts = onnx_facts(source.path)  # a broken file's error is ours, not OpenVINO's guesses
    context.progress(0, 2, "converting")
    folder = context.path_for("model")
    folder.mkdir()
    model = _converted(source.path)
    _name(model, _names(source.path))
    _forget_where_it_came_from(model)
    openvino.save_model(model, folder / "model.xml", compress_to_fp16=params.compress_to_fp16)

    context.progress(1, 2, "comparing with onnxruntime")
    found = _compared(params, inputs, folder, context)
    note = _judged(params, facts, found)
    saved = openvino.Core().read_model(folder / "model.xml")
    made = openvino_facts(saved, facts, converted_table(facts, params.compress_to_fp16))
    context.progress(2, 2, "done")
    return StageResult({"model": made}, found.metrics(), (note,))


def _converted(path: Path) -> Any:
    try:
        return openvino.convert_model(path)
    except Exception as problem:  # its exceptions have no common class of their own
        raise OperatorError(
            f"OpenVINO can't convert the model: {said(problem, path.parent)}",
            hint="replace such nodes before this stage, or run the model in onnxruntime",
        ) from problem


def _names(path: Path) -> set[str]:
    graph = onnx.load(path, load_external_data=False).graph
    values = (value.name for value in (*graph.input, *graph.output, *graph.initializer))
    nodes = (name for node in graph.node for name in (node.name, *node.output))
    return {*values, *nodes}


def _name(model: Any, known: set[str]) -> None:
    """Call nodes without a name of their own by their place, so that bytes don't change."""
    for place, node in enumerate(model.get_ordered_ops()):
        name = node.get_friendly_name()
        if name not in known and _AUTOMATIC.fullmatch(name):
            node.set_friendly_name(f"{node.get_type_name()}.{place}")


def _forget_where_it_came_from(model: Any) -> None:
    """Take the name of the file and of its folder out of what is saved."""
    if model.has_rt_info("conversion_parameters"):
        del model.get_rt_info()["conversion_parameters"]


def _compared(
    params: ConvertParams,
    inputs: Mapping[str, Artifact[Any]],
    folder: Path,
    context: RunContext,
) -> Comparison:
    path = inputs["model"].path
    reference = Session(path, context.threads)
    request = compiled(folder, context.threads).create_infer_request()
    check = params.check

    def outputs() -> Iterator[tuple[int, Sequence[Any], Sequence[Any]]]:
        for arrays in sample_inputs(
            path, inputs.get("check.data"), check.samples, context.seed, sizes=check.sizes
        ):
            wanted = reference.run(arrays)
            try:
                request.infer([arrays[name] for name in reference.inputs])
            except Exception as problem:  # as above
                raise OperatorError(
                    f"OpenVINO can't run the model: {said(problem, folder)}"
                ) from problem
            made = [tensor.data.copy() for tensor in request.output_tensors]
            yield next((len(a) for a in arrays.values() if a.ndim), 1), made, wanted

    return compare(outputs())


def _judged(params: ConvertParams, source: OnnxModel, found: Comparison) -> str:
    """Say how the outputs compare. Raises OperatorError when they differ by too much."""
    quantized = source.quantization is not None
    limit = _HALF_TOLERANCE if params.compress_to_fp16 else _FLOAT_TOLERANCE
    return judge(
        found,
        params.check.tolerance or (_QUANTIZED_TOLERANCE if quantized else limit),
        reference="onnxruntime's",
        by="mean" if quantized else "largest",
        runtime="OpenVINO",
    )
