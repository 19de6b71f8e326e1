"""Run a classifier over all samples and count."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recipec.api import (
    Artifact,
    DataSamples,
    Metric,
    Model,
    OperatorError,
    RunContext,
    Scores,
    StageResult,
)
from recipec.api.data import Batch, open_samples
from recipec.api.sessions import Array, Session, input_specs, open_session
from recipec.api.statistics import wilson_interval
from recipec_measure.accuracy import AccuracyParams
from recipec_measure.batches import fixed_batch


def accuracy(
    params: AccuracyParams,
    subject: Artifact[Model],
    data: Artifact[DataSamples],
    context: RunContext,
) -> StageResult:
    """Measure, write the scores, and give the share of samples that are right, exactly.

    Of equal largest outputs the first one counts, as NumPy's argmax has it. Raises OperatorError
    when the model doesn't load or run, or its first output isn't `[N, classes]`.
    """
    samples, specs = open_samples(data), input_specs(subject)
    session, fixed = open_session(subject, context.threads), fixed_batch(subject.facts)
    right: list[int] = []
    unsound = 0
    with session.active():
        while len(right) < len(samples):
            rows = np.arange(len(right), min(len(right) + (fixed or params.batch), len(samples)))
            batch = samples.take(_filled(rows, fixed))
            logits = _logits(session, batch.ordered(specs))[: len(rows)]
            right += (logits.argmax(axis=1) == _labels(batch)[: len(rows)]).astype(int).tolist()
            unsound += int((~np.isfinite(logits)).any(axis=1).sum())
            context.progress(len(right), len(samples), f"{sum(right)} of {len(right)} right")
    text = json.dumps({"accuracy": right}, separators=(",", ":"))
    context.path_for("scores").write_text(text + "\n", encoding="utf-8")
    return StageResult(
        outputs={"scores": Scores(count=len(right))},
        metrics=(
            Metric(
                name="accuracy",
                value=sum(right) / len(right),
                unit="share",
                better="higher",
                interval=wilson_interval(sum(right), len(right)),
                count=len(right),
            ),
        ),
        notes=(f"{unsound} samples have outputs that are not finite",) if unsound else (),
    )


def _filled(rows: NDArray[np.intp], fixed: int | None) -> NDArray[np.intp]:
    """Repeat the last row until the model's fixed batch is full."""
    missing = 0 if fixed is None else fixed - len(rows)
    return np.concatenate([rows, np.repeat(rows[-1:], missing)])


def _labels(batch: Batch) -> Array:
    if batch.labels is None:
        raise OperatorError("the samples have no labels", at=("data",))
    return batch.labels


def _logits(session: Session, arrays: tuple[Array, ...]) -> Array:
    feed = session.feed(arrays)
    try:
        result: Any = session.run(feed)
    except OperatorError:
        raise
    except Exception as problem:  # runtimes have no common class of exceptions
        raise OperatorError(
            f"the model can't be run: {type(problem).__name__}: {problem}"
        ) from problem
    logits = session.fetch(result)
    if logits.ndim != 2 or len(logits) != len(arrays[0]):
        raise OperatorError(
            f"accuracy needs outputs [{len(arrays[0])}, classes], the model gave "
            f"{list(logits.shape)}"
        )
    return logits
