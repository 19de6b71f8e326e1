"""`recipec.api.training.train`, as other plugins use it: any module, loss, and hooks."""

import subprocess
import sys
from dataclasses import dataclass

import pytest

from recipec.testing import AloneRunContext
from recipec_train.fit import Fit


class Stopped(Exception):
    """A run that ends before its time."""


@dataclass(frozen=True)
class Stopping(AloneRunContext):
    """Ends the run when so many steps are done."""

    last: float = float("inf")

    def progress(self, done, total, what):
        if done >= self.last:
            raise Stopped


def test_the_light_half_imports_no_framework():
    script = "import sys, recipec.api.training; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_a_name_that_is_not_there_is_an_attribute_error():
    import recipec.api.training

    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        recipec.api.training.trian  # noqa: B018 (that it raises is what is tested)


def run(folder, saved, digits, last=float("inf"), hooks=None, loss=None, **params):
    from recipec.api.data import open_samples
    from recipec.api.torch import load_module
    from recipec.api.training import CrossEntropy, Reader, TrainingParams, supervised, train
    from train_examples.making import IMAGES

    module = load_module(saved("Mlp").path)
    operator = Fit(Fit.params.model_validate({"data": "train", "epochs": 1}))
    outcome = train(
        module,
        Reader(open_samples(digits(0, 96)), IMAGES, 10),
        TrainingParams.model_validate({"data": "train", "epochs": 4, **params}),
        Stopping(folder, operator, last=last),
        loss=loss or supervised(CrossEntropy()),
        identity="one",
        validation=Reader(open_samples(digits(96, 60)), IMAGES, 10),
        hooks=hooks,
    )
    return outcome, module


@pytest.mark.frameworks
def test_an_outcome_has_every_step_and_every_epoch(tmp_path, saved, digits):
    outcome, module = run(tmp_path, saved, digits)
    assert (outcome.epochs, outcome.steps, outcome.skipped, outcome.best_epoch) == (4, 12, None, 4)
    assert outcome.losses.shape == (12,)
    assert len(outcome.history) == 4
    assert outcome.history[-1] == outcome.scores
    means = outcome.losses.view(4, 3).mean(1)  # three batches of 32
    for mean, scores in zip(means.tolist(), outcome.history, strict=True):
        assert scores["train"].loss == pytest.approx(mean, abs=1e-6)
    assert not module.training


@pytest.mark.frameworks
def test_what_went_before_is_remembered_when_it_goes_on(tmp_path, saved, digits):
    import torch

    whole, module = run(tmp_path / "whole", saved, digits)
    (tmp_path / "cut").mkdir()
    with pytest.raises(Stopped):
        run(tmp_path / "cut", saved, digits, last=8)
    rest, again = run(tmp_path / "cut", saved, digits)
    assert rest.notes == ("went on from the checkpoint after epoch 2",)
    assert torch.equal(rest.losses, whole.losses)
    assert rest.history == whole.history
    assert torch.equal(again.first.weight, module.first.weight)


@pytest.mark.frameworks
def test_the_best_epoch_is_told(tmp_path, saved, digits):
    sgd = {"name": "sgd", "lr": 2.0}  # so high that validation gets worse again
    params = {"optimizer": sgd, "validation": "v", "epochs": 12}
    params |= {"early_stop": {"metric": "loss", "patience": 12}}
    outcome, _ = run(tmp_path, saved, digits, **params)
    losses = [scores["validation"].loss for scores in outcome.history]
    assert outcome.best_epoch == 1 + losses.index(min(losses))
    assert outcome.scores == outcome.history[outcome.best_epoch - 1]


@pytest.mark.frameworks
def test_hooks_are_called_at_every_step_and_not_again(tmp_path, saved, digits):
    import torch

    from recipec.api.training import Hooks

    class Counts(Hooks):
        def __init__(self):
            self.steps, self.modes, self.begun = [], [], []

        def begin(self, module, optimizer, length, masks):
            self.begun.append((module, len(optimizer.param_groups), length.steps))

        def at(self, step):
            self.steps.append(step)

        def switch(self, module, training):
            self.modes.append(training)
            module.train(training)

        def state(self):
            return {"steps": torch.tensor(self.steps)}

        def restore(self, state):
            self.steps = state["steps"].tolist()

    with pytest.raises(Stopped):
        run(tmp_path, saved, digits, last=8, hooks=Counts())
    hooks = Counts()
    _, module = run(tmp_path, saved, digits, hooks=hooks)
    assert hooks.steps == list(range(13))
    assert hooks.modes == [True, False] * 2
    assert hooks.begun == [(module, 1, 12)]


@pytest.mark.frameworks
def test_a_loss_may_be_anything_of_module_and_batch(tmp_path, saved, digits):
    def loss(module, inputs, labels):
        logits = module(*inputs)
        return logits.square().mean(), logits

    outcome, _ = run(tmp_path, saved, digits, loss=loss)
    assert outcome.losses[-1] < 0.5 * outcome.losses[0]


@pytest.mark.frameworks
def test_a_module_without_parameters_is_refused(tmp_path, saved, digits):
    import torch

    from recipec.api import OperatorError
    from recipec.api.training import CrossEntropy, TrainingParams, supervised, train

    operator = Fit(Fit.params.model_validate({"data": "train", "epochs": 1}))
    with pytest.raises(OperatorError, match="no parameter to train"):
        train(
            torch.nn.Flatten(),
            [],
            TrainingParams.model_validate({"data": "train", "epochs": 1}),
            AloneRunContext(tmp_path, operator),
            loss=supervised(CrossEntropy()),
            identity="one",
        )
