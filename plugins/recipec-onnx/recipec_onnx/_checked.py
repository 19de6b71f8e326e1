"""Compare a changed model with what it was, as the parameters of a check say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from recipec.api import Artifact, DataSamples, Metric, RunContext
from recipec.api.onnx import compare_outputs, judge, refuse_broken, sample_inputs
from recipec.api.output_check import OutputCheck


class Checked(NamedTuple):
    """What a check found: metrics, and a sentence about it."""

    metrics: Sequence[Metric]
    note: str


def check_outputs(
    before: Path,
    after: Path,
    check: OutputCheck,
    data: Artifact[DataSamples] | None,
    context: RunContext,
    *,
    limit: float | None,
    reference: str = "those before",
    by: Literal["largest", "mean"] = "largest",
) -> Checked:
    """Run both files on the check's samples; `limit` is what passes where the check has none.

    None lets any finite difference pass. Raises OperatorError as `judge` does.
    """
    context.progress(0, 1, f"comparing {check.samples} samples")
    samples = sample_inputs(before, data, check.samples, context.seed, sizes=check.sizes)
    found = compare_outputs(before, after, samples, threads=context.threads)
    context.progress(1, 1, f"compared {found.samples} samples")
    tolerance = check.tolerance or limit
    if tolerance is not None:
        note = judge(found, tolerance, reference=reference, by=by)
        return Checked(found.metrics(), note)
    refuse_broken(found, reference=reference)
    note = (
        f"outputs differ from {reference} by {found.mean:.2g} of their range (root mean square), "
        f"at most {found.largest:.2g}, on {found.samples} samples"
    )
    if (agreement := found.agreement()) is not None and data is not None:
        note += f"; both have the same largest output on {agreement:.1%}"
    return Checked(found.metrics(), note)
