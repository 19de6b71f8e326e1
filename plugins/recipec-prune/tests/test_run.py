"""What `prune.channels` makes: what was planned, by the method it names, loading without it."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import torch
from torch import nn

from recipec.api import ImportString, KeepEntries, OperatorError, TensorSpec
from recipec.api.torch import (
    SavedModule,
    build_module,
    example_inputs,
    load_module,
    module_facts,
    read_structure,
    save_code,
    save_like,
    save_module,
)
from recipec.testing import AlonePlanContext, AloneRunContext, RunContract, artifact, run_alone
from recipec_prune.channels import Channels

pytestmark = pytest.mark.frameworks


NET = '''
import torch
from torch import nn


class Net(nn.Module):
    """A residual block, a depthwise convolution, a concatenation and a flattening."""

    def __init__(self, width=16, classes=10):
        super().__init__()
        self.stem, self.stem_bn = nn.Conv2d(1, width, 3, padding=1), nn.BatchNorm2d(width)
        self.inner, self.inner_bn = nn.Conv2d(width, 24, 3, padding=1), nn.BatchNorm2d(24)
        self.outer, self.outer_bn = nn.Conv2d(24, width, 1), nn.BatchNorm2d(width)
        self.depthwise = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.side = nn.Conv2d(1, 8 + width, 1)
        self.mix = nn.Conv2d(8 + 2 * width, 32, 1)
        self.hidden, self.fc = nn.Linear(32 * 4, 20), nn.Linear(20, classes)

    def forward(self, x):
        y = self.stem_bn(self.stem(x)).relu()
        y = y + self.outer_bn(self.outer(self.inner_bn(self.inner(y)).relu()))
        y = torch.cat([self.depthwise(y), self.side(x)], 1).relu()
        y = nn.functional.max_pool2d(self.mix(y), 4)
        return self.fc(self.hidden(y.flatten(1)).relu())
'''


def make_net(folder):
    """Make an artifact of `Net` with weights that differ in magnitude, as trained ones do."""
    (folder / "beside").mkdir(parents=True)
    (folder / "beside" / "net.py").write_text(NET)
    inputs = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
    module = build_module(ImportString("net.py:Net"), {}, folder / "beside").eval()
    generator = torch.Generator().manual_seed(0)
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point():
            scale = torch.rand(len(tensor), *[1] * (tensor.dim() - 1), generator=generator) + 0.2
            values = scale * torch.randn(tensor.shape, generator=generator)
            tensor.copy_(values.abs() + 0.1 if "var" in name else values)
    save_module(folder / "model", module, SavedModule(builder="net.py:Net", inputs=inputs))
    save_code(folder / "model", folder / "beside" / "net.py")
    return artifact(module_facts(module, inputs), folder / "model")


@pytest.fixture
def net(tmp_path):
    return make_net(tmp_path / "net")


def channels(**params):
    return Channels(Channels.params.model_validate(params))


class TestChannels(RunContract):
    operator = Channels

    def good_params(self):
        return {"amount": 0.5, "round_to": 4, "exclude": ["hidden"]}

    def example_facts(self):
        with tempfile.TemporaryDirectory() as folder:
            return {"model": make_net(Path(folder)).facts}

    def example_artifacts(self, folder):
        return {"model": make_net(folder / "given")}


def test_channels_are_counted(net, tmp_path):
    operator = channels(amount=0.5)
    result = operator.run({"model": net}, AloneRunContext(tmp_path, operator))
    assert {metric.name: metric.value for metric in result.metrics} == {
        "channels.before": 16 + 24 + 24 + 32 + 20,
        "channels.after": 8 + 8 + 8 + 16 + 8,
    }


def test_a_pruned_module_loads_in_a_new_process_without_torch_pruning(net, tmp_path):
    made, _ = run_alone(channels(amount=0.5), {"model": net}, tmp_path)
    pruned = load_module(made["model"].path)
    x = example_inputs(net.facts.inputs)
    with torch.no_grad():
        torch.save(pruned(*x), tmp_path / "outputs.pt")
    script = (
        "import pathlib, sys\n"
        "import torch\n"
        "from recipec.api.torch import example_inputs, load_module, read_structure\n"
        "path, outputs = map(pathlib.Path, sys.argv[1:])\n"
        "x = example_inputs(read_structure(path).inputs)\n"
        "with torch.no_grad():\n"
        "    assert torch.equal(load_module(path)(*x), torch.load(outputs, weights_only=True))\n"
        "assert 'torch_pruning' not in sys.modules\n"
        "assert 'recipec_prune' not in sys.modules\n"
    )
    arguments = [str(made["model"].path), str(tmp_path / "outputs.pt")]
    subprocess.run([sys.executable, "-c", script, *arguments], check=True, cwd=tmp_path)


@pytest.mark.parametrize(("importance", "p"), [("l1", 1), ("l2", 2)])
def test_the_same_channels_leave_as_with_torch_pruning(importance, p, net, tmp_path):
    import torch_pruning as tp

    made, _ = run_alone(channels(amount=0.5, importance=importance), {"model": net}, tmp_path)

    reference = load_module(net.path)
    tp.pruner.BasePruner(
        reference,
        example_inputs(net.facts.inputs),
        importance=tp.importance.GroupMagnitudeImportance(p=p),
        pruning_ratio=0.5,
        round_to=8,
        ignored_layers=[reference.fc],
    ).step()
    ours = load_module(made["model"].path).state_dict()
    assert ours.keys() == reference.state_dict().keys()
    for name, tensor in reference.state_dict().items():
        assert torch.equal(ours[name], tensor), name


def test_pruned_twice_is_pruned_further(net, tmp_path):
    first, _ = run_alone(channels(amount=0.25, round_to=2), {"model": net}, tmp_path / "a")
    second, _ = run_alone(channels(amount=0.5, round_to=2), first, tmp_path / "b")
    planned = channels(amount=0.5, round_to=2).plan(
        {"model": first["model"].facts}, AlonePlanContext(tmp_path)
    )
    assert list(planned.outputs["model"].contradictions(second["model"].facts)) == []
    counts = [artifact.facts.layers.groups[0].channels for artifact in (net, *first.values())]
    assert counts == [16, 12]
    assert second["model"].facts.layers.groups[0].channels == 6


def test_weights_that_are_not_finite_cannot_be_ranked(net, tmp_path):
    module = load_module(net.path)
    nn.init.constant_(module.inner.weight, float("nan"))
    save_like(tmp_path / "nan", net.path, module)
    broken = artifact(net.facts, tmp_path / "nan")
    with pytest.raises(OperatorError, match=r"inner\.weight holds values that aren't finite"):
        run_alone(channels(amount=0.5), {"model": broken}, tmp_path / "run")


def test_another_module_than_the_planned_one_is_an_error(net, tmp_path):
    made, _ = run_alone(channels(amount=0.5), {"model": net}, tmp_path / "a")
    mixed_up = artifact(net.facts, made["model"].path)
    with pytest.raises(OperatorError, match="not those that were planned with"):
        run_alone(channels(amount=0.5), {"model": mixed_up}, tmp_path / "b")


def test_where_nothing_changes_it_passes_the_module_on(net, tmp_path):
    operator = channels(amount=0.5, round_to=64)
    made, _ = run_alone(operator, {"model": net}, tmp_path)
    assert made["model"].digest == net.digest
    assert made["model"].facts == net.facts


def test_edits_are_small_and_say_what_stays(net, tmp_path):
    made, _ = run_alone(channels(amount=0.5, include=["hidden"]), {"model": net}, tmp_path)
    edits = read_structure(made["model"].path).edits
    assert [(edit.tensor, edit.dim, len(edit.indices)) for edit in edits] == [
        ("hidden.weight", 0, 8),
        ("hidden.bias", 0, 8),
        ("fc.weight", 1, 8),
    ]
    assert all(isinstance(edit, KeepEntries) for edit in edits)


@pytest.mark.parametrize("name", ["Recurrent", "Perceptron", "Tied"])
def test_what_depends_on_other_sorts_of_layers(name, tmp_path):
    from prune_examples.making import prune, save_net

    net = save_net(tmp_path / "net", name)
    if name == "Perceptron":
        made = prune(Channels, tmp_path, net, amount=0.5, round_to=2)
        assert made.result.changed == {"channels removed": 16 + 10}
    else:
        made = prune(Channels, tmp_path, net, amount=0.5, round_to=2)
        assert made.result.changed == {"channels removed": 0}
