"""Raise a model's opset, with ONNX's own version converter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import onnx.shape_inference
from onnx import ModelProto
from onnx.shape_inference import InferenceError
from onnx.version_converter import ConvertError, convert_version

from recipec.api import Artifact, OperatorError, RunContext
from recipec.api.output_check import OutputCheck
from recipec_onnx._checked import check_outputs
from recipec_onnx._read import read_model

TOLERANCE: Final = 1e-4
"""What outputs may differ by, as a share of their range: kernels and their order are others."""


def opset_of(model: ModelProto) -> int:
    """Give the version of ONNX's own operators."""
    return max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=1)


def upgraded(model: ModelProto, opset: int) -> ModelProto:
    """Give the model with its operators as `opset` has them.

    Raises OperatorError when the converter can't do it.
    """
    before = opset_of(model)
    try:
        # Some of its adapters ask for shapes.
        made = convert_version(onnx.shape_inference.infer_shapes(model), opset)
    except (ConvertError, InferenceError, RuntimeError, IndexError, ValueError) as problem:
        said = " ".join(str(problem).split())
        raise OperatorError(
            f"ONNX's converter can't bring the model from opset {before} to {opset}: {said}",
            hint="export it anew with a newer opset, or try `onnx.simplify` before",
        ) from problem
    if not any(value_info.name for value_info in model.graph.value_info):
        del made.graph.value_info[:]
    for values, stated in (
        (made.graph.input, model.graph.input),
        (made.graph.output, model.graph.output),
    ):
        if [value.name for value in values] == [value.name for value in stated]:
            for value, first in zip(values, stated, strict=True):
                value.CopyFrom(first)  # inference gives free dimensions names of its own
    # The converter forgets what isn't the graph.
    for field in ("producer_name", "producer_version", "domain", "model_version", "doc_string"):
        setattr(made, field, getattr(model, field))
    del made.metadata_props[:]
    made.metadata_props.extend(model.metadata_props)
    others = [o for o in model.opset_import if o.domain not in ("", "ai.onnx")]
    known = {o.domain for o in made.opset_import}
    made.opset_import.extend(o for o in others if o.domain not in known)
    return made


def note_upgrade(
    before: Path,
    after: Path,
    check: OutputCheck,
    inputs: Mapping[str, Artifact[Any]],
    context: RunContext,
) -> tuple[str, ...]:
    """Compare outputs if the file after has a newer opset; say what was found.

    Raises OperatorError when they differ.
    """
    old, new = (opset_of(read_model(path)) for path in (before, after))
    if old == new:
        return ()
    data = inputs.get("check.data", inputs.get("calibration.data"))
    reference = f"those of opset {old}"
    lenient = check.model_copy(update={"tolerance": None})  # it is for what comes after
    found = check_outputs(
        before, after, lenient, data, context, limit=TOLERANCE, reference=reference
    )
    return (f"upgraded from opset {old} to {new}: {found.note}",)
