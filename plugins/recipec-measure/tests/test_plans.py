"""What the plans say before anything is measured; none of this imports a framework."""

from pathlib import Path
from typing import Any

import pytest

from recipec.api import (
    DataSamples,
    Layer,
    LayerTable,
    Model,
    OnnxModel,
    OperatorError,
    Quantization,
    Requirement,
    Tensor,
    TensorRTEngine,
    TensorSpec,
    TorchExported,
    TorchModule,
)
from recipec.testing import AlonePlanContext
from recipec_measure.accuracy import Accuracy, AccuracyParams
from recipec_measure.latency import Latency, LatencyParams

DATA = DataSamples(count=5, inputs=(TensorSpec(name="x", shape=("N", 1, 8, 8)),), classes=10)
INT8 = Quantization(target="cpu", weights="int8", activations="uint8")


def model(kind: type[Model] = TorchModule, batch: int | str = "N", **facts: Any) -> Model:
    return kind(
        inputs=(TensorSpec(name="x", shape=(batch, 1, 8, 8)),),
        outputs=(TensorSpec(name="logits", shape=(batch, 10)),),
        **facts,
    )


def accuracy(subject: Model, data: DataSamples = DATA, lacks: set[str] = frozenset()) -> Any:
    planned = Accuracy(AccuracyParams(data="test"))
    return planned.plan({"subject": subject, "data": data}, AlonePlanContext(Path(), lacks))


def latency(models: dict[str, Any], lacks: set[str] = frozenset(), **params: Any) -> Any:
    planned = Latency(LatencyParams.model_validate(params))
    return planned.plan(models, AlonePlanContext(Path(), lacks))


class TensorFlowLite(Model):
    kind = "acme.tflite"


def test_accuracy_says_how_many_scores_there_will_be():
    assert accuracy(model()).outputs["scores"].count == 5


@pytest.mark.parametrize(
    ("subject", "lacks", "reason"),
    [
        (model(TensorRTEngine, runtime="tensorrt-rtx"), {"cuda"}, "blocked: needs cuda"),
        (
            model(TensorRTEngine, runtime="tensorrt"),
            {"python:tensorrt"},
            "blocked: needs python:tensorrt>=10.9",
        ),
        (model(OnnxModel), {"python:onnxruntime"}, "blocked: needs python:onnxruntime>=1.20"),
        (model(TorchModule), {"python:torch"}, "blocked: needs python:torch>=2.9"),
        (model(TensorFlowLite), set(), "not measured: nothing here runs a acme.tflite"),
    ],
)
def test_a_model_that_nothing_here_runs_is_not_measured(subject, lacks, reason):
    assert accuracy(subject, lacks=lacks).unmeasured == {"subject": reason}
    planned = latency({"it": subject, "other": model(batch=1)}, lacks=lacks)
    assert planned.unmeasured["it"] == reason


def test_what_runs_the_model_is_required():
    assert [r.package for r in accuracy(model()).requires] == ["torch"]
    assert [r.package for r in accuracy(model(OnnxModel)).requires] == ["onnxruntime"]
    engine = model(TensorRTEngine, runtime="tensorrt")
    assert [r.spec for r in accuracy(engine).requires] == [
        "cuda",
        "python:tensorrt>=10.9",
        "python:torch>=2.9",
    ]


def test_what_is_not_measured_is_not_required():
    planned = latency({"onnx": model(OnnxModel), "engine": model(TensorRTEngine)}, {"cuda"})
    assert [r.package for r in planned.requires] == ["onnxruntime"]


def test_data_without_labels_has_no_accuracy():
    unlabelled = DATA.model_copy(update={"classes": None})
    planned = accuracy(model(), unlabelled)
    assert planned.unmeasured == {
        "subject": "not measured: test has no labels; `agreement` needs none"
    }


def test_data_that_does_not_fit_the_model_is_an_error():
    large = DATA.model_copy(update={"inputs": (TensorSpec(name="x", shape=("N", 3, 32, 32)),)})
    with pytest.raises(OperatorError, match="the model wants x: ") as raised:
        accuracy(model(), large)
    assert raised.value.at == ("data",)
    with pytest.raises(OperatorError, match=r"^it: the model wants x: "):
        latency({"it": model(), "data": large}, data="test")


def test_a_model_with_too_few_outputs_is_an_error():
    with pytest.raises(OperatorError, match="10 classes apart, the data has 100"):
        accuracy(model(), DATA.model_copy(update={"classes": 100}))


def test_a_model_that_is_no_classifier_is_an_error():
    boxes = model().model_copy(update={"outputs": (TensorSpec(name="y", shape=("N", 10, 4)),)})
    with pytest.raises(OperatorError, match="needs a classifier"):
        accuracy(boxes)


def test_simulated_quantization_has_no_latency_but_an_accuracy():
    simulated = model(TorchExported, quantization=INT8)
    assert accuracy(simulated).unmeasured == {}
    assert latency({"int8": simulated, "onnx": model(OnnxModel, quantization=INT8)}).unmeasured == {
        "int8": "not measured: simulated quantization has no latency"
    }


def test_an_exported_program_that_is_not_quantized_has_a_latency():
    assert latency({"exported": model(TorchExported)}).unmeasured == {}


def test_a_fixed_batch_is_timed_at_that_batch_only():
    planned = latency({"it": model(OnnxModel, batch=8)}, batch=[1, 8])
    assert planned.unmeasured == {}
    assert "it: not measured at batch 1, its batch is fixed" in planned.effects
    planned = latency({"it": model(OnnxModel, batch=8)}, batch=[1, 2])
    assert planned.unmeasured == {
        "it": "not measured: its batch is fixed to 8, and 1, 2 was asked for"
    }


def test_the_plan_says_when_there_is_nothing_to_compare_with():
    models = {"base": model(TorchExported, quantization=INT8), "it": model()}
    assert "no comparison: base is not measured" in latency(models, baseline="base").effects
    assert latency(models, baseline="it").effects == ("100 rounds of 1 model at batch 1",)
    both = {"it": model(), "other": model()}
    assert latency(both, runs=9).effects == ("9 rounds of 2 models at batch 1",)


def test_sizes_that_nobody_knows_need_data():
    text = TorchModule(inputs=(TensorSpec(name="tokens", shape=("N", "S"), dtype="int64"),))
    with pytest.raises(OperatorError, match="free dimension 'S'"):
        latency({"it": text})
    tokens = DataSamples(inputs=(TensorSpec(name="x", shape=("N", 12), dtype="int64"),))
    assert latency({"it": text, "data": tokens}, data="test").unmeasured == {}


@pytest.mark.parametrize(
    ("metrics", "names"),
    [
        (["throughput"], ("throughput@batch=1", "throughput@batch=32")),
        (
            ["latency", "throughput"],
            (
                "latency.p50@batch=1",
                "latency.p95@batch=1",
                "latency.mean@batch=1",
                "throughput@batch=1",
                "latency.p50@batch=32",
                "latency.p95@batch=32",
                "latency.mean@batch=32",
                "throughput@batch=32",
            ),
        ),
    ],
)
def test_metric_names_are_exact(metrics, names):
    params = LatencyParams.model_validate({"metrics": metrics, "batch": [1, 32]})
    assert Latency.metric_names(params) == names


@pytest.mark.parametrize("wrong", [{"batch": [1, 1]}, {"batch": [0]}, {"runs": 0}, {"batch": []}])
def test_impossible_parameters_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LatencyParams.model_validate(wrong)


TABLE = LayerTable(
    layers=(
        Layer(
            name="fc",
            type="Linear",
            tensors=(Tensor(name="weight", shape=(10, 64), dtype="float32"),),
            positions=1,
        ),
    )
)


def test_accuracy_takes_a_forward_pass_of_every_sample():
    assert accuracy(model(layers=TABLE)).work == 5 * TABLE.macs
    assert accuracy(model(batch=4, layers=TABLE)).work == 8 * TABLE.macs  # the last is filled up
    assert accuracy(model()).work is None


def test_latency_takes_all_rounds_of_all_models_at_all_batches():
    params = {"batch": [1, 8], "warmup": 3, "runs": 20, "rewarm": 2}
    runs = 1 + 3 + 20 * (1 + 2)
    models = {"free": model(layers=TABLE), "fixed": model(batch=8, layers=TABLE)}
    assert latency(models, **params).work == runs * ((1 + 8) + 8) * TABLE.macs
    assert latency({"free": model(layers=TABLE), "opaque": model()}, **params).work is None


class AcmeModel(Model):
    kind = "acme.model"
    session = "acme._session:open"
    session_requires = (Requirement("python:acme-runtime", "pip install acme-runtime"),)


def test_a_kind_of_a_plugin_says_what_runs_it_and_what_that_needs():
    assert [r.spec for r in accuracy(model(AcmeModel)).requires] == ["python:acme-runtime"]
    lacking = accuracy(model(AcmeModel), lacks={"python:acme-runtime"})
    assert lacking.unmeasured == {"subject": "blocked: needs python:acme-runtime"}
