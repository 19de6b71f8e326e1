"""What `prune.blocks` makes: the model with identities in the place of the right blocks."""

import copy
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import torch
from torch import nn

from prune_examples.making import changed, prune, refer_to_samples, samples, save_net
from recipec.api import UNKNOWN, OperatorError, RemoveLayer, TensorSpec
from recipec.api.torch import apply_edits, example_inputs, load_module, module_facts, read_structure
from recipec.testing import RunContract
from recipec_prune._influence import change
from recipec_prune.blocks import Blocks
from recipec_prune.channels import Channels

pytestmark = pytest.mark.frameworks

BLOCKS = {
    "Residual": ["first.0", "first.1", "second.1"],
    "Encoder": ["layers.0", "layers.1", "layers.2"],
}


class _First(nn.Module):
    """What one puts by hand in the place of a layer that is called with a mask too."""

    def forward(self, x, *others):
        return x


def surgery(module, names):
    """Put identities in the place of layers, by hand."""
    for name in names:
        parent, _, last = name.rpartition(".")
        setattr(module.get_submodule(parent), last, _First())
    return module


class TestBlocks(RunContract):
    operator = Blocks

    def good_params(self):
        return {"count": 1, "data": "train", "samples": 16, "batch_size": 5}

    def example_facts(self):
        with tempfile.TemporaryDirectory() as folder:
            facts = {n: a.facts for n, a in self.example_artifacts(Path(folder)).items()}
        table = facts["model"].layers  # begins with a layer that is in a block
        layers = table.with_layers(table.layers[2:])
        return {**facts, "model": facts["model"].model_copy(update={"layers": layers})}

    def example_artifacts(self, folder):
        model = save_net(folder / "net", "Residual")
        return {"model": model, "data": refer_to_samples(folder / "data.json", model)}


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_are_found_by_what_they_compute(name, tmp_path):
    net = save_net(tmp_path / "net", name)
    assert [block.name for block in net.facts.layers.blocks] == BLOCKS[name]


@pytest.mark.parametrize("leaving", [[0], [1], [0, 2], [0, 1, 2]])
@pytest.mark.parametrize("name", BLOCKS)
def test_outputs_are_those_of_plain_surgery(name, leaving, tmp_path):
    net = save_net(tmp_path / "net", name)
    names = [BLOCKS[name][n] for n in leaving]
    made = prune(Blocks, tmp_path, net, blocks=names)  # planned = made, exactly
    x = example_inputs(net.facts.inputs, batch=5)
    with torch.no_grad():
        ours, theirs = made.module(*x), surgery(load_module(net.path), names)(*x)
    assert torch.equal(ours, theirs)
    planned = made.planned.outputs["model"].layers
    if name == "Encoder" and 2 in leaving:  # its attention is why channels couldn't leave
        assert planned.groups is UNKNOWN
    else:
        assert module_facts(made.module, net.facts.inputs) == made.model.facts  # analysed anew
    assert planned == made.model.facts.layers  # to the last group
    assert len(made.module.state_dict()) < len(load_module(net.path).state_dict())


@pytest.mark.parametrize("measure", ["relative_norm", "cosine"])
@pytest.mark.parametrize("name", BLOCKS)
def test_those_leave_that_change_their_input_least(name, measure, tmp_path):
    net = save_net(tmp_path / "net", name)
    data = refer_to_samples(tmp_path / "data.json", net, count=20)
    params = {"data": "d", "count": 2, "samples": 20, "batch_size": 7, "measure": measure}
    made = prune(Blocks, tmp_path, {"model": net, "data": data}, **params)

    module, before, after = load_module(net.path), {}, {}
    for block in BLOCKS[name]:
        child = module.get_submodule(block)
        child.register_forward_pre_hook(
            lambda _, given, block=block: before.update({block: given[0].clone()})
        )
        child.register_forward_hook(
            lambda _, __, output, block=block: after.update({block: output.clone()})
        )
    shape = list(net.facts.inputs[0].shape[1:])
    with torch.no_grad():
        module(torch.from_numpy(samples(20, shape).inputs["x"]))
    expected = {}
    for block in BLOCKS[name]:
        x, y = before[block], after[block]  # a token of a sequence counts by itself
        x, y = (t.reshape(-1, 16) if name == "Encoder" else t.flatten(1) for t in (x, y))
        if measure == "cosine":
            value = 1 - (x * y).sum(1) / x.norm(dim=1) / y.norm(dim=1)
        else:
            value = (y - x).norm(dim=1) / x.norm(dim=1)
        expected[block] = float(value.mean())
    for block, value in expected.items():
        assert made.metrics[f"blocks.change.{block}"] == pytest.approx(value, rel=1e-5)
    gone = sorted(expected, key=expected.get)[:2]
    edits = read_structure(made.model.path).edits
    assert [edit.layer for edit in edits] == [block for block in BLOCKS[name] if block in gone]
    assert made.planned.outputs["model"].layers is UNKNOWN
    assert made.result.changed == {"blocks removed": 2}
    assert len(made.result.notes) == 3
    assert made.result.notes[-1].endswith("stays")


def test_a_block_that_does_nothing_changes_nothing():
    x = torch.randn(4, 3, 2, 2)
    assert torch.equal(change(x, x, "relative_norm"), torch.zeros(4, dtype=torch.float64))
    torch.testing.assert_close(change(x, x, "cosine"), torch.zeros(4, dtype=torch.float64))
    torch.testing.assert_close(
        change(x, 3 * x, "relative_norm"), torch.full((4,), 2, dtype=torch.float64)
    )
    torch.testing.assert_close(change(x, -x, "cosine"), torch.full((4,), 2, dtype=torch.float64))
    nothing = torch.zeros(2, 5)
    assert torch.equal(change(nothing, nothing, "relative_norm"), torch.zeros(2).double())


def test_blocks_then_channels_are_planned_exactly(tmp_path):
    net = save_net(tmp_path / "net", "Residual")
    less = prune(Blocks, tmp_path / "a", net, blocks=["first.1"]).model
    made = prune(Channels, tmp_path / "b", less, amount=0.5, round_to=2)
    again = prune(Blocks, tmp_path / "c", made.model, blocks=["second.1"])
    x = example_inputs(net.facts.inputs)
    with torch.no_grad():
        assert again.module(*x).shape == (2, 10)


def test_what_is_left_loads_without_the_plugin(tmp_path):
    net = save_net(tmp_path / "net", "Encoder")
    made = prune(Blocks, tmp_path, net, blocks=["layers.1"])
    script = (
        "import pathlib, sys\n"
        "from recipec.api.torch import load_module\n"
        "load_module(pathlib.Path(sys.argv[1]))\n"
        "assert 'recipec_prune' not in sys.modules\n"
        "assert 'torch_pruning' not in sys.modules\n"
    )
    command = [sys.executable, "-c", script, str(made.model.path)]
    subprocess.run(command, check=True, cwd=tmp_path)


def test_samples_that_blow_up_are_an_error(tmp_path):
    net = save_net(tmp_path / "net", "Residual")
    broken = changed(net, tmp_path / "broken", {"first.0.a.weight": torch.tensor(float("inf"))})
    data = refer_to_samples(tmp_path / "data.json", net)
    with pytest.raises(OperatorError, match=r"first\.0 gives on these samples isn't finite"):
        prune(Blocks, tmp_path, {"model": broken, "data": data}, count=1, data="d")


def test_another_module_than_the_planned_one_is_an_error(tmp_path):
    net = save_net(tmp_path / "net", "Residual")
    less = prune(Blocks, tmp_path / "a", net, blocks=["first.1"])
    data = refer_to_samples(tmp_path / "data.json", net)
    mixed_up = less.model._replace(facts=net.facts)
    with pytest.raises(OperatorError, match="isn't what was planned"):
        prune(Blocks, tmp_path, {"model": mixed_up, "data": data}, count=1, data="d")


@pytest.mark.parametrize("name", ["Convolutional", "Perceptron", "Recurrent", "Tied"])
def test_a_model_without_residual_blocks_is_an_error(name, tmp_path):
    net = save_net(tmp_path / "net", name)
    with pytest.raises(OperatorError, match="'fc' is no residual block"):
        prune(Blocks, tmp_path, net, blocks=["fc"])


def test_why_blocks_cannot_be_looked_for_is_said(tmp_path):
    net = save_net(tmp_path / "net", "Particular")
    assert net.facts.layers.blocks is UNKNOWN
    with pytest.raises(OperatorError, match="fails in the module: NotImplementedError: only with"):
        prune(Blocks, tmp_path, net, blocks=["first.1"])


def test_a_transformers_layer_is_a_block(tmp_path):
    transformers = pytest.importorskip("transformers")
    config = transformers.BertConfig(
        vocab_size=30,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=16,
    )
    bert = transformers.BertModel(config).eval()
    specs = tuple(
        TensorSpec(name=name, shape=("N", 6), dtype="int64")
        for name in ("input_ids", "attention_mask")
    )
    blocks = module_facts(bert, specs).layers.blocks
    assert [(b.name, b.type) for b in blocks] == [
        ("encoder.layer.0", "BertLayer"),
        ("encoder.layer.1", "BertLayer"),
    ]
    x = torch.randint(30, (3, 6)), torch.tensor([[1, 1, 1, 1, 0, 0]] * 3)
    less = apply_edits(copy.deepcopy(bert), [RemoveLayer(layer="encoder.layer.0")])
    del bert.encoder.layer[0]  # what one does by hand
    with torch.no_grad():
        assert torch.equal(less(*x).last_hidden_state, bert(*x).last_hidden_state)
