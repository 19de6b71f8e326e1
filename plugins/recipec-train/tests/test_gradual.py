"""Gradual pruning is torch.nn.utils.prune along the schedule, bit for bit, and leaves no mask."""

import pytest

from recipec.testing import AloneRunContext
from recipec_train.fit import Fit

pytestmark = pytest.mark.frameworks

RULE = {"final": "80%", "initial": "10%", "begin": "10%", "end": "80%", "every": 3}
COUNT, EPOCHS, BATCH = 130, 8, 32
STEPS = 40


def trained(folder, model, data, **params):
    """Run the stage; give the module, and the result, as it would be planned and made."""
    from recipec.api.torch import load_module

    defaults = {"data": "train", "epochs": EPOCHS, "schedule": {"name": "constant"}}
    operator = Fit(Fit.params.model_validate({**defaults, **params}))
    context = AloneRunContext(folder, operator)
    result = operator.run({"model": model, "data": data}, context)
    return load_module(context.path_for("model")), result


def plain_loop(model, data, make_optimizer, prune, clip=None):
    """The loop that everyone writes, with torch's own pruning; `prune` gets the step's sparsity."""
    import torch
    import torch.nn.functional as F  # noqa: N812

    from recipec.api.data import open_samples
    from recipec.api.torch import load_module, reproducible
    from recipec.api.training._batches import sample_order

    batch = open_samples(data).take(range(COUNT))
    x, y = torch.from_numpy(batch.inputs["x"]), torch.from_numpy(batch.labels)
    module = load_module(model.path).train()
    # At step 4, 7, 10, … 31: 10 % and 80 % of 40 steps are 4 and 32, with 9 times 3 steps between.
    sparsity = {4 + 3 * n: 0.8 + (0.1 - 0.8) * (1 - n / 9) ** 3 for n in range(10)}
    optimizer = make_optimizer(module)
    step = 0
    with reproducible(0, 1):
        for epoch in range(EPOCHS):
            for rows in sample_order(0, epoch, COUNT).split(BATCH):
                if step in sparsity:
                    prune(module, sparsity[step])
                optimizer.zero_grad()
                loss = F.cross_entropy(module(x[rows]), y[rows], label_smoothing=0.1)
                loss.backward()
                if clip:
                    torch.nn.utils.clip_grad_norm_(module.parameters(), clip)
                optimizer.step()
                step += 1
    assert step == STEPS
    return module


def after_the_step(layer):
    """The weight itself: torch's `layer.weight` is the one of the last forward pass."""
    return getattr(layer, "weight_orig", layer.weight)


def more(layers, sparsity):
    """How many weights are still to be pruned, for an L1 method of torch's."""
    size = sum(layer.weight.numel() for layer in layers)
    zeros = sum(int((layer.weight == 0).sum()) for layer in layers)
    return round(sparsity * size) - zeros


def test_each_layer_of_a_convolutional_net(tmp_path, saved, digits):
    import torch
    from torch.nn.utils import prune

    def prune_layers(module, sparsity):
        for layer in (module.conv, module.fc):
            prune.l1_unstructured(
                layer, "weight", more([layer], sparsity), importance_scores=after_the_step(layer)
            )

    model, data = saved("Cnn"), digits(0, COUNT)
    made, result = trained(tmp_path, model, data, gradual_pruning=RULE, clip_norm=0.5)
    wanted = plain_loop(
        model,
        data,
        lambda m: torch.optim.SGD(m.parameters(), 0.1, momentum=0.9, weight_decay=5e-4),
        prune_layers,
        clip=0.5,
    )
    for name in ("conv", "fc"):
        layer, reference = getattr(made, name), getattr(wanted, name)
        prune.remove(reference, "weight")
        assert torch.equal(layer.weight != 0, reference.weight != 0), "other masks"
        assert (layer.weight - reference.weight).abs().max() <= 1e-6
        assert list(layer._parameters) == ["weight", "bias"], "a mask was left"
        assert (layer.weight == 0).sum() == round(0.8 * layer.weight.numel())
    assert result.changed == {"weights zeroed": round(0.8 * 72) + round(0.8 * 1280)}


def test_one_threshold_over_an_mlp_with_adamw(tmp_path, saved, digits):
    import torch
    from torch.nn.utils import prune

    def prune_both(module, sparsity):
        layers = [module.first, module.last]
        scores = {(layer, "weight"): after_the_step(layer) for layer in layers}
        count = more(layers, sparsity)
        prune.global_unstructured(
            list(scores), prune.L1Unstructured, importance_scores=scores, amount=count
        )

    model, data = saved("Mlp"), digits(0, COUNT)
    made, result = trained(
        tmp_path,
        model,
        data,
        gradual_pruning={**RULE, "scope": "global"},
        optimizer={"name": "adamw", "lr": 0.01},
    )
    wanted = plain_loop(
        model,
        data,
        lambda m: torch.optim.AdamW(m.parameters(), 0.01, weight_decay=0.01),
        prune_both,
    )
    for name in ("first", "last"):
        weight, reference = getattr(made, name).weight, getattr(wanted, name)
        prune.remove(reference, "weight")
        assert torch.equal(weight != 0, reference.weight != 0), "other masks"
        assert (weight - reference.weight).abs().max() <= 1e-6
    zeros = sum(int((layer.weight == 0).sum()) for layer in (made.first, made.last))
    assert zeros == round(0.8 * (64 * 32 + 320))
    assert result.changed == {"weights zeroed": zeros}


def test_the_weights_of_an_lstm(tmp_path, saved, digits):
    """Torch's own pruning unhooks an LSTM's weights, so the reference masks by hand: with plain
    SGD that is the same."""
    import torch

    masks = {}

    def weights(module):
        return {n: w for n, w in module.lstm.named_parameters() if n.startswith("weight")}

    def prune_by_hand(module, sparsity):
        for name, weight in weights(module).items():
            zeros = weight.detach().abs().flatten().argsort()[: round(sparsity * weight.numel())]
            masks[name] = torch.ones(weight.numel()).index_fill(0, zeros, 0.0).view_as(weight)
            weight.data *= masks[name]

    def make_optimizer(module):
        def mask(optimizer, arguments, options):
            for name, weight in weights(module).items():
                weight.data *= masks.get(name, 1.0)

        optimizer = torch.optim.SGD(module.parameters(), 0.1)
        optimizer.register_step_post_hook(mask)
        return optimizer

    model, data = saved("Rows"), digits(0, COUNT)
    rule = {**RULE, "include": ["lstm"]}
    sgd = {"name": "sgd", "momentum": 0, "weight_decay": 0}
    made, _ = trained(tmp_path, model, data, gradual_pruning=rule, optimizer=sgd)
    wanted = weights(plain_loop(model, data, make_optimizer, prune_by_hand))
    for name, weight in weights(made).items():
        assert torch.equal(weight != 0, masks[name].bool())
        assert (weight - wanted[name]).abs().max() <= 1e-6


def test_momentum_does_not_bring_pruned_weights_back(tmp_path, saved, digits):
    """Twenty steps with momentum and weight decay after the last pruning: exactly zero."""
    rule = {"final": "90%", "end": "50%", "every": 5}
    sgd = {"name": "sgd", "lr": 0.1, "momentum": 0.95, "nesterov": True, "weight_decay": 0.01}
    made, _ = trained(tmp_path, saved("Mlp"), digits(0, COUNT), gradual_pruning=rule, optimizer=sgd)
    for layer in (made.first, made.last):
        assert (layer.weight == 0).sum() == round(0.9 * layer.weight.numel())


def test_early_stopping_looks_at_pruned_epochs_only(tmp_path, saved, digits):
    operator = Fit(
        Fit.params.model_validate(
            {
                "data": "train",
                "validation": "validation",
                "epochs": 10,
                "early_stop": {"metric": "accuracy", "patience": 1},
                "gradual_pruning": {"final": "97%", "end": "60%", "every": 10},
            }
        )
    )
    inputs = {"model": saved("Mlp"), "data": digits(0, COUNT), "validation": digits(300, 100)}
    context = AloneRunContext(tmp_path, operator)
    result = operator.run(inputs, context)
    from recipec.api.torch import load_module

    made = load_module(context.path_for("model"))
    assert (made.first.weight == 0).sum() == round(0.97 * 2048)
    assert {m.name: m.value for m in result.metrics}["epochs"] >= 6


def test_zeros_that_are_kept_are_part_of_it(tmp_path, saved, digits):
    def half(module):
        module.first.weight[:, ::2] = 0.0

    made, result = trained(tmp_path, saved("Mlp", half), digits(0, COUNT), gradual_pruning=RULE)
    assert (made.first.weight[:, ::2] == 0).all()
    assert (made.first.weight == 0).sum() == round(0.8 * 2048)
    assert result.changed == {"weights zeroed": round(0.8 * 2048) - 1024 + round(0.8 * 320)}


def test_more_kept_zeros_than_asked_for_are_refused_before_training(tmp_path, saved, digits):
    from recipec.api import UNKNOWN, OperatorError

    model = saved("Mlp", lambda module: module.first.weight[:, :60].zero_())
    model = model._replace(facts=model.facts.model_copy(update={"layers": UNKNOWN}))
    with pytest.raises(OperatorError, match=r"first\.weight has 1,920 zeros already") as raised:
        trained(tmp_path, model, digits(0, COUNT), gradual_pruning=RULE)
    assert raised.value.at == ("gradual_pruning", "final")


def test_a_weight_that_two_layers_share_is_pruned_once(tmp_path, saved, digits):
    from recipec.testing import AlonePlanContext

    model, data = saved("Tied"), digits(0, COUNT)
    params = {"data": "train", "epochs": EPOCHS, "gradual_pruning": RULE}
    planned = Fit(Fit.params.model_validate(params)).plan(
        {"model": model.facts, "data": data.facts}, AlonePlanContext(tmp_path)
    )
    made, result = trained(tmp_path, model, data, gradual_pruning=RULE)
    assert made.first.weight is made.second.weight
    assert (made.first.weight == 0).sum() == round(0.8 * 4096)
    assert list(planned.outputs["model"].contradictions(result.outputs["model"])) == []
    assert planned.changed == result.changed
