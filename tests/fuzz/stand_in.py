"""Operators to plan with, and a model that is known without a framework.

The installed operators' light halves are the real ones. What their `plan()` would call of the heavy
halves is replaced: every builder makes the model of `known_model.json`, a ResNet of depth 8.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from recipec.plan import planning
from recipec.registry import Catalog, discover
from toys.bench import TOYS
from toys.techniques import TECHNIQUES

HERE = Path(__file__).parent


@cache
def installed() -> Catalog:
    """Give the toy operators and those of all installed plugins."""
    from importlib.metadata import entry_points

    return discover([TOYS, *entry_points(group="recipec")])


@cache
def techniques() -> Catalog:
    """Give the toy operators, with those that stand for every technique that lints know."""
    return discover([TOYS, TECHNIQUES])


def replace_heavy_halves() -> None:
    """Let inspections of models and data answer without importing a framework."""
    known = json.loads((HERE / "known_model.json").read_text())
    model = ModuleType("recipec_torch._inspect")
    model.__dict__["facts"] = lambda **given: known
    data = ModuleType("recipec_data._python")
    data.__dict__["describe"] = lambda **given: {
        "count": 100,
        "inputs": [{"name": "x", "shape": ["N", 1, 8, 8], "dtype": "float32"}],
        "classes": 10,
        "labels": True,
        "largest": 9,
    }
    sys.modules |= {model.__name__: model, data.__name__: data}
    planning.load_object = _load_nothing


def _load_nothing(code: Any, folder: Path) -> None:
    """Stand for code that a recipe names: a fuzzed recipe may name any module there is."""
