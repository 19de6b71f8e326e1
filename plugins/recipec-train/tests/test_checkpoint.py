"""Checkpoints hold everything, are no pickles, and belong to one training."""

import pytest

from recipec.testing import AloneRunContext
from recipec_train.fit import Fit

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("momentum", [True, False])
def test_an_optimizer_s_state_comes_back_to_the_bit(name, momentum, tmp_path):
    import torch

    from recipec.api.training._checkpoint import (
        Checkpoint,
        optimizer_parts,
        read_checkpoint,
        restore_optimizer,
        write_checkpoint,
    )
    from recipec.api.training._optimizers import make_optimizer
    from recipec.api.training.optimizers import Adam, AdamW, Sgd

    made = {"sgd": Sgd(momentum=0.9 if momentum else 0.0), "adam": Adam(), "adamw": AdamW()}[name]

    def steps(weight, optimizer, count):
        for _ in range(count):
            optimizer.zero_grad()
            weight.sin().sum().backward()
            optimizer.step()

    torch.manual_seed(0)
    weight = torch.nn.Parameter(torch.randn(20))
    optimizer = make_optimizer(made, [weight], fused=True)
    steps(weight, optimizer, 3)
    tensors, values = optimizer_parts(optimizer)
    write_checkpoint(tmp_path, Checkpoint({**tensors, "w": weight}, {"stage": "a", "o": values}))

    found, remark = read_checkpoint(tmp_path, "a")
    assert remark is None
    other = torch.nn.Parameter(found.tensors["w"].clone())
    resumed = make_optimizer(made, [other], fused=True)
    restored = {n: t for n, t in found.tensors.items() if n != "w"}
    restore_optimizer(resumed, restored, found.values["o"])
    steps(weight, optimizer, 3)
    steps(other, resumed, 3)
    assert torch.equal(weight, other)


def test_there_is_one_file_and_it_is_safetensors(tmp_path, saved, digits):
    from safetensors import safe_open

    operator = Fit(Fit.params.model_validate({"data": "train", "epochs": 1}))
    context = AloneRunContext(tmp_path, operator)
    operator.run({"model": saved("Mlp"), "data": digits()}, context)
    (file,) = context.scratch.iterdir()
    with safe_open(file, "pt") as checkpoint:
        names = set(checkpoint.keys())
    assert {"model.first.weight", "optimizer.0.momentum_buffer", "random.cpu"} <= names


def test_a_checkpoint_of_another_training_is_left_aside(tmp_path, saved, digits):
    inputs = {"model": saved("Mlp"), "data": digits()}
    results = []
    for epochs in (1, 2):
        operator = Fit(Fit.params.model_validate({"data": "train", "epochs": epochs}))
        results.append(operator.run(inputs, AloneRunContext(tmp_path, operator)))
        (tmp_path / "made" / "model").rename(tmp_path / f"after-{epochs}")
    assert results[0].notes == ()
    assert results[1].notes == ("a checkpoint of another training was left aside",)


def test_checkpoints_are_written_as_often_as_asked(tmp_path, saved, digits, monkeypatch):
    from recipec.api.training import _course

    written = []
    monkeypatch.setattr(
        _course, "write_checkpoint", lambda folder, it: written.append(it.values["epoch"])
    )
    params = {"data": "train", "epochs": 5, "checkpoint_every": 2}
    operator = Fit(Fit.params.model_validate(params))
    operator.run({"model": saved("Mlp"), "data": digits()}, AloneRunContext(tmp_path, operator))
    assert written == [2, 4, 5]
