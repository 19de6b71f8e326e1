"""Planned = made on real architectures, with the shapes that Torch-Pruning itself arrives at."""

import pytest
import torch

from recipec.api import ImportString, TensorSpec
from recipec.api.torch import (
    SavedModule,
    build_module,
    example_inputs,
    load_module,
    module_facts,
    save_module,
)
from recipec.testing import AlonePlanContext, artifact, run_alone
from recipec_prune.channels import Channels

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]

X = (TensorSpec(name="x", shape=("N", 3, 224, 224)),)


def pruned(name, folder):
    """Half of a torchvision model's channels leave: facts before, planned, made, and the module."""
    pytest.importorskip("torchvision")
    builder = f"torchvision.models:{name}"
    module = build_module(ImportString(builder), {})
    save_module(folder / "m", module, SavedModule(builder=builder, inputs=X))
    given = artifact(module_facts(module, X), folder / "m")
    operator = Channels(Channels.params.model_validate({"amount": 0.5}))
    planned = operator.plan({"model": given.facts}, AlonePlanContext(folder)).outputs["model"]
    made, _ = run_alone(operator, {"model": given}, folder / "run")
    assert list(planned.contradictions(made["model"].facts)) == []
    return given.facts.layers, planned.layers, load_module(made["model"].path)


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "densenet121", "convnext_tiny"])
def test_shapes_are_those_of_torch_pruning(name, tmp_path):
    import torch_pruning as tp
    import torchvision

    _, planned, module = pruned(name, tmp_path)
    assert module_facts(module, X).layers.without_zeros() == planned.without_zeros()
    reference = getattr(torchvision.models, name)().to("meta")
    last = [child for child in reference.modules() if isinstance(child, torch.nn.Linear)][-1]
    tp.pruner.BasePruner(
        reference,
        example_inputs(X, device="meta"),
        importance=lambda group: torch.arange(float(len(group[0].idxs))),  # shapes only
        pruning_ratio=0.5,
        round_to=8,
        ignored_layers=[last],
    ).step()
    assert {n: p.shape for n, p in module.state_dict().items()} == {
        n: p.shape for n, p in reference.state_dict().items()
    }


def test_resnet_50_at_half_its_channels(tmp_path):
    before, after, _ = pruned("resnet50", tmp_path)
    assert (before.parameters, after.parameters) == (25_557_032, 6_917_640)
    assert round(before.macs / 1e9, 2) == 4.09
    assert round(after.macs / 1e9, 2) == 1.05  # a quarter, but for the first and last layers


def test_narrow_gates_keep_their_channels(tmp_path):
    # Torch-Pruning itself leaves 0 channels in EfficientNet's squeeze-and-excitation gates.
    before, after, module = pruned("efficientnet_b0", tmp_path)
    narrow = {g.id: g.channels for g in before.groups if g.channels <= 8}
    assert narrow
    assert {g.id: g.channels for g in after.groups if g.id in narrow} == narrow
    with torch.no_grad():
        assert module(*example_inputs(X)).shape == (2, 1000)
