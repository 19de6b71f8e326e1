"""A training that kills its own process at a given step."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from recipec.testing import AloneRunContext
from recipec_train.fit import Fit
from train_examples.making import refer_to_digits, save_model

PARAMS = {
    "data": "train",
    "validation": "validation",
    "epochs": 5,
    "optimizer": {"name": "adamw", "lr": 0.01},
    "early_stop": {"metric": "loss", "patience": 5},
    "augment": {"rotate": 10, "shift": 0.5},
}

PRUNING = {"gradual_pruning": {"final": "80%", "end": "90%", "every": 2}}


@dataclass(frozen=True)
class Deadly(AloneRunContext):
    """Kills the process when the training has done `last` steps, as a lost machine would."""

    last: float = float("inf")

    def progress(self, done: float, total: float, what: str) -> None:
        if done >= self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def train(folder: Path, last: float, prunes: bool) -> None:
    """Train in `folder`, going on from what is there; write the stage's notes to `notes`."""
    operator = Fit(Fit.params.model_validate(PARAMS | (PRUNING if prunes else {})))
    inputs = {
        "model": save_model(folder / "model", "Cnn"),
        "data": refer_to_digits(folder / "train.json", 0, 100),
        "validation": refer_to_digits(folder / "validation.json", 100, 50),
    }
    result = operator.run(inputs, Deadly(folder, operator, last=last))
    (folder / "notes").write_text("\n".join(result.notes))
