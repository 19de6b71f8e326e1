"""What `tensorrt.build` plans. No framework is needed."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from pydantic import ValidationError

from recipec.api import UNKNOWN, OnnxModel, OperatorError, Quantization, TensorSpec
from recipec.testing import AlonePlanContext, BarePlanContext, OperatorContract
from recipec_tensorrt.build import Build

INPUTS = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
OUTPUTS = (TensorSpec(name="logits", shape=("N", 10)),)
MODEL = OnnxModel(inputs=INPUTS, outputs=OUTPUTS, precision="fp32", opset=18)
SYMMETRIC = Quantization(
    target="tensorrt", weights="int8 symmetric per channel", activations="int8 symmetric"
)
AFFINE = Quantization(
    target="cpu", weights="int8 symmetric per channel", activations="uint8 affine"
)


class TestContract(OperatorContract):
    operator = Build

    def good_params(self):
        return {
            "compute_capabilities": ["8.0", "8.9"],
            "batch": {"min": 1, "opt": 4, "max": 16},
            "workspace": "64MiB",
        }

    def example_facts(self):
        return {"model": MODEL}


def plan(model=MODEL, context=None, **params):
    operator = Build(Build.params.model_validate(params))
    return operator.plan({"model": model}, context or AlonePlanContext(Path()))


def refusal(model=MODEL, **params):
    with pytest.raises(OperatorError) as raised:
        plan(model, **params)
    return raised.value


def test_the_engine_has_the_models_inputs_outputs_and_precision():
    engine = plan(MODEL.model_copy(update={"precision": "int8", "quantization": SYMMETRIC}))
    facts = engine.outputs["engine"]
    assert facts.inputs == INPUTS
    assert facts.outputs == OUTPUTS
    assert facts.precision == "int8"
    assert facts.quantization == SYMMETRIC
    assert facts.layers is UNKNOWN


def test_several_gpus_share_one_engine():
    planned = plan(compute_capabilities=["8.0", "8.9"])
    assert planned.outputs["engine"].compute_capabilities == ("8.0", "8.9")
    assert "one engine for GPUs of compute capability 8.0, 8.9" in planned.effects


def test_left_out_the_compute_capabilities_are_those_since_ampere():
    assert plan().outputs["engine"].compute_capabilities == ("8.0", "8.6", "8.9", "12.0")


def test_tensorrt_rtx_needs_its_distribution_and_no_gpu():
    assert [r.spec for r in plan().requires] == ["python:tensorrt-rtx>=1.2"]
    assert plan().requires[0].install == "pip install 'tensorrt-rtx>=1.2'"


def test_tensorrt_needs_its_distribution_and_a_gpu():
    planned = plan(runtime="tensorrt")
    assert [r.spec for r in planned.requires] == ["python:tensorrt>=10.9", "cuda>=12"]
    assert planned.outputs["engine"].compute_capabilities is UNKNOWN


def test_the_version_that_will_build_is_that_of_the_installed_distribution():
    try:
        installed = version("tensorrt-rtx")
    except PackageNotFoundError:
        installed = UNKNOWN
    assert plan().outputs["engine"].runtime_version == installed


def test_the_version_is_unknown_where_the_runtime_is_missing():
    assert plan(context=BarePlanContext(Path())).outputs["engine"].runtime_version is UNKNOWN


def test_the_batch_is_in_the_plan():
    assert "N: 1 to 32, tuned for 8" in plan().effects
    assert "N: 1 to 4, tuned for 2" in plan(batch={"min": 1, "opt": 2, "max": 4}).effects


def test_a_model_of_fixed_shape_needs_no_profile():
    fixed = MODEL.model_copy(update={"inputs": (TensorSpec(name="x", shape=(1, 1, 8, 8)),)})
    assert "all shapes are fixed: no optimization profile" in plan(fixed).effects


TOKENS = MODEL.model_copy(
    update={"inputs": (TensorSpec(name="ids", shape=("N", "L"), dtype="int64"),)}
)


def test_a_free_dimension_that_is_not_the_batch_takes_its_range_from_dimensions():
    planned = plan(TOKENS, dimensions={"L": {"min": 8, "opt": 64, "max": 128}})
    assert planned.effects[1:] == ("N: 1 to 32, tuned for 8", "L: 8 to 128, tuned for 64")


def test_a_free_dimension_without_a_range_is_refused():
    problem = refusal(TOKENS)
    assert problem.message == "dimension 'L' of input ids: [N, L] int64 is free and has no range"
    assert problem.at == ("dimensions",)
    assert problem.hint == "state it: dimensions: {L: {min: 1, opt: 128, max: 512}}"


def test_a_range_for_a_dimension_that_is_not_there_is_refused():
    problem = refusal(TOKENS, dimensions={"T": {"min": 1, "opt": 1, "max": 1}})
    assert problem.message == "no input has a free dimension 'T'"
    assert problem.at == ("dimensions", "T")
    assert problem.hint == "free dimensions: N, L"


def test_a_model_quantized_for_cpus_is_refused():
    problem = refusal(MODEL.model_copy(update={"precision": "int8", "quantization": AFFINE}))
    assert problem.message == (
        "the model is quantized for cpu runtimes, with uint8 affine activations; "
        "TensorRT takes symmetric int8 only"
    )
    assert problem.hint == "quantize it for this engine with `target: tensorrt`"


def test_a_gpu_that_the_runtime_does_not_build_for_is_refused():
    problem = refusal(compute_capabilities=["8.0", "8.8"])
    assert problem.message == "tensorrt-rtx builds for no GPU of compute capability 8.8"
    assert problem.at == ("compute_capabilities", 1)
    assert problem.hint == "it builds for 7.5, 8.0, 8.6, 8.9, 12.0, 12.1"


def test_a_gpu_that_is_named_twice_is_refused():
    assert refusal(compute_capabilities=["8.0", "8.0"]).at == ("compute_capabilities", 1)


def test_tensorrt_takes_no_compute_capabilities():
    problem = refusal(runtime="tensorrt", compute_capabilities=["8.9"])
    assert problem.at == ("compute_capabilities",)
    assert problem.hint == "leave compute_capabilities out, or take `runtime: tensorrt-rtx`"


def test_tensorrt_rtx_takes_no_timing_cache():
    assert refusal(timing_cache=True).at == ("timing_cache",)


def test_sparse_kernels_are_chosen_by_tensorrt_when_it_builds():
    assert refusal(sparse_weights=True).at == ("sparse_weights",)
    planned = plan(runtime="tensorrt", sparse_weights=True)
    assert "kernels may skip the zeros of 2:4 weights" in planned.effects


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"runtime": "tensorflow"}, "tensorrt-rtx"),
        ({"compute_capabilities": ["sm89"]}, "pattern"),
        ({"batch": {"min": 4, "opt": 2, "max": 8}}, "min 4, opt 2, max 8 are not in ascending"),
        ({"batch": {"min": 0, "opt": 1, "max": 1}}, "greater than or equal to 1"),
        ({"workspace": 64}, "unit_missing"),
        ({"workspace": "64MX"}, "unit_unknown"),
    ],
)
def test_impossible_values_are_refused(params, says):
    with pytest.raises(ValidationError, match=says):
        Build.params.model_validate(params)
