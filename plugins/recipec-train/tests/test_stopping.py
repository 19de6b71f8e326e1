"""Early stopping: the rule, and that the best weights are what is kept."""

import pytest

from recipec.api.training import EarlyStop
from recipec.api.training.stopping import Stopper
from recipec.testing import AloneRunContext
from recipec_train.fit import Fit


def test_it_stops_after_so_many_epochs_without_a_better_value():
    stopper = Stopper(EarlyStop(metric="accuracy", patience=2))
    seen = [stopper.saw(loss=1.0, accuracy=a) for a in (0.5, 0.6, 0.6, 0.55)]
    assert seen == [True, True, False, False]
    assert stopper.stops


def test_a_gain_below_min_delta_is_no_gain():
    stopper = Stopper(EarlyStop(metric="loss", patience=2, min_delta=0.1))
    assert [stopper.saw(loss=x, accuracy=0) for x in (1.0, 0.95, 0.85)] == [True, False, True]
    assert not stopper.stops


@pytest.mark.frameworks
def test_the_best_epoch_s_weights_and_numbers_are_kept(tmp_path, saved, digits):
    import torch

    from recipec.api.data import open_samples
    from recipec.api.torch import load_module

    params = {
        "data": "train",
        "validation": "validation",
        "epochs": 30,
        "schedule": {"name": "constant"},
        "optimizer": {"name": "sgd", "lr": 1.0},  # so high that validation gets worse again
        "early_stop": {"metric": "loss", "patience": 2},
    }
    validation = digits(300, 200)
    operator = Fit(Fit.params.model_validate(params))
    context = AloneRunContext(tmp_path, operator)
    inputs = {"model": saved("Mlp"), "data": digits(0, 100), "validation": validation}
    result = operator.run(inputs, context)
    metrics = {m.name: m.value for m in result.metrics}
    assert metrics["epochs"] < 30
    assert result.notes == (f"stopped early, after epoch {metrics['epochs']:g}",)
    losses = [
        float(line.split("loss ")[1].split()[0]) for line in context.said if "validation" in line
    ]
    assert losses.index(min(losses)) == metrics["epochs"] - 1 - 2
    assert metrics["loss.validation"] == pytest.approx(min(losses), abs=1e-3)

    batch = open_samples(validation).take(range(200))
    with torch.no_grad():
        logits = load_module(context.path_for("model"))(torch.from_numpy(batch.inputs["x"]))
    right = (logits.argmax(1).numpy() == batch.labels).mean()
    assert metrics["accuracy.validation"] == pytest.approx(right, abs=1e-9)
