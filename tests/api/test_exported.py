"""Exported programs: the same bytes everywhere, facts, and no code from the file."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

from recipec.api import UNKNOWN, OperatorError, TensorSpec
from recipec.api.torch import (
    export_program,
    exported_facts,
    exported_layers,
    load_exported,
    module_facts,
    save_exported,
)

pytestmark = pytest.mark.frameworks

SPECS = (TensorSpec(name="image", shape=("N", 1, 8, 8)),)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.late = nn.Linear(8, 10)
        self.conv = nn.Conv2d(1, 8, 3, stride=2)
        self.norm = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.register_buffer("shift", torch.ones(8), persistent=False)
        self.unused = nn.Linear(2, 2)

    def forward(self, x):
        x = self.relu(self.norm(self.conv(x)))
        return self.late(self.relu(x.mean((2, 3)) + self.shift))


def net():
    torch.manual_seed(0)
    return Net().eval()


def program(module=None):
    module = module or net()
    facts = module_facts(module, SPECS, UNKNOWN)
    kinds = [(layer.name, layer.type) for layer in facts.layers.layers]
    return export_program(module, SPECS, facts.outputs, kinds)


@pytest.fixture
def saved(tmp_path):
    save_exported(tmp_path / "net.pt2", program())
    return tmp_path / "net.pt2"


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_it_computes_the_same_at_any_batch_size(saved, batch):
    x = torch.randn(batch, 1, 8, 8)
    with torch.no_grad():
        assert torch.equal(load_exported(saved).module()(x), net()(x))


def test_facts_are_those_of_the_module(saved):
    wanted, made = module_facts(net(), SPECS, UNKNOWN), exported_facts(load_exported(saved))
    assert made.inputs == wanted.inputs
    assert made.outputs == wanted.outputs
    assert made.precision == "fp32"
    assert made.quantization is None
    # Only that a batch normalization can be folded isn't told by a program.
    assert [r.model_copy(update={"folds_into": None}) for r in wanted.layers.layers] == [
        *made.layers.layers
    ]


def test_layers_are_in_the_order_of_their_first_call_and_idle_ones_last(saved):
    names = [layer.name for layer in exported_layers(load_exported(saved)).layers]
    assert names == ["", "conv", "norm", "late", "unused"]


def test_the_same_program_gives_the_same_bytes_in_another_folder_and_process(saved, tmp_path):
    here = Path(__file__)
    other = tmp_path / "a folder with another name"
    other.mkdir()
    shutil.copy(here, other / "renamed_module.py")
    script = (
        "import sys; from pathlib import Path; import torch; torch.set_num_threads(1);"
        "import renamed_module as m;"
        "m.save_exported(Path(sys.argv[1]), m.program())"
    )
    subprocess.run([sys.executable, "-c", script, str(other / "other.pt2")], check=True, cwd=other)
    assert (other / "other.pt2").read_bytes() == saved.read_bytes()


def test_no_path_or_source_line_is_in_the_file(saved):
    content = saved.read_bytes()
    for trace in (b"site-packages", b"test_exported", b"stack_trace", b"self.relu"):
        assert trace not in content


def test_in_place_activations_are_written_as_ordinary_ones(saved):
    targets = [n.target for n in load_exported(saved).graph.nodes]
    assert targets.count(torch.ops.aten.relu.default) == 2
    assert torch.ops.aten.relu_.default not in targets


def test_an_in_place_activation_that_something_else_sees_stays():
    class Overwrites(nn.Module):
        def forward(self, x):
            y = x * 2
            z = y.view(-1, 64)
            nn.functional.relu_(y)
            return z + 0

    module = Overwrites().eval()
    made = export_program(module, SPECS, (TensorSpec(name="output", shape=("N", 64)),), [])
    x = torch.randn(3, 1, 8, 8)
    assert torch.equal(made.module()(x), module(x))
    assert made.module()(x).min() == 0


def test_several_inputs_and_outputs_keep_their_names(tmp_path):
    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.dense = nn.Embedding(9, 4), nn.Linear(6, 4)

        def forward(self, x, ids):
            y = self.dense(x) + self.embed(ids)
            return {"sum": y, "mean": y.mean(1)}

    specs = (
        TensorSpec(name="values", shape=("N", 6)),
        TensorSpec(name="token.ids", shape=("N",), dtype="int64"),
    )
    module = Pair().eval()
    facts = module_facts(module, specs, UNKNOWN)
    kinds = [(layer.name, layer.type) for layer in facts.layers.layers]
    save_exported(tmp_path / "pair.pt2", export_program(module, specs, facts.outputs, kinds))
    loaded = load_exported(tmp_path / "pair.pt2")
    made = exported_facts(loaded)
    assert (made.inputs, made.outputs) == (specs, facts.outputs)
    assert [spec.name for spec in made.outputs] == ["output.sum", "output.mean"]
    given = torch.randn(5, 6), torch.arange(5)
    with torch.no_grad():
        assert torch.equal(loaded.module()(*given)["sum"], module(*given)["sum"])


@pytest.mark.parametrize(
    ("forward", "reason"),
    [
        (lambda self, x: x * 2 if x.sum() > 0 else x, "torch can't export this module"),
        (lambda self, x: x.reshape(2, -1), "torch can't export this module"),
        (lambda self, x: 1 / 0, "ZeroDivisionError"),
    ],
    ids=["depends on values", "one batch size only", "raises"],
)
def test_what_torch_cannot_export_is_an_operator_error(forward, reason):
    module = type("Bad", (nn.Module,), {"forward": forward})().eval()
    with pytest.raises(OperatorError, match=reason):
        export_program(module, SPECS, SPECS, [])


# What isn't trusted


def changed(saved, tmp_path, **changes):
    """Copy an archive with members replaced by what a function makes of them, or added."""
    target = tmp_path / "changed.pt2"
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.infolist():
            name = member.filename.removeprefix("archive/").replace("/", "__").replace(".", "_")
            content = old.read(member)
            new.writestr(member, changes.pop(name)(content) if name in changes else content)
        for name, make in changes.items():
            new.writestr("archive/" + name.replace("__", "/"), make(b""))
    return target


def edit(path, value):
    def apply(content):
        document = json.loads(content)
        inner = document
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value
        return json.dumps(document).encode()

    return apply


NODE = ("graph_module", "graph", "nodes", 0, "target")
BAD = {
    "a target outside of the tensor operations": (
        {"models__model_json": edit(NODE, "torch.hub.load")},
        r"the operation 'torch\.hub\.load'",
    ),
    "an operator library": (
        {"models__model_json": edit(NODE, "torch.ops.mine.run.default")},
        "the operation",
    ),
    "guards": (
        {"models__model_json": edit(("guards_code",), ["L['x'].size()[0] == exit(1)"])},
        "the guard",
    ),
    "a symbol that is code": (
        {"models__model_json": edit(("range_constraints",), {"__import__('os')": {}})},
        "the symbol",
    ),
    "sample inputs": ({"data__sample_inputs__model_pt": lambda _: b"x"}, "sample inputs"),
    "a custom object": ({"data__constants__custom_obj_0": lambda _: b"x"}, "custom_obj_0"),
    "pickled weights": (
        {
            "data__weights__model_weights_config_json": edit(
                ("config", "conv.weight", "use_pickle"), True
            )
        },
        "pickled weights",
    ),
}


@pytest.mark.parametrize(("changes", "reason"), BAD.values(), ids=BAD)
def test_an_archive_that_could_run_code_is_refused(saved, tmp_path, changes, reason):
    with pytest.raises(OperatorError, match=reason):
        load_exported(changed(saved, tmp_path, **changes))


def test_an_expression_that_is_code_is_refused(saved, tmp_path):
    def poison(content):
        text, count = re.subn(r"Symbol\('s\d+', [^)]*\)", "exit(1)", content.decode())
        assert count
        return text.encode()

    with pytest.raises(OperatorError, match="the expression"):
        load_exported(changed(saved, tmp_path, models__model_json=poison))


def test_an_unchanged_copy_is_read(saved, tmp_path):
    assert exported_layers(load_exported(changed(saved, tmp_path))).layers


@pytest.mark.parametrize("content", [b"", b"garbage" * 100, None], ids=["empty", "other", "short"])
def test_a_broken_file_is_an_operator_error(saved, tmp_path, content):
    broken = tmp_path / "broken.pt2"
    broken.write_bytes(saved.read_bytes()[:-3000] if content is None else content)
    with pytest.raises(OperatorError, match=r"broken\.pt2 is not an exported program"):
        load_exported(broken)


def test_a_program_of_somebody_elses_is_refused(tmp_path):
    other = torch.export.export(net(), (torch.zeros(2, 1, 8, 8),))
    torch.export.save(other, tmp_path / "other.pt2")
    with pytest.raises(OperatorError, match="not an exported program of recipec's"):
        load_exported(tmp_path / "other.pt2")
