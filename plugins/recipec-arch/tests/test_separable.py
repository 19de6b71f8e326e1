"""What `arch.depthwise_separable` makes: what was planned, by the formula that it names."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from recipec.api import OperatorError
from recipec.api.torch import example_inputs, load_module, module_facts, save_like
from recipec.testing import AlonePlanContext, RunContract, artifact, run_alone
from recipec_arch.separable import DepthwiseSeparable

pytestmark = pytest.mark.frameworks


def save_net(*arguments):
    from arch_examples.making import save_net as save

    return save(*arguments)


class TestDepthwiseSeparable(RunContract):
    operator = DepthwiseSeparable

    def good_params(self):
        return {"between": "norm_relu"}

    def example_facts(self):
        import tempfile
        from pathlib import Path

        with tempfile.TemporaryDirectory() as folder:
            return {"model": save_net(Path(folder) / "net", "Residual").facts}

    def example_artifacts(self, folder):
        return {"model": save_net(folder / "given", "Residual")}


def separated(layer, between):
    """What the paper puts in a convolution's place, in torch's plain calls."""
    channels, kernel = layer.in_channels, layer.kernel_size
    kind = type(layer)
    norm = nn.BatchNorm2d if kind is nn.Conv2d else nn.BatchNorm1d
    depthwise = kind(
        channels,
        channels,
        kernel,
        layer.stride,
        layer.padding,
        layer.dilation,
        groups=channels,
        bias=False,
        padding_mode=layer.padding_mode,
    )
    inner = {"norm_relu": [norm(channels), nn.ReLU()], "norm": [norm(channels)], "nothing": []}
    pointwise = kind(channels, layer.out_channels, 1, bias=layer.bias is not None)
    return nn.Sequential(depthwise, *inner[between], pointwise)


def nearest(layer):
    """The first singular pair of each input channel's matrix, one after the other."""
    weight = layer.weight.detach().double()
    product, tail = torch.empty_like(weight), 0.0
    for channel in range(weight.shape[1]):
        u, s, vh = torch.linalg.svd(weight[:, channel].flatten(1), full_matrices=False)
        product[:, channel] = (s[0] * torch.outer(u[:, 0], vh[0])).reshape(
            product[:, channel].shape
        )
        tail += float(s[1:].square().sum())
    return product, (tail / float(weight.square().sum())) ** 0.5


@pytest.mark.parametrize(
    ("name", "replaced"),
    [("Residual", ["stem", "inner", "outer"]), ("Signal", ["first", "second"])],
)
@pytest.mark.parametrize("between", ["norm_relu", "norm", "nothing"])
def test_drawn_layers_are_those_of_torch_with_the_same_seed(
    name, replaced, between, change, tmp_path
):
    given = save_net(tmp_path / "net", name)
    made, _, _ = change(DepthwiseSeparable, given, seed=3, init="random", between=between)
    reference = load_module(given.path)
    torch.manual_seed(3)
    for layer in replaced:
        setattr(reference, layer, separated(getattr(reference, layer), between))
    ours = load_module(made.path)
    assert all(
        torch.equal(one, other)
        for one, other in zip(
            ours.state_dict().values(), reference.eval().state_dict().values(), strict=True
        )
    )
    x = example_inputs(given.facts.inputs)
    with torch.no_grad():
        assert torch.equal(ours(*x), reference(*x))


@pytest.mark.parametrize("name", ["Residual", "Signal"])
def test_the_approximation_is_that_of_the_formula(name, change, tmp_path):
    given = save_net(tmp_path / "net", name)
    made, result, _ = change(DepthwiseSeparable, given, between="nothing", init="svd")
    reference, ours = load_module(given.path), load_module(made.path)
    errors = {metric.name.partition("@")[2]: metric.value for metric in result.metrics}
    for layer, error in errors.items():
        old = reference.get_submodule(layer)
        product, expected = nearest(old)
        assert error == pytest.approx(expected, abs=1e-6)
        old.weight.data = product.float()
    x = example_inputs(given.facts.inputs)
    with torch.no_grad():
        assert torch.allclose(ours(*x), reference(*x), atol=1e-5)


def test_a_convolution_that_is_separable_already_stays_as_it_was(change, tmp_path):
    given = save_net(tmp_path / "net", "Residual")
    module = load_module(given.path)
    depthwise, pointwise = torch.randn(1, 16, 5, 3), torch.randn(24, 16, 1, 1)
    module.inner.weight.data = depthwise * pointwise
    save_like(tmp_path / "separable", given.path, module)
    given = artifact(given.facts, tmp_path / "separable")
    made, result, _ = change(DepthwiseSeparable, given, include=["inner"], between="nothing")
    assert result.metrics[0].value < 1e-6
    x = example_inputs(given.facts.inputs)
    with torch.no_grad():
        assert torch.allclose(load_module(made.path)(*x), module(*x), atol=1e-5)


@pytest.mark.parametrize(
    ("builder", "shape"),
    [
        ("arch_examples.nets:Residual", (3, 8, 8)),
        ("arch_examples.nets:Signal", (2, 40)),
        ("recipec_torch.zoo:resnet", (1, 8, 8)),
        pytest.param("torchvision.models:squeezenet1_1", (3, 64, 64), marks=pytest.mark.slow),
        pytest.param("torchvision.models:densenet121", (3, 64, 64), marks=pytest.mark.slow),
        pytest.param("torchvision.models:resnext50_32x4d", (3, 64, 64), marks=pytest.mark.slow),
    ],
)
def test_groups_of_channels_are_planned_as_an_analysis_finds_them(builder, shape, change, tmp_path):
    from arch_examples.making import save

    given = save(tmp_path / "net", builder, *shape)
    made, _, planned = change(DepthwiseSeparable, given, init="random", between="norm_relu")
    found = module_facts(load_module(made.path), given.facts.inputs)
    assert list(planned.outputs["model"].contradictions(found)) == []


def test_the_result_can_be_pruned_channel_by_channel(change, tmp_path):
    from recipec_prune.channels import Channels

    given = save_net(tmp_path / "net", "Residual")
    made, _, _ = change(DepthwiseSeparable, given)
    pruned, _, _ = change(Channels, made, amount="50%", round_to=4)
    assert load_module(pruned.path).inner.depthwise.weight.shape == (8, 1, 5, 3)


def test_it_loads_in_a_new_process_without_this_plugin(change, tmp_path):
    from arch_examples.making import save

    given = save(tmp_path / "net", "recipec_torch.zoo:resnet", 1, 8, 8, depth=8)
    made, _, _ = change(DepthwiseSeparable, given)
    script = (
        "import pathlib, sys\n"
        "from recipec.api.torch import load_module\n"
        "load_module(pathlib.Path(sys.argv[1]))\n"
        "assert 'recipec_arch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script, str(made.path)], check=True, cwd=tmp_path)


def test_one_layer_under_two_names_cannot_be_replaced(tmp_path):
    given = save_net(tmp_path / "net", "Twice")
    operator = DepthwiseSeparable(DepthwiseSeparable.params.model_validate({"include": ["one"]}))
    with pytest.raises(OperatorError, match="one shares its weight with again") as caught:
        run_alone(operator, {"model": given}, tmp_path / "run")
    assert caught.value.hint == "exclude 'one'"
    assert not (tmp_path / "run" / "made" / "model").exists()


def test_a_weight_of_two_layers_is_refused_when_it_is_planned(tmp_path):
    given = save_net(tmp_path / "net", "Twice")
    operator = DepthwiseSeparable(DepthwiseSeparable.params.model_validate({"include": ["t*"]}))
    with pytest.raises(OperatorError, match=r"two \(Conv2d\) shares its weight with three"):
        operator.plan({"model": given.facts}, AlonePlanContext(tmp_path))


def test_an_lstm_is_no_convolution(tmp_path):
    given = save_net(tmp_path / "net", "Reader")
    operator = DepthwiseSeparable(DepthwiseSeparable.params.model_validate({"include": ["lstm"]}))
    with pytest.raises(OperatorError, match=r"lstm \(LSTM\) is no standard") as caught:
        operator.plan({"model": given.facts}, AlonePlanContext(tmp_path))
    assert caught.value.at == ("include", 0)


def test_groups_that_a_plan_cannot_see_are_an_error_at_the_stage(tmp_path):
    given = save_net(tmp_path / "net", "Grouped")
    operator = DepthwiseSeparable(DepthwiseSeparable.params.model_validate({}))
    with pytest.raises(OperatorError, match="second is a convolution in 2 groups"):
        run_alone(operator, {"model": given}, tmp_path / "run")


def test_weights_that_are_not_finite_have_no_approximation(tmp_path):
    given = save_net(tmp_path / "net", "Residual")
    module = load_module(given.path)
    nn.init.constant_(module.inner.weight, float("nan"))
    save_like(tmp_path / "nan", given.path, module)
    operator = DepthwiseSeparable(DepthwiseSeparable.params.model_validate({}))
    with pytest.raises(OperatorError, match=r"inner\.weight holds values that aren't finite"):
        run_alone(operator, {"model": artifact(given.facts, tmp_path / "nan")}, tmp_path / "run")
