"""A fixture that plans a data source, runs it, and opens what it refers to."""

from collections.abc import Callable
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
