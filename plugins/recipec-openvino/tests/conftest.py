"""Fixtures that export once for all tests."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recipec.api import Artifact

sys.path.insert(0, str(Path(__file__).parent))  # data references name their loader


@pytest.fixture(scope="session")
def onnx_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Artifact[Any]]:
    """Export a network of `nets.py`, float or int8."""
    from openvino_examples.nets import export, quantize

    folder = tmp_path_factory.mktemp("onnx")
    made: dict[str, Artifact[Any]] = {}

    def once(name: str, int8: bool = False) -> Artifact[Any]:
        if name not in made:
            made[name] = export(folder / f"{name}.onnx", name)
        if int8 and f"{name}-int8" not in made:
            made[f"{name}-int8"] = quantize(made[name].path, folder / f"{name}-int8.onnx")
        return made[f"{name}-int8" if int8 else name]

    return once


@pytest.fixture
def convert(tmp_path: Path) -> Callable[..., tuple[Artifact[Any], Any]]:
    """Convert a model: give the artifact and the result, which is as planned."""
    from recipec.api.digests import digest_path
    from recipec.testing import AlonePlanContext, AloneRunContext
    from recipec_openvino.convert import Convert

    def run(model: Artifact[Any], folder: Path | None = None, **params: Any) -> Any:
        operator = Convert(Convert.params.model_validate(params))
        planned = operator.plan({"model": model.facts}, AlonePlanContext(tmp_path))
        context = AloneRunContext(folder or tmp_path, operator)
        result = operator.run({"model": model}, context)
        made = result.outputs["model"]
        assert list(planned.outputs["model"].contradictions(made)) == []
        path = context.path_for("model")
        return Artifact(made, path, digest_path(path)), result

    return run
