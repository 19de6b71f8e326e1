"""What is measured has the unit that its family promised: gates are read by it beforehand."""

import pytest

from recipec.api import TorchModule
from recipec.api.metrics import contradictions
from recipec.testing import AloneRunContext, artifact
from recipec_measure.accuracy import Accuracy, AccuracyParams
from recipec_measure.latency import Latency, LatencyParams
from recipec_measure.latency_metrics import latency_metrics
from recipec_measure.size import Size, SizeParams
from recipec_measure.timings import BatchTimings

ALL = [
    (Size, SizeParams()),
    (Accuracy, AccuracyParams(data="test")),
    (Latency, LatencyParams(batch=(1, 32))),
]


@pytest.mark.parametrize(("evaluator", "params"), ALL, ids=lambda value: getattr(value, "id", ""))
def test_every_name_belongs_to_one_family(evaluator, params):
    for name in evaluator.metric_names(params):
        assert len([family for family in evaluator.families if family.covers(name)]) == 1, name


def test_timings_are_what_was_promised():
    times = {"trained": (1000, 1100, 1200) * 4, "int8": (500, 510, 600) * 4}
    timings = BatchTimings(batch=32, order=(("trained", "int8"),) * 12, nanoseconds=times)
    metrics = list(latency_metrics(timings, ("latency", "throughput"), "trained", seed=0))
    assert {metric.name for metric in metrics} == set(
        Latency.metric_names(LatencyParams(batch=(32,)))
    )
    assert list(contradictions(Latency.families, metrics)) == []


def test_sizes_are_what_was_promised(tmp_path):
    from recipec.api import Layer, LayerTable, Tensor

    weight = Tensor(name="weight", shape=(4, 4), dtype="float32", zeros=4)
    table = LayerTable(layers=(Layer(name="fc", type="Linear", tensors=(weight,), positions=1),))
    (tmp_path / "model.bin").write_bytes(b"12345")
    subject = artifact(TorchModule(layers=table), tmp_path / "model.bin")
    size = Size(SizeParams())
    metrics = size.run({"subject": subject}, AloneRunContext(tmp_path, size)).metrics
    assert {metric.name for metric in metrics} == set(Size.metric_names(SizeParams()))
    assert list(contradictions(Size.families, metrics)) == []


def test_a_metric_of_another_unit_is_a_contradiction():
    [latency, _] = Latency.families
    promised = latency.model_copy(update={"unit": "bytes"})
    times = {"trained": (1000, 1100, 1200) * 4}
    timings = BatchTimings(batch=1, order=(("trained",),) * 12, nanoseconds=times)
    metrics = list(latency_metrics(timings, ("latency",), None, seed=0))
    assert len(list(contradictions([promised], metrics))) == len(metrics)
