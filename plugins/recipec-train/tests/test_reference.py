"""`train.fit` gives what a plain torch loop over the same batches gives."""

import math

import pytest

from recipec_train.fit import Fit

pytestmark = pytest.mark.frameworks


def plain_loop(
    path, data, *, epochs, batch_size, make_optimizer, rate, loss, clip=None, bf16=False
):
    """The loop that everyone writes. Gives the trained state, the last epoch's mean loss."""
    import torch

    from recipec.api.data import open_samples
    from recipec.api.torch import load_module, reproducible
    from recipec.api.training._batches import sample_order

    batch = open_samples(data).take(range(data.facts.count))
    x, y = torch.from_numpy(batch.inputs["x"]), torch.from_numpy(batch.labels)
    module = load_module(path).train()
    optimizer = make_optimizer(module.parameters())
    step = 0
    with reproducible(0, 1):
        for epoch in range(epochs):
            total = 0.0
            for rows in sample_order(0, epoch, len(y)).split(batch_size):
                optimizer.param_groups[0]["lr"] = rate(step)
                optimizer.zero_grad()
                with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                    logits = module(x[rows])
                value = loss(logits.float(), y[rows])
                value.backward()
                if clip:
                    torch.nn.utils.clip_grad_norm_(module.parameters(), clip)
                optimizer.step()
                total += value.item() * len(rows)
                step += 1
    return module.state_dict(), total / len(y)


def agree(made, wanted_state, wanted_loss, result):
    from recipec.api.torch import load_module

    state = load_module(made.path).state_dict()
    assert list(state) == list(wanted_state)
    for name, value in wanted_state.items():
        difference = (state[name].double() - value.double()).abs().max().item()
        assert difference <= 1e-6, f"{name} differs by {difference}"
    metrics = {m.name: m.value for m in result.metrics}
    assert metrics["loss.train"] == pytest.approx(wanted_loss, abs=1e-6)


def fitted(params, inputs, folder):
    from recipec.api import Artifact
    from recipec.api.digests import digest_path
    from recipec.testing import AloneRunContext

    operator = Fit(Fit.params.model_validate({"data": "train", **params}))
    context = AloneRunContext(folder, operator)
    result = operator.run(inputs, context)
    path = context.path_for("model")
    return Artifact(result.outputs["model"], path, digest_path(path)), result


def test_sgd_with_momentum_and_label_smoothing(tmp_path, saved, digits):
    import torch
    import torch.nn.functional as F  # noqa: N812

    model, data = saved("Cnn"), digits()
    schedule = {"name": "cosine"}
    made, result = fitted(
        {"epochs": 3, "schedule": schedule}, {"model": model, "data": data}, tmp_path
    )
    state, loss = plain_loop(
        model.path,
        data,
        epochs=3,
        batch_size=32,
        make_optimizer=lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=5e-4),
        rate=lambda step: 0.1 * (1 + math.cos(math.pi * step / 21)) / 2,
        loss=lambda logits, y: F.cross_entropy(logits, y, label_smoothing=0.1),
    )
    agree(made, state, loss, result)


def test_adamw_with_clipped_gradients_and_squared_error(tmp_path, saved, digits):
    import torch
    import torch.nn.functional as F  # noqa: N812

    model, data = saved("Mlp"), digits()
    params = {
        "epochs": 3,
        "batch_size": 50,
        "optimizer": {"name": "adamw", "lr": 0.01},
        "schedule": {"name": "constant"},
        "loss": {"name": "mse"},
        "clip_norm": 0.05,
    }
    made, result = fitted(params, {"model": model, "data": data}, tmp_path)
    state, loss = plain_loop(
        model.path,
        data,
        epochs=3,
        batch_size=50,
        make_optimizer=lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.01),
        rate=lambda step: 0.01,
        loss=lambda logits, y: F.mse_loss(logits, F.one_hot(y, 10).float()),
        clip=0.05,
    )
    agree(made, state, loss, result)


def test_bfloat16(tmp_path, saved, digits):
    import torch
    import torch.nn.functional as F  # noqa: N812

    model, data = saved("Mlp"), digits()
    params = {
        "epochs": 2,
        "precision": "bf16-mixed",
        "schedule": {"name": "constant"},
        "loss": {"name": "cross_entropy", "label_smoothing": 0.0},
    }
    made, result = fitted(params, {"model": model, "data": data}, tmp_path)
    state, loss = plain_loop(
        model.path,
        data,
        epochs=2,
        batch_size=32,
        make_optimizer=lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=5e-4),
        rate=lambda step: 0.1,
        loss=F.cross_entropy,
        bf16=True,
    )
    agree(made, state, loss, result)
    weights = fitted(
        {**params, "precision": "32-true"}, {"model": model, "data": data}, tmp_path / "b"
    )
    assert made.digest != weights[0].digest  # the precision made a difference
