"""The course of a training: epoch by epoch, with checkpoints, until it is time to stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor

from recipec.api.errors import OperatorError
from recipec.api.operator import RunContext
from recipec.api.training._batches import BatchSource, training_batches
from recipec.api.training._checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from recipec.api.training._hooks import Hooks
from recipec.api.training._masks import Masks
from recipec.api.training._outcome import Outcome
from recipec.api.training._tally import Score, Tally
from recipec.api.training._training import Training
from recipec.api.training.length import Length
from recipec.api.training.params import TrainingParams
from recipec.api.training.stopping import Stopper

_EVALUATED_AT_ONCE: Final = 256


class Course:
    """The epochs of a training: what was measured, which was best, and when to stop."""

    def __init__(
        self,
        params: TrainingParams,
        training: Training,
        sources: Mapping[str, BatchSource],
        context: RunContext,
        hooks: Hooks,
        masks: Masks,
    ) -> None:
        self._params = params
        self._training = training
        self._sources = sources
        self._context = context
        self._hooks = hooks
        self._masks = masks
        count = len(sources["train"])
        self._length = Length.of(params.epochs, params.steps, params.batch_size, count)
        self._epoch = 0
        self._history: list[dict[str, Score]] = []
        self._stopper = Stopper(params.early_stop) if params.early_stop else None
        self._best: dict[str, torch.Tensor] = {}
        self._best_epoch = 0

    def run(self, identity: str) -> Outcome:
        """Train to the end, from the checkpoint of this identity if there is one."""
        notes = []
        training, hooks = self._training, self._hooks
        unset = _infinite(training.module)
        hooks.begin(training.module, training.optimizer, self._length, self._masks)
        found, remark = read_checkpoint(self._context.scratch, identity)
        if remark:
            notes.append(remark)
        if found:
            self._restore(found)
            notes.append(f"went on from the checkpoint after epoch {self._epoch}")
        else:
            hooks.at(0)
        while self._epoch < self._length.epochs and not (self._stopper and self._stopper.stops):
            self._run_epoch()
            if self._is_due():
                write_checkpoint(self._context.scratch, self._checkpoint(identity))
        if self._stopper:
            if self._epoch < self._length.epochs:
                notes.append(f"stopped early, after epoch {self._epoch}")
            training.module.load_state_dict(self._best)
        else:
            self._best_epoch = self._epoch
        for name in _infinite(training.module):
            if name not in unset:
                raise diverged(name)
        if training.skipped:
            notes.append(
                f"{training.skipped} of {training.step} steps overflowed in float16 "
                "and were left out"
            )
        return Outcome(
            epochs=self._epoch,
            steps=training.step,
            skipped=training.skipped,
            best_epoch=self._best_epoch,
            scores=self._history[self._best_epoch - 1],
            history=tuple(self._history),
            losses=training.losses,
            notes=tuple(notes),
        )

    def _run_epoch(self) -> None:
        training, length, source = self._training, self._length, self._sources["train"]
        tell_every = max(1, length.steps // 200)
        tally = Tally(training.device)
        where = f"epoch {self._epoch + 1}/{length.epochs}"
        self._hooks.switch(training.module, True)
        for inputs, labels in training_batches(
            source, self._params, length, self._context.seed, self._epoch, training.device
        ):
            training.take_step(inputs, labels, length, tally)
            self._hooks.at(training.step)
            if training.step % tell_every == 0:
                score = tally.score()
                self._context.progress(training.step, length.steps, f"{where}  {score}")
                if not score.finite:
                    _require_numbers(inputs)
                    break
        scores = {"train": tally.score()}
        self._history.append(scores)
        self._require_finite("train", scores["train"])
        self._hooks.switch(training.module, False)
        self._epoch += 1
        if "validation" in self._sources:
            scores["validation"] = score = self._evaluate(self._sources["validation"])
            self._require_finite("validation", score)
            self._context.progress(training.step, length.steps, f"{where}  validation {score}")
            if (
                self._stopper
                and self._hooks.settled(training.step)
                and self._stopper.saw(score.loss, score.accuracy)
            ):
                state = training.module.state_dict()
                self._best = {name: value.clone() for name, value in state.items()}
                self._best_epoch = self._epoch

    def _require_finite(self, split: str, score: Score) -> None:
        if not score.finite:
            raise diverged(f"the {split} loss, by step {self._training.step},")

    def _evaluate(self, source: BatchSource) -> Score:
        """Measure the module as it would be saved: in eval mode and float32."""
        training = self._training
        tally = Tally(training.device)
        with torch.no_grad():
            for start in range(0, len(source), _EVALUATED_AT_ONCE):
                rows = range(start, min(start + _EVALUATED_AT_ONCE, len(source)))
                inputs, labels = source.read(rows)
                moved = tuple(x.to(training.device) for x in inputs)
                labels = labels.to(training.device)
                loss, logits = training.loss(training.module, moved, labels)
                tally.add(loss, logits, labels)
        return tally.score()

    def _is_due(self) -> bool:
        return (
            self._epoch % self._params.checkpoint_every == 0 or self._epoch == self._length.epochs
        )

    def _checkpoint(self, identity: str) -> Checkpoint:
        training = self._training.checkpoint()
        stopper = self._stopper
        return Checkpoint(
            {
                **training.tensors,
                **{f"best.{name}": t for name, t in self._best.items()},
                **{f"hooks.{name}": t for name, t in self._hooks.state().items()},
            },
            {
                **training.values,
                "stage": identity,
                "epoch": self._epoch,
                "best_epoch": self._best_epoch,
                "history": list(map(_to_json, self._history)),
                "stopper": [stopper.best, stopper.waited] if stopper else None,
            },
        )

    def _restore(self, found: Checkpoint) -> None:
        self._training.restore(found)
        self._hooks.restore(found.part("hooks"))
        self._epoch = found.values["epoch"]
        self._best_epoch = found.values["best_epoch"]
        self._history = list(map(_from_json, found.values["history"]))
        self._best = found.part("best")
        if self._stopper:
            self._stopper.best, self._stopper.waited = found.values["stopper"]


def _infinite(module: torch.nn.Module) -> list[str]:
    """Name the tensors that hold an infinity or no number: an observer's unset range does."""
    state = module.state_dict().items()
    return [n for n, value in state if value.is_floating_point() and not value.isfinite().all()]


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


def _to_json(scores: Mapping[str, Score]) -> dict[str, list[Any]]:
    return {split: [s.loss, s.accuracy, s.count, s.labelled] for split, s in scores.items()}


def _from_json(scores: Mapping[str, Any]) -> dict[str, Score]:
    return {split: Score(*values) for split, values in scores.items()}
