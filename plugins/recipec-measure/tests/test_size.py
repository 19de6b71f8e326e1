"""`measure.size`: from facts and file alone, so none of this imports a framework."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from recipec.api import Artifact, Facts, Layer, LayerTable, Tensor, TensorRTEngine, TorchModule
from recipec.testing import AlonePlanContext, AloneRunContext, EvaluatorContract, artifact
from recipec_measure.size import Size, SizeParams

TABLE = LayerTable(
    layers=(
        Layer(
            name="conv",
            type="Conv2d",
            tensors=(
                Tensor(name="weight", shape=(4, 1, 3, 3), dtype="int8", zeros=9),
                Tensor(name="weight_scale", shape=(4,), dtype="float32", role="quantization"),
                Tensor(name="running_mean", shape=(4,), dtype="float32", role="buffer"),
            ),
            positions=64,
        ),
    )
)


def measured(tmp_path: Path, facts: Facts, content: bytes = b"", **params: Any) -> Any:
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    size = Size(SizeParams.model_validate(params))
    return size.run({"subject": artifact(facts, path)}, AloneRunContext(tmp_path, size))


class TestContract(EvaluatorContract):
    operator = Size
    reads_models = False

    def good_params(self) -> Mapping[str, Any]:
        return {"metrics": ["size", "parameters"]}

    def example_facts(self) -> Mapping[str, Facts]:
        return {"subject": TorchModule(layers=TABLE)}

    def example_artifacts(self, folder: Path) -> Mapping[str, Artifact[Any]]:
        (folder / "model").mkdir()
        (folder / "model" / "weights").write_bytes(b"1234")
        return {"subject": artifact(TorchModule(layers=TABLE), folder / "model")}


def test_everything_is_counted(tmp_path):
    metrics = measured(tmp_path, TorchModule(layers=TABLE), content=b"12345").metrics
    assert {metric.name: (metric.value, metric.unit) for metric in metrics} == {
        "size.memory": (36 * 1 + 4 * 4 + 4 * 4, "bytes"),
        "size.disk": (5, "bytes"),
        "parameters": (36, "1"),
        "macs": (64 * 36, "1"),
        "sparsity": (0.25, "share"),
    }


def test_only_what_was_asked_for_is_measured(tmp_path):
    metrics = measured(tmp_path, TorchModule(layers=TABLE), metrics=["macs"]).metrics
    assert [metric.name for metric in metrics] == ["macs"]


def test_names_are_those_that_are_measured(tmp_path):
    params = SizeParams(metrics=("sparsity", "size"))
    metrics = measured(tmp_path, TorchModule(layers=TABLE), metrics=["sparsity", "size"]).metrics
    assert tuple(metric.name for metric in metrics) == Size.metric_names(params)


def test_what_is_not_known_is_left_out_and_said(tmp_path):
    result = measured(tmp_path, TensorRTEngine(), content=b"12")
    assert [(metric.name, metric.value) for metric in result.metrics] == [("size.disk", 2)]
    assert result.notes == (
        "not measured: size.memory, parameters, macs, sparsity (no layer table)",
    )


def test_zeros_that_nobody_counted_are_no_sparsity(tmp_path):
    result = measured(tmp_path, TorchModule(layers=TABLE.without_zeros()))
    assert "sparsity" not in [metric.name for metric in result.metrics]
    assert result.notes == ("not measured: sparsity (not counted)",)


def test_the_plan_says_that_an_engine_is_opaque(tmp_path):
    planned = Size(SizeParams()).plan({"subject": TensorRTEngine()}, AlonePlanContext(tmp_path))
    assert planned.unmeasured == {}
    assert "an engine has no layer table" in planned.effects[0]
    macs = Size(SizeParams(metrics=("macs",)))
    planned = macs.plan({"subject": TensorRTEngine()}, AlonePlanContext(tmp_path))
    assert planned.unmeasured == {"subject": "not measured: an engine has no layer table"}


def test_a_family_that_it_does_not_offer_is_refused():
    with pytest.raises(ValidationError, match="metrics"):
        SizeParams.model_validate({"metrics": ["accuracy"]})
