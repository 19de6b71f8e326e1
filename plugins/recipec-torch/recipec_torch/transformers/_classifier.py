"""Text classifiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from recipec_torch.transformers._configuration import (
    additive,
    class_of,
    configuration,
    random_model,
)
from recipec_torch.transformers._library import (
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
    AutoModelForSequenceClassification,
)


def classifier(config: Mapping[str, Any], classes: int) -> Classifier:
    """Make a text classifier, with random weights, from a configuration as JSON.

    `input_ids` and `attention_mask`, both int64 `[N, L]` → logits `[N, classes]`. Raises ValueError
    for a configuration of no such model.
    """
    made = configuration({**config, "num_labels": classes})
    kind = class_of(made, MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING, "text classifier")
    return Classifier(random_model(AutoModelForSequenceClassification, made, kind))


class Classifier(nn.Module):
    """A transformer with a classification head, called with positional tensors."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        logits: Tensor = self.model(
            input_ids=input_ids, attention_mask=additive(attention_mask)
        ).logits
        return logits
