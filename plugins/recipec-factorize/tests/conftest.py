"""Fixtures that run a factorization of an example network."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # artifacts name their builder


@pytest.fixture
def change(tmp_path: Path) -> Callable[..., Any]:
    """Run an operator on an artifact, and check that what was planned was made."""
    from recipec.api import UNKNOWN
    from recipec.testing import AlonePlanContext, AloneRunContext, artifact

    def run(operator, given, seed=0, **params):
        made = operator(operator.params.model_validate(params))
        planned = made.plan({"model": given.facts}, AlonePlanContext(tmp_path))
        folder = tmp_path / f"stage-{len(list(tmp_path.iterdir()))}"
        context = AloneRunContext(folder, made, seed)
        result = made.run({"model": given}, context)
        facts = result.outputs["model"]
        assert list(planned.outputs["model"].contradictions(facts)) == []
        assert planned.changed.keys() == result.changed.keys()
        for what, count in planned.changed.items():
            assert count in (result.changed[what], UNKNOWN)
        return artifact(facts, context.path_for("model")), result, planned

    return run
