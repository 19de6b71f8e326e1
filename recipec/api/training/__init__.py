"""Training: parameters and plan checks for stages that train, and the engine that does it.

Parameters and checks are light. The engine (`train` and what goes with it) needs torch and
Lightning Fabric, and is imported when it is first asked for: do that inside `run()`, or from a
module named `_….py`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from recipec.api.training.augment import Augment, is_image
from recipec.api.training.length import Length
from recipec.api.training.losses import CrossEntropy, Loss, SquaredError
from recipec.api.training.optimizers import Adam, AdamW, Optimizer, Sgd
from recipec.api.training.params import TrainingParams
from recipec.api.training.planning import (
    REQUIRES,
    check_augment,
    check_early_stop,
    check_fit,
    check_model,
    check_params,
    check_training,
    classes_of,
    count_of,
    effects_of,
    learns_from,
    length_effects,
    length_of,
    passes,
    requires_of,
    warnings_of,
    work_of,
)
from recipec.api.training.schedules import AnySchedule, Constant, Cosine, OneCycle, StepDecay
from recipec.api.training.stopping import EarlyStop
from recipec.api.training.zeros import trained_layers

if TYPE_CHECKING:
    from recipec.api.training._batches import UNLABELLED, BatchSource, Pool, Reader
    from recipec.api.training._fabric import make_fabric
    from recipec.api.training._hooks import Hooks
    from recipec.api.training._losses import LossFunction, make_loss, supervised
    from recipec.api.training._masks import Masks, forget, keep_zeros
    from recipec.api.training._outcome import Outcome
    from recipec.api.training._tally import Score
    from recipec.api.training._teacher import Teacher, soft_divergence
    from recipec.api.training._train import count_logits, open_readers, train, training_identity

__all__ = [
    "REQUIRES",
    "UNLABELLED",
    "Adam",
    "AdamW",
    "AnySchedule",
    "Augment",
    "BatchSource",
    "Constant",
    "Cosine",
    "CrossEntropy",
    "EarlyStop",
    "Hooks",
    "Length",
    "Loss",
    "LossFunction",
    "Masks",
    "OneCycle",
    "Optimizer",
    "Outcome",
    "Pool",
    "Reader",
    "Score",
    "Sgd",
    "SquaredError",
    "StepDecay",
    "Teacher",
    "TrainingParams",
    "check_augment",
    "check_early_stop",
    "check_fit",
    "check_model",
    "check_params",
    "check_training",
    "classes_of",
    "count_logits",
    "count_of",
    "effects_of",
    "forget",
    "is_image",
    "keep_zeros",
    "learns_from",
    "length_effects",
    "length_of",
    "make_fabric",
    "make_loss",
    "open_readers",
    "passes",
    "requires_of",
    "soft_divergence",
    "supervised",
    "train",
    "trained_layers",
    "training_identity",
    "warnings_of",
    "work_of",
]

_HEAVY: Final = {
    "_batches": ("UNLABELLED", "BatchSource", "Pool", "Reader"),
    "_fabric": ("make_fabric",),
    "_hooks": ("Hooks",),
    "_losses": ("LossFunction", "make_loss", "supervised"),
    "_masks": ("Masks", "forget", "keep_zeros"),
    "_outcome": ("Outcome",),
    "_tally": ("Score",),
    "_teacher": ("Teacher", "soft_divergence"),
    "_train": ("count_logits", "open_readers", "train", "training_identity"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HEAVY.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
