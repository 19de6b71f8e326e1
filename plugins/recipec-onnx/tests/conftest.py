"""Fixtures that export, and compare what was made with what was planned."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recipec.api import Artifact, OnnxModel, StageResult

sys.path.insert(0, str(Path(__file__).parent))  # data references name their loader

Export = Callable[..., tuple[Path, StageResult, OnnxModel]]


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Artifact[Any]]:
    """Make a network of `nets.py` as an artifact, a float module or a program with Q/DQ pairs."""
    from onnx_examples.making import save_net, save_program

    folder = tmp_path_factory.mktemp("models")
    made: dict[str, Artifact[Any]] = {}

    def once(name: str, dtype: str | None = None) -> Artifact[Any]:
        key = f"{name}-{dtype}"
        if key not in made:
            path = folder / key
            made[key] = save_program(path, name, dtype) if dtype else save_net(path, name)
        return made[key]

    return once


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    """Export an artifact: give the file, the result, and the facts that were planned.

    The same export is made once for all tests.
    """
    from recipec.testing import AlonePlanContext, AloneRunContext
    from recipec_onnx.export import ExportParams, OnnxExport

    known: dict[str, tuple[Path, StageResult, OnnxModel]] = {}

    def run(model: Artifact[Any], **params: Any) -> tuple[Path, StageResult, OnnxModel]:
        key = json.dumps([model.digest, params], sort_keys=True)
        if key in known:
            return known[key]
        folder = tmp_path_factory.mktemp("export")
        operator = OnnxExport(ExportParams.model_validate({"check": {"samples": 8}, **params}))
        planned = operator.plan({"model": model.facts}, AlonePlanContext(folder)).outputs["model"]
        context = AloneRunContext(folder, operator)
        result = operator.run({"model": model}, context)
        assert list(planned.contradictions(result.outputs["model"])) == []
        assert isinstance(planned, OnnxModel)
        known[key] = context.path_for("model"), result, planned
        return known[key]

    return run
