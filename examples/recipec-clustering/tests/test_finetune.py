"""`clustering.finetune`: weights of a cluster move together, by the sum of their gradients."""

import pytest
import torch
from torch import nn

from clustering_examples.making import (
    change,
    example_facts,
    pictures,
    pruned,
    refer_to_pictures,
    rounded,
    save_net,
)
from recipec.api import OperatorError
from recipec.api.torch import load_module
from recipec.testing import RunContract, run_alone
from recipec_clustering.finetune import Finetune
from recipec_clustering.kmeans import KMeans

pytestmark = pytest.mark.frameworks
SGD = {"name": "sgd", "lr": 0.01, "momentum": 0.9, "weight_decay": 0.001}


class TestFinetune(RunContract):
    operator = Finetune
    uses_scratch = True

    def good_params(self):
        return {"data": "train", "epochs": 3, "validation": "validation"}

    def example_facts(self):
        return example_facts(self)

    def example_artifacts(self, folder):
        folder.mkdir(exist_ok=True)
        return {
            "model": save_net(folder / "given", "Mlp", rounded),
            "data": refer_to_pictures(folder / "train.json", 40),
            "validation": refer_to_pictures(folder / "validation.json", 20),
        }


def train(given, folder, **params):
    operator = Finetune(
        Finetune.params.model_validate(
            {
                "data": "train",
                "schedule": {"name": "constant"},
                "optimizer": SGD,
                "loss": {"name": "cross_entropy", "label_smoothing": 0},
                **params,
            }
        )
    )
    inputs = {"model": given, "data": refer_to_pictures(folder / "train.json", 32)}
    outputs, _ = run_alone(operator, inputs, folder / "run")
    return load_module(outputs["model"].path)


def test_a_codebook_is_trained_as_if_it_were_the_parameter(tmp_path):
    """The reference: autograd through the look-up, which is what equation 3 says."""
    given = save_net(tmp_path / "net", "Mlp", rounded)
    ours = train(given, tmp_path, steps=5, batch_size=32)

    reference, layers = load_module(given.path), ("fc1", "fc")
    books = {}
    for name in layers:
        weight = reference.get_submodule(name).weight
        values, places = weight.detach().unique(return_inverse=True)
        del reference.get_submodule(name)._parameters["weight"]
        books[name] = nn.Parameter(values), places
    biases = [reference.fc1.bias, reference.fc.bias]
    optimizer = torch.optim.SGD(
        [*biases, *(values for values, _ in books.values())],
        **{key: value for key, value in SGD.items() if key != "name"},
    )
    batch = pictures(32).take(range(32))
    for _ in range(5):
        for name, (values, places) in books.items():
            reference.get_submodule(name).weight = values[places]
        optimizer.zero_grad()
        logits = reference(torch.tensor(batch.inputs["x"]))
        nn.functional.cross_entropy(logits, torch.tensor(batch.labels)).backward()
        # a weight decays once, and not as often as it is used: the penalty is on the values
        optimizer.step()
    for name, (values, places) in books.items():
        moved = ours.get_submodule(name).weight
        assert torch.allclose(moved, values[places], atol=1e-5)
        assert not torch.allclose(moved, load_module(given.path).get_submodule(name).weight)


def test_equal_weights_stay_equal_to_the_bit(tmp_path):
    given, _, _ = change(KMeans, save_net(tmp_path / "net", "Conv"), tmp_path, bits=3)
    made = train(given, tmp_path, epochs=4, batch_size=8, optimizer={"name": "adamw", "lr": 0.01})
    for name, before in load_module(given.path).named_parameters():
        if before.dim() > 1:
            values, places = before.unique(return_inverse=True)
            after = made.get_parameter(name)
            for cluster in range(len(values)):
                assert len(after[places == cluster].unique()) == 1
            assert len(after.unique()) == len(values) == 8


def test_zeros_stay_zero(tmp_path):
    given, _, _ = change(KMeans, save_net(tmp_path / "net", "Mlp", pruned), tmp_path, bits=3)
    made, before = train(given, tmp_path, epochs=2), load_module(given.path)
    for name in ("fc1", "fc"):
        zeros = before.get_submodule(name).weight == 0
        assert torch.equal(made.get_submodule(name).weight == 0, zeros)


def test_a_layer_that_is_not_clustered_is_trained_freely_unless_it_is_named(tmp_path):
    given, _, _ = change(
        KMeans, save_net(tmp_path / "net", "Mlp"), tmp_path, bits=3, exclude=["fc"]
    )
    made = train(given, tmp_path, epochs=1)
    assert len(made.fc1.weight.unique()) == 8
    assert len(made.fc.weight.unique()) > 400
    with pytest.raises(
        OperatorError, match=r"the weights of fc\.weight aren't clustered"
    ) as raised:
        train(given, tmp_path, epochs=1, include=["fc1", "fc"])
    assert raised.value.at == ("include",)


def test_a_model_without_clusters_is_an_error(tmp_path):
    given = save_net(tmp_path / "net", "Mlp")
    with pytest.raises(OperatorError, match="no weight is clustered") as raised:
        train(given, tmp_path, epochs=1)
    assert "clustering.kmeans" in raised.value.hint
