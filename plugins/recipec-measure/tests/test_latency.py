"""`measure.latency`, run on real models."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from recipec.api import Artifact, Facts, OperatorError, Quantization, TensorSpec
from recipec.testing import AloneRunContext, EvaluatorContract
from recipec_measure.latency import Latency, LatencyParams
from recipec_measure.latency_metrics import latency_metrics
from recipec_measure.timings import read_timings

pytestmark = pytest.mark.frameworks


def measured(folder: Path, inputs: Mapping[str, Any], **params: Any) -> Any:
    latency = Latency(LatencyParams.model_validate({"runs": 12, "warmup": 1, **params}))
    context = AloneRunContext(folder, latency)
    return latency.run(inputs, context), context


class TestContract(EvaluatorContract):
    operator = Latency

    def good_params(self) -> Mapping[str, Any]:
        return {"baseline": "trained", "batch": [1, 4], "runs": 8, "data": "test"}

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _models(cls, torch_module, onnx_model, data):
        cls.made = {"trained": torch_module(), "onnx": onnx_model(), "data": data()}

    def example_facts(self) -> Mapping[str, Facts]:
        return {port: made.facts for port, made in self.made.items()}

    def example_artifacts(self, folder):
        return self.made


def test_every_model_gets_every_metric(tmp_path, torch_module, onnx_model, exported):
    models = {"trained": torch_module(), "exported": exported, "onnx": onnx_model()}
    params = {"batch": (1, 8), "baseline": "trained"}
    result, _ = measured(tmp_path, models, **params)
    names = Latency.metric_names(LatencyParams(**params))
    assert len(names) == 8
    found = {(metric.subject, metric.name): metric for metric in result.metrics}
    assert set(found) == {(stage, name) for stage in models for name in names}
    for (stage, name), metric in found.items():
        assert (metric.comparison is None) == (stage == "trained")
        assert metric.count == 12
        if name.startswith("latency.p50"):
            assert metric.interval.low <= metric.value <= metric.interval.high


def test_a_model_that_sleeps_is_found_slower(tmp_path, torch_module):
    models = {"slow": torch_module("slow", slow=True), "trained": torch_module()}
    result, _ = measured(tmp_path, models, baseline="trained")
    p50 = {m.subject: m for m in result.metrics if m.name == "latency.p50@batch=1"}
    assert p50["slow"].value > p50["trained"].value
    assert p50["slow"].comparison.ratio < 1
    assert p50["slow"].comparison.interval.high < 1


def test_the_metrics_can_be_made_again_from_the_raw_timings(tmp_path, torch_module, onnx_model):
    models = {"trained": torch_module(), "onnx": onnx_model()}
    result, context = measured(tmp_path, models, baseline="trained", batch=[1, 2])
    raw = read_timings(context.path_for("timings"))
    assert (raw.seed, raw.threads, raw.warmup, raw.rewarm) == (0, 1, 1, 1)
    again = [
        metric
        for batch in raw.batches
        for metric in latency_metrics(batch, ["latency", "throughput"], "trained", raw.seed)
    ]
    assert tuple(again) == result.metrics
    assert len(set(raw.batches[0].order)) == 2


def test_quantization_that_is_only_simulated_is_left_out_with_a_note(
    tmp_path, exported, onnx_model
):
    int8 = Quantization(target="cpu", weights="int8", activations="uint8")
    facts = exported.facts.model_copy(update={"quantization": int8})
    models = {"int8": Artifact(facts, exported.path, exported.digest), "onnx": onnx_model()}
    result, _ = measured(tmp_path, models, baseline="int8")
    assert {metric.subject for metric in result.metrics} == {"onnx"}
    assert result.notes == (
        "int8: not measured: simulated quantization has no latency",
        "no comparison: the baseline int8 was not measured",
    )


def test_a_fixed_batch_is_timed_at_that_batch_only(tmp_path, onnx_model):
    models = {"free": onnx_model(), "fixed": onnx_model("fixed", batch=8)}
    result, _ = measured(tmp_path, models, batch=[1, 8], baseline="free", metrics=["throughput"])
    found = {(m.subject, m.name): m.comparison is not None for m in result.metrics}
    assert found == {
        ("free", "throughput@batch=1"): False,
        ("free", "throughput@batch=8"): False,
        ("fixed", "throughput@batch=8"): True,
    }
    assert result.notes == ("fixed: not measured at batch 1, its batch is fixed",)


def test_a_batch_may_be_larger_than_the_data(tmp_path, onnx_model, data):
    result, _ = measured(tmp_path, {"it": onnx_model(), "data": data()}, data="test", batch=[600])
    assert {metric.subject for metric in result.metrics} == {"it"}


def test_inputs_without_data_are_seeded_and_fit_the_model():
    import numpy as np

    from recipec_measure._latency import _random

    images = TensorSpec(name="x", shape=("N", 3, 4))
    assert _random(images, 2, seed=0).shape == (2, 3, 4)
    assert np.array_equal(_random(images, 2, seed=0), _random(images, 2, seed=0))
    assert not np.array_equal(_random(images, 2, seed=0), _random(images, 2, seed=1))
    tokens = _random(TensorSpec(name="t", shape=("N", 5), dtype="int64"), 1, seed=0)
    assert (tokens.dtype, tokens.tolist()) == (np.int64, [[1] * 5])


def test_a_model_that_does_not_run_is_an_error_that_names_it(tmp_path, onnx_model):
    subject = onnx_model()
    wider = subject.facts.model_copy(update={"inputs": (TensorSpec(name="x", shape=("N", 65)),)})
    with pytest.raises(OperatorError, match=r"^it can't be run: "):
        measured(tmp_path, {"it": Artifact(wider, subject.path, subject.digest)})


def test_a_torch_session_sets_threads_and_gradients_and_restores_them(torch_module):
    import torch

    from recipec.api.sessions import open_session

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with open_session(torch_module(), threads=1).active():
            assert torch.get_num_threads() == 1
            assert torch.is_inference_mode_enabled()
        assert torch.get_num_threads() == 2
        assert not torch.is_inference_mode_enabled()
    finally:
        torch.set_num_threads(before)


def test_an_onnx_session_has_the_threads_that_were_asked_for(onnx_model):
    from recipec.api.sessions import open_session

    options = open_session(onnx_model(), threads=2)._session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (2, 1)
