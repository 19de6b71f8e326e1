"""Folding batch normalizations: in a layer table, and in an exported graph."""

import pytest
import torch
from torch import nn

from recipec.api import UNKNOWN, TensorSpec
from recipec.api.folding import fold_batch_norms as fold_table
from recipec.api.folding import foldable_norms
from recipec.api.torch import (
    export_program,
    exported_layers,
    fold_batch_norms,
    layer_table,
)

pytestmark = pytest.mark.frameworks


def seeded(*layers):
    torch.manual_seed(0)
    module = nn.Sequential(*layers)
    for layer in module.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm) and layer.running_mean is not None:
            nn.init.normal_(layer.running_mean)
            nn.init.uniform_(layer.running_var, 0.5, 2.0)
    return module.eval()


CASES = {
    "convolution": (lambda: seeded(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()), (3, 8, 8)),
    "with a bias": (lambda: seeded(nn.Conv1d(3, 4, 3, bias=False), nn.BatchNorm1d(4)), (3, 8)),
    "grouped": (lambda: seeded(nn.Conv2d(4, 8, 3, groups=2), nn.BatchNorm2d(8)), (4, 8, 8)),
    "transposed": (lambda: seeded(nn.ConvTranspose2d(3, 4, 2), nn.BatchNorm2d(4)), (3, 8, 8)),
    "without weights": (
        lambda: seeded(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4, affine=False)),
        (3, 8, 8),
    ),
    "linear": (lambda: seeded(nn.Linear(6, 5), nn.BatchNorm1d(5, affine=False)), (6,)),
}
KEPT = {
    "grouped and transposed": (
        lambda: seeded(nn.ConvTranspose2d(4, 4, 2, groups=2), nn.BatchNorm2d(4)),
        (4, 8, 8),
    ),
    "another axis": (lambda: seeded(nn.Linear(6, 5), nn.BatchNorm1d(7)), (7, 6)),
    "batch statistics": (
        lambda: seeded(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4, track_running_stats=False)),
        (3, 8, 8),
    ),
    "activation between": (
        lambda: seeded(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.BatchNorm2d(4)),
        (3, 8, 8),
    ),
}


def folded(build, shape):
    """Fold a module's graph: the module, its table, and the program of the folded graph."""
    module = build()
    specs = (TensorSpec(name="x", shape=("N", *shape)),)
    table = layer_table(module, specs, UNKNOWN)
    kinds = [(layer.name, layer.type) for layer in table.layers]
    outputs = (TensorSpec(name="output", shape=("N",)),)
    graph = export_program(module, specs, outputs, kinds).module()
    fold_batch_norms(graph, foldable_norms(table))
    return module, table, export_program(graph, specs, outputs, kinds)


@pytest.mark.parametrize(("build", "shape"), CASES.values(), ids=CASES)
def test_a_folded_graph_computes_the_same_without_the_normalization(build, shape):
    module, table, program = folded(build, shape)
    x = torch.randn(5, *shape)
    with torch.no_grad():
        torch.testing.assert_close(program.module()(x), module(x), rtol=1e-5, atol=1e-5)
    made = exported_layers(program)
    assert [layer.name for layer in made.layers] == ["0"]
    assert made.without_zeros() == fold_table(table).without_zeros()


@pytest.mark.parametrize(("build", "shape"), KEPT.values(), ids=KEPT)
def test_a_normalization_that_cannot_be_folded_stays(build, shape):
    _, table, program = folded(build, shape)
    assert foldable_norms(table) == {}
    norm = table.layers[-1].name
    kept = [layer.name for layer in exported_layers(program).layers]
    assert kept[0] == "0"
    assert (norm in kept) == (norm != "0")


def test_a_layer_whose_weight_another_one_reads_is_left_alone():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.other = nn.Linear(6, 6), nn.Linear(6, 6)
            self.other.weight = self.one.weight
            self.norm = nn.BatchNorm1d(6)

        def forward(self, x):
            return self.norm(self.one(torch.relu(self.other(x))))

    torch.manual_seed(0)
    module = Tied().eval()
    specs = (TensorSpec(name="x", shape=("N", 6)),)
    graph = export_program(module, specs, specs, []).module()
    fold_batch_norms(graph, {"norm": "one"})
    x = torch.randn(3, 6)
    with torch.no_grad():
        assert torch.equal(graph(x), module(x))
    assert any(n.target is torch.ops.aten.batch_norm.default for n in graph.graph.nodes)


def test_zeros_of_a_scaled_weight_are_known_only_afterwards():
    module, table, _ = folded(*CASES["convolution"])
    [conv] = fold_table(table).layers
    assert [t.zeros for t in conv.tensors] == [UNKNOWN, UNKNOWN]
    assert table.layers[0].tensors[0].zeros == 0
    assert isinstance(module[1], nn.BatchNorm2d)  # the module itself is not changed
