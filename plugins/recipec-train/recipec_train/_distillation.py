"""The loss of knowledge distillation (Hinton et al., arXiv:1503.02531)."""

from __future__ import annotations

import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

from recipec.api.training import UNLABELLED, Teacher, soft_divergence


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
    soft = soft_divergence(student, teacher, temperature)
    hard = F.cross_entropy(
        student,
        labels,
        ignore_index=UNLABELLED,
        reduction="sum",
        label_smoothing=label_smoothing,
    )
    return alpha * temperature**2 * soft + (1 - alpha) * hard / len(labels)


class Distillation:
    """The loss of a student against a teacher, which computes in float32 whatever the student's
    precision."""

    def __init__(
        self,
        teacher: Teacher,
        *,
        temperature: float,
        alpha: float,
        label_smoothing: float = 0.0,
    ) -> None:
        self._teacher = teacher
        self._temperature = temperature
        self._alpha = alpha
        self._label_smoothing = label_smoothing

    def __call__(
        self, module: nn.Module, inputs: tuple[Tensor, ...], labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Give the mean loss of a batch, and the student's logits."""
        answers = self._teacher(inputs)
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
