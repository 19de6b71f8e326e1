"""Fixtures that make the inputs of training stages: a saved module, and digits."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recipec.api import Artifact

sys.path.insert(0, str(Path(__file__).parent))  # data references name their loader


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Artifact[Any]]:
    """Save `models.py:NAME` as an artifact; `change` may edit its weights first."""
    from train_examples.making import save_model

    def save(name: str, change: Callable[[Any], None] | None = None, **arguments: Any) -> Any:
        return save_model(tmp_path / f"model-{name}", name, change, **arguments)

    return save


@pytest.fixture
def digits(tmp_path: Path) -> Callable[..., Artifact[Any]]:
    """Refer to some of scikit-learn's digits."""
    from train_examples.making import refer_to_digits

    def refer(start: int = 0, count: int = 200) -> Any:
        return refer_to_digits(tmp_path / f"digits-{start}-{count}.json", start, count)

    return refer
