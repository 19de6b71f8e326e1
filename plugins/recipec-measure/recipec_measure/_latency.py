"""Load all models, time them side by side, and write down every run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from random import Random
from typing import Any

import numpy as np

from recipec.api import (
    Artifact,
    Model,
    OperatorError,
    RunContext,
    StageResult,
    TensorRTEngine,
    TensorSpec,
)
from recipec.api.data import Samples, open_samples
from recipec.api.sessions import Array, Session, input_specs, open_session
from recipec_measure.latency import LatencyParams, not_timed, skipped_batches, skipped_in_words
from recipec_measure.latency_metrics import latency_metrics
from recipec_measure.rounds import time_rounds
from recipec_measure.timings import BatchTimings, RawTimings, write_timings


def latency(
    params: LatencyParams, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Measure every model among `inputs`. Raises OperatorError when one doesn't load or run."""
    models: dict[str, Artifact[Model]] = {}
    notes: list[str] = []
    for stage, artifact in inputs.items():
        if isinstance(artifact.facts, Model):
            # Facts that were unknown when this was planned may say so only now.
            if reason := not_timed(artifact.facts, params):
                notes.append(f"{stage}: {reason}")
            else:
                models[stage] = artifact
    if not models:
        raise OperatorError("there is no model whose latency can be measured")
    samples = open_samples(inputs["data"]) if "data" in inputs else None
    timed = _time(params, models, samples, context)
    raw = RawTimings(
        seed=context.seed,
        threads=context.threads,
        warmup=params.warmup,
        rewarm=params.rewarm,
        batches=tuple(timed),
    )
    write_timings(context.path_for("timings"), raw)
    return StageResult(
        outputs={"timings": raw.facts()},
        metrics=tuple(
            metric
            for one in timed
            for metric in latency_metrics(one, params.metrics, params.baseline, context.seed)
        ),
        notes=(*notes, *_notes(params, models)),
    )


def _time(
    params: LatencyParams,
    models: Mapping[str, Artifact[Model]],
    samples: Samples | None,
    context: RunContext,
) -> list[BatchTimings]:
    random = Random(context.seed)
    sessions = {stage: open_session(model, context.threads) for stage, model in models.items()}
    timed = []
    with ExitStack() as stack:
        for session in sessions.values():
            stack.enter_context(session.active())
        for done, batch in enumerate(params.batch):
            # Nothing is told while the clock runs: a display that redraws itself takes time.
            context.progress(done, len(params.batch), f"{len(models)} models at batch {batch}")
            calls = {
                stage: _call(stage, sessions[stage], _arrays(model, samples, batch, context.seed))
                for stage, model in models.items()
                if batch not in skipped_batches(model.facts, params)
            }
            timed.append(
                time_rounds(
                    calls,
                    batch=batch,
                    runs=params.runs,
                    warmup=params.warmup,
                    rewarm=params.rewarm,
                    random=random,
                )
            )
    return timed


def _call(stage: str, session: Session, arrays: Sequence[Array]) -> Callable[[], object]:
    """Put the inputs in place, and make sure of one run, so that only its time is in question."""
    feed = session.feed(arrays)
    try:
        session.run(feed)
    except OperatorError:
        raise
    except Exception as problem:  # runtimes have no common class of exceptions
        raise OperatorError(
            f"{stage} can't be run: {type(problem).__name__}: {problem}"
        ) from problem
    return lambda: session.run(feed)


def _arrays(
    model: Artifact[Model], samples: Samples | None, batch: int, seed: int
) -> tuple[Array, ...]:
    """Give the first samples, again and again where there are fewer; without data random ones."""
    specs = input_specs(model)
    if samples is None:
        return tuple(_random(spec, batch, seed) for spec in specs)
    return samples.take(np.arange(batch) % len(samples)).ordered(specs)


def _random(spec: TensorSpec, batch: int, seed: int) -> Array:
    """Give standard normal floats; ones for integers, since they may be the indices of a table."""
    shape = [batch, *(size for size in spec.shape[1:] if isinstance(size, int))]
    if len(shape) < len(spec.shape):
        raise OperatorError(
            f"input {spec.name!r} has a free dimension besides the batch: {spec}",
            hint="give `measure.data`: samples have a size in every dimension",
        )
    try:
        dtype = np.dtype(spec.dtype)
    except TypeError as problem:
        raise OperatorError(f"there are no random samples of dtype {spec.dtype}") from problem
    if np.issubdtype(dtype, np.floating):
        return np.random.default_rng(seed).standard_normal(shape).astype(dtype)
    return np.ones(shape, dtype)


def _notes(params: LatencyParams, models: Mapping[str, Artifact[Model]]) -> list[str]:
    notes = []
    for stage, model in models.items():
        if words := skipped_in_words(stage, model.facts, params):
            notes.append(words)
    on_gpu = [stage for stage, model in models.items() if isinstance(model.facts, TensorRTEngine)]
    if on_gpu and len(on_gpu) < len(models):
        notes.append(f"{', '.join(on_gpu)} ran on the GPU, the others on the CPU")
    if params.baseline is not None and params.baseline not in models:
        notes.append(f"no comparison: the baseline {params.baseline} was not measured")
    return notes
