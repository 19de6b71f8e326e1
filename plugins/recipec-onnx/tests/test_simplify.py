"""`onnx.simplify`: fewer nodes, the same outputs, bit for bit what onnxslim makes of it."""

from pathlib import Path

import numpy as np
import onnx
import onnxslim
import pytest

from onnx_examples import files
from onnx_examples.staging import stage
from recipec.api import OperatorError
from recipec.testing import AloneRunContext, RunContract, artifact
from recipec_onnx.simplify import OnnxSimplify, SimplifyParams

pytestmark = pytest.mark.frameworks
LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


class TestSimplify(RunContract):
    operator = OnnxSimplify

    def good_params(self):
        return {"check": {"samples": 8}}

    @pytest.fixture(autouse=True)
    def _example(self, tmp_path_factory):
        type(self).folder = tmp_path_factory.mktemp("example")
        files.save(self.folder / "example.onnx", "convolutional")

    def example_facts(self):
        return {"model": files.onnx_facts(self.folder / "example.onnx")}

    def example_artifacts(self, folder):
        return {"model": files.made(folder / "model.onnx", "convolutional")}


def simplified(tmp_path, path, **params):
    folder = tmp_path / "stage"
    folder.mkdir(exist_ok=True)
    return stage(OnnxSimplify, folder, {"model": artifact(files.onnx_facts(path), path)}, **params)


@pytest.mark.parametrize("name", sorted(files.GRAPHS))
def test_it_is_what_onnxslim_makes(tmp_path, name):
    source = files.save(tmp_path / "model.onnx", name)
    made = simplified(tmp_path, source)
    onnx.save(onnxslim.slim(onnx.load(source)), tmp_path / "by_hand.onnx")
    ours, theirs = (files.outputs(p, name) for p in (made.path, tmp_path / "by_hand.onnx"))
    assert np.array_equal(ours, theirs)
    counts = [len(onnx.load(p).graph.node) for p in (made.path, tmp_path / "by_hand.onnx")]
    assert counts[0] == counts[1]


def test_nodes_that_go_are_counted(tmp_path):
    source = files.save(tmp_path / "model.onnx", "convolutional")
    made = simplified(tmp_path, source)
    removed = len(onnx.load(source).graph.node) - len(onnx.load(made.path).graph.node)
    assert made.result.changed == {"nodes removed": removed}
    assert removed == 1  # the batch norm
    kept = simplified(tmp_path, source, skip_fusions=["FusionConvBN"])
    assert kept.result.changed == {"nodes removed": 0}


def test_an_old_graph_of_someone_elses(tmp_path):
    made = simplified(tmp_path, LIGHT / "light_squeezenet.onnx", check={"samples": 1})
    assert made.result.changed == {"nodes removed": 40}  # its weights were made by nodes
    assert made.result.outputs["model"].opset == 9


def test_a_graph_of_opset_6(tmp_path):
    [path] = LIGHT.parent.glob("pytorch-converted/test_Conv2d/model.onnx")
    assert files.onnx_facts(path).opset == 6
    made = simplified(tmp_path, path, check={"samples": 4})
    assert made.result.outputs["model"].opset == 6


def test_free_dimensions_and_metadata_stay(tmp_path):
    source = files.save(tmp_path / "model.onnx", "convolutional", author="someone")
    made = simplified(tmp_path, source)
    facts = made.result.outputs["model"]
    assert facts.inputs[0].shape == ("N", 1, 8, 8)
    assert facts.outputs[0].shape == ("N", 10)
    assert onnx.load(made.path).metadata_props[0].value == "someone"


def test_outputs_that_change_are_an_error(tmp_path, monkeypatch):
    source = files.made(tmp_path / "model.onnx", "plain")
    whole = onnxslim.slim

    def careless(model, **options):
        made = whole(model, **options)
        [bias] = [t for t in made.graph.initializer if t.name == "head.bias"]
        wrong = onnx.numpy_helper.to_array(bias) + 1
        bias.CopyFrom(onnx.numpy_helper.from_array(wrong, bias.name))
        return made

    monkeypatch.setattr(onnxslim, "slim", careless)
    operator = OnnxSimplify(SimplifyParams())
    with pytest.raises(OperatorError, match="differ from those before") as raised:
        operator.run({"model": source}, AloneRunContext(tmp_path, operator))
    assert raised.value.at == ("check", "tolerance")
