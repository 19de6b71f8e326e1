"""The last steps of every operation: compare outputs with those of before, read back facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recipec.api import Artifact, RunContext, StageResult
from recipec.api.onnx import compare_outputs, judge, onnx_facts, sample_inputs
from recipec.api.output_check import OutputCheck

TOLERANCE = 1e-4


def finish(
    check: OutputCheck,
    inputs: Mapping[str, Artifact[Any]],
    context: RunContext,
    changed: Mapping[str, int],
    *,
    renamed: Mapping[str, str] | None = None,
    notes: tuple[str, ...] = (),
    judged: bool = True,
) -> StageResult:
    """Compare the file at `context.path_for("model")` with the artifact `model`.

    Raises OperatorError where its outputs are others (unless they aren't `judged`), or onnxruntime
    refuses one of the two.
    """
    before, after = inputs["model"].path, context.path_for("model")
    context.progress(1, 2, f"comparing {check.samples} samples with before")
    samples = sample_inputs(
        before, inputs.get("check.data"), check.samples, context.seed, sizes=check.sizes
    )
    found = compare_outputs(
        before, after, samples, threads=context.threads, renamed=renamed, optimized=False
    )
    if judged:
        note = judge(found, check.tolerance or TOLERANCE, reference="those before")
    else:
        note = (
            f"outputs differ from those before by {found.mean:.2g} of their range (root mean "
            f"square), at most {found.largest:.2g}, on {found.samples} samples"
        )
    context.progress(2, 2, f"compared {found.samples} samples with before")
    made = onnx_facts(after)
    return StageResult({"model": made}, found.metrics(), (*notes, note), changed)
