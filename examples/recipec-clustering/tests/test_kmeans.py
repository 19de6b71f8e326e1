"""`clustering.kmeans` on real modules: what scikit-learn's k-means gives, and zeros that stay."""

import pytest
import torch
from sklearn.cluster import KMeans as Reference

from clustering_examples.making import change, example_facts, pruned, save_net
from recipec.api import OperatorError
from recipec.api.torch import load_module, save_like
from recipec.testing import RunContract, artifact, run_alone
from recipec_clustering._lloyd import centroids, first_centroids
from recipec_clustering.kmeans import KMeans

pytestmark = pytest.mark.frameworks
INITS = ["linear", "density", "random"]


class TestKMeans(RunContract):
    operator = KMeans

    def good_params(self):
        return {"bits": 3, "init": "random"}

    def example_facts(self):
        return example_facts(self)

    def example_artifacts(self, folder):
        return {"model": save_net(folder / "given", "Conv")}


class TestKMeansOfAPrunedModel(TestKMeans):
    def good_params(self):
        return {"clusters": 6, "init": "density"}

    def example_artifacts(self, folder):
        return {"model": save_net(folder / "given", "Mlp", pruned)}


class TestKMeansThatForgetsZeros(TestKMeansOfAPrunedModel):
    def good_params(self):
        return {"bits": 2, "keep_zeros": False}


def matrices(path):
    return {n: p.detach() for n, p in load_module(path).named_parameters() if p.dim() > 1}


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("net", ["Conv", "Mlp"])
def test_weights_become_the_centroids_that_scikit_learn_finds(net, init, tmp_path):
    given = save_net(tmp_path / "net", net)
    made, result, _ = change(KMeans, given, tmp_path, seed=3, bits=4, init=init)
    for name, before in matrices(given.path).items():
        values = before.double().flatten()
        after = matrices(made.path)[name].flatten()
        shared = after.unique()
        assert len(shared) == 16
        # `random` draws from the stage's generator: begin where it began, by its own first step
        begin = first_centroids(values.sort().values, 16, init)
        if init == "random":
            begin = values[[int((after == v).nonzero()[0]) for v in shared]]
        reference = Reference(16, init=begin[:, None].numpy(), n_init=1, algorithm="lloyd", tol=0)
        reference.fit(values[:, None].numpy())
        if init != "random":  # the same beginning: the same end
            found = torch.tensor(reference.cluster_centers_).flatten()
            assert torch.allclose(shared.double(), found.sort().values, atol=1e-5)
        error = {metric.name: metric.value for metric in result.metrics}
        away = error[f"clustering.error@{name}"] * float(values.norm())
        assert away == pytest.approx(float((values - after.double()).norm()), rel=1e-4)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("init", INITS)
def test_lloyd_s_algorithm_is_that_of_scikit_learn_also_with_empty_clusters(init, seed):
    torch.manual_seed(seed)
    # far from most lie a few, and linear centroids between them have no value
    far = torch.cat([torch.randn(20) + 60, torch.randn(20) - 60])
    ordered = torch.cat([torch.randn(660), far]).double().sort().values
    begin = first_centroids(ordered, 13, init)
    if init == "linear":
        nearest = (ordered[:, None] - begin).abs().argmin(1)
        assert len(nearest.unique()) < 8
    reference = Reference(13, init=begin[:, None].numpy(), n_init=1, algorithm="lloyd", tol=0)
    reference.fit(ordered[:, None].numpy())
    expected = torch.tensor(reference.cluster_centers_).flatten().sort().values
    assert torch.allclose(centroids(ordered, begin, 300), expected, atol=1e-5)


def test_centroids_begin_as_in_the_paper():
    ordered = torch.tensor([0.0, 1, 2, 3, 4, 5, 6, 100], dtype=torch.float64)
    assert first_centroids(ordered, 5, "linear").tolist() == [0, 25, 50, 75, 100]
    assert first_centroids(ordered, 4, "density").tolist() == [1, 3, 5, 100]
    torch.manual_seed(0)
    drawn = first_centroids(ordered, 8, "random")
    assert torch.equal(drawn, ordered)


@pytest.mark.parametrize("init", INITS)
def test_pruned_weights_stay_zero_and_no_other_becomes_zero(init, tmp_path):
    given = save_net(tmp_path / "net", "Conv", pruned)
    made, _, planned = change(KMeans, given, tmp_path, bits=2, init=init)
    for name, before in matrices(given.path).items():
        after = matrices(made.path)[name]
        assert torch.equal(before == 0, after == 0)
        assert len(after.unique()) == 4
    assert planned.outputs["model"].layers.zeros == given.facts.layers.zeros > 500


def test_values_that_cancel_out_do_not_become_zero(tmp_path):
    def halves(module):
        module.fc1.weight.copy_(torch.linspace(-1, 1, module.fc1.weight.numel()).view(48, 64))
        module.fc1.weight[0, 0] = 0.0

    given = save_net(tmp_path / "net", "Mlp", halves)
    made, _, _ = change(KMeans, given, tmp_path, clusters=2, include=["fc1"])
    weight = matrices(made.path)["fc1.weight"]
    assert int((weight == 0).sum()) == 1
    assert len(weight.unique()) == 2


def test_biases_normalizations_and_excluded_layers_stay(tmp_path):
    given = save_net(tmp_path / "net", "Conv")
    made, result, _ = change(KMeans, given, tmp_path, bits=2, exclude=["fc"])
    before, after = load_module(given.path).state_dict(), load_module(made.path).state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"stem.weight", "conv.weight"}
    assert result.changed == {"weights clustered": 12 * 9 + 16 * 12 * 9}


def test_a_clustered_model_stays_as_it_is(tmp_path):
    given = save_net(tmp_path / "net", "Mlp")
    once, _, _ = change(KMeans, given, tmp_path / "once", bits=3)
    again, _, _ = change(KMeans, once, tmp_path / "again", bits=3)
    assert again.digest == once.digest


def test_random_centroids_depend_on_the_seed_alone(tmp_path):
    given = save_net(tmp_path / "net", "Mlp")
    made = [
        change(KMeans, given, tmp_path / str(n), seed=seed, bits=3, init="random", iterations=2)
        for n, seed in enumerate([5, 5, 6])
    ]
    first, same, other = (one.digest for one, _, _ in made)
    assert first == same != other


def test_a_shared_weight_is_clustered_once_and_said(tmp_path):
    given = save_net(tmp_path / "net", "Reader")
    made, _, planned = change(KMeans, given, tmp_path, bits=2)
    module = load_module(made.path)
    assert module.decoder.weight is module.embedding.weight
    assert len(module.decoder.weight.unique()) == 4
    assert any("is shared with embedding" in warning for warning in planned.warnings)


def test_weights_that_are_not_finite_are_an_error(tmp_path):
    given = save_net(tmp_path / "net", "Mlp")
    module = load_module(given.path)
    torch.nn.init.constant_(module.fc.weight, float("nan"))
    save_like(tmp_path / "nan", given.path, module)
    operator = KMeans(KMeans.params(bits=4))
    with pytest.raises(OperatorError, match=r"fc\.weight holds values that aren't finite"):
        run_alone(operator, {"model": artifact(given.facts, tmp_path / "nan")}, tmp_path / "run")
