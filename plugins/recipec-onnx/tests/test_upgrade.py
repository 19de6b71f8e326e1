"""`onnx.upgrade`: ONNX's own converter, and the outputs compared."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.version_converter import convert_version

from onnx_examples import files
from onnx_examples.staging import stage
from recipec.api import OperatorError
from recipec.testing import AlonePlanContext, AloneRunContext, RunContract, artifact
from recipec_onnx.upgrade import OnnxUpgrade, UpgradeParams

pytestmark = pytest.mark.frameworks
LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


class TestUpgrade(RunContract):
    operator = OnnxUpgrade

    def good_params(self):
        return {"opset": 21, "check": {"samples": 8}}

    @pytest.fixture(autouse=True)
    def _example(self, tmp_path_factory):
        type(self).folder = tmp_path_factory.mktemp("example")
        files.save(self.folder / "example.onnx", "convolutional")

    def example_facts(self):
        return {"model": files.onnx_facts(self.folder / "example.onnx")}

    def example_artifacts(self, folder):
        return {"model": files.made(folder / "model.onnx", "convolutional")}


@pytest.mark.parametrize("name", ["convolutional", "perceptron", "recurrent", "transformer"])
def test_it_is_the_converters_own(tmp_path, name):
    source = files.made(tmp_path / "model.onnx", name)
    made = stage(OnnxUpgrade, tmp_path, {"model": source}, opset=21)
    onnx.save(convert_version(onnx.load(source.path), 21), tmp_path / "by_hand.onnx")
    ours, theirs = (files.outputs(p, name) for p in (made.path, tmp_path / "by_hand.onnx"))
    assert np.array_equal(ours, theirs)
    assert made.result.changed == {"opset raised by": 4}


def test_an_old_graph_of_someone_elses(tmp_path):
    path = LIGHT / "light_shufflenet.onnx"
    source = artifact(files.onnx_facts(path), path)
    made = stage(OnnxUpgrade, tmp_path, {"model": source}, opset=17, check={"samples": 1})
    assert made.plan.effects == ("opset 9 → 17",)
    assert made.result.outputs["model"].layers == source.facts.layers


def test_a_very_old_file(tmp_path):
    path = files.save(tmp_path / "model.onnx", "plain")
    model = onnx.load(path)
    model.opset_import[0].version, model.ir_version = 7, 3
    model.graph.input.extend(
        files.value(t.name, list(t.dims), t.data_type) for t in model.graph.initializer
    )
    onnx.save(model, path)
    source = artifact(files.onnx_facts(path), path)
    made = stage(OnnxUpgrade, tmp_path, {"model": source}, opset=21)
    assert np.array_equal(files.outputs(path, "plain"), files.outputs(made.path, "plain"))


def test_free_dimensions_keep_their_names(tmp_path):
    path = files.save(tmp_path / "model.onnx", "branching")
    model = onnx.load(path)
    del model.graph.output[0].type.tensor_type.shape.dim[:]
    for size in (None, 8):
        dim = model.graph.output[0].type.tensor_type.shape.dim.add()
        if size:
            dim.dim_value = size
    onnx.save(model, path)
    source = artifact(files.onnx_facts(path), path)
    made = stage(OnnxUpgrade, tmp_path, {"model": source}, opset=21)
    assert made.result.outputs["model"].outputs[0].shape == ("?", 8)


def test_there_is_no_way_back(tmp_path):
    facts = files.onnx_facts(files.save(tmp_path / "model.onnx", "plain"))
    operator = OnnxUpgrade(UpgradeParams(opset=13))
    with pytest.raises(OperatorError, match="has opset 17 already") as raised:
        operator.plan({"model": facts}, AlonePlanContext(tmp_path))
    assert raised.value.at == ("opset",)


def test_what_the_converter_cannot_do_is_a_clean_error(tmp_path):
    path = files.save(tmp_path / "model.onnx", "plain", opset=9)
    model = onnx.load(path)
    model.graph.node[1].op_type = "Affine"  # an experiment that ONNX gave up
    onnx.save(model, path)
    operator = OnnxUpgrade(UpgradeParams(opset=17))
    source = artifact(files.onnx_facts(path), path)
    with pytest.raises(OperatorError, match="can't bring the model from opset 9 to 17"):
        operator.run({"model": source}, AloneRunContext(tmp_path, operator))
