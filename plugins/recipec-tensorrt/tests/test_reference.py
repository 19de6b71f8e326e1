"""TensorRT's own calls, in a row, build the same engine."""

import re

import numpy as np
import onnx
import pytest
import tensorrt_rtx as trt

from recipec.api import TensorRTEngine
from recipec.api.onnx import onnx_facts
from recipec.testing import artifact, run_alone
from recipec_tensorrt.build import Build

pytestmark = pytest.mark.frameworks

helper, numpy_helper = onnx.helper, onnx.numpy_helper
FLOAT, INT = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64


def weights(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32) / 8


def convolutional():
    nodes = [
        helper.make_node("Conv", ["x", "conv"], ["c"], name="conv", pads=[1] * 4),
        helper.make_node("Relu", ["c"], ["r"], name="relu"),
        helper.make_node("GlobalAveragePool", ["r"], ["p"], name="pool"),
        helper.make_node("Flatten", ["p"], ["f"], name="flatten"),
        helper.make_node("Gemm", ["f", "fc"], ["y"], name="fc", transB=1),
    ]
    stored = {"conv": weights(8, 1, 3, 3), "fc": weights(10, 8)}
    return nodes, stored, ("x", FLOAT, ["N", 1, 8, 8]), ("y", FLOAT, ["N", 10])


def tokens():
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["e"], name="e"),
        helper.make_node("MatMul", ["e", "w"], ["h"], name="h"),
        helper.make_node("Softmax", ["h"], ["y"], name="y", axis=-1),
    ]
    stored = {"table": weights(40, 16), "w": weights(16, 16)}
    return nodes, stored, ("ids", INT, ["N", "L"]), ("y", FLOAT, ["N", "L", 16])


MODELS = {
    "convolutional": (convolutional, {}, [((1, 1, 8, 8), (8, 1, 8, 8), (32, 1, 8, 8))]),
    "tokens": (
        tokens,
        {
            "profiles": [
                {
                    "batch": {"min": 1, "opt": 1, "max": 1},
                    "dimensions": {"L": {"min": 4, "opt": 8, "max": 16}},
                },
                {
                    "batch": {"min": 2, "opt": 4, "max": 8},
                    "dimensions": {"L": {"min": 4, "opt": 8, "max": 16}},
                },
            ]
        },
        [((1, 4), (1, 8), (1, 16)), ((2, 4), (4, 8), (8, 16))],
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_engine_is_that_of_plain_calls(name, tmp_path):
    make, params, profiles = MODELS[name]
    nodes, stored, given, made = make()
    tensors = [numpy_helper.from_array(value, key) for key, value in stored.items()]
    ends = [[helper.make_tensor_value_info(*end)] for end in (given, made)]
    graph = helper.make_graph(nodes, "graph", *ends, tensors)
    path = tmp_path / "model.onnx"
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)

    wanted = {"compute_capabilities": ["8.9"], "workspace": "64MiB", **params}
    operator = Build(Build.params.model_validate(wanted))
    engine = run_alone(operator, {"model": artifact(onnx_facts(path), path)}, tmp_path)[0]["engine"]

    builder = trt.Builder(trt.Logger(trt.Logger.ERROR))
    builder.max_threads = 1
    flags = 1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
    network = builder.create_network(flags)
    parser = trt.OnnxParser(network, builder.logger)
    assert parser.parse_from_file(str(path))
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, 64 * 2**20)
    config.num_compute_capabilities = 1
    config.set_compute_capability(trt.ComputeCapability.SM89, 0)
    for shapes in profiles:
        profile = builder.create_optimization_profile()
        profile.set_shape(given[0], *shapes)
        config.add_optimization_profile(profile)
    plain = bytes(builder.build_serialized_network(network, config))
    assert meant(engine.path.read_bytes()) == meant(plain)


def meant(engine):
    """Leave out the numbers that TensorRT gives its own names in the order of its threads."""
    return re.sub(TensorRTEngine.unstable, b"", engine)
