"""Fit a logistic regression to embeddings, and test it."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

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
from recipec.api.data import Samples, open_samples
from recipec.api.statistics import wilson_interval
from recipec_measure._outputs import outputs, vectors
from recipec_measure.probe import ProbeParams

_ITERATIONS = 5000
"""More than L-BFGS ever needs here; a fit that doesn't converge is said to be one."""


def probe(
    params: ProbeParams,
    subject: Artifact[Model],
    train: Artifact[DataSamples],
    test: Artifact[DataSamples],
    context: RunContext,
) -> StageResult:
    """Measure and write the scores. Raises OperatorError when the model can't be run."""
    learnt, tested = open_samples(train), open_samples(test)
    total = len(learnt) + len(tested)

    def embed(samples: Samples, done: int) -> NDArray[np.float64]:
        def tell(rows: int) -> None:
            context.progress(done + rows, total, f"{done + rows} of {total} samples")

        found = outputs(subject, samples, len(samples), params.batch, context, tell)
        return np.asarray(normalize(vectors(found)))

    classifier = LogisticRegression(C=params.c, max_iter=_ITERATIONS)
    classes = _labels(learnt, "train")
    if len(np.unique(classes)) < 2:
        raise OperatorError("all samples have one class", at=("train",))
    classifier.fit(embed(learnt, 0), classes)
    right = classifier.predict(embed(tested, len(learnt))) == _labels(tested, "data")
    scores = json.dumps({"probe": right.astype(int).tolist()}, separators=(",", ":"))
    context.path_for("scores").write_text(scores + "\n", encoding="utf-8")
    converged = int(classifier.n_iter_.max()) < _ITERATIONS
    return StageResult(
        outputs={"scores": Scores(count=len(right))},
        metrics=(
            Metric(
                name="probe",
                value=float(right.mean()),
                unit="share",
                better="higher",
                interval=wilson_interval(int(right.sum()), len(right)),
                count=len(right),
            ),
        ),
        notes=() if converged else (f"the classifier didn't converge in {_ITERATIONS} steps",),
    )


def _labels(samples: Samples, at: str) -> NDArray[np.int64]:
    labels = samples.take(np.arange(len(samples))).labels
    if labels is None:
        raise OperatorError("the samples have no labels", at=(at,))
    return np.asarray(labels)
