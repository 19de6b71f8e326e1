"""Small ONNX files that no exporter made, and samples for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from recipec.api import Artifact, DataSamples, TensorSpec
from recipec.api.data import ArraySamples
from recipec.api.data.reference import write_reference
from recipec.api.onnx import onnx_facts
from recipec.testing import artifact

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
TOKENS, LENGTH = 40, 6


class Weights:
    """Random initializers, the same for the same seed."""

    def __init__(self, seed: int = 0) -> None:
        self.random = np.random.default_rng(seed)
        self.stored: list[TensorProto] = []

    def __call__(self, name: str, *shape: int, scale: float = 0.3, shift: float = 0.0) -> str:
        values = self.random.standard_normal(shape) * scale + shift
        return self.hold(name, values.astype(np.float32))

    def hold(self, name: str, values: NDArray[Any]) -> str:
        self.stored.append(numpy_helper.from_array(values, name))
        return name


def node(kind: str, inputs: Sequence[str], output: str, name: str = "", **more: Any) -> NodeProto:
    return helper.make_node(kind, inputs, [output], name=name or output, **more)


def value(name: str, shape: Sequence[int | str], kind: int = FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def norm(w: Weights, name: str, given: str, channels: int) -> NodeProto:
    stats = [
        w(f"{name}.weight", channels, shift=1.0, scale=0.1),
        w(f"{name}.bias", channels),
        w(f"{name}.mean", channels),
        w.hold(f"{name}.var", w.random.uniform(0.5, 2, channels).astype(np.float32)),
    ]
    return node("BatchNormalization", [given, *stats], f"{name}_out", name)


def convolutional(norms: bool = True) -> GraphProto:
    """Two convolutions, a residual one, batch norms, and a Gemm: 8×8 images."""
    w = Weights()
    nodes = [node("Conv", ["x", w("stem.weight", 8, 1, 3, 3)], "a", "stem", pads=[1] * 4)]
    nodes += [norm(w, "stem_norm", "a", 8)] if norms else []
    nodes += [
        node("Relu", ["stem_norm_out" if norms else "a"], "b", "relu"),
        node(
            "Conv",
            ["b", w("deep.weight", 8, 8, 3, 3), w("deep.bias", 8)],
            "c",
            "deep",
            pads=[1] * 4,
        ),
        node("Add", ["b", "c"], "d", "join"),
        node("GlobalAveragePool", ["d"], "e", "pool"),
        node("Flatten", ["e"], "f", "flat"),
        node("Gemm", ["f", w("head.weight", 10, 8), w("head.bias", 10)], "y", "head", transB=1),
    ]
    return helper.make_graph(
        nodes, "g", [value("x", ("N", 1, 8, 8))], [value("y", ("N", 10))], w.stored
    )


def perceptron() -> GraphProto:
    """A Gemm with factors, a MatMul with a bias, and one without: [N, 64]."""
    w = Weights()
    nodes = [
        node("Flatten", ["x"], "flat"),
        node("Gemm", ["flat", w("one.weight", 64, 24), w("one.bias", 24)], "a", "one", alpha=0.5),
        node("Relu", ["a"], "b", "relu"),
        node("MatMul", ["b", w("two.weight", 24, 24)], "c", "two"),
        node("Add", ["c", w("two.bias", 24)], "d", "two_bias"),
        node("Tanh", ["d"], "e", "tanh"),
        node("MatMul", ["e", w("head.weight", 24, 10)], "y", "head"),
    ]
    return helper.make_graph(
        nodes, "g", [value("x", ("N", 1, 8, 8))], [value("y", ("N", 10))], w.stored
    )


def recurrent() -> GraphProto:
    """An embedding, an LSTM and a Gemm on its last state: token ids [N, 6]."""
    w = Weights()
    nodes = [
        node("Gather", [w("embed.weight", TOKENS, 8), "x"], "e", "embed"),
        node("Transpose", ["e"], "t", "turn", perm=[1, 0, 2]),
        helper.make_node(
            "LSTM",
            [
                "t",
                w("lstm.weight", 1, 48, 8),
                w("lstm.recurrence", 1, 48, 12),
                w("lstm.bias", 1, 96),
            ],
            ["", "h", ""],
            name="lstm",
            hidden_size=12,
        ),
        node("Squeeze", ["h", w.hold("zero", np.array([0]))], "s", "last"),
        node("Gemm", ["s", w("head.weight", 10, 12), w("head.bias", 10)], "y", "head", transB=1),
    ]
    return helper.make_graph(
        nodes, "g", [value("x", ("N", LENGTH), INT64)], [value("y", ("N", 10))], w.stored
    )


def transformer() -> GraphProto:
    """One attention block over token ids and their mask, both [N, 6]."""
    w, width = Weights(), 16

    def linear(name: str, given: str, ins: int, outs: int) -> list[NodeProto]:
        return [
            node("MatMul", [given, w(f"{name}.weight", ins, outs)], f"{name}_m", name),
            node("Add", [f"{name}_m", w(f"{name}.bias", outs)], f"{name}_out", f"{name}/add"),
        ]

    nodes = [
        node("Gather", [w("embed.weight", TOKENS, width), "ids"], "e", "embed"),
        *linear("query", "e", width, width),
        *linear("key", "e", width, width),
        *linear("value", "e", width, width),
        node("Transpose", ["key_out"], "k", perm=[0, 2, 1]),
        node("MatMul", ["query_out", "k"], "scores"),
        node("Cast", ["mask"], "m", to=FLOAT),
        node("Sub", [w.hold("one", np.float32(1)), "m"], "off"),
        node("Mul", ["off", w.hold("low", np.float32(-1e4))], "low_off"),
        node("Unsqueeze", ["low_off", w.hold("axis", np.array([1]))], "rows"),
        node("Add", ["scores", "rows"], "masked"),
        node("Softmax", ["masked"], "p", axis=-1),
        node("MatMul", ["p", "value_out"], "v"),
        node("Add", ["v", "e"], "res"),
        node(
            "LayerNormalization",
            ["res", w("norm.weight", width, shift=1.0), w("norm.bias", width)],
            "n",
            "norm",
        ),
        *linear("up", "n", width, 32),
        node("Relu", ["up_out"], "u", "relu"),
        *linear("down", "u", 32, width),
        node("ReduceMean", ["down_out"], "y", axes=[1], keepdims=0),
    ]
    inputs = [value(name, ("N", LENGTH), INT64) for name in ("ids", "mask")]
    return helper.make_graph(nodes, "g", inputs, [value("y", ("N", width))], w.stored)


def branching() -> GraphProto:
    """An If that picks one of two linear maps, a Loop that adds, and a Gemm in front."""
    w = Weights()
    branches = [
        helper.make_graph(
            [node("MatMul", ["a", w(f"{name}.weight", 8, 8)], f"{name}_out", name)],
            name,
            [],
            [value(f"{name}_out", ("N", 8))],
        )
        for name in ("yes", "no")
    ]
    body = helper.make_graph(
        [
            node("Identity", ["go"], "go_on"),
            node("Add", ["sum", "picked"], "more"),
        ],
        "body",
        [value("i", (), INT64), value("go", (), TensorProto.BOOL), value("sum", ("N", 8))],
        [value("go_on", (), TensorProto.BOOL), value("more", ("N", 8))],
    )
    nodes = [
        node("Flatten", ["x"], "flat"),
        node("Gemm", ["flat", w("first.weight", 64, 8), w("first.bias", 8)], "a", "first"),
        node("ReduceSum", ["a"], "total", keepdims=0),
        node("Greater", ["total", w.hold("none", np.float32(0))], "positive"),
        node("If", ["positive"], "picked", then_branch=branches[0], else_branch=branches[1]),
        node("Loop", [w.hold("times", np.array(3)), "", "picked"], "y", body=body),
    ]
    return helper.make_graph(
        nodes, "g", [value("x", ("N", 1, 8, 8))], [value("y", ("N", 8))], w.stored
    )


def dividing() -> GraphProto:
    """One divided by a Gemm's outputs, whose last column is tiny beside the others: [N, 8].

    int8 rounds what is tiny to 0, which makes infinities of what was finite.
    """
    w = Weights()
    weights = w.random.uniform(0.5, 1, (64, 8)).astype(np.float32)
    weights[:, -1] *= 1e-4
    nodes = [
        node("Flatten", ["x"], "flat"),
        node("Gemm", ["flat", w.hold("one.weight", weights)], "a", "one"),
        node("Div", [w.hold("unit", np.float32(1)), "a"], "y", "divide"),
    ]
    return helper.make_graph(
        nodes, "g", [value("x", ("N", 1, 8, 8))], [value("y", ("N", 8))], w.stored
    )


GRAPHS: dict[str, Callable[[], GraphProto]] = {
    "convolutional": convolutional,
    "plain": lambda: convolutional(norms=False),
    "perceptron": perceptron,
    "recurrent": recurrent,
    "transformer": transformer,
    "branching": branching,
    "dividing": dividing,
}


def save(path: Path, name: str, opset: int = 17, **metadata: str) -> Path:
    """Save one of `GRAPHS` as a file, with custom metadata."""
    graph = GRAPHS[name]()
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    helper.set_model_props(model, metadata)
    onnx.save(model, path)
    return path


def made(path: Path, name: str, opset: int = 17) -> Artifact[Any]:
    """Make one of `GRAPHS` as an artifact."""
    return artifact(onnx_facts(save(path, name, opset)), path)


def samples(name: str, count: int) -> ArraySamples:
    """Give samples for one of `GRAPHS`."""
    random = np.random.default_rng(3)
    if name == "recurrent":
        return ArraySamples({"x": random.integers(0, TOKENS, (count, LENGTH))})
    if name == "transformer":
        ids = random.integers(0, TOKENS, (count, LENGTH))
        mask = (np.arange(LENGTH) < random.integers(2, LENGTH + 1, (count, 1))).astype(np.int64)
        return ArraySamples({"ids": ids, "mask": mask})
    return ArraySamples({"x": random.standard_normal((count, 1, 8, 8)).astype(np.float32)})


def refer(path: Path, name: str, count: int = 64) -> Artifact[Any]:
    """Refer to samples for one of `GRAPHS` as data."""
    write_reference(path, "onnx_examples.files:samples", {"name": name, "count": count})
    taken = samples(name, count).inputs
    inputs = tuple(
        TensorSpec(name=key, shape=("N", *array.shape[1:]), dtype=array.dtype.name)
        for key, array in taken.items()
    )
    return artifact(DataSamples(count=count, inputs=inputs, classes=None), path)


def outputs(path: Path, name: str, count: int = 64) -> NDArray[Any]:
    """Run a file in onnxruntime, by its plain calls, on samples for one of `GRAPHS`."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    given = dict(samples(name, count).inputs)
    result: NDArray[Any] = session.run(None, given)[0]
    return result
