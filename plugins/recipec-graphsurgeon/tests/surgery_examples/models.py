"""Small ONNX models to operate on, made with onnx's own helpers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from recipec.api import Artifact
from recipec.api.onnx import onnx_facts
from recipec.testing import artifact

F, INT, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def node(operator: str, inputs: str, outputs: str, name: str = "", **attributes: Any) -> NodeProto:
    """Make a node; inputs and outputs are names between spaces."""
    made = outputs.split()
    return helper.make_node(
        operator, inputs.split(), made, name=name or f"node.{made[0]}", **attributes
    )


def value(name: str, kind: int, shape: Any) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes: Any, inputs: Any, outputs: Any, stored: Any, opset: int = 18) -> ModelProto:
    tensors = [numpy_helper.from_array(np.asarray(a), name) for name, a in stored.items()]
    graph = helper.make_graph(nodes, "graph", inputs, outputs, tensors)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    onnx.checker.check_model(made, full_check=True)
    return made


def floats(*shape: int, seed: int = 0) -> Any:
    random = np.random.default_rng(seed + sum(shape))
    return (random.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)


def convnet(batch: int | str = "N") -> ModelProto:
    """A residual net with an Identity, a Dropout, and metadata of its own."""
    nodes = [
        node("Conv", "x stem.weight stem.bias", "stem", "stem", pads=[1] * 4),
        node("Relu", "stem", "stem_relu"),
        node("Identity", "stem_relu", "same", "pass"),
        node("Conv", "same conv.weight conv.bias", "conv", "conv", pads=[1] * 4),
        node("Add", "conv same", "sum"),
        node("Relu", "sum", "features"),
        node("Dropout", "features", "kept", "drop"),
        node("GlobalAveragePool", "kept", "pooled"),
        node("Flatten", "pooled", "flat"),
        node("Gemm", "flat fc.weight fc.bias", "logits", "fc", transB=1),
    ]
    stored = {
        "stem.weight": floats(8, 3, 3, 3),
        "stem.bias": floats(8),
        "conv.weight": floats(8, 8, 3, 3),
        "conv.bias": floats(8, seed=1),
        "fc.weight": floats(10, 8),
        "fc.bias": floats(10),
    }
    made = model(
        nodes,
        [value("x", F, [batch, 3, 12, 12])],
        [value("logits", F, [batch, 10])],
        stored,
    )
    made.metadata_props.add(key="licence", value="CC0")
    made.doc_string, made.producer_name = "a small net", "tests"
    made.graph.input[0].doc_string = "an image"
    made.graph.node[0].metadata_props.add(key="made by", value="hand")
    return made


def perceptron(batch: int | str = "N") -> ModelProto:
    """MatMul and Add, twice, as torch exports a linear layer on sequences."""
    nodes = [
        node("Flatten", "x", "flat"),
        node("MatMul", "flat first.weight", "m1", "first"),
        node("Add", "m1 first.bias", "a1", "first/add"),
        node("Relu", "a1", "r1"),
        node("MatMul", "r1 second.weight", "m2", "second"),
        node("Add", "second.bias m2", "logits", "second/add"),
    ]
    stored = {
        "first.weight": floats(64, 16),
        "first.bias": floats(16),
        "second.weight": floats(16, 10),
        "second.bias": floats(10),
    }
    return model(nodes, [value("x", F, [batch, 8, 8])], [value("logits", F, [batch, 10])], stored)


def encoder() -> ModelProto:
    """An attention block with two int64 inputs and two free dimensions."""
    nodes = [
        node("Gather", "table ids", "e", "embedding"),
        node("MatMul", "e q.weight", "q", "q"),
        node("MatMul", "e k.weight", "k", "k"),
        node("MatMul", "e v.weight", "v", "v"),
        node("Transpose", "k", "kt", perm=[0, 2, 1]),
        node("MatMul", "q kt", "scores"),
        node("Cast", "mask", "mask_f", to=F),
        node("Unsqueeze", "mask_f one", "mask_u"),
        node("Sub", "mask_u one_f", "mask_n"),
        node("Mul", "mask_n large", "mask_l"),
        node("Add", "scores mask_l", "masked"),
        node("Softmax", "masked", "attention", axis=-1),
        node("MatMul", "attention v", "mixed"),
        node("Add", "mixed e", "sum"),
        node("LayerNormalization", "sum norm.weight norm.bias", "hidden", "norm"),
        node("ReduceMean", "hidden one", "embedding", keepdims=0),
    ]
    stored = {
        "table": floats(50, 16),
        "q.weight": floats(16, 16),
        "k.weight": floats(16, 16, seed=1),
        "v.weight": floats(16, 16, seed=2),
        "norm.weight": np.ones(16, np.float32),
        "norm.bias": floats(16),
        "one": np.array([1], np.int64),
        "one_f": np.float32(1),
        "large": np.float32(1e4),
    }
    inputs = [value("ids", INT, ["N", "L"]), value("mask", INT, ["N", "L"])]
    return model(nodes, inputs, [value("embedding", F, ["N", 16])], stored)


def recurrent(batch: int | str = "N") -> ModelProto:
    """An LSTM over sequences, batch first, with its last state classified."""
    nodes = [
        node("Transpose", "x", "steps", perm=[1, 0, 2]),
        node("LSTM", "steps lstm.w lstm.r lstm.b", "y h c", "lstm", hidden_size=12),
        node("Squeeze", "h zero", "last"),
        node("Gemm", "last fc.weight fc.bias", "logits", "fc", transB=1),
    ]
    stored = {
        "lstm.w": floats(1, 48, 8),
        "lstm.r": floats(1, 48, 12),
        "lstm.b": floats(1, 96),
        "zero": np.array([0], np.int64),
        "fc.weight": floats(5, 12),
        "fc.bias": floats(5),
    }
    return model(nodes, [value("x", F, [batch, 6, 8])], [value("logits", F, [batch, 5])], stored)


def branching(constant: bool = False) -> ModelProto:
    """An If and a Loop whose bodies read values from outside, each with an Identity inside."""
    then = helper.make_graph(
        [node("Relu", "outer", "then_r"), node("Identity", "then_r", "then_out", "then/same")],
        "then",
        [],
        [value("then_out", F, ["N", 4])],
    )
    otherwise = helper.make_graph(
        [node("Mul", "outer two", "else_out", "else/double")],
        "else",
        [],
        [value("else_out", F, ["N", 4])],
    )
    body = helper.make_graph(
        [
            node("Identity", "going", "going_on", "body/going"),
            node("Add", "state outer", "added", "body/add"),
            node("Identity", "added", "next", "body/same"),
        ],
        "body",
        [value("i", INT, []), value("going", BOOL, []), value("state", F, ["N", 4])],
        [value("going_on", BOOL, []), value("next", F, ["N", 4])],
    )
    nodes = [
        node("MatMul", "x weight", "product", "product"),
        node("Identity", "product", "outer", "outer"),
        *(
            []
            if constant
            else [
                node("ReduceMean", "x", "mean", keepdims=0),
                node("Greater", "mean zero", "positive"),
            ]
        ),
        node("If", "positive", "chosen", "if", then_branch=then, else_branch=otherwise),
        node("Loop", "three yes chosen", "looped", "loop", body=body),
        node("Add", "looped chosen", "y", "end"),
    ]
    stored = {
        "weight": floats(4, 4),
        "two": np.float32(2),
        "three": np.int64(3),
        "yes": np.bool_(True),
        **({"positive": np.bool_(True)} if constant else {"zero": np.float32(0)}),
    }
    return model(nodes, [value("x", F, ["N", 4])], [value("y", F, ["N", 4])], stored)


def foldable() -> ModelProto:
    """Constants to compute: a transposed weight, arithmetic, the shape of a fixed dimension."""
    nodes = [
        helper.make_node("Constant", [], ["half"], name="half", value_float=0.5),
        node("Transpose", "weight", "weight_t", "turn", perm=[1, 0]),
        node("Mul", "weight_t half", "halved", "halve"),
        node("MatMul", "x halved", "y0", "product"),
        node("Shape", "weight", "shape", "shape"),
        node("Gather", "shape last", "width", "width"),
        node("Cast", "width", "width_f", to=F),
        node("Div", "y0 width_f", "y", "scaled"),
    ]
    stored = {"weight": floats(6, 4), "last": np.int64(1)}
    return model(nodes, [value("x", F, ["N", 4])], [value("y", F, ["N", 6])], stored)


def flattening(batch: int = 2) -> ModelProto:
    """A net with its batch written into a Reshape."""
    nodes = [
        node("Relu", "x", "r"),
        node("Reshape", "r shape", "flat", "reshape"),
        node("MatMul", "flat weight", "logits", "fc"),
    ]
    stored = {"shape": np.array([batch, 16], np.int64), "weight": floats(16, 3)}
    return model(nodes, [value("x", F, [batch, 4, 4])], [value("logits", F, [batch, 3])], stored)


def save(folder: Path, made: ModelProto, name: str = "model.onnx") -> Artifact[Any]:
    """Write a model, and give it as an artifact with the facts of the file."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(made.SerializeToString(deterministic=True))
    return artifact(onnx_facts(path), path)


def facts(made: ModelProto, folder: Path) -> Any:
    """Give the facts of a model."""
    folder.mkdir(parents=True, exist_ok=True)
    return save(folder, made).facts
