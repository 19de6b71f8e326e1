"""`train.fit` keeps the operator contract: planned = made, bytes equal from run to run."""

from pathlib import Path

import pytest

from recipec.testing import RunContract
from recipec_train.fit import Fit

pytestmark = pytest.mark.frameworks


class TestFit(RunContract):
    operator = Fit
    uses_scratch = True

    def good_params(self):
        return {
            "data": "train",
            "validation": "validation",
            "epochs": 2,
            "optimizer": {"name": "adamw", "lr": 0.01},
            "schedule": {"name": "cosine", "warmup_steps": 2},
            "early_stop": {"metric": "loss", "patience": 1},
            "augment": {"rotate": 5, "scale": 0.05, "shift": 0.5, "flip": True},
        }

    def example_facts(self):
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            artifacts = self.example_artifacts(Path(folder))
        return {port: artifact.facts for port, artifact in artifacts.items()}

    def example_artifacts(self, folder: Path):
        from train_examples.making import refer_to_digits, save_model

        folder.mkdir(exist_ok=True)
        return {
            "model": save_model(folder / "model", "Cnn"),
            "data": refer_to_digits(folder / "train.json", 0, 100),
            "validation": refer_to_digits(folder / "validation.json", 100, 50),
        }


def test_samples_that_are_no_numbers_are_an_error_of_the_data(tmp_path, saved, digits):
    from recipec.api import OperatorError
    from recipec.api.data.reference import write_reference
    from recipec.testing import AloneRunContext

    operator = Fit(Fit.params.model_validate({"data": "train", "epochs": 1}))
    data = digits()
    arguments = {"start": 0, "count": data.facts.count, "broken": True}
    write_reference(data.path, "train_examples.digits:load", arguments)
    inputs = {"model": saved("Mlp"), "data": data}
    with pytest.raises(OperatorError, match="NaN or infinite") as raised:
        operator.run(inputs, AloneRunContext(tmp_path, operator))
    assert raised.value.at == ("data",)


def test_labels_that_the_model_does_not_know_are_an_error(tmp_path, saved, digits):
    from recipec.api import OperatorError
    from recipec.testing import AloneRunContext

    operator = Fit(Fit.params.model_validate({"data": "train", "epochs": 1}))
    inputs = {"model": saved("Mlp", classes=5), "data": digits()}
    with pytest.raises(OperatorError, match="label 9; the model has 5 outputs"):
        operator.run(inputs, AloneRunContext(tmp_path, operator))


def test_a_model_that_gives_more_than_logits_is_an_error(tmp_path, saved, digits):
    from recipec.api import OperatorError
    from recipec.testing import AloneRunContext

    operator = Fit(Fit.params.model_validate({"data": "train", "epochs": 1}))
    with pytest.raises(OperatorError, match="the model gives tuple"):
        operator.run(
            {"model": saved("Pair"), "data": digits()}, AloneRunContext(tmp_path, operator)
        )


def test_it_learns(tmp_path, saved, digits):
    from recipec.testing import AloneRunContext

    operator = Fit(Fit.params.model_validate({"data": "d", "validation": "v", "epochs": 4}))
    inputs = {"model": saved("Cnn"), "data": digits(0, 1000), "validation": digits(1000, 500)}
    result = operator.run(inputs, AloneRunContext(tmp_path, operator))
    assert {m.name: m.value for m in result.metrics}["accuracy.validation"] > 0.9
