"""Fixtures that make the inputs of a quantization stage, and run one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recipec.api import Artifact, Operator, StageResult

sys.path.insert(0, str(Path(__file__).parent))  # data references name their loader


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Artifact[Any]]:
    """Run an operator on a network, and check that what was planned was made."""
    from quantize_examples.making import (
        refer_to_images,
        refer_to_labelled,
        refer_to_tokens,
        save_net,
    )
    from recipec.testing import AlonePlanContext, AloneRunContext, artifact

    def run(
        operator: type[Operator[Any]],
        name: str = "Residual",
        results: list[StageResult] | None = None,
        **params: Any,
    ) -> Artifact[Any]:
        made = operator(operator.params.model_validate(params))
        inputs = {"model": save_net(tmp_path / f"{name}-{len(list(tmp_path.iterdir()))}", name)}
        if "calibration" in params:
            refer = refer_to_tokens if name == "MiniLM" else refer_to_images
            inputs["calibration.data"] = refer(tmp_path / "data.json")
        for port in ("data", "validation"):
            if port in params:
                inputs[port] = refer_to_labelled(tmp_path / "labelled.json")
        facts = {port: given.facts for port, given in inputs.items()}
        planned = made.plan(facts, AlonePlanContext(tmp_path)).outputs["model"]
        folder = tmp_path / f"stage-{len(list(tmp_path.iterdir()))}"
        context = AloneRunContext(folder, made)
        result = made.run(inputs, context)
        if results is not None:
            results.append(result)
        assert list(planned.contradictions(result.outputs["model"])) == []
        return artifact(result.outputs["model"], context.path_for("model"))

    return run


@pytest.fixture
def quantize(make: Callable[..., Artifact[Any]]) -> Callable[..., Artifact[Any]]:
    """Quantize a network statically, with 64 images to calibrate."""
    from recipec_quantize.static import StaticQuantization

    def run(name: str = "Residual", **params: Any) -> Artifact[Any]:
        calibration = {"data": "images", "samples": 64, "batch_size": 16}
        return make(StaticQuantization, name, calibration=calibration, **params)

    return run
