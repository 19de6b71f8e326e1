"""Fixtures that make the inputs of a quantization stage, and run one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recipec.api import Artifact

sys.path.insert(0, str(Path(__file__).parent))  # data references name their loader


@pytest.fixture
def quantize(tmp_path: Path) -> Callable[..., Artifact[Any]]:
    """Quantize a network of `nets.py`, and check that what was planned was made."""
    from quantize_examples.making import refer_to_images, save_net
    from recipec.testing import AlonePlanContext, run_alone
    from recipec_quantize.static import StaticParams, StaticQuantization

    def run(name: str = "Residual", **params: Any) -> Artifact[Any]:
        calibration = {"data": "images", "samples": 64, "batch_size": 16}
        operator = StaticQuantization(
            StaticParams.model_validate({"calibration": calibration, **params})
        )
        inputs = {
            "model": save_net(tmp_path / name, name),
            "calibration.data": refer_to_images(tmp_path / "images.json"),
        }
        facts = {port: artifact.facts for port, artifact in inputs.items()}
        planned = operator.plan(facts, AlonePlanContext(tmp_path)).outputs["model"]
        made, _ = run_alone(operator, inputs, tmp_path / f"stage-{len(list(tmp_path.iterdir()))}")
        assert list(planned.contradictions(made["model"].facts)) == []
        return made["model"]

    return run
