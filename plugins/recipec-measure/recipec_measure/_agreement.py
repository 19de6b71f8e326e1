"""Run two models over the same samples and compare what comes out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recipec.api import (
    Artifact,
    DataSamples,
    Interval,
    Metric,
    Model,
    OperatorError,
    RunContext,
    Scores,
    StageResult,
)
from recipec.api.data import open_samples
from recipec.api.statistics import percentile, percentile_interval, wilson_interval
from recipec_measure._outputs import outputs, vectors
from recipec_measure.agreement import AgreementParams

Vectors = NDArray[np.float64]
LEVEL = 0.95


def agreement(
    params: AgreementParams,
    subject: Artifact[Model],
    baseline: Artifact[Model],
    data: Artifact[DataSamples],
    context: RunContext,
) -> StageResult:
    """Measure, and write the shares' scores. Raises OperatorError when a model can't be run, or
    when the outputs can't be compared."""
    samples = open_samples(data)
    count = params.samples or len(samples)

    def run(model: Artifact[Model], done: int) -> Vectors:
        def tell(rows: int) -> None:
            context.progress(done + rows, 2 * count, f"{rows} of {count} samples")

        return vectors(outputs(model, samples, count, params.batch, context, tell))

    wanted = run(baseline, 0)
    made = wanted if subject.digest == baseline.digest else run(subject, count)
    if made.shape != wanted.shape:
        raise OperatorError(f"outputs {list(made.shape)} and the baseline's {list(wanted.shape)}")
    right: dict[str, NDArray[np.bool_]] = {}
    if "agreement" in params.metrics:
        right["agreement"] = made.argmax(axis=1) == wanted.argmax(axis=1)
    if "neighbours" in params.metrics:
        right["neighbours"] = nearest(made) == nearest(wanted)
    found = [*_shares(right)]
    if "cosine" in params.metrics:
        found += _cosines(cosines(made, wanted))
    scores = {name: values.astype(int).tolist() for name, values in right.items()}
    text = json.dumps(scores, separators=(",", ":"))
    context.path_for("scores").write_text(text + "\n", encoding="utf-8")
    return StageResult(outputs={"scores": Scores(count=count)}, metrics=tuple(found))


def cosines(one: Vectors, other: Vectors) -> Vectors:
    """Give the cosine of each pair of rows; of two zeros it is 1, of one zero 0."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    both = np.asarray(~one.any(axis=1) & ~other.any(axis=1), np.float64)
    products = np.einsum("ij,ij->i", one, other)
    found = np.where(lengths > 0, products / np.where(lengths > 0, lengths, 1.0), both)
    return np.asarray(found).clip(-1.0, 1.0)  # rounding goes a little beyond


def nearest(rows: Vectors) -> NDArray[np.intp]:
    """Give for each row the place of the other row with the largest cosine; of equals the first."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units = rows / np.where(lengths > 0, lengths, 1.0)
    likeness = units @ units.T
    np.fill_diagonal(likeness, -np.inf)
    return np.asarray(likeness.argmax(axis=1), np.intp)


def _shares(right: dict[str, NDArray[np.bool_]]) -> Iterator[Metric]:
    for name, values in right.items():
        yield Metric(
            name=name,
            value=float(values.mean()),
            unit="share",
            better="higher",
            interval=wilson_interval(int(values.sum()), len(values)),
            count=len(values),
        )


def _cosines(found: Vectors) -> Iterator[Metric]:
    values: list[float] = found.tolist()
    shared: dict[str, Any] = {"unit": "share", "better": "higher", "count": len(values)}
    mean, spread = float(found.mean()), float(found.std(ddof=1)) / sqrt(len(values))
    half = NormalDist().inv_cdf((1 + LEVEL) / 2) * spread
    yield Metric(
        name="cosine.mean",
        value=mean,
        interval=Interval(low=max(mean - half, -1.0), high=min(mean + half, 1.0), level=LEVEL),
        **shared,
    )
    yield Metric(
        name="cosine.p5",
        value=percentile(values, 5),
        interval=percentile_interval(values, 5, LEVEL),
        **shared,
    )
