"""The course of a training: epoch by epoch, with checkpoints, until it is time to stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor

from recipec.api import Metric, OperatorError, RunContext
from recipec_train._batches import Reader, training_batches
from recipec_train._checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from recipec_train._tally import Score, Tally
from recipec_train._training import Training
from recipec_train.length import Length
from recipec_train.params import FitParams
from recipec_train.stopping import Stopper

_EVALUATED_AT_ONCE: Final = 256


class Course:
    """The epochs of a training: what was measured, which was best, and when to stop."""

    def __init__(
        self,
        params: FitParams,
        training: Training,
        readers: Mapping[str, Reader],
        context: RunContext,
    ) -> None:
        self._params = params
        self._training = training
        self._readers = readers
        self._context = context
        count = len(readers["train"])
        self._length = Length.of(params.epochs, params.steps, params.batch_size, count)
        self._epoch = 0
        self._scores: dict[str, Score] = {}
        self._stopper = Stopper(params.early_stop) if params.early_stop else None
        self._best: dict[str, torch.Tensor] = {}
        self._best_scores: dict[str, Score] = {}

    def run(self, stage: str) -> tuple[str, ...]:
        """Train to the end, from the stage's checkpoint if there is one; give remarks."""
        notes = []
        found, remark = read_checkpoint(self._context.scratch, stage)
        if remark:
            notes.append(remark)
        if found:
            self._restore(found)
            notes.append(f"went on from the checkpoint after epoch {self._epoch}")
        while self._epoch < self._length.epochs and not (self._stopper and self._stopper.stops):
            self._run_epoch()
            if self._is_due():
                write_checkpoint(self._context.scratch, self._checkpoint(stage))
        if self._stopper:
            if self._epoch < self._length.epochs:
                notes.append(f"stopped early, after epoch {self._epoch}")
            self._training.module.load_state_dict(self._best)
            self._scores = self._best_scores
        for name, value in self._training.module.state_dict().items():
            if value.is_floating_point() and not value.isfinite().all():
                raise diverged(name)
        if self._training.skipped:
            notes.append(
                f"{self._training.skipped} of {self._training.step} steps overflowed in float16 "
                "and were left out"
            )
        return tuple(notes)

    def _run_epoch(self) -> None:
        training, length = self._training, self._length
        tell_every = max(1, length.steps // 200)
        tally = Tally(self._readers["train"].device)
        where = f"epoch {self._epoch + 1}/{length.epochs}"
        training.module.train()
        for inputs, labels in training_batches(
            self._readers["train"], self._params, length, self._context.seed, self._epoch
        ):
            training.take_step(inputs, labels, length, tally)
            if training.step % tell_every == 0:
                score = tally.score()
                self._context.progress(training.step, length.steps, f"{where}  {score}")
                if not score.finite:
                    _require_numbers(inputs)
                    break
        self._scores = {"train": tally.score()}
        self._require_finite("train")
        training.module.eval()
        self._epoch += 1
        if "validation" in self._readers:
            self._scores["validation"] = score = self._evaluate(self._readers["validation"])
            self._require_finite("validation")
            self._context.progress(training.step, length.steps, f"{where}  validation {score}")
            if self._stopper and self._stopper.saw(score.loss, score.accuracy):
                state = training.module.state_dict()
                self._best = {name: value.clone() for name, value in state.items()}
                self._best_scores = self._scores

    def _require_finite(self, split: str) -> None:
        if not self._scores[split].finite:
            raise diverged(f"the {split} loss, by step {self._training.step},")

    def _evaluate(self, reader: Reader) -> Score:
        """Measure the module as it would be saved: in eval mode and float32."""
        tally = Tally(reader.device)
        with torch.no_grad():
            for start in range(0, len(reader), _EVALUATED_AT_ONCE):
                rows = range(start, min(start + _EVALUATED_AT_ONCE, len(reader)))
                inputs, labels = reader.read(rows)
                logits = self._training.module(*inputs)
                tally.add(self._training.loss(logits, labels), logits, labels)
        return tally.score()

    def _is_due(self) -> bool:
        return (
            self._epoch % self._params.checkpoint_every == 0 or self._epoch == self._length.epochs
        )

    def _checkpoint(self, stage: str) -> Checkpoint:
        training = self._training.checkpoint()
        stopper = self._stopper
        return Checkpoint(
            {**training.tensors, **{f"best.{name}": t for name, t in self._best.items()}},
            {
                **training.values,
                "stage": stage,
                "epoch": self._epoch,
                "scores": _to_json(self._scores),
                "best_scores": _to_json(self._best_scores),
                "stopper": [stopper.best, stopper.waited] if stopper else None,
            },
        )

    def _restore(self, found: Checkpoint) -> None:
        self._training.restore(found)
        self._epoch = found.values["epoch"]
        self._scores = _from_json(found.values["scores"])
        self._best_scores = _from_json(found.values["best_scores"])
        self._best = found.part("best")
        if self._stopper:
            self._stopper.best, self._stopper.waited = found.values["stopper"]

    def metrics(self) -> tuple[Metric, ...]:
        """Give the numbers of the epoch whose weights are kept, and how long training was."""
        metrics = []
        for split, score in self._scores.items():
            metrics += [
                Metric(
                    name=f"loss.{split}",
                    value=score.loss,
                    unit="1",
                    better="lower",
                    count=score.count,
                ),
                Metric(
                    name=f"accuracy.{split}",
                    value=score.accuracy,
                    unit="share",
                    better="higher",
                    count=score.count,
                ),
            ]
        return (
            *metrics,
            Metric(name="epochs", value=self._epoch, unit="1"),
            Metric(name="steps", value=self._training.step, unit="1"),
        )


def _require_numbers(inputs: Sequence[Tensor]) -> None:
    """See that it isn't the samples that are no numbers. Raises OperatorError."""
    if any(x.is_floating_point() and not x.isfinite().all() for x in inputs):
        raise OperatorError("there are samples with values that are NaN or infinite", at=("data",))


def diverged(what: str) -> OperatorError:
    """Say that something is infinite or no number any more."""
    return OperatorError(
        f"training diverged: {what} is not finite any more",
        at=("optimizer",),
        hint="a lower lr, or clip_norm: 1",
    )


def _to_json(scores: Mapping[str, Score]) -> dict[str, list[float]]:
    return {split: [s.loss, s.accuracy, s.count] for split, s in scores.items()}


def _from_json(scores: Mapping[str, Any]) -> dict[str, Score]:
    return {split: Score(*values) for split, values in scores.items()}
