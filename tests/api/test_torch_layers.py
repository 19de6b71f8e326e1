"""The layer table of a live module: every tensor once, multiply-adds per sample, folding."""

import pytest
import torch
from torch import nn

from recipec.api import UNKNOWN, OperatorError, TensorSpec
from recipec.api.torch import layer_table, module_facts

pytestmark = pytest.mark.frameworks


def spec(*shape, dtype="float32"):
    return (TensorSpec(name="x", shape=("N", *shape), dtype=dtype),)


def rows(module, inputs):
    return {layer.name: layer for layer in layer_table(module, inputs, UNKNOWN).layers}


@pytest.mark.parametrize(
    ("layer", "shape", "macs"),
    [
        (nn.Conv1d(3, 4, 5), (3, 10), 4 * 3 * 5 * 6),
        (nn.Conv2d(3, 4, 3, stride=2), (3, 9, 7), 4 * 3 * 9 * 4 * 3),
        (nn.Conv3d(1, 2, 2), (1, 4, 4, 4), 2 * 8 * 27),
        (nn.Conv2d(6, 4, 3, groups=2, padding=1), (6, 5, 5), 4 * 3 * 9 * 25),
        (nn.Conv2d(6, 6, 3, groups=6, padding=1), (6, 5, 5), 6 * 9 * 25),
        (nn.ConvTranspose2d(3, 4, 2, stride=2), (3, 5, 5), 3 * 4 * 4 * 25),
        (nn.Linear(4, 7), (4,), 4 * 7),
        (nn.Linear(4, 7), (5, 4), 4 * 7 * 5),
        (nn.BatchNorm1d(4), (4,), 0),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_multiply_adds_of_one_sample(layer, shape, macs):
    assert rows(nn.Sequential(layer), spec(*shape))["0"].macs == macs


def test_an_embedding_multiplies_nothing():
    module = nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 2))
    table = layer_table(module, spec(6, dtype="int64"), UNKNOWN)
    assert [layer.macs for layer in table.layers] == [0, 6 * 8]
    assert table.parameters == 40 + 10


class Odd(nn.Module):
    """Runs in another order than it is built, twice through one layer, with a tied one."""

    def __init__(self):
        super().__init__()
        self.unused = nn.Linear(2, 2)
        self.last = nn.Linear(4, 4, bias=False)
        self.twice = nn.Linear(4, 4)
        self.tied = nn.Linear(4, 4, bias=False)
        self.tied.weight = self.last.weight
        self.scale = nn.Parameter(torch.zeros(4))
        self.register_buffer("shift", torch.tensor([1.0, 0, 0, 0]))

    def forward(self, x):
        return self.tied(self.last(self.twice(self.twice(x * self.scale + self.shift))))


def test_rows_come_in_the_order_of_the_calls_and_count_every_call():
    table = layer_table(Odd(), spec(4), UNKNOWN)
    assert [layer.name for layer in table.layers] == ["", "twice", "last", "unused"]
    assert [layer.positions for layer in table.layers] == [0, 2, 2, 0]
    assert table.parameters == sum(p.numel() for p in Odd().parameters())


def test_zeros_are_counted_on_real_weights_only():
    own = rows(Odd(), spec(4))[""]
    assert [(t.name, t.role, t.zeros) for t in own.tensors] == [
        ("scale", "parameter", 4),
        ("shift", "buffer", 3),
    ]
    with torch.device("meta"):
        assert layer_table(Odd(), spec(4), UNKNOWN).zeros is UNKNOWN


class Norms(nn.Module):
    def __init__(self):
        super().__init__()
        for name in ("folds", "shared", "returned", "after"):
            setattr(self, name, nn.Conv2d(3, 3, 1))
            setattr(self, f"{name}_bn", nn.BatchNorm2d(3))

    def forward(self, x):
        a = self.folds_bn(self.folds(x))
        shared = self.shared(x)
        b = self.shared_bn(shared) + shared
        returned = self.returned(x)
        c = self.after_bn(self.after(x).relu())
        return a + b + c + self.returned_bn(returned), returned


def test_a_batch_norm_folds_where_nothing_else_reads_what_it_reads():
    module = Norms()
    folds = {name: row.folds_into for name, row in rows(module, spec(3, 4, 4)).items()}
    assert {name: into for name, into in folds.items() if into} == {"folds_bn": "folds"}


def test_facts_say_what_comes_out():
    facts = module_facts(Norms().double(), spec(3, 4, 4, dtype="float64"), UNKNOWN)
    assert [str(o) for o in facts.outputs] == [
        "output.0: [N, 3, 4, 4] float64",
        "output.1: [N, 3, 4, 4] float64",
    ]
    assert facts.precision == "mixed"
    assert module_facts(nn.Linear(4, 2), spec(4)).precision == "fp32"
    assert str(module_facts(nn.Linear(4, 2), spec(4)).outputs[0]) == "output: [N, 2] float32"


def test_the_meta_device_shows_the_same_table():
    with torch.device("meta"):
        planned = layer_table(Norms(), spec(3, 4, 4))
    assert planned == layer_table(Norms(), spec(3, 4, 4)).without_zeros()


class NeedsValues(nn.Linear):
    def forward(self, x):
        return super().forward(x) if float(x.sum()) != 0 else x


def test_a_module_that_needs_values_runs_for_real():
    module = NeedsValues(4, 4).train()
    assert rows(module, spec(4))[""].macs == 16
    assert module.training


def test_a_module_that_does_not_run_says_why():
    with pytest.raises(OperatorError, match="doesn't run on its inputs: RuntimeError: mat1"):
        layer_table(nn.Linear(4, 2), spec(5))
