"""`measure.agreement`: what two models have in common, against plain NumPy and scikit-learn."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from recipec.api import DataSamples, Facts, OperatorError, TensorSpec, TorchModule
from recipec.api.metrics import contradictions
from recipec.testing import AlonePlanContext, AloneRunContext, EvaluatorContract
from recipec_measure.agreement import Agreement

ALL = ["agreement", "cosine", "neighbours"]


def evaluator(**params: Any) -> Agreement:
    given = {"data": "test", "baseline": "trained", "metrics": ALL, **params}
    return Agreement(Agreement.params.model_validate(given))


def measured(folder, subject, baseline, data, **params):
    operator = evaluator(**params)
    context = AloneRunContext(folder, operator)
    result = operator.run({"subject": subject, "baseline": baseline, "data": data}, context)
    assert list(contradictions(Agreement.families, result.metrics)) == []
    scores = json.loads(context.path_for("scores").read_text())
    return {metric.name: metric for metric in result.metrics}, scores


@pytest.fixture(scope="module")
def rough(folder, prototypes):
    """The classifier with weights rounded to whole numbers: near the original, but another."""
    import numpy as np
    import torch

    from recipec.api.torch import SavedModule, module_facts, save_module
    from recipec.testing import artifact

    module = torch.nn.Linear(64, 10)
    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(np.round(prototypes.weight)))
        module.bias.copy_(torch.from_numpy(prototypes.bias))
    inputs = (TensorSpec(name="x", shape=("N", 64)),)
    structure = SavedModule(
        builder="torch.nn:Linear", arguments={"in_features": 64, "out_features": 10}, inputs=inputs
    )
    save_module(folder / "rough", module, structure)
    return artifact(module_facts(module, inputs), folder / "rough")


@pytest.mark.frameworks
class TestContract(EvaluatorContract):
    operator = Agreement

    def good_params(self) -> Mapping[str, Any]:
        return {"data": "test", "baseline": "trained", "metrics": ALL, "samples": 90}

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _models(cls, onnx_model, torch_module, data):
        cls.made = {"subject": onnx_model(), "data": data(), "baseline": torch_module()}

    def example_facts(self) -> Mapping[str, Facts]:
        return {port: made.facts for port, made in self.made.items()}

    def example_artifacts(self, folder):
        return self.made


@pytest.mark.frameworks
def test_numbers_are_those_of_plain_calls(tmp_path, torch_module, rough, data, prototypes):
    import numpy as np
    from sklearn.metrics.pairwise import cosine_similarity
    from sklearn.neighbors import NearestNeighbors

    found, scores = measured(tmp_path, rough, torch_module(), data(labelled=False))
    one, other = (
        prototypes.x.astype(np.float64) @ weight.T + prototypes.bias
        for weight in (np.round(prototypes.weight), prototypes.weight)
    )
    likeness = np.diag(cosine_similarity(one, other))
    same = one.argmax(1) == other.argmax(1)
    nearest = [
        NearestNeighbors(n_neighbors=2, metric="cosine").fit(rows).kneighbors(rows)[1][:, 1]
        for rows in (one, other)
    ]
    assert 0.5 < same.mean() < 1
    assert found["agreement"].value == same.mean()
    assert scores["agreement"] == same.astype(int).tolist()
    assert found["cosine.mean"].value == pytest.approx(likeness.mean(), abs=1e-6)
    assert found["cosine.p5"].value == pytest.approx(np.percentile(likeness, 5), abs=1e-6)
    assert found["neighbours"].value == pytest.approx((nearest[0] == nearest[1]).mean(), abs=0.01)
    for metric in found.values():
        assert metric.count == 503
        assert metric.interval.low <= metric.value <= metric.interval.high


@pytest.mark.frameworks
@pytest.mark.parametrize("form", ["torch", "exported", "onnx", "fixed"])
def test_a_model_agrees_with_itself_in_every_form(
    form, tmp_path, torch_module, onnx_model, exported, data
):
    subject = {
        "torch": torch_module,
        "exported": lambda: exported,
        "onnx": onnx_model,
        "fixed": lambda: onnx_model("agreement-fixed", batch=40),  # 503 is no multiple of it
    }[form]()
    found, _ = measured(tmp_path, subject, torch_module(), data())
    assert found["agreement"].value == 1
    assert found["neighbours"].value > 0.99  # but for ties
    assert found["cosine.p5"].value == pytest.approx(1, abs=1e-9)
    assert found["cosine.p5"].count == 503


@pytest.mark.frameworks
def test_only_the_first_samples_are_used_when_so_many_are_wanted(
    tmp_path, torch_module, rough, data
):
    found, scores = measured(tmp_path, rough, torch_module(), data(), samples=30)
    assert found["agreement"].count == len(scores["agreement"]) == 30


@pytest.mark.frameworks
def test_zero_vectors_are_alike_and_unlike_all_others():
    import numpy as np

    from recipec_measure._agreement import cosines, nearest

    zero, x, y = [0.0, 0.0], [3.0, 4.0], [-4.0, 3.0]
    assert cosines(
        np.array([zero, zero, x, x, x]), np.array([zero, x, x, y, [-3, -4]])
    ).tolist() == [1, 0, 1, 0, -1]
    assert nearest(np.array([x, zero, [3.0, 4.1], y])).tolist()[0] == 2


@pytest.mark.frameworks
def test_outputs_that_are_no_numbers_are_an_error(tmp_path, onnx_model, torch_module, data):
    broken = onnx_model("agreement-inf", scale=float("inf"))
    with pytest.raises(OperatorError, match="not finite"):
        measured(tmp_path, broken, torch_module(), data())


def model(*shape: int | str, name: str = "x") -> TorchModule:
    return TorchModule(
        inputs=(TensorSpec(name=name, shape=("N", 64)),),
        outputs=(TensorSpec(name="output", shape=("N", *shape)),),
    )


DATA = DataSamples(count=100, inputs=(TensorSpec(name="x", shape=("N", 64)),), classes=None)


def plan(subject, baseline, tmp_path, data=DATA, **params):
    inputs = {"subject": subject, "data": data}
    if baseline is not None:
        inputs["baseline"] = baseline
    return evaluator(**params).plan(inputs, AlonePlanContext(tmp_path))


@pytest.mark.parametrize(
    ("subject", "baseline", "reason"),
    [
        (model(10), model(12), "its output is [10] for a sample, the baseline's [12]"),
        (model(10), model(4, 10), "its output is [10] for a sample"),
        (model(4, 10), model(4, 10), "agreement is of classes, and its output is [4, 10]"),
    ],
)
def test_what_can_not_be_compared_is_not_measured(subject, baseline, reason, tmp_path):
    planned = plan(subject, baseline, tmp_path)
    assert reason in planned.unmeasured["subject"]


def test_what_is_known_too_little_of_may_work(tmp_path):
    assert plan(TorchModule(), model(10), tmp_path).unmeasured == {}
    assert plan(model("N"), model(10), tmp_path).unmeasured == {}
    assert plan(model(4, 10), model(4, 10), tmp_path, metrics=["cosine"]).unmeasured == {}


@pytest.mark.parametrize(
    ("changes", "message", "at"),
    [
        ({"baseline": None}, "no baseline to agree with", ("baseline",)),
        ({"samples": 101}, "only 100 samples", ("samples",)),
        ({"data": DATA.model_copy(update={"count": 1})}, "two samples are needed", ("data",)),
        (
            {"data": DATA.model_copy(update={"inputs": (TensorSpec(name="x", shape=("N", 9)),)})},
            r"wants x: \[N, 64\] float32, the data has x: \[N, 9\]",
            ("data",),
        ),
    ],
)
def test_mistakes_have_their_place(changes, message, at, tmp_path):
    given = {"subject": model(10), "baseline": model(10), "tmp_path": tmp_path, **changes}
    with pytest.raises(OperatorError, match=message) as raised:
        plan(**given)
    assert raised.value.at == at


def test_names_follow_the_families_that_are_wanted():
    names = Agreement.metric_names(evaluator(metrics=["cosine"]).with_)
    assert names == ("cosine.mean", "cosine.p5")
