"""`onnx.model`: any ONNX file as a recipe's model."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from onnx_examples import files
from recipec.api import UNKNOWN, OnnxModel, OperatorError
from recipec.testing import AlonePlanContext, AloneRunContext, BarePlanContext, RunContract
from recipec_onnx.model import OnnxModelParams, OnnxSource

pytestmark = pytest.mark.frameworks
LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


class TestOnnxModel(RunContract):
    operator = OnnxSource

    def good_params(self):
        return {"file": "model.onnx"}

    def prepare(self, folder):
        files.save(folder / "model.onnx", "convolutional", labels="shoe, shirt")

    def example_facts(self):
        return {}

    def example_artifacts(self, folder):
        return {}


def source(folder, file="model.onnx", **params):
    operator = OnnxSource(OnnxModelParams.model_validate({"file": file, **params}))
    planned = operator.plan({}, AlonePlanContext(folder))
    context = AloneRunContext(folder, operator)
    result = operator.run({}, context)
    assert list(planned.outputs["model"].contradictions(result.outputs["model"])) == []
    return planned, result.outputs["model"], context.path_for("model")


def refused(folder, file="model.onnx", **params):
    operator = OnnxSource(OnnxModelParams.model_validate({"file": file, **params}))
    with pytest.raises(OperatorError) as raised:
        operator.plan({}, AlonePlanContext(folder))
    return raised.value


def test_a_file_is_taken_as_it_is(tmp_path):
    path = files.save(tmp_path / "model.onnx", "convolutional", labels="shoe, shirt")
    planned, facts, made = source(tmp_path)
    assert made.read_bytes() == path.read_bytes()
    assert facts.opset == 17
    assert [row.name for row in facts.layers.layers] == ["stem", "stem_norm", "deep", "head"]
    assert planned.effects == ("opset 17, 8 nodes", "metadata stay: labels")


@pytest.mark.parametrize(
    ("name", "macs"),
    [  # 4.1 G, 0.35 G and 0.14 G in the papers, whose counts differ by what they leave out
        ("resnet50", 4_089_184_256),
        ("squeezenet", 349_151_936),
        ("shufflenet", 124_664_528),
    ],
)
def test_old_graphs_of_others(tmp_path, name, macs):
    (tmp_path / "model.onnx").write_bytes((LIGHT / f"light_{name}.onnx").read_bytes())
    _, facts, _ = source(tmp_path)
    assert facts.opset == 9
    assert facts.layers.macs == macs


def test_several_inputs_and_free_dimensions(tmp_path):
    files.save(tmp_path / "model.onnx", "transformer")
    model = onnx.load(tmp_path / "model.onnx")
    for value in model.graph.input:
        value.type.tensor_type.shape.dim[1].Clear()
        value.type.tensor_type.shape.dim[1].dim_param = "length"
    onnx.save(model, tmp_path / "model.onnx")
    _, facts, _ = source(tmp_path)
    assert [(i.name, i.shape, i.dtype) for i in facts.inputs] == [
        ("ids", ("N", "length"), "int64"),
        ("mask", ("N", "length"), "int64"),
    ]
    assert facts.layers is UNKNOWN  # how often a weight is applied depends on the length


def test_branches_and_loops_leave_facts_open_and_say_so(tmp_path):
    files.save(tmp_path / "model.onnx", "branching")
    planned, facts, _ = source(tmp_path)
    assert facts.layers is UNKNOWN
    assert facts.operators["If"] == facts.operators["Loop"] == 1
    assert "its layers can't be told from the file: it has If and Loop" in planned.effects


def outside(folder, location="weights/model.data"):
    path = files.save(folder / "model.onnx", "convolutional")
    (folder / location).parent.mkdir(parents=True, exist_ok=True)
    onnx.save(
        onnx.load(path),
        path,
        save_as_external_data=True,
        location=location,
        size_threshold=100,
    )
    return path


def test_weights_of_other_files_are_brought_into_the_one(tmp_path):
    whole = files.save(tmp_path / "whole.onnx", "convolutional")
    outside(tmp_path)
    _, facts, made = source(tmp_path, external_data=["weights/model.data"])
    assert facts == source(tmp_path, "whole.onnx")[1]
    source(tmp_path, external_data=["weights"])  # the folder will do
    made = made.rename(tmp_path / "elsewhere.onnx")
    outputs = [files.outputs(path, "convolutional") for path in (made, whole)]
    assert np.array_equal(*outputs)


def test_external_data_must_be_listed_there_and_within_the_folder(tmp_path):
    outside(tmp_path)
    problem = refused(tmp_path)
    assert "keeps weights in 'weights/model.data', which `external_data` doesn't name" in str(
        problem
    )
    assert problem.at == ("external_data",)
    (tmp_path / "weights/model.data").unlink()
    problem = refused(tmp_path, external_data=["weights"])
    assert "isn't there" in problem.message
    assert problem.at == ("file",)


@pytest.mark.parametrize("location", ["../secret", "/etc/hostname", "link/secret"])
def test_external_data_must_not_lead_out_of_the_folder(tmp_path, location):
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(bytes(4))
    (folder / "link").symlink_to(tmp_path)
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    graph = helper.make_graph(
        [files.node("Add", ["x", "w"], "y")],
        "g",
        [files.value("x", ("N",))],
        [files.value("y", ("N",))],
        [tensor],
    )
    (folder / "model.onnx").write_bytes(helper.make_model(graph).SerializeToString())
    problem = refused(folder, external_data=["."])
    assert "outside of its folder" in problem.message
    assert problem.at == ("file",)


@pytest.mark.parametrize("content", [b"", b"no ONNX at all" * 9, b"PK\x03\x04"])
def test_another_file_is_one_error_at_its_place(tmp_path, content):
    (tmp_path / "model.onnx").write_bytes(content)
    problem = refused(tmp_path)
    assert problem.at == ("file",)
    assert "model.onnx" in problem.message


def test_what_the_checker_refuses_is_refused(tmp_path):
    path = files.save(tmp_path / "model.onnx", "plain")
    model = onnx.load(path)
    model.graph.node[0].input[0] = "nothing"
    onnx.save(model, path)
    problem = refused(tmp_path)
    assert problem.message.startswith("ONNX's checker refuses model.onnx")
    assert problem.at == ("file",)


def test_more_weights_than_one_file_holds_are_refused(tmp_path):
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1 << 15, 1 << 15])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="big.data")
    (tmp_path / "big.data").touch()
    graph = helper.make_graph(
        [files.node("MatMul", ["x", "w"], "y")],
        "g",
        [files.value("x", ("N", 1 << 15))],
        [files.value("y", ("N", 1 << 15))],
        [tensor],
    )
    (tmp_path / "model.onnx").write_bytes(helper.make_model(graph).SerializeToString())
    problem = refused(tmp_path, external_data=["big.data"])
    assert "the weights are 4,294,967,296 bytes" in problem.message


def test_a_machine_without_onnx_plans_it_all_the_same(tmp_path):
    operator = OnnxSource(OnnxModelParams.model_validate({"file": "model.onnx"}))
    assert operator.plan({}, BarePlanContext(tmp_path)).outputs["model"] == OnnxModel()
