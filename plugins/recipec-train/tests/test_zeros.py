"""Pruned weights stay zero through momentum and weight decay."""

import pytest

from recipec.testing import AloneRunContext
from recipec_train.fit import Fit

pytestmark = pytest.mark.frameworks

OPTIMIZERS = [
    {"name": "sgd", "nesterov": True, "weight_decay": 0.01},
    {"name": "adam", "weight_decay": 0.01},
    {"name": "adamw", "weight_decay": 0.1},
]


def prune_half(module):
    for weight in (module.first.weight, module.last.weight):
        weight[weight.abs() < weight.abs().median()] = 0.0


def trained(folder, model, data, **params):
    from recipec.api.torch import load_module

    operator = Fit(Fit.params.model_validate({"data": "train", "epochs": 2, **params}))
    context = AloneRunContext(folder, operator)
    operator.run({"model": model, "data": data}, context)
    return load_module(context.path_for("model"))


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o["name"])
def test_masks_survive_while_the_rest_learns(optimizer, tmp_path, saved, digits):
    from recipec.api.torch import load_module

    model = saved("Mlp", prune_half)
    before = load_module(model.path)
    after = trained(tmp_path, model, digits(), optimizer=optimizer, clip_norm=1.0)
    for name in ("first", "last"):
        zeros = getattr(before, name).weight == 0
        weight = getattr(after, name).weight
        assert zeros.float().mean() > 0.4
        assert (weight[zeros] == 0).all()
        changed = (weight != getattr(before, name).weight)[~zeros]
        assert changed.float().mean() > 0.9  # some pixels are black in every image


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o["name"])
def test_two_of_four_holds_in_every_group_after_twenty_steps(optimizer, tmp_path, saved, digits):
    """With momentum and weight decay, exactly the zeros that were there."""
    from recipec.api.torch import load_module

    def two_of_four(module):
        for weight in (module.first.weight, module.last.weight):
            groups = weight.view(-1, 4)
            groups.scatter_(1, groups.abs().argsort(1)[:, :2], 0.0)

    model = saved("Mlp", two_of_four)
    params = {"epochs": None, "steps": 20, "optimizer": optimizer}
    after = trained(tmp_path, model, digits(), **params)
    before = load_module(model.path)
    for name in ("first", "last"):
        weight, zeros = getattr(after, name).weight, getattr(before, name).weight == 0
        assert ((weight == 0) == zeros).all(), "other zeros than before"
        assert ((weight.view(-1, 4) == 0).sum(1) == 2).all()


def test_zeros_of_an_lstm_stay(tmp_path, saved, digits):
    def half(module):
        for name, weight in module.lstm.named_parameters():
            if name.startswith("weight"):
                weight[weight.abs() < weight.abs().median()] = 0.0

    after = trained(tmp_path, saved("Rows", half), digits(), epochs=None, steps=20)
    for name, weight in after.lstm.named_parameters():
        assert ((weight == 0).float().mean() > 0.45) == name.startswith("weight")


def test_what_becomes_zero_by_itself_is_no_mask(tmp_path):
    """So that as many are zero as were planned."""
    import torch

    from recipec.api.training import Masks

    weight, masks = torch.nn.Parameter(torch.tensor([[0.0, 1.0, 2.0]])), Masks()
    masks.hold(weight, torch.tensor([[True, False, False]]))
    with torch.no_grad():
        weight[0, 1] = 0.0
    masks.settle()
    assert weight.tolist() == [[0.0, torch.finfo(torch.float32).tiny, 2.0]]


def test_masks_survive_float16_and_an_infinity(tmp_path, saved, digits):
    model = saved("Overflowing", prune_half)
    params = {"steps": 6, "epochs": None, "batch_size": 10, "precision": "16-mixed"}
    after = trained(tmp_path, model, digits(), **params)
    assert (after.first.weight == 0).float().mean() > 0.4


def test_zeros_are_trained_when_that_is_asked(tmp_path, saved, digits):
    after = trained(tmp_path, saved("Mlp", prune_half), digits(), keep_zeros=False)
    assert (after.last.weight == 0).float().mean() < 0.1  # a unit may die


def test_a_layer_that_begins_as_all_zeros_learns(tmp_path, saved, digits):
    after = trained(tmp_path, saved("Mlp", lambda module: module.last.weight.zero_()), digits())
    assert (after.last.weight != 0).float().mean() > 0.9


def test_biases_and_normalization_are_not_masks(tmp_path, saved, digits):
    after = trained(tmp_path, saved("Cnn", lambda module: module.bn.bias[:4].zero_()), digits())
    assert (after.bn.bias != 0).all()
