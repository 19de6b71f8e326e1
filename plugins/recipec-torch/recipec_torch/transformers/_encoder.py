"""Sentence embeddings from an encoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from torch import Tensor, nn
from torch.nn.functional import normalize as unit_length

from recipec_torch.transformers._configuration import (
    additive,
    class_of,
    configuration,
    random_model,
)
from recipec_torch.transformers._library import MODEL_MAPPING, AutoModel

Pooling = Literal["mean", "cls"]


def encoder(
    config: Mapping[str, Any], pooling: Pooling = "mean", normalize: bool = True
) -> Encoder:
    """Make an encoder of sentences, with random weights, from a configuration as JSON.

    `input_ids` and `attention_mask`, both int64 `[N, L]` → embeddings `[N, hidden_size]`. With
    `normalize` they have length 1. Raises ValueError for a configuration of no such model.
    """
    made = configuration(config)
    kind = class_of(made, MODEL_MAPPING, "encoder")
    return Encoder(random_model(AutoModel, made, kind), pooling, normalize)


class Encoder(nn.Module):
    """A transformer whose last hidden states are pooled over the tokens that aren't padding.

    `mean` is that of Reimers and Gurevych, "Sentence-BERT", EMNLP 2019; `cls` is the first token.
    """

    def __init__(self, model: nn.Module, pooling: Pooling, normalize: bool) -> None:
        super().__init__()
        if pooling not in ("mean", "cls"):
            raise ValueError(f"pooling is {pooling!r}, and must be 'mean' or 'cls'")
        self.model = model
        self.pooling = pooling
        self.normalize = normalize

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        states: Tensor = self.model(
            input_ids=input_ids, attention_mask=additive(attention_mask)
        ).last_hidden_state
        if self.pooling == "cls":
            pooled = states[:, 0]
        else:
            weights = attention_mask.unsqueeze(-1).to(states.dtype)
            # a text without tokens has the embedding 0, not 0 / 0
            pooled = (states * weights).sum(1) / weights.sum(1).clamp(min=1)
        return unit_length(pooled, dim=-1) if self.normalize else pooled
