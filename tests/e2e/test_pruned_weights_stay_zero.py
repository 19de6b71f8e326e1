"""Pruned weights are zero for good: through twenty steps with momentum and weight decay, as saved,
and in the ONNX file, where no mask is left."""

from collections import Counter

import pytest
import yaml

import recipec

pytestmark = pytest.mark.frameworks

LSTM = '''
from torch import nn


class Net(nn.Module):
    """Reads an image row by row."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 16, batch_first=True)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        return self.fc(self.lstm(x.flatten(1, 2))[0][:, -1])
'''
MODELS = {
    "convolutions": {"builder": "recipec_torch.zoo:resnet", "args": {"depth": 8}},
    "lstm": {"builder": "net.py:Net"},
}
TECHNIQUES = {
    "unstructured": {"amount": 0.6},
    "structured": {"amount": 0.5, "include": ["type:Conv2d"]},
    "global": {"amount": 0.7},
    "semi_structured": {"pattern": "2:4"},
}
USES = {
    "convolutions": list(TECHNIQUES),
    "lstm": ["unstructured", "global"],
}
TRAINING = {
    "data": "train",
    "steps": 20,
    "batch_size": 16,
    "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 0.01},
    "augment": {"rotate": 10},
}


def recipe(model):
    stages = [
        {"id": "trained", "uses": "train.fit", "with": TRAINING},
        {"id": "plain", "uses": "onnx.export"},
    ]
    for name in USES[model]:
        stages += [
            {
                "id": name,
                "uses": f"prune.{name}",
                "needs": "trained",
                "with": TECHNIQUES[name],
            },
            {"id": f"{name}-retrained", "uses": "train.fit", "with": TRAINING},
            {"id": f"{name}-onnx", "uses": "onnx.export"},
        ]
    if "semi_structured" in USES[model]:
        calibration = {"data": "train", "samples": 64}
        stages += [
            {
                "id": "int8",
                "uses": "quantize.static",
                "needs": "semi_structured-retrained",
                "with": {"target": "tensorrt", "calibration": calibration},
            },
            {"id": "int8-onnx", "uses": "onnx.export"},
        ]
    return {
        "apiVersion": "recipec/v1",
        "name": "stay-zero",
        "seed": 3,
        "threads": 1,
        "model": {
            "uses": "torch.model",
            "with": {**MODELS[model], "input": {"x": {"shape": ["N", 1, 8, 8]}}},
        },
        "data": {"train": {"uses": "data.digits", "with": {"split": "train"}}},
        "stages": stages,
        "outputs": [stage["id"] for stage in stages],
    }


@pytest.fixture(scope="module", params=USES)
def run(request, tmp_path_factory):
    """Run all techniques on one model; give its name and the folder of what was made."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "net.py").write_text(LSTM)
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe(request.param)))
    loaded = recipec.load_recipe(folder / "recipe.yaml")
    compilation = recipec.compile_recipe(loaded, store=folder / "store")
    record = recipec.run_plan(compilation, folder / "out")
    return request.param, folder / "out" / "artifacts", record


def zero(folder, stage):
    """Give where each weight is zero, of the tensors that have zeros, and all tensors."""
    from safetensors.torch import load_file

    weights = load_file(folder / stage / "weights.safetensors")
    return {
        name: weight == 0
        for name, weight in weights.items()
        if weight.dim() > 1 and (weight == 0).any()
    }, weights


def initializers(path):
    import onnx
    from onnx import numpy_helper

    model = onnx.load(path)
    return {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}, Counter(
        node.op_type for node in model.graph.node
    )


def test_they_are_exactly_zero_after_twenty_steps(run):
    model, folder, _ = run
    for technique in USES[model]:
        pruned, before = zero(folder, technique)
        retrained, after = zero(folder, f"{technique}-retrained")
        assert pruned, technique
        assert {name: int(where.sum()) for name, where in pruned.items()} == {
            name: int(where.sum()) for name, where in retrained.items()
        }
        for name, where in pruned.items():
            assert bool((after[name][where] == 0).all()), (technique, name)
            assert not bool((after[name][~where] == before[name][~where]).all())  # it did train


def test_as_many_are_zero_as_was_asked(run):
    model, folder, _ = run
    for technique in {"unstructured", "global"} & set(USES[model]):
        where, weights = zero(folder, f"{technique}-retrained")
        chosen = [w for n, w in weights.items() if w.dim() > 1]
        share = TECHNIQUES[technique]["amount"]
        if technique == "unstructured":
            assert all(int((w == 0).sum()) == round(share * w.numel()) for w in chosen)
        else:
            every = sum(w.numel() for w in chosen)
            assert sum(int(w.sum()) for w in where.values()) == round(share * every)


def test_no_mask_is_in_any_artifact(run):
    model, folder, _ = run
    _, plain = zero(folder, "trained")
    tensors, nodes = initializers(folder / "plain.onnx")
    for technique in USES[model]:
        for stage in (technique, f"{technique}-retrained"):
            assert list(zero(folder, stage)[1]) == list(plain)
            assert "mask" not in (folder / stage / "module.json").read_text()
        made, made_nodes = initializers(folder / f"{technique}-onnx.onnx")
        assert made_nodes == nodes  # nothing multiplies by a mask
        assert {n: a.shape for n, a in made.items()} == {n: a.shape for n, a in tensors.items()}


def test_zeros_are_in_the_onnx_file(run):
    model, folder, _ = run
    for technique in USES[model]:
        where, _ = zero(folder, f"{technique}-retrained")
        tensors, _ = initializers(folder / f"{technique}-onnx.onnx")
        counts = Counter(int((array == 0).sum()) for array in tensors.values() if array.ndim > 1)
        wanted = Counter(int(w.sum()) for w in where.values())  # gates of an LSTM are reordered
        assert not wanted - counts, (technique, wanted - counts)


def test_two_of_four_holds_in_every_group_also_in_int8(run):
    model, folder, _ = run
    if model == "lstm":
        pytest.skip("no sparse kernels exist for LSTM weights")
    _, weights = zero(folder, "semi_structured-retrained")
    of_torch = [w.numpy() for w in weights.values() if w.dim() > 1 and not w.shape[1] % 4]
    of_onnx, of_int8 = (
        [a for a in initializers(folder / f"{name}.onnx")[0].values() if is_matrix(a)]
        for name in ("semi_structured-onnx", "int8-onnx")
    )
    assert len(of_torch) == len(of_onnx) == len(of_int8) == 9
    assert {a.dtype.name for a in of_int8} == {"int8"}
    for array in [*of_torch, *of_onnx, *of_int8]:
        in_last = array.reshape(*array.shape[:2], -1).swapaxes(1, 2)
        assert int(((in_last.reshape(-1, 4) != 0).sum(1) > 2).sum()) == 0
    groups = sum(array.size // 4 for array in of_torch)
    (checked,) = [
        m.value for m in run[2].stage("semi_structured").metrics if m.name == "groups.checked"
    ]
    assert checked == groups


def is_matrix(array):
    return array.ndim > 1 and not array.shape[1] % 4 and array.dtype.name in ("float32", "int8")
