"""The loss of knowledge distillation (Hinton et al., arXiv:1503.02531)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

from recipec.api.training import UNLABELLED


def distillation_loss(
    student: Tensor,
    teacher: Tensor,
    labels: Tensor,
    *,
    temperature: float,
    alpha: float,
    label_smoothing: float = 0.0,
) -> Tensor:
    """Give α · T² · KL + (1 − α) · cross-entropy, the mean over a batch.

    `student` and `teacher` are logits [N, classes], `labels` [N] has UNLABELLED where there is
    none. Both parts are divided by N, so that each sample counts the same in every batch: one
    without a label has a cross-entropy of 0.
    """
    soft = F.kl_div(
        F.log_softmax(student / temperature, 1),
        F.log_softmax(teacher / temperature, 1),
        reduction="batchmean",
        log_target=True,
    )
    hard = F.cross_entropy(
        student,
        labels,
        ignore_index=UNLABELLED,
        reduction="sum",
        label_smoothing=label_smoothing,
    )
    return alpha * temperature**2 * soft + (1 - alpha) * hard / len(labels)


class Distillation:
    """The loss of a student against a teacher, which is put in evaluation mode and frozen.

    `order` are the places of the teacher's inputs among the student's. The teacher computes in
    float32, whatever the student's precision.
    """

    def __init__(
        self,
        teacher: nn.Module,
        order: Sequence[int],
        *,
        temperature: float,
        alpha: float,
        label_smoothing: float = 0.0,
    ) -> None:
        self._teacher = teacher.eval().requires_grad_(False)
        self._order = order
        self._temperature = temperature
        self._alpha = alpha
        self._label_smoothing = label_smoothing

    def __call__(
        self, module: nn.Module, inputs: tuple[Tensor, ...], labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Give the mean loss of a batch, and the student's logits."""
        with torch.no_grad():
            answers = self._teacher(*(inputs[place] for place in self._order))
        logits = module(*inputs)
        loss = distillation_loss(
            logits,
            answers,
            labels,
            temperature=self._temperature,
            alpha=self._alpha,
            label_smoothing=self._label_smoothing,
        )
        return loss, logits
