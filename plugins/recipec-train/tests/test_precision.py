"""`16-mixed` on a CPU is float16 with a gradient scaler; `bf16-mixed` has none."""

import pytest

from recipec.testing import AloneRunContext
from recipec_train.fit import Fit

pytestmark = pytest.mark.frameworks


def test_float16_survives_an_infinity(tmp_path, saved, digits):
    import json

    from safetensors import safe_open

    from recipec.api.torch import load_module

    params = {"data": "train", "steps": 10, "batch_size": 10, "precision": "16-mixed"}
    params |= {"optimizer": {"name": "sgd", "lr": 0.01}, "clip_norm": 1.0}
    operator = Fit(Fit.params.model_validate(params))
    context = AloneRunContext(tmp_path, operator)
    result = operator.run({"model": saved("Overflowing"), "data": digits()}, context)

    trained = load_module(context.path_for("model"))
    assert int(trained.calls) == int(trained.halves) == 10, "the forward pass wasn't float16"
    assert all(weight.isfinite().all() for weight in trained.parameters())
    assert result.notes == ("1 of 10 steps overflowed in float16 and were left out",)
    assert {m.name: m.count for m in result.metrics}["loss.train"] == 90
    with safe_open(context.scratch / "checkpoint.safetensors", "pt") as file:
        scaler = json.loads(file.metadata()["values"])["scaler"]
    assert scaler["scale"] == 2.0**15, "the scaler didn't halve its scale of 2¹⁶ once"


def test_an_infinity_without_a_scaler_is_an_error_that_says_where(tmp_path, saved, digits):
    from recipec.api import OperatorError

    operator = Fit(Fit.params.model_validate({"data": "train", "epochs": 1}))
    with pytest.raises(OperatorError, match=r"the train loss, by step 3, is not finite") as raised:
        operator.run(
            {"model": saved("Overflowing"), "data": digits()}, AloneRunContext(tmp_path, operator)
        )
    assert raised.value.at == ("optimizer",)


def test_weights_that_are_infinite_after_the_last_step_are_an_error(tmp_path, saved, digits):
    from recipec.api import OperatorError

    params = {"data": "train", "steps": 1, "schedule": {"name": "constant"}}
    operator = Fit(Fit.params.model_validate({**params, "optimizer": {"name": "sgd", "lr": 1e38}}))
    model = saved("Mlp", lambda module: module.last.weight.mul_(1e4))  # for large gradients
    with pytest.raises(OperatorError, match=r"diverged: first\.weight is not finite"):
        operator.run({"model": model, "data": digits()}, AloneRunContext(tmp_path, operator))


def test_bfloat16_has_no_scaler():
    from recipec_train._fabric import make_fabric

    assert make_fabric("cpu", "bf16-mixed")._precision.scaler is None


def test_clipping_in_float16_is_after_unscaling(tmp_path, saved, digits):
    """With gradients of norm ~1 a limit of 1e3 changes nothing, unless it met the scaled ones."""
    from recipec.api.digests import digest_path

    digests = set()
    for limit in (None, 1e3):
        params = {"data": "train", "steps": 3, "batch_size": 10, "precision": "16-mixed"}
        operator = Fit(Fit.params.model_validate({**params, "clip_norm": limit}))
        context = AloneRunContext(tmp_path / str(limit), operator)
        operator.run({"model": saved("Mlp", hidden=8), "data": digits()}, context)
        digests.add(digest_path(context.path_for("model")))
    assert len(digests) == 1


def test_nothing_is_said_on_the_way(tmp_path, saved, digits, capfd, caplog):
    import warnings

    operator = Fit(Fit.params.model_validate({"data": "train", "steps": 2}))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        operator.run({"model": saved("Mlp"), "data": digits()}, AloneRunContext(tmp_path, operator))
    assert [str(w.message) for w in said] == []
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
