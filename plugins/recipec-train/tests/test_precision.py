"""`16-mixed` on a CPU is float16 with a gradient scaler; `bf16-mixed` has none."""

import pytest

from recipec.testing import AloneRunContext
from recipec_train.fit import Fit

pytestmark = pytest.mark.frameworks


STEPS = 20


def losses(folder, saved, digits, precision, model="Mlp", **params):
    """Train for 20 steps of 16; give the loss of each step, and the weights."""
    from recipec.api.data import open_samples
    from recipec.api.torch import load_module, read_structure
    from recipec.api.training import CrossEntropy, Reader, TrainingParams, supervised, train

    folder.mkdir()
    defaults = {"data": "train", "steps": STEPS, "batch_size": 16, "precision": precision}
    defaults |= {"optimizer": {"name": "adamw", "lr": 0.02}, "schedule": {"name": "constant"}}
    params = TrainingParams.model_validate({**defaults, **params})
    source, data = saved(model), digits(0, 160)
    module = load_module(source.path)
    outcome = train(
        module,
        Reader(open_samples(data), read_structure(source.path).inputs, 10),
        params,
        AloneRunContext(folder, Fit(Fit.params.model_validate({"data": "train", "epochs": 1}))),
        loss=supervised(CrossEntropy(label_smoothing=0)),
        identity=precision,
    )
    return outcome, module


@pytest.mark.parametrize(("precision", "tolerance"), [("16-mixed", 0.01), ("bf16-mixed", 0.01)])
def test_the_loss_curve_follows_float32(precision, tolerance, tmp_path, saved, digits):
    """float16 has 11 bits of mantissa, bfloat16 8. The loss falls from 2.4 to below 1."""
    whole, _ = losses(tmp_path / "whole", saved, digits, "32-true")
    mixed, module = losses(tmp_path / "mixed", saved, digits, precision)
    assert len(whole.losses) == len(mixed.losses) == STEPS
    assert whole.losses[0] > 2.2
    assert whole.losses[-1] < 1.0
    difference = (mixed.losses - whole.losses).abs().max()
    assert 0 < difference <= tolerance
    assert mixed.skipped == (0 if precision == "16-mixed" else None)
    assert {p.dtype for p in module.parameters()} == {next(module.parameters()).float().dtype}


def test_float16_is_the_plain_loop_with_autocast_scaler_and_unscaling(tmp_path, saved, digits):
    """With an infinity in step 3, and a limit on gradients that takes effect in every step."""
    import torch
    import torch.nn.functional as F  # noqa: N812

    from recipec.api.data import open_samples
    from recipec.api.torch import load_module, reproducible
    from recipec.api.training._batches import sample_order

    params = {"optimizer": {"name": "sgd", "lr": 0.1}, "schedule": {"name": "constant"}}
    params |= {"clip_norm": 0.05}
    made, trained = losses(
        tmp_path / "made", saved, digits, "16-mixed", model="Overflowing", **params
    )

    module = load_module(saved("Overflowing").path).train()
    batch = open_samples(digits(0, 160)).take(range(160))
    x, y = torch.from_numpy(batch.inputs["x"]), torch.from_numpy(batch.labels)
    optimizer = torch.optim.SGD(module.parameters(), 0.1, momentum=0.9, weight_decay=5e-4)
    scaler = torch.amp.GradScaler("cpu")
    wanted, norms = [], []
    with reproducible(0, 1):
        for epoch in range(2):
            for rows in sample_order(0, epoch, 160).split(16):
                optimizer.zero_grad()
                with torch.autocast("cpu", torch.float16):
                    logits = module(x[rows])
                loss = F.cross_entropy(logits.float(), y[rows])
                scaler.scale(loss).backward()
                scaler.unscale_(optimizer)
                norms.append(torch.nn.utils.clip_grad_norm_(module.parameters(), 0.05))
                scaler.step(optimizer)
                scaler.update()
                wanted.append(loss.detach())
    assert made.skipped == 1
    assert made.losses[2].isnan()
    assert not wanted[2].isfinite()
    finite = [norm for norm in norms if norm.isfinite()]
    assert len(finite) == STEPS - 1
    assert min(finite) > 0.05, "the limit wasn't needed"
    for step in set(range(STEPS)) - {2}:
        assert made.losses[step] == pytest.approx(wanted[step].item(), abs=1e-6)
    for name, value in module.state_dict().items():
        assert (trained.state_dict()[name] - value).abs().max() <= 1e-6


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
    assert {m.name: m.value for m in result.metrics}["steps.skipped"] == 1
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
    from recipec.api.training._fabric import make_fabric

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
