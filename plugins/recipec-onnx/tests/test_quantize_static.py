"""`onnx.quantize_static`: equal to onnxruntime's own call, and planned exactly."""

from collections import Counter

import numpy as np
import onnx
import pytest
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from onnx_examples import files
from onnx_examples.staging import stage
from recipec.api import UNKNOWN, DataSamples, OperatorError
from recipec.api.quantization import SCHEMES
from recipec.testing import AlonePlanContext, AloneRunContext, RunContract, artifact
from recipec_onnx.static import OnnxQuantizeStatic, StaticParams

pytestmark = pytest.mark.frameworks
NORMALIZATIONS = {"BatchNormalization", "InstanceNormalization", "LayerNormalization"}


class TestStaticQuantization(RunContract):
    operator = OnnxQuantizeStatic
    uses_scratch = True

    def good_params(self):
        return {"calibration": {"data": "images", "samples": 24, "batch_size": 8}}

    def example_facts(self):
        return {
            "model": files.onnx_facts(self.folder / "example.onnx"),
            "calibration.data": DataSamples(
                count=64, inputs=(files.TensorSpec(name="x", shape=("N", 1, 8, 8)),), classes=None
            ),
        }

    @pytest.fixture(autouse=True)
    def _example(self, tmp_path_factory):
        type(self).folder = tmp_path_factory.mktemp("example")
        files.save(self.folder / "example.onnx", "convolutional")

    def example_artifacts(self, folder):
        return {
            "model": files.made(folder / "model.onnx", "convolutional"),
            "calibration.data": files.refer(folder / "images.json", "convolutional"),
        }


class Reader(CalibrationDataReader):
    """The first samples of the seeded permutation, as a script would give them."""

    def __init__(self, name, count, batch, seed=0):
        taken = files.samples(name, 64).inputs
        rows = np.random.default_rng(seed).permutation(64)[:count]
        parts = [rows[i : i + batch] for i in range(0, count, batch)]
        self.batches = [{key: array[part] for key, array in taken.items()} for part in parts]
        self.set_range(0, len(self.batches))

    def __len__(self):
        return len(self.batches)

    def set_range(self, start_index, end_index):
        self.left = iter(self.batches[start_index:end_index])

    def get_next(self):
        return next(self.left, None)


def quantized(tmp_path, name, source=None, **params):
    path = source or files.save(tmp_path / "model.onnx", name)
    inputs = {
        "model": artifact(files.onnx_facts(path), path),
        "calibration.data": files.refer(tmp_path / "samples.json", name),
    }
    calibration = {"data": "samples", "samples": 40, "batch_size": 16}
    folder = tmp_path / "stage"
    folder.mkdir(exist_ok=True)
    return stage(OnnxQuantizeStatic, folder, inputs, calibration=calibration, **params)


def by_hand(tmp_path, source, name, **options):
    """Call onnxruntime as its documentation has it."""
    operators = sorted(_all_operators() - NORMALIZATIONS)
    chosen = {
        "op_types_to_quantize": operators,
        "per_channel": True,
        "activation_type": QuantType.QUInt8,
        "weight_type": QuantType.QInt8,
        **options,
    }
    path = tmp_path / "by_hand.onnx"
    quantize_static(str(source), str(path), Reader(name, 40, 16), **chosen)
    return path


def _all_operators():
    from onnxruntime.quantization.registry import QDQRegistry, QLinearOpsRegistry

    return {*QDQRegistry, *QLinearOpsRegistry}


@pytest.mark.parametrize("name", ["plain", "perceptron", "recurrent", "transformer"])
def test_it_is_onnxruntimes_own_call(tmp_path, name):
    source = files.save(tmp_path / "model.onnx", name)
    made = quantized(tmp_path, name, source)
    theirs = by_hand(tmp_path, source, name)
    assert np.array_equal(files.outputs(made.path, name), files.outputs(theirs, name))
    counts = [Counter(n.op_type for n in onnx.load(p).graph.node) for p in (made.path, theirs)]
    assert counts[0] == counts[1]


def test_it_is_that_call_on_a_file_that_onnxruntime_prepared(tmp_path):
    source = files.save(tmp_path / "model.onnx", "convolutional")
    quant_pre_process(str(source), str(tmp_path / "prepared.onnx"))
    made = quantized(tmp_path, "convolutional", tmp_path / "prepared.onnx")
    theirs = by_hand(tmp_path, tmp_path / "prepared.onnx", "convolutional")
    ours, wanted = (files.outputs(path, "convolutional") for path in (made.path, theirs))
    assert np.array_equal(ours, wanted)
    # Folding the batch norm ourselves differs from onnxruntime's folding in the last float bits.
    alone = files.outputs(quantized(tmp_path, "convolutional", source).path, "convolutional")
    assert np.abs(alone - wanted).max() <= 2 / 255 * np.ptp(wanted)


@pytest.mark.parametrize(
    ("observer", "method", "options"),
    [
        ("entropy", CalibrationMethod.Entropy, {"CalibStridedMinMax": 1}),
        (
            "percentile",
            CalibrationMethod.Percentile,
            {"CalibPercentile": 99.0, "CalibStridedMinMax": 1},
        ),
        ("moving_average", CalibrationMethod.MinMax, {"CalibMovingAverage": True}),
    ],
)
def test_each_observer_is_onnxruntimes(tmp_path, observer, method, options):
    source = files.save(tmp_path / "model.onnx", "plain")
    made = quantized(tmp_path, "plain", source, observer=observer, percentile=99.0)
    theirs = by_hand(tmp_path, source, "plain", calibrate_method=method, extra_options=options)
    assert np.array_equal(files.outputs(made.path, "plain"), files.outputs(theirs, "plain"))


@pytest.mark.parametrize("name", ["convolutional", "perceptron", "recurrent", "transformer"])
@pytest.mark.parametrize("target", ["cpu", "tensorrt"])
@pytest.mark.parametrize("per_channel", [True, False])
def test_layers_are_planned_exactly(tmp_path, name, target, per_channel):
    made = quantized(tmp_path, name, target=target, per_channel=per_channel)
    table = made.plan.outputs["model"].layers
    assert table is not UNKNOWN
    assert table.bytes == made.result.outputs["model"].layers.bytes
    assert made.plan.changed == made.result.changed
    wanted = SCHEMES[target].activations
    assert made.result.outputs["model"].quantization.activations == wanted


def test_tensorrt_gets_zero_points_of_zero_float_biases_and_no_pair_behind_layers(tmp_path):
    made = quantized(tmp_path, "convolutional", target="tensorrt")
    graph = onnx.load(made.path).graph
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    points = [stored[n.input[2]] for n in graph.node if n.op_type == "QuantizeLinear"]
    assert points
    assert all(point.dtype == np.int8 and not point.any() for point in points)
    assert not [name for name, values in stored.items() if values.dtype == np.int32]
    made_by = {name: n.op_type for n in graph.node for name in n.output}
    quantizes = [n for n in graph.node if n.op_type == "QuantizeLinear"]
    assert {made_by.get(n.input[0], "input") for n in quantizes} == {
        "input",
        "Relu",
        "Conv",  # of the joining Add's inputs
        "Flatten",
    }


def test_selectors_choose_layers(tmp_path):
    made = quantized(tmp_path, "convolutional", exclude=["head"])
    kinds = {row.name: row.weight.dtype for row in made.result.outputs["model"].layers.layers}
    assert kinds == {"stem": "int8", "deep": "int8", "head": "float32"}
    assert made.plan.matched == {"exclude": ("head",)}
    made = quantized(tmp_path, "convolutional", include=["deep"])
    assert made.result.changed == {"layers quantized": 1}


def test_an_excluded_matmul_keeps_its_bias(tmp_path):
    made = quantized(tmp_path, "perceptron", exclude=["two"])
    [row] = [r for r in made.result.outputs["model"].layers.layers if r.name == "two"]
    assert {t.name: t.dtype for t in row.tensors} == {"weight": "float32", "bias": "float32"}


def test_an_old_opset_is_raised_and_said_so(tmp_path):
    source = files.save(tmp_path / "old.onnx", "plain", opset=9)
    made = quantized(tmp_path, "plain", source)
    assert made.plan.effects[0].startswith("the model is upgraded first, from opset 9 to 13")
    assert made.result.outputs["model"].opset == 13
    assert made.result.notes[0].startswith("upgraded from opset 9 to 13: onnxruntime's outputs")


def test_the_rest_of_a_model_with_branches_is_quantized(tmp_path):
    made = quantized(tmp_path, "branching")
    assert made.plan.outputs["model"].layers is UNKNOWN
    assert made.plan.changed == {"layers quantized": UNKNOWN}
    assert made.result.changed == {"layers quantized": 1}  # not what is in the branches
    float_ones = files.outputs(tmp_path / "model.onnx", "branching")
    assert np.abs(files.outputs(made.path, "branching") - float_ones).max() < 0.05 * np.ptp(
        float_ones
    )


def test_infinities_fail_without_a_tolerance_too(tmp_path):
    float_ones = files.outputs(files.save(tmp_path / "model.onnx", "dividing"), "dividing")
    assert np.isfinite(float_ones).all()
    with pytest.raises(OperatorError, match="infinite or NaN where the float model's are not"):
        quantized(tmp_path, "dividing")


def test_metadata_stay(tmp_path):
    source = files.save(tmp_path / "model.onnx", "plain", labels="shoe, shirt")
    made = quantized(tmp_path, "plain", source)
    [entry] = onnx.load(made.path).metadata_props
    assert (entry.key, entry.value) == ("labels", "shoe, shirt")


def test_where_nothing_can_be_quantized_nothing_changes(tmp_path):
    made = quantized(tmp_path, "plain", operators=["Concat"])
    assert made.plan.changed == made.result.changed == {"layers quantized": 0}
    assert made.result.outputs["model"].quantization is None


def plan(facts, data, **params):
    operator = OnnxQuantizeStatic(
        StaticParams.model_validate({"calibration": {"data": "d"}, **params})
    )
    return operator.plan({"model": facts, "calibration.data": data}, AlonePlanContext(None))


@pytest.fixture
def facts(tmp_path):
    return files.onnx_facts(files.save(tmp_path / "model.onnx", "plain"))


def test_calibration_data_of_another_shape_is_refused(facts):
    other = DataSamples(count=9, inputs=(files.TensorSpec(name="x", shape=("N", 3, 9, 9)),))
    with pytest.raises(OperatorError, match="the model wants") as raised:
        plan(facts, other)
    assert raised.value.at == ("calibration", "data")


def test_no_calibration_data_is_refused():
    with pytest.raises(ValueError, match="calibration"):
        StaticParams.model_validate({})


def test_an_operator_that_it_does_not_know_is_refused(facts):
    with pytest.raises(OperatorError, match="doesn't quantize 'Erf'") as raised:
        plan(facts, DataSamples(), operators=["Conv", "Erf"])
    assert raised.value.at == ("operators", 1)


def test_a_quantized_model_is_refused(facts):
    quantized_facts = facts.model_copy(update={"quantization": SCHEMES["cpu"]})
    with pytest.raises(OperatorError, match="quantized already"):
        plan(quantized_facts, DataSamples())


def test_an_opset_that_onnxruntime_does_not_know_is_a_clean_error(tmp_path):
    path = files.save(tmp_path / "model.onnx", "plain")
    model = onnx.load(path)
    model.opset_import[0].version = 99
    onnx.save(model, path)
    inputs = {
        "model": artifact(files.onnx_facts(path), path),
        "calibration.data": files.refer(tmp_path / "s.json", "plain"),
    }
    operator = OnnxQuantizeStatic(StaticParams.model_validate({"calibration": {"data": "d"}}))
    with pytest.raises(OperatorError, match="onnxruntime can't"):
        operator.run(inputs, AloneRunContext(tmp_path, operator))
